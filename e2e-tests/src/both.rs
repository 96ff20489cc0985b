//! The policy twice, natively and as the module: both must answer the same, byte by byte, and that is the answer.

//! A failed assertion is a panic: this is for tests.

use std::sync::LazyLock;

use admission::{Answer, SettingsAnswer, payload};
use host::policy::Policy;
use http_proxy_policy::policy;
use json_patch::Patch;
use serde_json::Value;

static MODULE: LazyLock<Policy> = LazyLock::new(|| Policy::load().unwrap());

/// Calls a function of the policy.
pub fn call(function: &str, payload: &[u8]) -> Vec<u8> {
    let native = call_native(function, payload);
    let module = call_module(function, payload);
    let [shown, of_module] = [&native, &module].map(|answer| String::from_utf8_lossy(answer));
    assert!(native == module, "natively\n{shown}\nthe module\n{of_module}");
    native
}

/// Calls a function of the module.
pub fn call_module(function: &str, payload: &[u8]) -> Vec<u8> {
    let answer = MODULE.call(function, payload);
    let start = String::from_utf8_lossy(&payload[..payload.len().min(80)]);
    answer
        .unwrap_or_else(|error| panic!("{function} of {start}: {error:#}"))
        .bytes
}

/// Calls a function of the native policy.
pub fn call_native(function: &str, payload: &[u8]) -> Vec<u8> {
    match function {
        "validate" => policy::validate(payload).into_bytes(),
        "validate_settings" => serde_json::to_vec(&SettingsAnswer::from(policy::validate_settings(payload))).unwrap(),
        _ => panic!("the policy has no function {function}"),
    }
}

/// What both answer to a request under settings.
pub fn validate(request: &Value, settings: &Value) -> Answer {
    serde_json::from_slice(&call("validate", &payload(request, settings))).unwrap()
}

/// What both say about settings.
pub fn validate_settings(settings: &Value) -> SettingsAnswer {
    serde_json::from_slice(&call("validate_settings", settings.to_string().as_bytes())).unwrap()
}

/// The patch that a policy server makes of an answer and sends to the API server.
pub fn patch(answer: &Answer, request: &Value) -> Patch {
    match &answer.mutated_object {
        Some(mutated) => json_patch::diff(&request["object"], mutated),
        None => Patch(Vec::new()),
    }
}
