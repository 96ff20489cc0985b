//! The module in the place of the native policy: it answers the same, byte by byte, and within the limits of [`host::meter`].

use std::sync::LazyLock;

use host::meter::Meter;
use host::policy::module_bytes;
use http_proxy_policy::policy;
use serde::Serialize;

pub static MODULE: LazyLock<Meter> = LazyLock::new(|| Meter::new(&module_bytes().unwrap()).unwrap());

pub fn validate(payload: &[u8]) -> String {
    let answer = call("validate", payload);
    assert_eq!(answer, policy::validate(payload));
    answer
}

pub fn validate_settings(payload: &[u8]) -> impl Serialize {
    let verdict = policy::validate_settings(payload);
    let native = serde_json::to_string(&verdict).unwrap();
    assert_eq!(call("validate_settings", payload), native);
    verdict
}

fn call(function: &str, payload: &[u8]) -> String {
    String::from_utf8(MODULE.call(function, payload).unwrap().answer).unwrap()
}
