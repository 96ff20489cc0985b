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
mod problem;
mod reader;
mod span;
mod text;
mod words;

pub(crate) use choice::Choice;
pub(crate) use description::{describe, presentable};
pub(crate) use edits::Edits;
pub(crate) use field::Field;
pub(crate) use problem::Problem;
pub(crate) use reader::Reader;
pub(crate) use span::{Slot, Span};
pub(crate) use text::{canonical, push_quoted, quoted, same};
