//! What the end-to-end tests share, and the files that are made of others: those for Artifact Hub, and of the chart.

pub mod artifact_hub;
pub mod both;
pub mod chart;
pub mod manifests;
pub mod markdown;
pub mod scenarios;
