//! What is wrong with a JSON text, and where.

use crate::words::{alternatives, nearest};

/// A value that is not what it should be, at its byte position in the text.
///
/// The message never quotes a value that may be a credential. A problem is one pointer, so that results without one, which
/// are nearly all, are small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(Box<Fault>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    at: usize,
    message: String,
}

impl Problem {
    pub fn new(at: usize, message: impl Into<String>) -> Self {
        Problem(Box::new(Fault {
            at,
            message: message.into(),
        }))
    }

    /// Where the value starts.
    pub fn at(&self) -> usize {
        self.0.at
    }

    /// What is wrong and what to write, without the value's path.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// A field that its object does not have.
    pub fn unknown_field(at: usize, field: &str, known: &[&str]) -> Self {
        let advice = match nearest(field, known) {
            Some(name) => format!("did you mean {name}?"),
            None => format!("use {}", alternatives(known)),
        };
        Problem::new(at, format!("unknown field; {advice}"))
    }
}
