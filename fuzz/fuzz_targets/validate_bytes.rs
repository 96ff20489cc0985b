//! `validate`, with any bytes. Where they are JSON, it is written once more, as an API server writes it, and the answer to
//! that is looked into. Where they are not, which no policy server sends, the policy only has to come to an end: what it passes over
//! it does not check.

#![no_main]

use http_proxy_policy::policy;
use http_proxy_policy_fuzz::{check, validate};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use serde_json::value::RawValue;

fuzz_target!(|payload: &[u8]| {
    if serde_json::from_slice::<&RawValue>(payload).is_err() {
        policy::validate(payload);
        return;
    }
    validate(payload);
    if let Ok(payload) = serde_json::from_slice::<Value>(payload)
        && payload["request"]["object"].is_object()
    {
        check(&payload.to_string());
    }
});
