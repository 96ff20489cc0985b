//! What a policy server calls, through waPC.

use lol_alloc::{AssumeSingleThreaded, LeakingAllocator};
use serde::Serialize;
use wapc_guest::{CallResult, register_function};

use crate::policy;

/// An instance lives for one call, so it never frees memory: this takes fewer instructions than keeping track of it.
#[global_allocator]
#[allow(unsafe_code)]
// SAFETY: the target wasm32-wasip1 has no threads.
static ALLOCATOR: AssumeSingleThreaded<LeakingAllocator> =
    unsafe { AssumeSingleThreaded::new(LeakingAllocator::new()) };

/// Registers the functions that a policy server calls.
#[allow(unsafe_code)] // An exported name is unsafe by definition: another one of the same name would be undefined behaviour.
#[unsafe(no_mangle)]
extern "C" fn wapc_init() {
    register_function("validate", validate);
    register_function("validate_settings", validate_settings);
    register_function("protocol_version", protocol_version);
}

/// The version of Kubewarden's protocol that the policy speaks, as JSON.
/// <https://docs.kubewarden.io/en/reference/spec/intro-spec>
fn protocol_version(_: &[u8]) -> CallResult {
    Ok(b"\"v1\"".to_vec())
}

fn validate(payload: &[u8]) -> CallResult {
    Ok(policy::validate(payload).into_bytes())
}

fn validate_settings(payload: &[u8]) -> CallResult {
    let message = policy::validate_settings(payload).err();
    let valid = message.is_none();
    Ok(serde_json::to_vec(&SettingsAnswer { valid, message })?)
}

/// The answer to `validate_settings`.
/// <https://docs.kubewarden.io/en/tutorials/writing-policies/spec/settings>
#[derive(Serialize)]
struct SettingsAnswer {
    valid: bool,
    message: Option<String>,
}
