//! `survey.wasm`: the survey as a module, which the playground loads once someone gives it a dump, and calls by the waPC protocol.
//!
//! Its function `survey` takes a [`question::Question`] and answers a [`question::Answer`], both as JSON. It reads each file through the
//! host: `read` of the binding `files`, with the file's index as the namespace and the number of pods so far as the payload, answers with
//! the file's next bytes; with none at its end.

#[cfg(target_family = "wasm")]
mod guest;
pub mod question;
