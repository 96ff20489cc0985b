//! The policy twice, natively and as the module: both must answer the same, byte by byte, and that is the answer.

#![allow(dead_code)] // Not every test asks for everything.

use std::sync::LazyLock;

use e2e_tests::host::{Answer, Policy, SettingsAnswer};
use http_proxy_policy::policy;
use serde_json::{Value, json};

static MODULE: LazyLock<Policy> = LazyLock::new(|| Policy::load().unwrap());

/// Calls a function of the policy.
pub fn call(function: &str, payload: &[u8]) -> Vec<u8> {
    let native = call_native(function, payload);
    let module = call_module(function, payload);
    let [shown, of_module] = [&native, &module].map(|answer| String::from_utf8_lossy(answer));
    assert!(native == module, "natively\n{shown}\nthe module\n{of_module}");
    native
}

pub fn call_module(function: &str, payload: &[u8]) -> Vec<u8> {
    let answer = MODULE.call(function, payload);
    let start = String::from_utf8_lossy(&payload[..payload.len().min(80)]);
    answer
        .unwrap_or_else(|error| panic!("{function} of {start}: {error:#}"))
        .bytes
}

pub fn call_native(function: &str, payload: &[u8]) -> Vec<u8> {
    match function {
        "validate" => policy::validate(payload).into_bytes(),
        "validate_settings" => serde_json::to_vec(&policy::validate_settings(payload)).unwrap(),
        _ => panic!("the policy has no function {function}"),
    }
}

pub fn validate(request: &Value, settings: &Value) -> Answer {
    let payload = json!({"request": request, "settings": settings}).to_string();
    serde_json::from_slice(&call("validate", payload.as_bytes())).unwrap()
}

pub fn validate_settings(settings: &Value) -> SettingsAnswer {
    serde_json::from_slice(&call("validate_settings", settings.to_string().as_bytes())).unwrap()
}
