use http_proxy_policy::policy;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::answers::{apply, config};
use crate::generators::{NAMES, any_settings, foreign, pod};

/// The pod without what is the policy's, wherever it stands; lists and objects that are empty, `null` or not there are
/// the same.
pub fn without_the_policys(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(without_the_policys);
            members.remove("http-proxy.kubewarden.io/trusted-ca");
            members.remove("http-proxy.kubewarden.io/injected");
            for key in ["env", "volumeMounts", "volumes"] {
                if let Some(Value::Array(items)) = members.get_mut(key) {
                    items.retain(|item| !is_the_policys(item));
                }
            }
            let is_empty = |value: &Value| value.is_null() || value == &json!([]) || value == &json!({});
            let parts = ["env", "volumeMounts", "volumes", "annotations", "metadata"];
            members.retain(|key, value| !(is_empty(value) && parts.contains(&key.as_str())));
        }
        Value::Array(items) => items.iter_mut().for_each(without_the_policys),
        _ => {}
    }
}

fn is_the_policys(item: &Value) -> bool {
    let name = item["name"].as_str().unwrap_or_default();
    let ca_variable = || {
        item["value"]
            .as_str()
            .unwrap_or_default()
            .contains("/etc/http-proxy/trusted-ca")
    };
    let runtimes = ["JAVA_TOOL_OPTIONS", "NODE_USE_ENV_PROXY"];
    name == "http-proxy-trusted-ca"
        || runtimes.contains(&name)
        || NAMES.iter().any(|proxy| proxy.eq_ignore_ascii_case(name))
        || ca_variable()
}

/// All numbers of a text, as they are written.
fn numbers(text: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    let mut in_string = false;
    let mut escaped = false;
    let mut number = String::new();
    for c in text.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
        } else if c.is_ascii_digit() || "+-.eE".contains(c) && (!number.is_empty() || c == '-') {
            number.push(c);
        } else {
            in_string = c == '"';
            numbers.extend((!number.is_empty()).then(|| std::mem::take(&mut number)));
        }
    }
    numbers
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_else_changes_and_applying_twice_is_applying_once(pod in pod(), settings in any_settings()) {
        let once = apply(&pod, &settings);
        prop_assert_eq!(&apply(&once, &settings), &once);
        let mut left = numbers(&once);
        // The volume's defaultMode.
        left.retain(|number| number != "420");
        prop_assert_eq!(left, numbers(&pod));
        let (mut before, mut after): (Value, Value) =
            (serde_json::from_str(&pod).unwrap(), serde_json::from_str(&once).unwrap());
        without_the_policys(&mut before);
        without_the_policys(&mut after);
        prop_assert_eq!(before, after);
    }

    #[test]
    fn any_bytes_get_an_answer(payload: Vec<u8>) {
        let answer: Value = serde_json::from_str(&policy::validate(&payload)).unwrap();
        prop_assert_eq!(&answer["accepted"], false);
        policy::validate_settings(&payload);
    }

    #[test]
    fn any_shape_gets_an_answer(value in foreign(), key in select(&["metadata", "spec", "containers"])) {
        let pod = match key {
            "containers" => format!(r#"{{"spec": {{"containers": {value}}}}}"#),
            _ => format!(r#"{{"{key}": {value}}}"#),
        };
        for payload in [
            format!(r#"{{"request": {{"kind": {{"group": "", "kind": "Pod"}}, "operation": "CREATE", "object": {pod}}}, "settings": {{"httpProxy": "http://p"}}}}"#),
            format!(r#"{{"request": {value}, "settings": {{"httpProxy": "http://p"}}}}"#),
            format!(r#"{{"request": {{}}, "settings": {value}}}"#),
        ] {
            let answer: Value = serde_json::from_str(&policy::validate(payload.as_bytes())).unwrap();
            prop_assert!(answer["accepted"].is_boolean());
        }
        policy::validate_settings(value.as_bytes());
    }
}
