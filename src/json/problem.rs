//! What is wrong with a JSON text, and where.

use super::words::{alternatives, nearest};

/// A value that is not what it should be, at its byte position in the text.
///
/// The message never quotes a value that may be a credential.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where the value starts.
    pub at: usize,
    /// What is wrong and what to write, without the value's path.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(at: usize, message: impl Into<String>) -> Self {
        Problem {
            at,
            message: message.into(),
        }
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
