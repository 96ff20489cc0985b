//! The schema refuses nothing that the policy accepts, so that editors and Helm never stand in the way of valid settings.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use admission::{create_request, payload};
use http_proxy_policy::policy::{self, FIELDS};
use jsonschema::Validator;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use schema::{Field, fields, settings};
use serde_json::{Value, json};
use testkit::files::{find, project_file};
use testkit::generators;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| settings("https://example.com/settings.schema.json"));
static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| jsonschema::draft7::new(&SCHEMA).unwrap());

/// What the schema finds wrong, by path.
fn refusal(settings: &Value) -> Option<String> {
    let errors = VALIDATOR.iter_errors(settings);
    let lines: Vec<String> = errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What the policy finds wrong.
fn fault(settings: &Value) -> Option<String> {
    policy::validate_settings(settings.to_string().as_bytes()).err()
}

fn with_proxy(name: &str, value: Value) -> Value {
    let mut settings = json!({});
    if !name.starts_with("http") {
        settings["httpProxy"] = json!("http://proxy.example.com:3128/");
    }
    settings[name] = value;
    settings
}

#[test]
fn the_table_has_the_fields_that_the_policy_has() {
    let known: BTreeSet<&str> = fields().iter().map(|field| field.name).collect();
    assert_eq!(known, BTreeSet::from_iter(FIELDS.iter().copied()));
    assert_eq!(fields().len(), FIELDS.len(), "a field is there twice");
}

#[test]
fn the_schema_is_valid_and_refers_to_nothing_outside() {
    assert!(jsonschema::meta::is_valid(&SCHEMA));
    let text = SCHEMA.to_string();
    let references: Vec<&str> = text.split("\"$ref\":\"").skip(1).collect();
    assert!(!references.is_empty() && references.iter().all(|reference| reference.starts_with('#')));
}

#[test]
fn every_field_is_described_and_shows_its_default_or_an_example() {
    for field in fields() {
        assert!(field.description.ends_with('.'), "{}", field.name);
        // A certificate is no example that a person can read, and the words of a choice are in the schema.
        let is_plain = field.name != "trustedCa" && field.schema().get("enum").is_none();
        assert!(
            !is_plain || field.default.is_some() || !field.examples.is_empty(),
            "{}",
            field.name
        );
    }
}

#[test]
fn every_example_is_accepted_by_policy_and_schema() {
    let mut examples = 0;
    for Field {
        name, examples: all, ..
    } in fields()
    {
        for example in all {
            let settings = with_proxy(name, example);
            assert_eq!(fault(&settings), None, "{settings}");
            assert_eq!(refusal(&settings), None, "{settings}");
            examples += 1;
        }
    }
    assert!(examples > FIELDS.len() / 2);
}

#[test]
fn a_default_is_what_the_policy_does_without_the_field() {
    let pod = documents::read(project_file("examples/pod.yaml").to_str().unwrap())
        .unwrap()
        .remove(0)
        .value;
    let request = create_request(&pod).unwrap();
    let answer = |settings: &Value| policy::validate(&payload(&request, settings));
    let without = answer(&with_proxy("enabled", Value::Null));
    let mut defaults = 0;
    for field in fields() {
        if let Some(default) = field.default {
            assert_eq!(answer(&with_proxy(field.name, default)), without, "{}", field.name);
            defaults += 1;
        }
    }
    assert!(defaults > FIELDS.len() / 2);
}

#[test]
fn a_profile_takes_the_fields_that_the_policy_lets_it_have() {
    for field in fields() {
        let profile = json!({"name": "a", "match": {"namespaces": ["a"]}, field.name: null});
        let settings = with_proxy("profiles", json!([profile]));
        assert_eq!(fault(&settings).is_none(), field.in_profiles, "{}", field.name);
        assert_eq!(refusal(&settings).is_none(), field.in_profiles, "{}", field.name);
    }
}

/// What people write by mistake, and what an editor shall say so of while they write.
#[test]
fn the_schema_refuses_common_mistakes() {
    for (mistake, place) in [
        (json!({"httProxy": "http://p"}), ""),
        (json!({"httpProxy": "p:3128"}), "/httpProxy"),
        (json!({"httpProxy": "https://p:3128"}), "/httpProxy"),
        (json!({"httpProxy": "http://p/", "noProxy": "a,b"}), "/noProxy"),
        (json!({"httpProxy": "http://p/", "noProxy": ["a,b"]}), "/noProxy/0"),
        (
            json!({"httpProxy": "http://p/", "noProxy": ["https://a"]}),
            "/noProxy/0",
        ),
        (json!({"httpProxy": "http://p/", "expandCidrs": 65536}), "/expandCidrs"),
        (
            json!({"httpProxy": "http://p/", "existingVariables": "merge"}),
            "/existingVariables",
        ),
        (
            json!({"httpProxy": "http://p/", "runtimes": {"python": true}}),
            "/runtimes",
        ),
        (
            json!({"httpProxyFrom": {"secretKeyRef": {"name": "a"}}}),
            "/httpProxyFrom/secretKeyRef",
        ),
        (
            json!({"httpProxy": "http://p", "httpProxyFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}),
            "",
        ),
        (
            json!({"httpProxy": "http://p", "profiles": [{"name": "a"}]}),
            "/profiles/0",
        ),
        (
            json!({"httpProxy": "http://p", "profiles": [{"name": "a", "match": {}}]}),
            "/profiles/0/match",
        ),
    ] {
        let refusal = refusal(&mistake).unwrap_or_else(|| panic!("accepted: {mistake}"));
        assert!(refusal.starts_with(&format!("{place}: ")), "{mistake}: {refusal}");
        assert!(fault(&mistake).is_some(), "{mistake}");
    }
}

#[test]
fn what_the_schema_refuses_of_the_project_the_policy_refuses_too() {
    let mut documents = Vec::new();
    for file in find(&project_file("examples"), &["yaml", "json"]) {
        documents.extend(documents::read(file.to_str().unwrap()).unwrap());
    }
    for file in find(&project_file("e2e-tests/scenarios"), &["yaml"]) {
        documents.extend(documents::read(file.to_str().unwrap()).unwrap());
    }
    let mut found = Vec::new();
    documents
        .iter()
        .for_each(|document| collect(&document.value, &mut found));
    let (mut accepted, mut refused) = (0, 0);
    for settings in found {
        match refusal(settings) {
            None => accepted += 1,
            Some(refusal) => {
                refused += 1;
                assert!(fault(settings).is_some(), "{settings}\n{refusal}");
            }
        }
    }
    assert!(accepted > 50 && refused > 20, "{accepted} accepted, {refused} refused");
}

/// Whatever is called settings, or has a proxy.
fn collect<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(members) => {
            if members.contains_key("httpProxy") || members.contains_key("httpsProxy") {
                found.push(value);
            }
            for (name, member) in members {
                if name == "settings" {
                    found.push(member);
                }
                collect(member, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

/// Values, in JSON, that are wrong in many places and right in some.
const ODD: &[&str] = &[
    r#"null"#,
    r#"true"#,
    r#""true""#,
    r#"0"#,
    r#"-1"#,
    r#"4096"#,
    r#"4.5"#,
    r#""""#,
    r#"" ""#,
    r#""*""#,
    r#""a""#,
    r#""A""#,
    r#""a.b.""#,
    r#""_a.b:80""#,
    r#"" .x\t""#,
    r#""\u00a0x""#,
    r#""é""#,
    r#""..a""#,
    r#""a/b""#,
    r#""a.b/c""#,
    r#""::1""#,
    r#""[::1]""#,
    r#""fd00::/64""#,
    r#""10.0.0.0/8""#,
    r#""10.0.0.1:80""#,
    r#""$(NODE_IP)""#,
    r#""${NODE_IP}""#,
    r#""a,b""#,
    r#""a b""#,
    r#""a*""#,
    r#""http://a""#,
    r#""HTTP://a""#,
    r#""http://a:1/""#,
    r#""http://u:p%40@[fd00::1]/""#,
    r#""http://a/b""#,
    r#""https://a""#,
    r#""Merge""#,
    r#""append""#,
    r#"[]"#,
    r#"["a"]"#,
    r#"[null]"#,
    r#"[""]"#,
    r#"{}"#,
    r#"{"a": "b"}"#,
    r#"{"a": null}"#,
    r#"{"name": "a", "key": "b"}"#,
    r#"{"name": "a", "key": "b", "pkcs12Key": "c.p12"}"#,
    r#"{"reference": "registry.example.com:5000/a@sha256:0123", "pullPolicy": "Never"}"#,
    r#"{"reference": "a/b:1", "pullPolicy": null}"#,
    r#"{"image": {"reference": "a"}}"#,
    r#"{"matchLabels": {"example.com/a": ""}}"#,
    r#"{"matchExpressions": [{"key": "a", "operator": "Exists", "values": null}]}"#,
    r#"{"signerName": "example.com/a", "labelSelector": {}}"#,
    r#"{"name": "example.com:a:b", "optional": null}"#,
];

fn odd() -> impl Strategy<Value = Value> {
    select(ODD).prop_map(|text| serde_json::from_str(text).unwrap())
}

/// The paths of everything in a value: of objects and lists, or of what they hold in the end.
fn places(value: &Value, at: String, containers: bool, found: &mut Vec<String>) {
    if (value.is_object() || value.is_array()) == containers {
        found.push(at.clone());
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(member, format!("{at}/{name}"), containers, found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, format!("{at}/{index}"), containers, found);
            }
        }
        _ => {}
    }
}

/// The settings with a part replaced or added.
fn changed(mut settings: Value, (place, add, name, value): &(Index, bool, &str, Value)) -> Value {
    let mut all = Vec::new();
    places(&settings, String::new(), *add, &mut all);
    match settings.pointer_mut(place.get::<String>(&all)).expect("it was there") {
        Value::Object(members) if *add => {
            members.insert(name.to_string(), value.clone());
        }
        Value::Array(items) if *add => items.push(value.clone()),
        target => *target = value.clone(),
    }
    settings
}

/// Settings that have every field, and each of the ways to write it.
const COMPLETE: [&str; 3] = [
    r#"{"httpProxy": "http://p:1/", "httpsProxy": "https://p:1/", "noProxy": ["a"], "noProxyDefaults": true, "clusterDomain": "a.b",
        "expandCidrs": 4, "trustedCaFrom": {"configMapKeyRef": {"name": "a", "key": "b", "pkcs12Key": "c", "optional": false}},
        "trustedCaUse": "Mount", "trustStorePassword": "a", "existingVariables": "Keep", "proxyEnvFrom": ["a"],
        "excludeContainers": ["a"], "runtimes": {"java": true, "node": false}, "enabled": true, "mode": "Report"}"#,
    r#"{"httpProxyFrom": {"secretKeyRef": {"name": "a", "key": "b", "optional": true}},
        "httpsProxyFrom": {"secretKeyRef": {"name": "a", "key": "b"}},
        "trustedCaFrom": {"image": {"reference": "a", "pullPolicy": "Never"}}, "effectiveNoProxy": ["a"]}"#,
    r#"{"httpProxy": "http://p", "profiles": [{"name": "a", "match": {"namespaces": ["a-*"], "nodeSelector": {"a": "b"},
        "podSelector": {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}},
        "trustedCaFrom": {"clusterTrustBundle": {"signerName": "a.b/c", "labelSelector": {"matchLabels": {}}}}}]}"#,
];

#[test]
fn whatever_the_value_of_a_field_the_schema_refuses_only_what_the_policy_refuses() {
    let (mut accepted, mut refused) = (0, 0);
    for complete in COMPLETE {
        let complete: Value = serde_json::from_str(complete).unwrap();
        assert_eq!((fault(&complete), refusal(&complete)), (None, None));
        let mut all = Vec::new();
        places(&complete, String::new(), true, &mut all);
        places(&complete, String::new(), false, &mut all);
        for (place, odd) in all.iter().flat_map(|place| ODD.iter().map(move |odd| (place, odd))) {
            let mut settings = complete.clone();
            *settings.pointer_mut(place).unwrap() = serde_json::from_str(odd).unwrap();
            match refusal(&settings) {
                None => accepted += 1,
                Some(refusal) => {
                    refused += 1;
                    assert!(fault(&settings).is_some(), "{place}: {odd}: {refusal}");
                }
            }
        }
    }
    assert!(
        accepted > 300 && refused > 1000,
        "{accepted} accepted, {refused} refused"
    );
}

proptest! {
    #![proptest_config(generators::config())]

    #[test]
    fn what_the_policy_accepts_the_schema_accepts(settings in generators::settings::any_settings()) {
        prop_assert_eq!(fault(&settings.0), None);
        prop_assert_eq!(refusal(&settings.0), None);
    }
}

#[test]
fn what_the_schema_refuses_the_policy_refuses() {
    let settings = (
        generators::settings::any_settings(),
        vec((any::<Index>(), any::<bool>(), select(FIELDS), odd()), 1..3),
    );
    let [accepted, refused, by_policy_alone] = [const { AtomicU32::new(0) }; 3];
    proptest!(ProptestConfig { cases: 4096, ..generators::config() }, |((settings, changes) in settings)| {
        let settings = changes.iter().fold(settings.0, changed);
        match (refusal(&settings), fault(&settings)) {
            (None, None) => &accepted,
            (Some(_), Some(_)) => &refused,
            (None, Some(_)) => &by_policy_alone,
            (Some(refusal), None) => {
                return Err(TestCaseError::fail(format!("{settings}\n{refusal}")));
            }
        }
        .fetch_add(1, Ordering::Relaxed);
    });
    let [accepted, refused, by_policy_alone] = [accepted, refused, by_policy_alone].map(AtomicU32::into_inner);
    println!("{accepted} accepted, {refused} refused by both, {by_policy_alone} by the policy alone");
    assert!(
        accepted > 100 && refused > 2000,
        "{accepted} accepted, {refused} refused by both"
    );
}
