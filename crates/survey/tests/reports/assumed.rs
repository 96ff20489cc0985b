//! What was assumed about the way to the policy, the report says.

use serde_json::{Value, json};
use survey::Report;

use crate::{policy, survey_of};

fn pod(namespace: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": namespace},
        "spec": {"containers": [{"name": "c", "image": "c"}]}})
}

fn namespace(name: &str, labels: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
}

fn report(fields: &Value, objects: &[Value]) -> Report {
    survey_of(&policy(&json!({"httpProxy": "http://p:1"}), fields), objects)
}

/// Whether all forms of a report have a sentence that has these parts.
fn says(report: &Report, parts: &[&str]) {
    let sentence = report
        .not_judged
        .iter()
        .find(|sentence| parts.iter().all(|part| sentence.contains(part)));
    let sentence = sentence.unwrap_or_else(|| panic!("{parts:?}: {:?}", report.not_judged));
    let layout = explain::text::Layout {
        width: 1000,
        ..explain::text::Layout::default()
    };
    assert!(survey::text::report(report, layout, true).contains(sentence));
    assert!(survey::html::page(report).contains(&sentence.replace('"', "&quot;")));
    assert!(serde_json::to_string(report).unwrap().contains(parts[0]));
}

#[test]
fn match_labels_that_kubewarden_drops_are_named() {
    let selector = json!({"namespaceSelector": {"matchLabels": {"team": "a"}}});
    let report = report(&selector, &[namespace("shop", &json!({"team": "b"})), pod("shop")]);
    assert_eq!(report.totals.changed, 0);
    says(
        &report,
        &[
            "1 pod is not sent to the policy if ",
            "matchLabels",
            "(namespaces: shop)",
        ],
    );
}

#[test]
fn match_conditions_that_are_not_evaluated_are_named() {
    let conditions = json!({"matchConditions": [{"name": "never", "expression": "false"}]});
    let namespaces = ["a", "b", "c", "d", "e"];
    let mut objects = namespaces.map(pod).to_vec();
    objects.push(namespace("a", &json!({})));
    let report = report(&conditions, &objects);
    assert_eq!(report.totals.changed, 5);
    says(
        &report,
        &[
            "5 pods are sent to the policy if ",
            "never",
            "(namespaces: a, b, c and 2 more)",
        ],
    );
}

#[test]
fn namespaces_whose_labels_are_not_in_the_input_are_named() {
    let selector =
        json!({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "In", "values": ["a"]}]}});
    let report = report(&selector, &[namespace("other", &json!({})), pod("shop")]);
    assert_eq!(report.totals.not_sent, 1);
    says(
        &report,
        &[
            "labels of namespaces that are not in the input (shop)",
            "1 pod is not sent",
            "unless namespace shop has team: a",
        ],
    );
}

#[test]
fn where_nothing_is_assumed_nothing_is_said() {
    let report = report(&json!({}), &[namespace("shop", &json!({})), pod("shop")]);
    assert!(
        !report
            .not_judged
            .iter()
            .any(|sentence| sentence.contains("to the policy"))
    );
}
