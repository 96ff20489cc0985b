//! The record of what the policy set in a pod. With it, a later configuration can update or remove these values.

mod format;

pub(crate) use format::{Claim, Claims, MadeBy, Origin, Record, RecordWriter, same_claims, written_claims};
