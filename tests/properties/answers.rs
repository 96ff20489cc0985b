//! What the policy answers.

use admission::Answer;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use testkit::requests::payload;

use crate::policy;

/// The text of `mutated_object`, or the pod's own where nothing changes.
pub fn apply(pod: &str, settings: &Value) -> String {
    let answer = ask(pod, settings);
    assert!(answer.accepted, "{answer:?}");
    let Some(mutated) = answer.mutated_object else {
        return pod.to_owned();
    };
    assert_ne!(mutated.get(), pod, "what is unchanged needs no patch");
    mutated.get().to_owned()
}

/// The pod that comes of it.
pub fn inject(pod: &Value, settings: &Value) -> Value {
    serde_json::from_str(&apply(&pod.to_string(), settings)).unwrap()
}

/// Why `mode: Report` rejects a pod, if it does.
pub fn report(pod: &Value, settings: &Value) -> Option<String> {
    let mut settings = settings.clone();
    settings["mode"] = "Report".into();
    let answer = ask(&pod.to_string(), &settings);
    assert!(answer.mutated_object.is_none(), "{answer:?}");
    if answer.accepted {
        return None;
    }
    assert_eq!(answer.code, Some(400), "{answer:?}");
    answer.message
}

/// What `mode: Report` warns of.
pub fn warned_by_report(pod: &Value, settings: &Value) -> Vec<String> {
    let mut settings = settings.clone();
    settings["mode"] = "Report".into();
    ask(&pod.to_string(), &settings).warnings
}

/// The pod that comes of it, and the warnings.
pub fn inject_and_warn(pod: &Value, settings: &Value) -> (Value, Vec<String>) {
    let pod = pod.to_string();
    (
        serde_json::from_str(&apply(&pod, settings)).unwrap(),
        ask(&pod, settings).warnings,
    )
}

/// The answer to a payload, as a policy server reads it.
pub fn answer<T: DeserializeOwned>(payload: &str) -> Answer<T> {
    let answer = policy::validate(payload.as_bytes());
    serde_json::from_str(&answer).expect("the answer is as a policy server reads it")
}

fn ask(pod: &str, settings: &Value) -> Answer<Box<RawValue>> {
    answer(&payload(pod, settings))
}
