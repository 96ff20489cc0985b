//! `validate_settings`, with any bytes: valid settings serve requests, and no message shows a value.

#![no_main]

use http_proxy_policy::policy;
use http_proxy_policy_fuzz::{check, check_secrecy, validate};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use testkit::requests::payload;

fuzz_target!(|settings: &[u8]| {
    let answer = policy::validate_settings(settings);
    assert_ne!(answer, Err(String::new()));
    let Ok(settings) = serde_json::from_slice::<Value>(settings) else {
        return;
    };
    // Each key once.
    let answer = policy::validate_settings(settings.to_string().as_bytes());
    let object = json!({
        "metadata": {"labels": {"tier": "edge"}},
        "spec": {"containers": [{"name": "app"}], "nodeSelector": {"agentpool": "dmz"}},
    });
    let payload = payload(&object.to_string(), &settings);
    check_secrecy(&payload, answer.as_ref().err());
    if answer.is_ok() {
        assert!(settings.is_object() || settings.is_null(), "{settings}");
        let mode = &settings["mode"];
        let answer = check(&payload);
        assert!(
            answer.accepted || mode == "Report" && answer.code == Some(400),
            "{answer:?}"
        );
    } else {
        let answer = validate(payload.as_bytes());
        check_secrecy(&payload, answer.messages());
    }
});
