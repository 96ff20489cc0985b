//! The record of what the policy set in a pod. With it, a later configuration can update or remove these values.

mod digest;
mod format;

pub(super) use digest::Digest;
pub(crate) use format::{Claim, Claims, Origin, Record, RecordWriter, written_claims};
