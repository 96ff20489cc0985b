//! What is wrong with a JSON text, and where.

use super::words::{alternatives, nearest};

/// A value that is not what it should be, at its byte position in the text.
///
/// The message never quotes a value that may be a credential. A problem is one pointer, so that results without one, which
/// are nearly all, are small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem(Box<(usize, String)>);

impl Problem {
    pub(crate) fn new(at: usize, message: impl Into<String>) -> Self {
        Problem(Box::new((at, message.into())))
    }

    /// Where the value starts.
    pub(crate) fn at(&self) -> usize {
        self.0.0
    }

    /// What is wrong and what to write, without the value's path.
    pub(crate) fn message(&self) -> &str {
        &self.0.1
    }

    /// A field that its object does not have.
    pub(crate) fn unknown_field(at: usize, field: &str, known: &[&str]) -> Self {
        let advice = match nearest(field, known) {
            Some(name) => format!("did you mean {name}?"),
            None => format!("use {}", alternatives(known)),
        };
        Problem::new(at, format!("unknown field; {advice}"))
    }
}
