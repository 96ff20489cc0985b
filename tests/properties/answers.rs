//! What the policy answers.

use std::fmt;
use std::ops::Deref;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::Value;

use crate::policy;

/// The text of `mutated_object`, or the pod's own where nothing changes.
pub fn apply(pod: &str, settings: &Value) -> String {
    let answer = ask(pod, settings);
    let parsed: Value = serde_json::from_str(&answer).expect("the answer is JSON");
    assert_eq!(parsed["accepted"], true, "{answer}");
    let Some(start) = answer.find("\"mutated_object\":") else {
        return pod.to_owned();
    };
    let rest = &answer[start + "\"mutated_object\":".len()..];
    let mut documents = serde_json::Deserializer::from_str(rest).into_iter::<&serde_json::value::RawValue>();
    let mutated = documents.next().unwrap().unwrap().get();
    assert_ne!(mutated, pod, "what stays as it is needs no patch");
    mutated.to_owned()
}

/// The pod that comes of it.
pub fn inject(pod: &Value, settings: &Value) -> Value {
    serde_json::from_str(&apply(&pod.to_string(), settings)).unwrap()
}

/// Why `mode: Report` rejects a pod, if it does.
pub fn report(pod: &Value, settings: &Value) -> Option<String> {
    let mut settings = settings.clone();
    settings["mode"] = "Report".into();
    let answer: Value = serde_json::from_str(&ask(&pod.to_string(), &settings)).unwrap();
    assert_eq!(answer.get("mutated_object"), None, "{answer}");
    if answer["accepted"] == true {
        return None;
    }
    assert_eq!(answer["code"], 400, "{answer}");
    Some(answer["message"].as_str().unwrap().to_owned())
}

fn ask(pod: &str, settings: &Value) -> String {
    let payload = format!(r#"{{"request": {}, "settings": {settings}}}"#, creation(pod));
    policy::validate(payload.as_bytes())
}

/// The request that announces a pod.
pub fn creation(pod: &str) -> String {
    format!(
        r#"{{"kind": {{"group": "", "kind": "Pod"}}, "operation": "CREATE", "namespace": "shop", "object": {pod}}}"#
    )
}

/// A JSON value that a failing test shows in one line, long texts shortened.
#[derive(Clone, PartialEq)]
pub struct Json(pub Value);

impl Deref for Json {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn shorten(value: &mut Value) {
            match value {
                Value::String(text) if text.len() > 400 => *text = format!("… {} bytes", text.len()),
                Value::Array(items) => items.iter_mut().for_each(shorten),
                Value::Object(members) => members.values_mut().for_each(shorten),
                _ => {}
            }
        }
        let mut value = self.0.clone();
        shorten(&mut value);
        write!(f, "{value}")
    }
}

/// Fails where the two differ.
pub fn same(actual: Value, expected: Value) -> Result<(), TestCaseError> {
    prop_assert_eq!(Json(actual), Json(expected));
    Ok(())
}

/// How the properties are tried. The environment variable `PROPTEST_CASES` says how often, 256 times without it.
pub fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        max_global_rejects: u32::MAX,
        ..ProptestConfig::default()
    }
}
