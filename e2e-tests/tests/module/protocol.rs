//! The types of Kubewarden's SDK read what the module answers.

use admission::{create_request, payload};
use kubewarden_policy_sdk::protocol_version_guest;
use kubewarden_policy_sdk::response::ValidationResponse;
use kubewarden_policy_sdk::settings::SettingsValidationResponse;
use serde_json::{Value, json};

use crate::policy::MODULE;

fn call(function: &str, payload: &[u8]) -> Vec<u8> {
    MODULE.call(function, payload).unwrap().answer
}

fn validate(settings: &Value) -> ValidationResponse {
    let pod =
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "a"}]}});
    let request = create_request(&pod).unwrap();
    serde_json::from_slice(&call("validate", &payload(&request, settings))).unwrap()
}

#[test]
fn the_module_speaks_the_version_of_the_protocol_that_the_sdk_speaks() {
    assert_eq!(call("protocol_version", b""), protocol_version_guest(b"").unwrap());
}

#[test]
fn answers_on_settings_are_the_sdks_to_the_byte() {
    for (settings, valid) in [(json!({"httpProxy": "http://p"}), true), (json!({}), false)] {
        let answer = call("validate_settings", settings.to_string().as_bytes());
        let read: SettingsValidationResponse = serde_json::from_slice(&answer).unwrap();
        assert_eq!((read.valid, read.message.is_none()), (valid, valid));
        assert_eq!(serde_json::to_vec(&read).unwrap(), answer);
    }
}

#[test]
fn each_kind_of_answer_on_a_pod_is_one_that_the_sdk_reads() {
    let mutated =
        validate(&json!({"httpProxy": "http://p", "profiles": [{"name": "x", "match": {"namespaces": ["*"]}}]}));
    assert!(mutated.accepted && mutated.mutated_object.is_some());
    assert_eq!(mutated.audit_annotations.unwrap()["profile"], "x");
    let unchanged = validate(&json!({"enabled": false}));
    assert!(unchanged.accepted && unchanged.mutated_object.is_none());
    let rejected = validate(&json!({"httpProxy": "http://p", "mode": "Report"}));
    assert_eq!((rejected.accepted, rejected.code), (false, Some(400)));
    assert!(rejected.message.is_some_and(|message| !message.is_empty()));
}
