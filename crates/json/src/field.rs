//! The result of reading a value whose problems are reported.

use crate::{Problem, Reader};

/// The value of a field. [`Field::Wrong`] differs from [`Field::Absent`] so that a value with a problem is not also
/// reported as missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Missing, or `null`.
    #[default]
    Absent,
    /// Present, but with a problem that has been reported.
    Wrong,
    Is(T),
}

impl<T> Field<T> {
    pub fn is_absent(&self) -> bool {
        matches!(self, Field::Absent)
    }

    pub fn value(self) -> Option<T> {
        match self {
            Field::Is(value) => Some(value),
            Field::Absent | Field::Wrong => None,
        }
    }

    /// This value, or `other` where it is absent.
    pub fn or(self, other: Self) -> Self {
        if self.is_absent() { other } else { self }
    }
}

impl<'a> Reader<'a> {
    /// Reads the next value with `read`. A problem of the value is added to `problems`, and the value is skipped.
    ///
    /// # Errors
    /// The value is not JSON.
    pub fn field<T>(
        &mut self,
        problems: &mut Vec<Problem>,
        read: impl FnOnce(&mut Self, &mut Vec<Problem>) -> Result<Option<T>, Problem>,
    ) -> Result<Field<T>, Problem> {
        let value = *self;
        let known = problems.len();
        match read(self, problems) {
            Ok(Some(value)) => Ok(Field::Is(value)),
            Ok(None) if problems.len() == known => Ok(Field::Absent),
            Ok(None) => Ok(Field::Wrong),
            Err(problem) => {
                problems.push(problem);
                *self = value;
                self.skip()?;
                Ok(Field::Wrong)
            }
        }
    }
}
