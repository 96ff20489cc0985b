//! The worst that settings and a request can be stays far below what a policy server gives a call: [`host::meter`] has the limits.

use host::meter::Cost;
use serde_json::Value;
use testkit::requests::payload;
use testkit::worst_cases::{containers, pods, settings};

use crate::policy::MODULE;

fn validate(pod: &str, settings: &Value) -> Cost {
    MODULE.call("validate", payload(pod, settings).as_bytes()).unwrap()
}

/// What the settings make of `noProxy`, from a container that gets it.
fn injected_no_proxy() -> String {
    let answer = validate(&containers(r#"{"name": "app"}"#.to_owned()), &settings()).answer;
    let mut answer: Value = serde_json::from_slice(&answer).unwrap();
    let env = answer["mutated_object"]["spec"]["containers"][0]["env"].take();
    let no_proxy = env
        .as_array()
        .unwrap()
        .iter()
        .find(|variable| variable["name"] == "NO_PROXY");
    no_proxy.unwrap()["value"].as_str().unwrap().to_owned()
}

/// More than a limit is a trap.
#[test]
fn the_worst_settings_and_the_largest_requests_stay_below_the_limits() {
    let settings = settings();
    let verdict = MODULE
        .call("validate_settings", settings.to_string().as_bytes())
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&verdict.answer),
        r#"{"valid":true,"message":null}"#
    );
    println!("the settings: {verdict}");
    assert!(verdict.instructions < 100_000_000, "{verdict}");
    for (what, pod) in pods(&injected_no_proxy()) {
        println!("{what}: {}", validate(&pod, &settings));
    }
}
