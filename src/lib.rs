//! A Kubewarden policy that gives pods the HTTP proxy of their cluster, configured like AKS's HTTP proxy feature.
//!
//! A request passes through the modules in one direction. [`policy`] takes its bytes. [`kubernetes`] and [`settings`]
//! read them in place with [`json`], into [`values`] whose types allow valid values only. [`pod_options`] are what the
//! pod's annotations ask for. [`injection`] decides what changes in the pod, and [`response`] writes the answer. See
//! `docs/development/architecture.md`.
//!
//! As the WebAssembly module of a policy server, the crate exports what `guest` registers. With the feature `library` it is a part
//! of another module, and natively of a program: then it also has [`companion`] and [`explanation`].

#![warn(unreachable_pub)]
// What only explanations look at.
#![cfg_attr(
    all(target_family = "wasm", not(feature = "library")),
    allow(dead_code, unused_imports)
)]

#[cfg(any(not(target_family = "wasm"), feature = "library"))]
pub mod companion;
#[cfg(any(not(target_family = "wasm"), feature = "library"))]
pub mod explanation;
#[cfg(all(target_family = "wasm", not(feature = "library")))]
mod guest;
mod injection;
mod kubernetes;
mod payload;
mod pod_options;
pub mod policy;
mod response;
mod settings;
