//! What the end-to-end tests share, and the files for Artifact Hub.

pub mod artifact_hub;
pub mod both;
pub mod manifests;
pub mod markdown;
