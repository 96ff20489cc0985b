//! Secrets and ConfigMaps that the settings name.

use serde_json::{Value, json};
use survey::Report;

use crate::report_on;

/// The report on one pod, next to a ConfigMap with one binary value.
fn of(settings: &Value) -> Report {
    let objects = [
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "other", "namespace": "shop"}, "data": {"x": ""}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "ca", "namespace": "shop"},
            "data": {"ca.crt": "x"}, "binaryData": {"binary.crt": "eA==", "store.p12": "eA=="}}),
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "shop"},
            "spec": {"containers": [{"name": "c", "image": "c"}]}}),
    ];
    report_on(settings, &objects)
}

/// `breaks ConfigMap shop/ca key ca.crt` for each.
fn missing(report: &Report) -> Vec<String> {
    let report = serde_json::to_value(report).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| finding["kind"] == "missingObject");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .map(|finding| {
            let object = &finding["object"];
            let [severity, place] = ["severity", "where"].map(|field| text(&finding[field]));
            format!("{severity} {} {} {place}", text(&object["kind"]), text(&object["name"]))
        })
        .collect()
}

fn with_ca(keys: &Value) -> Value {
    json!({"httpProxy": "http://p:1", "trustedCaFrom": {"configMapKeyRef": keys}})
}

#[test]
fn every_key_of_the_trusted_ca_is_looked_for() {
    for (keys, expected) in [
        (json!({"name": "ca", "key": "ca.crt"}), vec![]),
        (json!({"name": "ca", "key": "binary.crt"}), vec![]),
        (json!({"name": "ca", "key": "ca.crt", "pkcs12Key": "store.p12"}), vec![]),
        (
            json!({"name": "ca", "key": "ca.crt", "pkcs12Key": "other.p12"}),
            vec!["breaks ConfigMap ca key other.p12"],
        ),
        (
            json!({"name": "none", "key": "ca.crt", "pkcs12Key": "t.p12"}),
            vec!["breaks ConfigMap none key ca.crt", "breaks ConfigMap none key t.p12"],
        ),
    ] {
        assert_eq!(missing(&of(&with_ca(&keys))), expected, "{keys}");
    }
}

#[test]
fn what_is_optional_is_to_check() {
    let secret = json!({"httpProxyFrom": {"secretKeyRef": {"name": "proxy", "key": "url", "optional": true}}});
    let mut optional_ca = with_ca(&json!({"name": "none", "key": "ca.crt", "optional": true}));
    optional_ca["trustedCaUse"] = json!("Mount");
    for (settings, expected) in [
        (optional_ca, "check ConfigMap none key ca.crt"),
        (secret, "check Secret proxy key url"),
    ] {
        let report = of(&settings);
        assert_eq!(missing(&report), [expected]);
        let why = &report.findings.iter().find(|found| found.place.is_some()).unwrap().why;
        assert!(why.contains("optional"), "{why}");
        assert!(
            survey::verdict(&report).contains("Nothing was found"),
            "{}",
            survey::verdict(&report)
        );
    }
}
