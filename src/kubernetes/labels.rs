//! The labels of an object.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use json::{Problem, Reader};

/// Labels, or another of the API's maps of strings. They are read on first use.
#[derive(Default)]
pub(crate) struct Labels<'a> {
    map: Option<Reader<'a>>,
    /// Read once, as each value is, however many selectors ask.
    values: OnceCell<Result<BTreeMap<Cow<'a, str>, LabelValue<'a>>, Problem>>,
}

/// The value of a label, which is read on first use.
struct LabelValue<'a> {
    reader: Reader<'a>,
    text: OnceCell<Result<Option<Cow<'a, str>>, Problem>>,
}

impl<'a> Labels<'a> {
    /// Remembers where the map is, without reading it.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        Ok(Labels {
            map: reader.present()?,
            values: OnceCell::new(),
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.map.is_none()
    }

    pub(crate) fn get(&self, wanted: &str) -> Result<Option<&str>, Problem> {
        let Some(value) = once(&self.values, || self.values())?.get(wanted) else {
            return Ok(None);
        };
        let text = once(&value.text, || {
            let mut reader = value.reader;
            reader.string()
        })?;
        Ok(text.as_deref())
    }

    fn values(&self) -> Result<BTreeMap<Cow<'a, str>, LabelValue<'a>>, Problem> {
        let mut values = BTreeMap::new();
        if let Some(mut map) = self.map {
            map.map(|reader, key| {
                let value = LabelValue {
                    reader: *reader,
                    text: OnceCell::new(),
                };
                values.insert(key, value);
                reader.skip()
            })?;
        }
        Ok(values)
    }
}

/// The content of a cell, or why it cannot be read; it is read first if the cell is empty.
pub(super) fn once<T>(
    cell: &OnceCell<Result<T, Problem>>,
    read: impl FnOnce() -> Result<T, Problem>,
) -> Result<&T, Problem> {
    cell.get_or_init(read).as_ref().map_err(Clone::clone)
}
