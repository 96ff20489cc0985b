//! JSON as text: values, where each of them stands, and new text in their place.
//!
//! A pod must come back as it came, down to number formats and fields that no Kubernetes version knows yet. So nothing is
//! read into a tree and written back. [`Reader`] walks over the text, checks what it walks over, and hands out borrowed
//! strings and [`Span`]s. [`Edits`] put new text at spans. [`Problem`]s stand at positions; [`describe`] turns these into
//! paths.

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
