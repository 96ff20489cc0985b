//! What tests, fuzzing and the benchmark share.
//!
//! Nothing here uses the policy's code: the oracles judge its answers independently.

pub mod cases;
pub mod certificates;
pub mod edits;
pub mod files;
pub mod generators;
pub mod json;
pub mod kubelet;
pub mod oracles;
pub mod page;
pub mod requests;
pub mod worst_cases;

/// The variables that clients read their proxy from. The policy sets both spellings.
pub const VARIABLES: [&str; 6] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// The lists of containers in a pod's spec.
pub const CONTAINER_LISTS: [&str; 2] = ["containers", "initContainers"];

/// The password in each proxy URL and in some own values. No message may show it.
pub const PASSWORD: &str = "hunter2";
