//! What holds for every pod and all settings: nothing but the policy's variables changes, and applying twice is
//! applying once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_proxy_policy::policy;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const NAMES: [&str; 6] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// A value that the policy has no business with, as text: numbers in all their spellings, odd strings, nested things.
fn foreign() -> impl Strategy<Value = String> {
    let leaf = select(&[
        "null",
        "true",
        "12345678901234567890",
        "2.50",
        "1e3",
        "-0",
        "1E-2",
        "\"\"",
        "\"a\\\"}\\\\\"",
        "\"\\u00e9\\ud83d\\ude00 ü\"",
        "[ ]",
        "{ }",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(|items| format!("[ {} ]", items.join(" ,"))),
            vec(("[a-z]{1,3}", inner), 0..3).prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .enumerate()
                    .map(|(i, (k, v))| format!("\"{k}{i}\" : {v}"))
                    .collect();
                format!("{{{}}}", members.join(",\n"))
            }),
        ]
    })
}

/// An object of some members, in any order, with foreign ones among them.
fn object(members: Vec<(&'static str, String)>) -> impl Strategy<Value = String> {
    (vec(foreign(), 0..3), any::<prop::sample::Index>()).prop_map(move |(foreign, at)| {
        let mut all: Vec<String> = members
            .iter()
            .map(|(key, value)| format!("\"{key}\": {value}"))
            .collect();
        for (index, value) in foreign.iter().enumerate() {
            let at = at.index(all.len() + 1);
            all.insert(at, format!("\"x-{index}\":{value}"));
        }
        format!("{{ {} }}", all.join(" , "))
    })
}

fn variable() -> impl Strategy<Value = String> {
    let mut names = NAMES.to_vec();
    names.extend(["PATH", "OPTS", "Http_Proxy"]);
    let value = prop_oneof![
        select(&[
            "",
            "*",
            "nginx",
            " a , b ",
            "http://own:3128",
            "$(HTTP_PROXY)",
            "$$(no_proxy)",
            "$(OPTS),x"
        ])
        .prop_map(|text| ("value", json!(text).to_string())),
        Just(("valueFrom", r#"{"fieldRef": {"fieldPath": "status.podIP"}}"#.to_owned())),
        Just(("name", String::new())),
    ];
    (select(names), value).prop_flat_map(|(name, (key, value))| {
        let name = ("name", json!(name).to_string());
        match key {
            "name" => object(vec![name]).boxed(),
            "value" => object(vec![name, (key, value)]).boxed(),
            // Override replaces such an entry as a whole.
            _ => Just(format!("{{\"name\": {}, \"{key}\": {value}}}", name.1)).boxed(),
        }
    })
}

fn container() -> impl Strategy<Value = String> {
    let name = select(&["app", "db", "istio-proxy", "skipped"]);
    let env = option::of(prop_oneof![
        vec(variable(), 0..5).prop_map(|env| format!("[{}]", env.join(", "))),
        Just("null".to_owned()),
    ]);
    let mounts = option::of(select(&[
        "null",
        "[ ]",
        r#"[{"name": "tmp", "mountPath": "/tmp"}]"#,
        r#"[{"name": "tmp", "mountPath": "/etc"}]"#,
    ]));
    (name, env, mounts).prop_flat_map(|(name, env, mounts)| {
        let mut members = vec![("name", json!(name).to_string())];
        members.extend(env.map(|env| ("env", env)));
        members.extend(mounts.map(|mounts| ("volumeMounts", mounts.to_owned())));
        object(members)
    })
}

fn pod() -> impl Strategy<Value = String> {
    let annotations = option::of(select(&[
        r#"{"http-proxy.kubewarden.io/no-proxy": "db.example,bad entry"}"#,
        r#"{"http-proxy.kubewarden.io/exclude-containers": "skipped"}"#,
        r#"{"kubernetes.azure.com/no-http-proxy-vars": "true"}"#,
    ]));
    let metadata = annotations.prop_flat_map(|annotations| {
        object(
            annotations
                .map(|annotations| ("annotations", annotations.to_owned()))
                .into_iter()
                .collect(),
        )
    });
    let volumes = option::of(select(&["null", "[]", r#"[{"name": "tmp", "emptyDir": {}}]"#]));
    let spec = (vec(container(), 0..4), vec(container(), 0..2), any::<bool>(), volumes).prop_flat_map(
        |(containers, init, windows, volumes)| {
            let mut members = vec![("containers", format!("[{}]", containers.join(" , ")))];
            if !init.is_empty() {
                members.push(("initContainers", format!("[{}]", init.join(","))));
            }
            members.extend(volumes.map(|volumes| ("volumes", volumes.to_owned())));
            if windows {
                members.push(("os", r#"{"name": "windows"}"#.to_owned()));
            }
            object(members)
        },
    );
    (metadata, spec).prop_flat_map(|(metadata, spec)| object(vec![("metadata", metadata), ("spec", spec)]))
}

fn settings() -> impl Strategy<Value = Value> {
    (
        select(&["http://p:3128", "http://u:p$$w@p/"]),
        any::<bool>(),
        vec(select(&["nginx", ".svc", "10.0.0.0/30", "A.example"]), 0..3),
        any::<bool>(),
        select(&["Merge", "Keep", "Override"]),
        select(&[0, 4]),
        select(&["", "Append", "Replace", "Mount"]),
    )
        .prop_map(|(url, http, no_proxy, defaults, existing, expand, trusted_ca_use)| {
            let mut settings = json!({
                (if http { "httpProxy" } else { "httpsProxy" }): url,
                "noProxy": no_proxy,
                "noProxyDefaults": defaults,
                "existingVariables": existing,
                "expandCidrs": expand,
            });
            if !trusted_ca_use.is_empty() {
                settings["trustedCa"] = STANDARD
                    .encode(include_str!("../e2e-tests/certificates/root.pem"))
                    .into();
                settings["trustedCaUse"] = trusted_ca_use.into();
            }
            settings
        })
}

/// The text of `mutated_object`, or the pod's own where nothing changes.
fn apply(pod: &str, settings: &Value) -> String {
    let payload = format!(
        r#"{{"request": {{"kind": {{"group": "", "kind": "Pod"}}, "operation": "CREATE", "object": {pod}}}, "settings": {settings}}}"#
    );
    let answer = policy::validate(payload.as_bytes());
    let parsed: Value = serde_json::from_str(&answer).expect("the answer is JSON");
    assert_eq!(parsed["accepted"], true, "{answer}");
    let Some(start) = answer.find("\"mutated_object\":") else {
        return pod.to_owned();
    };
    let rest = &answer[start + "\"mutated_object\":".len()..];
    let mut documents = serde_json::Deserializer::from_str(rest).into_iter::<&serde_json::value::RawValue>();
    documents.next().unwrap().unwrap().get().to_owned()
}

/// The pod without what is the policy's, wherever it stands; lists and objects that are empty, `null` or not there are
/// the same.
fn without_the_policys(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(without_the_policys);
            members.remove("http-proxy.kubewarden.io/trusted-ca");
            for key in ["env", "volumeMounts", "volumes"] {
                if let Some(Value::Array(items)) = members.get_mut(key) {
                    items.retain(|item| !is_the_policys(item));
                }
            }
            let is_empty = |value: &Value| value.is_null() || value == &json!([]) || value == &json!({});
            members.retain(|key, value| {
                !(is_empty(value) && ["env", "volumeMounts", "volumes", "annotations"].contains(&key.as_str()))
            });
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
    name == "http-proxy-trusted-ca" || NAMES.iter().any(|proxy| proxy.eq_ignore_ascii_case(name)) || ca_variable()
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
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_else_changes_and_applying_twice_is_applying_once(pod in pod(), settings in settings()) {
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
