//! A Kubewarden policy that gives pods the HTTP proxy of their cluster, configured as AKS's HTTP proxy feature is.
//!
//! A request goes one way through the modules: [`policy`] takes the bytes, [`settings`] and [`request`] read them
//! (with [`json`], in place), [`inject`] decides what of the [`pod`] changes (which [`variables`], with what
//! `NO_PROXY` list, and how the [`trusted_ca`] gets in: [`trusted_ca_volume`]), the [`edits`] say where, and
//! [`response`] writes the answer.

#![deny(unsafe_code)]

mod edits;
mod env_changes;
mod http_proxy_config;
mod inject;
mod json;
mod key_ref;
mod labels;
mod metadata;
mod node_selection;
mod own_env;
mod pod;
pub mod policy;
mod problem;
mod profile;
mod proxy;
mod record;
mod report;
mod request;
mod resolved_settings;
mod response;
mod runtimes;
mod settings;
mod trusted_ca;
mod trusted_ca_volume;
mod value;
mod values;
mod variables;

#[cfg(target_family = "wasm")]
use lol_alloc::{LeakingAllocator, LockedAllocator};
use wapc_guest::{CallResult, register_function};

/// An instance lives for one call, so nothing is given back: that takes fewer instructions than keeping account.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: LockedAllocator<LeakingAllocator> = LockedAllocator::new(LeakingAllocator::new());

/// Registers what a policy server calls.
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
