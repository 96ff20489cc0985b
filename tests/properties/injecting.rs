use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use testkit::certificates::ROOT;
use testkit::generators::pods::pod;
use testkit::generators::settings::{any_settings, or_off};
use testkit::generators::spelling::respelled;
use testkit::generators::{config, foreign};
use testkit::json::same;
use testkit::oracles::{numbers, without_injected};
use testkit::requests::payload;

use crate::answers::{answer, apply, inject};
use crate::policy;

/// What a payload may have before its request and its settings: the last one counts.
const SHADOWED: [&str; 5] = [
    "null",
    "5",
    "{}",
    r#"{"kind": {"kind": "Pod"}, "operation": "DELETE"}"#,
    r#"{"httpProxy": 5, "kind": {"kind": "Pod"}, "operation": "CREATE", "object": {"spec": 5}}"#,
];

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
        without_injected(&mut before);
        without_injected(&mut after);
        prop_assert_eq!(before, after);
    }

    #[test]
    fn the_answer_does_not_depend_on_how_json_is_spelled(
        pod in pod(),
        settings in or_off(any_settings()),
        shadowed in select(&SHADOWED),
        seed: u32,
        report: bool,
    ) {
        let mut settings = settings.0;
        if report {
            settings["mode"] = "Report".into();
        }
        let payload: Value = serde_json::from_str(&payload(&pod, &settings)).unwrap();
        let plain = format!("{:?}", answer::<Value>(&payload.to_string()));
        // Settings are judged as they are written: a wrong value is an error also where it does not count.
        let odd_settings = respelled(&payload["settings"], None, seed);
        let request = format!(r#""request":{}"#, respelled(&payload["request"], Some(&Value::Null), seed));
        let settings = format!(r#""settings":{odd_settings}"#);
        let [other_request, other_settings] = ["request", "settings"].map(|key| format!(r#""{key}":{shadowed}"#));
        for members in [
            &[&request, &settings][..],
            &[&settings, &request],
            &[&other_request, &settings, &request],
            &[&other_settings, &request, &settings],
            &[&other_settings, &other_request, &request, &settings],
        ] {
            let members: Vec<&str> = members.iter().map(|member| member.as_str()).collect();
            let odd = format!("{{{}}}", members.join(","));
            prop_assert_eq!(&format!("{:?}", answer::<Value>(&odd)), &plain, "{}", odd);
        }
        let verdict = |text: &str| serde_json::to_value(policy::validate_settings(text.as_bytes())).unwrap();
        same(verdict(&odd_settings), verdict(&payload["settings"].to_string()))?;
    }

    #[test]
    fn any_bytes_get_an_answer(payload: Vec<u8>) {
        let answer: Value = serde_json::from_str(&policy::validate(&payload)).unwrap();
        prop_assert_eq!(&answer["accepted"], false);
        prop_assert!(policy::validate_settings(&payload).is_err());
    }

    #[test]
    fn any_shape_gets_an_answer(value in foreign(), key in select(&["metadata", "spec", "containers"])) {
        let pod = match key {
            "containers" => format!(r#"{{"spec": {{"containers": {value}}}}}"#),
            _ => format!(r#"{{"{key}": {value}}}"#),
        };
        for payload in [
            payload(&pod, &json!({"httpProxy": "http://p"})),
            format!(r#"{{"request": {value}, "settings": {{"httpProxy": "http://p"}}}}"#),
            format!(r#"{{"request": {{}}, "settings": {value}}}"#),
        ] {
            let answer: Value = serde_json::from_str(&policy::validate(payload.as_bytes())).unwrap();
            prop_assert!(answer["accepted"].is_boolean());
        }
        prop_assert_ne!(policy::validate_settings(value.as_bytes()), Err(String::new()));
    }
}

#[test]
fn a_container_gets_the_variables_of_the_ca_that_it_does_not_set() {
    let settings = json!({"trustedCa": STANDARD.encode(ROOT)});
    let pod = json!({"spec": {"containers": [{"name": "app", "env": [{"name": "DENO_CERT", "value": "own"}]}]}});
    let env = inject(&pod, &settings)["spec"]["containers"][0]["env"].take();
    assert_eq!(
        env,
        json!([
            {"name": "DENO_CERT", "value": "own"},
            {"name": "SSL_CERT_DIR", "value": "/etc/ssl/certs:/etc/http-proxy/trusted-ca"},
            {"name": "NODE_EXTRA_CA_CERTS", "value": "/etc/http-proxy/trusted-ca/ca.crt"},
        ])
    );
}
