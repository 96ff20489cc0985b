//! JSON as text: reads values with their positions, and writes new text in their place.
//!
//! A pod must come back as it came, including number formats and fields that no Kubernetes version has yet. So nothing
//! is read into a tree and written back. [`Reader`] walks through the text, checks it, and returns borrowed strings and
//! [`Span`]s. [`Edits`] put new text at spans. A [`Problem`] has a position; [`describe`] turns positions into paths.

mod brackets;
mod choice;
mod description;
mod edits;
mod field;
mod grammar;
mod lanes;
mod problem;
mod reader;
mod span;
mod text;
mod words;

pub use choice::Choice;
pub use description::Described;
pub use description::{describe, presentable};
pub use edits::Edits;
pub use field::Field;
pub use problem::Problem;
pub use reader::Reader;
pub use span::{Slot, Span};
pub use text::{canonical, parsed, push_quoted, quoted, same};
pub use words::nearest;
