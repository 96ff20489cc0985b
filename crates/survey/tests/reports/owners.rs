//! Pods of operators' workloads, and pods of one owner that the policy tells apart.

use serde_json::{Value, json};

use crate::{policy, report_on, survey_of};

fn owned(mut object: Value, kind: &str, name: &str) -> Value {
    object["metadata"]["ownerReferences"] =
        json!([{"apiVersion": "x/v1", "kind": kind, "name": name, "controller": true}]);
    object
}

fn spec(url: &str) -> Value {
    json!({"containers": [{"name": "c", "image": "c", "env": [{"name": "U", "value": url}]}]})
}

fn pod(name: &str, url: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"}, "spec": spec(url)})
}

fn workload(kind: &str, name: &str, replicas: usize, url: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"},
        "spec": {"replicas": replicas, "template": {"spec": spec(url)}}})
}

#[test]
fn a_workload_of_an_operator_is_judged_once() {
    for kind in ["StatefulSet", "ReplicaSet"] {
        let objects = [
            owned(workload(kind, "web-1", 1, "http://10.0.0.1"), "Custom", "web"),
            owned(pod("web-1-x", "http://10.0.0.1"), kind, "web-1"),
        ];
        let report = report_on(&json!({"httpProxy": "http://p:1"}), &objects);
        let breaking: Vec<String> = report.findings.iter().map(|found| found.object.to_string()).collect();
        assert_eq!(breaking, ["Custom shop/web"]);
        assert_eq!(report.findings[0].pods, 1);
    }
}

#[test]
fn an_old_revision_is_not_judged() {
    let objects = [
        owned(workload("ReplicaSet", "web-1", 0, "http://10.0.0.1"), "Rollout", "web"),
        owned(workload("ReplicaSet", "web-2", 1, "http://10.0.0.2"), "Rollout", "web"),
        workload("ReplicaSet", "own", 0, "http://10.0.0.3"),
    ];
    let report = report_on(&json!({"httpProxy": "http://p:1"}), &objects);
    let values: Vec<&str> = report
        .findings
        .iter()
        .filter_map(|found| found.value.as_deref())
        .collect();
    assert_eq!(values, ["http://10.0.0.3", "http://10.0.0.2"]);
}

#[test]
fn rules_for_the_workload_of_an_operator_decide_about_its_pods() {
    let rules = json!({"rules": [{"apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["statefulsets"], "operations": ["CREATE"]}]});
    let objects = [
        owned(workload("StatefulSet", "web-1", 1, "http://10.0.0.1"), "Custom", "web"),
        owned(pod("web-1-0", "http://10.0.0.1"), "StatefulSet", "web-1"),
    ];
    let report = survey_of(&policy(&json!({"httpProxy": "http://p:1"}), &rules), &objects);
    let reasons: Vec<&str> = report.reasons.iter().map(|reason| reason.reason.as_str()).collect();
    assert_eq!(reasons, ["another workload controls it, and would undo the change"]);
}

#[test]
fn pods_that_a_selector_tells_apart_are_judged_apart() {
    let settings = json!({"httpProxy": "http://p:1"});
    let of_set = |index: &str| {
        let mut pod = owned(pod(&format!("db-{index}"), "x"), "StatefulSet", "db");
        pod["metadata"]["labels"] =
            json!({"apps.kubernetes.io/pod-index": index, "statefulset.kubernetes.io/pod-name": format!("db-{index}")});
        pod
    };
    let objects = [of_set("0"), of_set("1"), of_set("2")];
    for (label, value) in [
        ("apps.kubernetes.io/pod-index", "1"),
        ("statefulset.kubernetes.io/pod-name", "db-1"),
    ] {
        let expression = json!({"matchExpressions": [{"key": label, "operator": "In", "values": [value]}]});
        let report = survey_of(&policy(&settings, &json!({"objectSelector": expression})), &objects);
        assert_eq!((report.totals.changed, report.totals.not_sent), (1, 2), "{label}");
        let profile = json!({"name": "p", "match": {"podSelector": expression}, "enabled": false});
        let profiles = json!({"httpProxy": "http://p:1", "profiles": [profile]});
        let report = survey_of(&policy(&profiles, &json!({})), &objects);
        assert_eq!((report.totals.changed, report.totals.unchanged), (2, 1), "{label}");
    }
    let report = survey_of(&policy(&settings, &json!({})), &objects);
    assert_eq!(report.totals.changed, 3);
}

#[test]
fn a_workload_without_pods_is_judged_as_the_rules_send_it_or_its_pods() {
    let settings = json!({"httpProxy": "http://p:1"});
    let rule = |groups: &str, resource: &str| json!({"apiGroups": [groups], "apiVersions": ["v1"], "resources": [resource], "operations": ["CREATE"]});
    let [pods, deployments, jobs] =
        [("", "pods"), ("apps", "deployments"), ("batch", "jobs")].map(|(group, resource)| rule(group, resource));
    let web = workload("Deployment", "web", 1, "http://10.0.0.1");
    for (rules, is_judged) in [
        (json!([pods]), true),
        (json!([deployments]), true),
        (json!([pods, deployments]), true),
        (json!([jobs]), false),
    ] {
        let report = survey_of(&policy(&settings, &json!({"rules": rules})), std::slice::from_ref(&web));
        let shown: Vec<String> = report
            .findings
            .iter()
            .map(|found| {
                format!(
                    "{} {} {}",
                    found.object,
                    found.pods,
                    found.value.as_deref().unwrap_or("-")
                )
            })
            .collect();
        let expected = ["Deployment shop/web 0 http://10.0.0.1"];
        assert_eq!(shown, expected[..usize::from(is_judged)], "{rules}");
        // It has no pods that a reason could be about.
        assert_eq!((report.reasons.len(), report.totals.pods), (0, 0));
    }
}

#[test]
fn a_pod_is_judged_as_its_workload_where_the_rules_send_that_alone() {
    let rules = json!({"rules": [{"apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["deployments"], "operations": ["CREATE"]}]});
    let objects = [
        workload("Deployment", "web", 2, "http://10.0.0.1"),
        owned(pod("web-1", "http://10.0.0.2"), "Deployment", "web"),
        pod("alone", "http://10.0.0.3"),
    ];
    let report = survey_of(&policy(&json!({"httpProxy": "http://p:1"}), &rules), &objects);
    let breaking = report.findings.iter().filter(|found| found.value.is_some());
    let shown: Vec<String> = breaking
        .map(|found| format!("{} {} {}", found.object, found.pods, found.value.as_deref().unwrap()))
        .collect();
    assert_eq!(shown, ["Deployment shop/web 1 http://10.0.0.1"]);
    assert_eq!((report.totals.changed, report.totals.not_sent), (1, 1));
    assert_eq!(report.reasons[0].examples, ["shop/alone"]);
}
