//! The compiled policy in the engine that a policy server uses.

mod engine;
pub mod meter;
pub mod policy;
