//! Whatever comes in, an answer goes out: a trap would deny every pod of a cluster.

use admission::{Answer, SettingsAnswer};
use e2e_tests::both;
use serde_json::json;
use testkit::requests::payload;

/// Payloads that are not what a policy server sends, and a word of the answer to each.
fn payloads() -> Vec<(Vec<u8>, &'static str)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let pod = |object: &str| payload(object, &json!({"httpProxy": "http://p"})).into_bytes();
    vec![
        (text(""), "is not JSON"),
        (text(" "), "is not JSON"),
        (text("hunter2"), "is not JSON"),
        (text("{\"request\": {}"), "is not JSON"),
        (text("{} {}"), "is not JSON"),
        (vec![0xff, 0xfe], "is not UTF-8"),
        (b"{\"request\": \"\xc3\x28\"}".to_vec(), "is not UTF-8"),
        (b"\xef\xbb\xbf{}".to_vec(), "is not JSON"),
        ("[".repeat(10_000).into_bytes(), "is not JSON"),
        ("{\"a\":".repeat(10_000).into_bytes(), "is not JSON"),
        (text("null"), "must have request and settings"),
        (text("[]"), "must be an object"),
        (text("1"), "must be an object"),
        (text("\"hunter2\""), "must be an object"),
        (text("{}"), "must have request and settings"),
        (text(r#"{"request": {}}"#), "AdmissionRequest"),
        (text(r#"{"settings": {}}"#), "must have request and settings"),
        (text(r#"{"request": 1, "settings": {}}"#), "request: must be an object"),
        (
            text(r#"{"request": {"kind": {"kind": {}}}, "settings": {}}"#),
            "request.kind.kind: must be a string",
        ),
        (
            text(r#"{"request": {"kind": {"kind": "Pod"}, "operation": "CREATE"}, "settings": "hunter2"}"#),
            "settings of this policy are invalid: must be an object",
        ),
        (pod("\"hunter2\""), "request.object: must be an object"),
        (pod("{\"spec\": \"hunter2\"}"), "spec: must be an object"),
        (pod(&format!("{{\"metadata\": {}", "[".repeat(10_000))), "is not JSON"),
        (
            pod(&format!(
                "{{\"spec\": {{\"containers\": {}{}}}}}",
                "[".repeat(10_000),
                "]".repeat(10_000)
            )),
            "is not JSON",
        ),
        (
            pod("{\"spec\": {\"containers\": [{\"name\": \"\\ud800\"}]}}"),
            "is not valid Unicode text",
        ),
    ]
}

#[test]
fn a_bad_payload_is_rejected_with_what_is_wrong_and_nothing_of_it_quoted() {
    for (payload, word) in payloads() {
        let start = String::from_utf8_lossy(&payload[..payload.len().min(80)]).into_owned();
        let answer: Answer = serde_json::from_slice(&both::call("validate", &payload)).unwrap();
        assert!(!answer.accepted, "{start}");
        assert!(matches!(answer.code, Some(400 | 500)), "{start}: {:?}", answer.code);
        let message = answer.message.unwrap();
        assert!(message.contains(word), "{start}: {message}");
        assert!(!message.contains("hunter2"), "{start}: {message}");

        let answer: SettingsAnswer = serde_json::from_slice(&both::call("validate_settings", &payload)).unwrap();
        assert!(!answer.valid, "{start}");
        assert!(!answer.message.unwrap().contains("hunter2"), "{start}");
    }
}

/// A policy server reads requests with a limit of 128 levels, so deeper ones never come.
#[test]
fn a_request_is_nested_as_deep_as_a_policy_server_lets_it() {
    let answer = |levels: usize| -> Answer {
        let deep = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let pod = format!(r#"{{"x": {deep}, "spec": {{"containers": [{{"name": "app"}}]}}}}"#);
        let payload = payload(&pod, &json!({"httpProxy": "http://p"}));
        serde_json::from_slice(&both::call("validate", payload.as_bytes())).unwrap()
    };
    assert!(answer(125).mutated_object.is_some());
    assert_eq!(
        answer(10_000).message.unwrap(),
        "is not JSON that a policy server reads: it is malformed or nested too deep"
    );
}
