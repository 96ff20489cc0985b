//! Which pods a webhook is asked about: the API server's rules, written once more, so that the explanation is not its own judge.

use std::collections::BTreeMap;

use serde_json::Value;

/// Whether the creation of a pod reaches the policy of a manifest, with what the documents say of namespaces.
pub fn is_sent(manifest: &Value, documents: &[Value], namespace: &str, labels: &Value) -> bool {
    let spec = &manifest["spec"];
    let is_own = manifest["kind"] == "AdmissionPolicy";
    let known = documents
        .iter()
        .find(|object| object["kind"] == "Namespace" && object["metadata"]["name"] == namespace);
    let mut of_namespace = known.map_or_else(BTreeMap::new, |object| strings(&object["metadata"]["labels"]));
    of_namespace.insert("kubernetes.io/metadata.name", namespace);
    let has_rule = list(&spec["rules"]).any(creates_pods);
    let in_scope = if is_own {
        manifest["metadata"]["namespace"] == namespace
    } else {
        selects(&spec["namespaceSelector"], &of_namespace)
    };
    // The namespaces of Kubewarden's charts and of Rancher's.
    let is_exempt = ["kubewarden", "cattle-kubewarden-system"].contains(&namespace);
    has_rule && in_scope && !is_exempt && selects(&spec["objectSelector"], &strings(labels))
}

fn creates_pods(rule: &Value) -> bool {
    let has = |field: &str, values: &[&str]| list(&rule[field]).any(|item| values.iter().any(|value| item == *value));
    has("operations", &["CREATE", "*"])
        && has("apiGroups", &["", "*"])
        && has("apiVersions", &["v1", "*"])
        && has("resources", &["pods", "*", "pods/*", "*/*"])
        && rule["scope"] != "Cluster"
}

fn selects(selector: &Value, labels: &BTreeMap<&str, &str>) -> bool {
    let expressions = list(&selector["matchExpressions"]).all(|expression| {
        let value = labels.get(expression["key"].as_str().unwrap_or_default());
        let listed = value.is_some_and(|value| list(&expression["values"]).any(|item| item == *value));
        match expression["operator"].as_str() {
            Some("In") => listed,
            Some("NotIn") => !listed,
            Some("Exists") => value.is_some(),
            _ => value.is_none(),
        }
    });
    let wanted = strings(&selector["matchLabels"]);
    expressions && wanted.iter().all(|(key, value)| labels.get(key) == Some(value))
}

fn strings(object: &Value) -> BTreeMap<&str, &str> {
    let members = object.as_object().into_iter().flatten();
    members
        .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
        .collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
