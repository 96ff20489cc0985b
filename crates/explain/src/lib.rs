//! What a cluster would do with Kubernetes objects under this policy, and why.
//!
//! A request passes [`admission`] first: the manifest's rules and selectors, and what Kubewarden exempts. What is sent, the policy
//! answers ([`answer`]), natively or as the compiled module. Workloads are explained by the pod that they create ([`workload`]).
//! [`cluster`] puts this together for one object, [`input`] for a user's documents, and
//! [`command`] for files. [`text`] prints it. [`agreement`] compares
//! the explanation with what the policy really changed.

pub mod admission;
pub mod agreement;
pub mod answer;
pub mod cluster;
pub mod command;
pub mod input;
pub mod kinds;
pub mod namespaces;
pub mod object;
pub mod request;
pub mod text;
pub mod workload;
