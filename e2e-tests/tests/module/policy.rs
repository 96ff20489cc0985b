//! The module in the place of the native policy: it answers the same, byte by byte, and within the limits of [`host::meter`].

use std::sync::LazyLock;

use admission::SettingsAnswer;
use host::meter::{BASE, EXPANDED, Meter};
use host::policy::module_bytes;
use http_proxy_policy::policy;
use serde_json::Value;

/// How many instructions the module may take for a byte that it reads or writes. Large pods take 30, long lists that name one
/// destination again and again 250.
const PER_BYTE: u64 = 400;

pub static MODULE: LazyLock<Meter> = LazyLock::new(|| Meter::new(&module_bytes().unwrap()).unwrap());

pub fn validate(payload: &[u8]) -> String {
    let answer = call("validate", payload);
    assert_eq!(answer, policy::validate(payload));
    answer
}

pub fn validate_settings(payload: &[u8]) -> Result<(), String> {
    let verdict = policy::validate_settings(payload);
    let native = serde_json::to_string(&SettingsAnswer::from(verdict.clone())).unwrap();
    assert_eq!(call("validate_settings", payload), native);
    verdict
}

/// Calls the module, and checks that it takes no more instructions than in proportion to what it reads and writes.
fn call(function: &str, payload: &[u8]) -> String {
    let cost = MODULE.call(function, payload).unwrap();
    let bytes = (payload.len() + cost.answer.len()) as u64;
    let most = BASE + PER_BYTE * bytes;
    assert!(
        cost.instructions <= most || cost.instructions <= EXPANDED && lists_addresses(payload),
        "{} instructions for {bytes} bytes: {}",
        cost.instructions,
        String::from_utf8_lossy(payload)
    );
    String::from_utf8(cost.answer).unwrap()
}

/// Whether settings may list networks address by address.
fn lists_addresses(payload: &[u8]) -> bool {
    let payload: Value = serde_json::from_slice(payload).unwrap_or_default();
    let settings = payload.get("settings").unwrap_or(&payload);
    settings["expandCidrs"].as_u64().is_some_and(|limit| limit > 4)
}
