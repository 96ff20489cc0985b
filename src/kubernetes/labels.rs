//! The labels of an object.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::json::{Problem, Reader};

/// Labels, or another of the API's maps of strings. They are read on first use.
#[derive(Default)]
pub(crate) struct Labels<'a> {
    map: Option<Reader<'a>>,
    /// Where the map is in the text.
    values: OnceCell<BTreeMap<Cow<'a, str>, Reader<'a>>>,
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

    pub(crate) fn get(&self, wanted: &str) -> Result<Option<Cow<'a, str>>, Problem> {
        let values = once(&self.values, || self.values())?;
        values.get(wanted).copied().map_or(Ok(None), |mut value| value.string())
    }

    fn values(&self) -> Result<BTreeMap<Cow<'a, str>, Reader<'a>>, Problem> {
        let mut values = BTreeMap::new();
        if let Some(mut map) = self.map {
            map.map(|reader, key| {
                values.insert(key, *reader);
                reader.skip()
            })?;
        }
        Ok(values)
    }
}

/// The content of a cell, which is read first if the cell is empty.
pub(super) fn once<T>(cell: &OnceCell<T>, read: impl FnOnce() -> Result<T, Problem>) -> Result<&T, Problem> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = read()?;
    Ok(cell.get_or_init(|| value))
}
