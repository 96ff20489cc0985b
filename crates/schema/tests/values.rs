//! The schema of the chart's values.

use serde_json::{Value, json};

const VALUES: &str = include_str!("../../../charts/http-proxy-policy/values.yaml");

/// Whether the schema accepts this for a value, by its JSON pointer.
fn accepts(pointer: &str, value: &Value) -> bool {
    let schema = schema::values(VALUES).unwrap();
    let mut values = documents::values(documents::parse(VALUES).unwrap()).remove(0);
    *values.pointer_mut(pointer).unwrap() = value.clone();
    jsonschema::draft7::new(&schema).unwrap().is_valid(&values)
}

#[test]
fn what_cannot_work_is_refused() {
    for (pointer, value) in [
        ("/policyServer", json!("Bad_Name")),
        ("/policyServer", json!("a".repeat(300))),
        ("/namespaces/excluded", json!(["Bad_NS"])),
        ("/namespaces/excluded", json!(["a b"])),
        ("/module/registry", json!("http://registry.example")),
        ("/module/tag", json!("v 1")),
        ("/module/repository", json!("a b")),
        ("/serviceEntries/namespace", json!("Bad_NS")),
        ("/serviceEntries/addresses", json!({"proxy.example.com": ["1.2.3"]})),
    ] {
        assert!(!accepts(pointer, &value), "{pointer}: {value}");
    }
}

#[test]
fn what_works_is_accepted() {
    for (pointer, value) in [
        ("/policyServer", json!("")),
        ("/policyServer", json!("tenant.a")),
        ("/namespaces/excluded", json!(["kube-system", "a1"])),
        ("/module/registry", json!("registry.example:5000/mirror")),
        ("/module/registry", json!("registry://[::1]:5000")),
        ("/module/tag", json!("v0.1.0_build.1")),
        (
            "/serviceEntries/addresses",
            json!({"proxy.example.com": ["192.0.2.10", "2001:db8::1", "::ffff:192.0.2.1"]}),
        ),
    ] {
        assert!(accepts(pointer, &value), "{pointer}: {value}");
    }
}
