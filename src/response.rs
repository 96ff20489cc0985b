//! The policy's answers.

use std::ops::Range;

use crate::edits::Edits;
use crate::json::{Reader, quoted};
use crate::problem::{Problem, describe};

/// The answer to `validate`.
/// <https://docs.kubewarden.io/en/tutorials/writing-policies/spec/validating-policies>
pub enum Response<'a> {
    /// The object may pass as it is.
    Accept { warnings: Vec<String> },
    /// The object may pass once changed.
    Mutate {
        /// The text in which the object stands.
        text: &'a str,
        object: Range<usize>,
        edits: Edits,
        warnings: Vec<String>,
    },
    /// The object may not pass; `code` is an HTTP status.
    Reject { code: u16, message: String },
}

/// Why there is no decision.
pub enum Fault {
    /// The settings have these problems.
    Settings(String),
    /// The request has this one.
    Request(Problem),
}

impl Fault {
    /// The problems of a settings document, if there are any.
    pub fn of_settings(document: Reader, problems: &mut [Problem]) -> Result<(), Self> {
        match problems {
            [] => Ok(()),
            problems => Err(Fault::Settings(describe(document, problems))),
        }
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Fault::Request(problem)
    }
}

impl Response<'_> {
    pub fn accept() -> Self {
        Response::Accept { warnings: Vec::new() }
    }

    /// The answer as JSON. The object is copied, not parsed again.
    pub fn into_json(self) -> String {
        match self {
            Response::Accept { warnings } => format!("{{\"accepted\":true{}}}", warnings_member(&warnings)),
            Response::Mutate {
                text,
                object,
                edits,
                warnings,
            } => {
                let warnings = warnings_member(&warnings);
                let mut json = String::with_capacity(object.len() + edits.added_bytes() + warnings.len() + 64);
                json.push_str("{\"accepted\":true,\"mutated_object\":");
                edits.write(text, object, &mut json);
                json.push_str(&warnings);
                json.push('}');
                json
            }
            Response::Reject { code, message } => {
                format!(
                    "{{\"accepted\":false,\"code\":{code},\"message\":{}}}",
                    quoted(&message)
                )
            }
        }
    }
}

fn warnings_member(warnings: &[String]) -> String {
    if warnings.is_empty() {
        String::new()
    } else {
        let warnings: Vec<String> = warnings.iter().map(|warning| quoted(warning)).collect();
        format!(",\"warnings\":[{}]", warnings.join(","))
    }
}
