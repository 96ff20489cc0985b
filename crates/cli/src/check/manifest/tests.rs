use documents::Content;
use serde_json::json;

use super::*;

fn manifest(kind: &str, spec: Value) -> Value {
    json!({"apiVersion": "policies.kubewarden.io/v1", "kind": kind, "metadata": {"name": "http-proxy"}, "spec": spec})
}

/// The paths of the problems of a manifest.
fn paths_of(manifest: &Value) -> Vec<String> {
    let document = documents::parse(&manifest.to_string()).unwrap().remove(0);
    let Content::Policy(policy) = Content::recognise(&document.value) else {
        panic!("{manifest}");
    };
    let problems = problems(&document, &policy).into_iter();
    problems.map(|problem| problem.path).collect()
}

fn paths(kind: &str, spec: Value) -> Vec<String> {
    paths_of(&manifest(kind, spec))
}

fn spec(changes: Value) -> Value {
    let mut spec = json!({
        "module": "registry.example/http-proxy-policy:v1", "mutating": true, "settings": {"httpProxy": "http://p"},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}],
    });
    for (field, value) in changes.as_object().unwrap() {
        spec[field] = value.clone();
    }
    spec
}

#[test]
fn the_manifest_must_allow_what_the_settings_say() {
    let report = json!({"mode": "Report"});
    let rule = |change: Value| {
        let mut rule = spec(json!({}))["rules"][0].clone();
        for (field, value) in change.as_object().unwrap() {
            rule[field] = value.clone();
        }
        json!([rule])
    };
    for (changes, expected) in [
        (json!({}), vec![]),
        (json!({"mode": "protect"}), vec![]),
        (json!({"mutating": false}), vec!["spec.mutating"]),
        (json!({"mutating": null}), vec!["spec.mutating"]),
        (
            json!({"settings": {"mode": "Inject", "httpProxy": "http://p"}, "mutating": false}),
            vec!["spec.mutating"],
        ),
        (json!({"mode": "monitor"}), vec!["spec.mode"]),
        (
            json!({"settings": report, "mutating": false, "mode": "monitor"}),
            vec![],
        ),
        (json!({"settings": report}), vec!["spec.mutating", "spec.mode"]),
        (json!({"rules": null}), vec!["spec.rules"]),
        (
            json!({"rules": rule(json!({"operations": ["UPDATE"]}))}),
            vec!["spec.rules"],
        ),
        (
            json!({"rules": rule(json!({"resources": ["deployments"], "apiGroups": ["apps"]}))}),
            vec!["spec.rules"],
        ),
        (
            json!({"rules": rule(json!({"resources": ["*"], "operations": ["*"]}))}),
            vec![],
        ),
        (json!({"rules": rule(json!({"resources": ["pods/*"]}))}), vec![]),
        (
            json!({"rules": rule(json!({"resources": ["pods/status"]}))}),
            vec!["spec.rules"],
        ),
        (json!({"rules": rule(json!({"scope": "Cluster"}))}), vec!["spec.rules"]),
        (json!({"rules": rule(json!({"scope": "Namespaced"}))}), vec![]),
        (json!({"mode": "enforce"}), vec!["spec.mode"]),
        (
            json!({"settings": report, "mutating": false, "mode": "monitor", "rules": rule(json!({"resources": ["pods/*"]}))}),
            vec!["spec.rules"],
        ),
        (
            json!({"namespaceSelector": {"matchLabels": {"a": "b"}}}),
            vec!["spec.namespaceSelector.matchLabels"],
        ),
        (
            json!({"namespaceSelector": {"matchLabels": {"a": "b"}}, "allowInsideAdmissionControllerNamespace": true}),
            vec![],
        ),
        (
            json!({"namespaceSelector": {"matchExpression": []}, "objectSelector": []}),
            vec!["spec.namespaceSelector.matchExpression", "spec.objectSelector"],
        ),
        (
            json!({"settings": report, "mutating": false, "mode": "monitor", "rules": rule(json!({"operations": ["*"]}))}),
            vec!["spec.rules"],
        ),
        (
            json!({"objectSelector": {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]}}),
            vec!["spec.objectSelector"],
        ),
        (
            json!({"rules": rule(json!({"resources": ["pods", "*"]}))}),
            vec!["spec.rules[0].resources"],
        ),
        (
            json!({"rules": rule(json!({"resources": ["*", "pods/ephemeralcontainers"]}))}),
            vec![],
        ),
        (
            json!({"rules": rule(json!({"operations": ["CREATE", "*"], "scop": "*", "apiGroups": []}))}),
            vec![
                "spec.rules[0].scop",
                "spec.rules[0].apiGroups",
                "spec.rules[0].operations",
                "spec.rules",
            ],
        ),
        (
            json!({"rules": rule(json!({"operations": ["CREATE", "create"], "scope": "namespaced"}))}),
            vec!["spec.rules[0].operations", "spec.rules[0].scope", "spec.rules"],
        ),
    ] {
        assert_eq!(
            paths("ClusterAdmissionPolicy", spec(changes.clone())),
            expected,
            "{changes}"
        );
    }
}

#[test]
fn what_the_api_server_drops_or_a_webhook_refuses_is_found() {
    for (changes, expected) in [
        (json!({"namespaceselector": {}}), "spec.namespaceselector"),
        (json!({"noProxy": ["a"]}), "spec.noProxy"),
        (json!({"policies": {}}), "spec.policies"),
        (json!({"module": null}), "spec.module"),
        (json!({"module": ""}), "spec.module"),
        (
            json!({"module": "oci://registry.example/http-proxy-policy"}),
            "spec.module",
        ),
        (json!({"failurePolicy": "fail"}), "spec.failurePolicy"),
        (json!({"matchPolicy": "equivalent"}), "spec.matchPolicy"),
        (json!({"timeoutSeconds": 60}), "spec.timeoutSeconds"),
        (json!({"backgroundAudit": "true"}), "spec.backgroundAudit"),
        (json!({"policyServer": "Default_Server"}), "spec.policyServer"),
    ] {
        let found = paths("ClusterAdmissionPolicy", spec(changes.clone()));
        assert_eq!(found, [expected], "{changes}");
    }
    let valid = json!({
        "failurePolicy": "Ignore", "matchPolicy": "Exact", "timeoutSeconds": 30, "backgroundAudit": true,
        "policyServer": "default", "contextAwareResources": [],
    });
    assert_eq!(paths("ClusterAdmissionPolicy", spec(valid)), [""; 0]);
    for (metadata, is_valid) in [
        (json!({"name": "http-proxy"}), true),
        (json!({"name": "Http_Proxy"}), false),
        (json!({"name": 1}), false),
        (json!({}), false),
        (json!({"generateName": "http-proxy-"}), true),
        (json!({"generateName": 1}), false),
        (json!({"name": "Http_Proxy", "generateName": "http-proxy-"}), false),
    ] {
        let mut manifest = manifest("ClusterAdmissionPolicy", spec(json!({})));
        manifest["metadata"] = metadata;
        assert_eq!(paths_of(&manifest).is_empty(), is_valid, "{manifest}");
    }
}

#[test]
fn a_group_cannot_inject_and_must_see_pods() {
    let group = |settings: Value, resource: &str| {
        let mut spec = spec(json!({"settings": null, "mutating": null, "module": null}));
        spec["rules"][0]["resources"] = json!([resource]);
        spec["policies"] = json!({
            "a": {"module": "ghcr.io/http-proxy-policy/http-proxy-policy:v0.1.0", "settings": settings},
            "b": {"module": "ghcr.io/kubewarden/policies/capabilities:v1", "settings": {}},
        });
        spec
    };
    assert_eq!(
        paths("ClusterAdmissionPolicyGroup", group(json!({}), "pods")),
        ["spec.policies.a.settings"]
    );
    let report = || json!({"mode": "Report"});
    assert_eq!(paths("AdmissionPolicyGroup", group(report(), "pods")), [""; 0]);
    assert_eq!(
        paths("AdmissionPolicyGroup", group(report(), "services")),
        ["spec.rules"]
    );
}

#[test]
fn a_policy_of_a_namespace_selects_none() {
    let selector = json!({"namespaceSelector": {"matchLabels": {"a": "b"}}});
    assert_eq!(paths("AdmissionPolicy", spec(selector)), ["spec.namespaceSelector"]);
}

#[test]
fn a_version_or_kind_that_kubewarden_does_not_have_is_found() {
    for (version, expected) in [
        ("policies.kubewarden.io/v1", vec![]),
        ("policies.kubewarden.io/v1alpha2", vec![]),
        ("policies.kubewarden.io/v1beta1", vec!["apiVersion"]),
        ("kubewarden.io/v1", vec!["apiVersion"]),
    ] {
        let mut manifest = manifest("ClusterAdmissionPolicy", spec(json!({})));
        manifest["apiVersion"] = version.into();
        assert_eq!(paths_of(&manifest), expected, "{version}");
    }
    assert_eq!(paths("clusteradmissionPolicy", spec(json!({}))), ["kind"]);
}
