//! Values with their positions.

use json::{Field, Problem, Reader};

/// A value, and the position where it starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Located<T> {
    pub at: usize,
    pub value: T,
}

impl<T> Located<T> {
    /// Reads a field with its position, and reports its problems.
    pub(super) fn read<'a>(
        reader: &mut Reader<'a>,
        problems: &mut Vec<Problem>,
        read: impl FnOnce(&mut Reader<'a>, &mut Vec<Problem>) -> Result<Option<T>, Problem>,
    ) -> Result<Field<Self>, Problem> {
        let at = reader.position();
        reader.field(problems, |reader, problems| {
            let value = read(reader, problems)?;
            Ok(value.map(|value| Located { at, value }))
        })
    }
}
