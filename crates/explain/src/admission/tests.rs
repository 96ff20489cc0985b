use serde_json::{Value, json};

use super::*;

fn manifest(kind: &str, spec: &Value) -> Manifest {
    let mut manifest = json!({
        "kind": kind,
        "metadata": {"namespace": "shop"},
        "spec": {"mutating": true, "rules": [
            {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]},
        ]},
    });
    for (field, value) in spec.as_object().unwrap() {
        manifest["spec"][field] = value.clone();
    }
    Manifest::read(&manifest, &|path| format!("p.yaml:{path}"))
}

fn follow(manifest: &Manifest, namespace: &str, labels: &[(&str, &str)], known: &[&str]) -> Path {
    let mut namespaces = Namespaces::default();
    for option in known {
        namespaces.add_option(option).unwrap();
    }
    let labels = labels.iter().copied().collect();
    let request = Request {
        resource: Resource {
            operation: "CREATE",
            group: "",
            version: "v1",
            resource: "pods",
            subresource: "",
        },
        namespace,
        labels: &labels,
    };
    path(manifest, &namespaces, &["kubewarden".to_owned()], &request)
}

fn reason(path: &Path) -> &str {
    path.stopped.as_ref().map_or("", |stopped| &stopped.reason)
}

fn expression(key: &str, operator: &str, values: &[&str]) -> Value {
    json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]})
}

#[test]
fn a_namespace_that_the_selector_excludes_by_name_is_stopped_at_its_line() {
    let policy = manifest(
        "ClusterAdmissionPolicy",
        &json!({"namespaceSelector": expression(NAME_LABEL, "NotIn", &["kube-system"])}),
    );
    let stopped = follow(&policy, "kube-system", &[], &[]);
    assert_eq!(
        reason(&stopped),
        "p.yaml:spec.namespaceSelector.matchExpressions[0]: namespaceSelector: kubernetes.io/metadata.name NotIn [kube-system]"
    );
    assert_eq!(follow(&policy, "shop", &[], &[]), Path::default());
}

#[test]
fn a_label_that_is_known_decides_and_is_named() {
    let policy = manifest(
        "ClusterAdmissionPolicy",
        &json!({"namespaceSelector": expression("inject", "NotIn", &["false"])}),
    );
    let stopped = follow(&policy, "shop", &[], &["shop=inject=false"]).stopped.unwrap();
    assert_eq!(
        stopped.detail.unwrap(),
        "namespace shop has inject: \"false\" (--namespace-labels)"
    );
    assert_eq!(follow(&policy, "shop", &[], &["shop=inject=true"]), Path::default());
}

#[test]
fn a_label_that_is_unknown_is_assumed_to_be_absent_and_that_is_said() {
    let policy = manifest(
        "ClusterAdmissionPolicy",
        &json!({"namespaceSelector": expression("inject", "NotIn", &["false"])}),
    );
    let sent = follow(&policy, "shop", &[], &["data="]);
    assert_eq!(
        (sent.stopped, sent.unless),
        (None, vec!["namespace shop has inject: \"false\"".to_owned()])
    );
    assert!(
        sent.assumed[0].contains("no label but kubernetes.io/metadata.name"),
        "{:?}",
        sent.assumed
    );

    let policy = manifest(
        "ClusterAdmissionPolicy",
        &json!({"namespaceSelector": expression("inject", "In", &["on"])}),
    );
    let stopped = follow(&policy, "shop", &[], &[]);
    assert!(stopped.stopped.is_some());
    assert_eq!(stopped.unless, ["namespace shop has inject: \"on\""]);
}

#[test]
fn the_object_selector_looks_at_the_objects_labels() {
    let policy = manifest(
        "ClusterAdmissionPolicy",
        &json!({"objectSelector": {"matchLabels": {"tier": "web"}}}),
    );
    assert_eq!(follow(&policy, "shop", &[("tier", "web")], &[]), Path::default());
    let stopped = follow(&policy, "shop", &[("tier", "db")], &[]).stopped.unwrap();
    assert_eq!(
        stopped.reason,
        "p.yaml:spec.objectSelector.matchLabels.tier: objectSelector: tier: web"
    );
    assert_eq!(stopped.detail.unwrap(), "the object has tier: db");
}

#[test]
fn an_admission_policy_sees_its_own_namespace_and_has_no_other_selector() {
    let policy = manifest(
        "AdmissionPolicy",
        &json!({"namespaceSelector": expression(NAME_LABEL, "In", &["data"])}),
    );
    assert_eq!(follow(&policy, "shop", &[], &[]), Path::default());
    assert!(reason(&follow(&policy, "data", &[], &[])).contains("sees its own namespace only: shop"));
}

#[test]
fn kubewarden_exempts_its_own_namespace() {
    for (allows, because) in [(false, "its controller excludes"), (true, "its policy servers accept")] {
        let policy = manifest(
            "ClusterAdmissionPolicy",
            &json!({"allowInsideAdmissionControllerNamespace": allows}),
        );
        let stopped = follow(&policy, "kubewarden", &[], &[]);
        assert!(reason(&stopped).contains(because), "{stopped:?}");
        assert_eq!(stopped.assumed, ["Kubewarden is installed in the namespace kubewarden"]);
    }
}

#[test]
fn match_conditions_are_named_and_not_evaluated() {
    let policy = manifest(
        "ClusterAdmissionPolicy",
        &json!({"matchConditions": [{"name": "not-nodes", "expression": "…"}, {"name": "b", "expression": "…"}]}),
    );
    let sent = follow(&policy, "shop", &[], &[]);
    assert_eq!(sent.stopped, None);
    assert!(
        sent.assumed[0].ends_with("which are not evaluated here: not-nodes, b"),
        "{:?}",
        sent.assumed
    );
}

#[test]
fn without_a_rule_nothing_is_sent() {
    let policy = manifest("ClusterAdmissionPolicy", &json!({"rules": []}));
    assert_eq!(
        reason(&follow(&policy, "shop", &[], &[])),
        "p.yaml:spec.rules: rules: none for CREATE of pods"
    );
}

#[test]
fn what_the_api_server_refuses_in_a_selector_is_a_fault_of_the_manifest() {
    for (spec, path) in [
        (
            json!({"namespaceSelector": {"matchLabels": {"team": true}}}),
            "spec.namespaceSelector.matchLabels.team",
        ),
        (
            json!({"namespaceSelector": {"matchLabelz": {}}}),
            "spec.namespaceSelector.matchLabelz",
        ),
        (
            json!({"namespaceSelector": expression("team", "In", &[])}),
            "spec.namespaceSelector.matchExpressions[0].values",
        ),
        (
            json!({"namespaceSelector": {"matchExpressions": {"key": "team"}}}),
            "spec.namespaceSelector.matchExpressions",
        ),
        (json!({"objectSelector": ["team"]}), "spec.objectSelector"),
    ] {
        let faults = manifest("ClusterAdmissionPolicy", &spec).faults;
        let paths: Vec<&str> = faults.iter().map(|fault| &*fault.path).collect();
        assert_eq!(paths, [path]);
    }
}

#[test]
fn the_message_that_an_author_reads_instead_is_named() {
    let manifest = manifest("ClusterAdmissionPolicy", &json!({"message": "Ask the platform team"}));
    let cluster = crate::cluster::Cluster::new(json!({"httpProxy": "http://p:1"}).to_string(), Some(manifest));
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app"}]},
        "metadata": {"name": "app", "annotations": {"http-proxy.kubewarden.io/profile": "none-such"}},
    });
    let explained = cluster
        .explain(&pod, &crate::object::Place::default(), &crate::answer::Native)
        .unwrap();
    let reason = explained[0].reason.as_deref().unwrap();
    assert!(
        reason.ends_with("(p.yaml:spec.message: message: its author reads \"Ask the platform team\" instead)"),
        "{reason}"
    );
}
