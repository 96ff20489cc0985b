//! A Kubewarden policy that gives pods the HTTP proxy of their cluster, configured like AKS's HTTP proxy feature.
//!
//! A request passes through the modules in one direction. [`policy`] takes its bytes. [`kubernetes`] and [`settings`]
//! read them in place with [`json`], into [`values`] whose types allow valid values only. [`pod_options`] are what the
//! pod's annotations ask for. [`injection`] decides what changes in the pod, and [`response`] writes the answer. See
//! `docs/architecture.md`.

#![deny(unsafe_code)]
#![warn(unreachable_pub)]

#[cfg(not(target_family = "wasm"))]
pub mod companion;
mod injection;
mod json;
mod kubernetes;
mod pod_options;
pub mod policy;
mod response;
mod settings;
mod values;

#[cfg(target_family = "wasm")]
use lol_alloc::{AssumeSingleThreaded, LeakingAllocator};
use wapc_guest::{CallResult, register_function};

/// An instance lives for one call, so it never frees memory: this takes fewer instructions than keeping track of it.
#[cfg(target_family = "wasm")]
#[global_allocator]
#[allow(unsafe_code)]
// SAFETY: the target wasm32-wasip1 has no threads.
static ALLOCATOR: AssumeSingleThreaded<LeakingAllocator> =
    unsafe { AssumeSingleThreaded::new(LeakingAllocator::new()) };

/// Registers the functions that a policy server calls.
#[allow(unsafe_code)] // An exported name is unsafe by definition: another one of the same name would be undefined behaviour.
#[unsafe(no_mangle)]
pub extern "C" fn wapc_init() {
    register_function("validate", validate);
    register_function("validate_settings", validate_settings);
    register_function("protocol_version", kubewarden_policy_sdk::protocol_version_guest);
}

fn validate(payload: &[u8]) -> CallResult {
    Ok(policy::validate(payload).into_bytes())
}

fn validate_settings(payload: &[u8]) -> CallResult {
    Ok(serde_json::to_vec(&policy::validate_settings(payload))?)
}
