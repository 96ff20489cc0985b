//! `validate`, with any bytes. Where they are JSON, it is written once more, as an API server writes it, and the answer to
//! that is looked into.

#![no_main]

use http_proxy_policy_fuzz::{check, validate};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|payload: &[u8]| {
    validate(payload);
    if let Ok(payload) = serde_json::from_slice::<Value>(payload)
        && payload["request"]["object"].is_object()
    {
        check(&payload.to_string());
    }
});
