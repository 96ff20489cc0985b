//! The compiled policy in the engine that a policy server uses.

pub mod documents;
pub mod meter;
pub mod policy;
