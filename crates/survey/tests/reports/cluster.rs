//! The survey of what a real API server says of a small cluster.

use explain::input::Source;
use serde_json::{Value, json};
use survey::{Dump, Report, survey, with_entries};
use testkit::files::project_file;

use crate::{read, source};

fn dump() -> Dump {
    read(&std::fs::read_to_string(project_file("crates/survey/tests/fixtures/dump.json")).unwrap())
}

fn quickstart() -> Source {
    let text = std::fs::read_to_string(project_file("examples/quickstart/policy.yaml")).unwrap();
    Source::find("policy.yaml", &documents::parse(&text).unwrap(), None).unwrap()
}

fn of_quickstart() -> Report {
    survey(&quickstart(), &dump()).unwrap()
}

/// `shortServiceName Deployment shop/web http://api:8080`
fn findings(report: &Report, severity: &str) -> Vec<String> {
    let report = serde_json::to_value(report).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| finding["severity"] == severity);
    let shown = findings.map(|finding| {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let object = &finding["object"];
        format!(
            "{} {} {}/{} {} {}",
            text(&finding["kind"]),
            text(&object["kind"]),
            text(&object["namespace"]),
            text(&object["name"]),
            text(&finding["where"]),
            text(&finding["value"]),
        )
    });
    shown.collect()
}

#[test]
fn the_quickstart_changes_fifteen_of_eighteen_pods() {
    let report = serde_json::to_value(of_quickstart()).unwrap();
    assert_eq!(
        report["totals"],
        json!({"pods": 18, "changed": 15, "unchanged": 2, "rejected": 0, "notSent": 1})
    );
    let namespaces: Vec<&str> = report["namespaces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|namespace| namespace["name"].as_str().unwrap())
        .collect();
    assert_eq!(namespaces, ["data", "edge", "legacy", "monitoring", "payments", "shop"]);
}

#[test]
fn four_short_names_would_break() {
    assert_eq!(
        findings(&of_quickstart(), "breaks"),
        [
            "shortServiceName DaemonSet monitoring/agent args[0] http://prometheus:9090",
            "shortServiceName Deployment shop/web env API_URL http://api:8080",
            "shortServiceName Deployment shop/api envFrom ConfigMap api-config, LEDGER http://ledger.payments:8080",
            "shortServiceName CronJob shop/report command[2] http://api.shop:8080",
        ]
    );
}

#[test]
fn what_the_input_cannot_decide_is_to_check() {
    assert_eq!(
        findings(&of_quickstart(), "check"),
        [
            "envFromProxy Deployment shop/worker envFrom ConfigMap proxy-environment-variables http://old.example.com:3128",
            "ownProxyDiffers Deployment payments/odd env HTTPS_PROXY http://other.example.com:8080",
            "java Deployment payments/ledger image -",
            "node Deployment payments/gateway image -",
            "clientLimit Deployment payments/ledger env STORE http://10.20.30.40:9000",
        ]
    );
    assert_eq!(
        findings(&of_quickstart(), "info"),
        [
            "windows Deployment edge/iis - -",
            "notReached Namespace legacy/legacy - -",
            "ownProxySame Deployment payments/gateway env HTTP_PROXY, HTTPS_PROXY, NO_PROXY -",
        ]
    );
}

#[test]
fn no_secret_of_the_input_is_in_the_report() {
    let report = serde_json::to_string(&of_quickstart()).unwrap();
    for secret in ["S3cr3tInDump", "postgres://", "redis://", "kafka-0"] {
        assert!(!report.contains(secret), "{secret}");
    }
}

#[test]
fn the_suggested_entries_leave_nothing_that_breaks() {
    let quickstart = quickstart();
    let report = of_quickstart();
    let entries: Vec<&str> = report.suggestions.entries();
    let mut sorted = entries.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        ["192.0.2.2", "api", "api.shop", "ledger.payments", "prometheus"]
    );
    let again = survey(&source(&with_entries(&quickstart.settings, &entries)), &dump()).unwrap();
    assert_eq!(findings(&again, "breaks"), Vec::<String>::new());
    assert_eq!(report.suggestions.remaining.unwrap().breaks, 0);
    assert_eq!(again.suggestions.no_proxy, []);
}

#[test]
fn without_any_entries_networks_are_suggested_and_help() {
    let settings = json!({"httpProxy": "http://proxy.example.com:3128"});
    let report = survey(&source(&settings), &dump()).unwrap();
    let entries: Vec<&str> = report.suggestions.entries();
    for network in ["10.244.0.0/16", "10.96.0.0/16", "10.1.0.0/24", "10.20.30.40"] {
        assert!(entries.contains(&network), "{entries:?}");
    }
    assert_eq!(report.suggestions.remaining.unwrap().breaks, 0);
}

/// The objects of the dump, without those of a kind.
fn without(kind: &str) -> Dump {
    let text = std::fs::read_to_string(project_file("crates/survey/tests/fixtures/dump.json")).unwrap();
    let mut list: Value = serde_json::from_str(&text).unwrap();
    let items = list["items"].as_array_mut().unwrap();
    let before = items.len();
    items.retain(|item| item["kind"] != kind);
    assert!(items.len() < before, "{kind}");
    read(&list.to_string())
}

#[test]
fn whatever_kind_is_missing_the_suggestions_leave_nothing_that_breaks_and_are_complete() {
    let settings = json!({"httpProxy": "http://proxy.example.com:3128"});
    for kind in [
        "Node",
        "ServiceCIDR",
        "Service",
        "Pod",
        "Namespace",
        "ConfigMap",
        "EndpointSlice",
        "Deployment",
    ] {
        let dump = without(kind);
        let report = survey(&source(&settings), &dump).unwrap();
        let entries: Vec<&str> = report.suggestions.entries();
        // Only nodes know the network of pods without an address; Services tell theirs if need be.
        assert_eq!(
            entries.contains(&"10.244.0.0/16"),
            kind != "Node",
            "without {kind}: {entries:?}"
        );
        assert!(entries.contains(&"10.96.0.0/16"), "without {kind}: {entries:?}");
        let again = survey(&source(&with_entries(&settings, &entries)), &dump).unwrap();
        assert_eq!(findings(&again, "breaks"), Vec::<String>::new(), "without {kind}");
        assert_eq!(again.suggestions.no_proxy, [], "without {kind}");
        let names_services = entries.contains(&"prometheus");
        assert_eq!(names_services, kind != "Service", "without {kind}: {entries:?}");
        let sentence = format!("no {}", kind.to_lowercase());
        let is_said = report.not_judged.iter().any(|known| known.starts_with(&sentence));
        assert_eq!(is_said, kind != "Deployment", "without {kind}: {:?}", report.not_judged);
    }
}
