//! The record of what the policy set in a pod, which lets a later configuration renew or remove it.

mod digest;
mod format;

pub(super) use digest::Digest;
pub(crate) use format::{Claim, Claims, Origin, Record, RecordWriter};
