//! The compiled policy in the engine that a policy server uses, and what tests and tools need around it.

pub mod artifact_hub;
pub mod cases;
pub mod documents;
pub mod fuel;
pub mod host;
pub mod manifests;
pub mod markdown;
pub mod page;
