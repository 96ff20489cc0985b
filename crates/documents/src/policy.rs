//! A policy's manifest.

use serde_json::{Value, json};

/// The label that the API server gives every namespace: its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// What the manifest of a `ClusterAdmissionPolicy` or an `AdmissionPolicy` says of the policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// `ClusterAdmissionPolicy` or `AdmissionPolicy`
    pub kind: String,
    /// `metadata.name`; empty where the manifest has none.
    pub name: String,
    /// `spec.module`; empty where the manifest has none.
    pub module: String,
    /// `spec.settings`; an empty object where the manifest has none.
    pub settings: Value,
    /// The expressions of `spec.namespaceSelector` about the names of namespaces (`kubernetes.io/metadata.name`).
    pub namespaces: Vec<NamespaceExpression>,
    /// `metadata.namespace` of an `AdmissionPolicy`: it sees no other one.
    pub own_namespace: Option<String>,
    /// The other conditions on objects that the policy sees, by their fields: `objectSelector`, say, or `namespaceSelector` with
    /// the key of its expression.
    pub other_conditions: Vec<String>,
}

/// An expression of a label selector about the names of namespaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamespaceExpression {
    pub operator: Operator,
    /// Names of namespaces.
    pub values: Vec<String>,
}

/// The operators of label selectors that take values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    In,
    NotIn,
}

impl Policy {
    pub(crate) fn read(manifest: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let kind = text(&manifest["kind"]);
        let is_kubewarden = text(&manifest["apiVersion"]).starts_with("policies.kubewarden.io/");
        if !is_kubewarden || !["ClusterAdmissionPolicy", "AdmissionPolicy"].contains(&&*kind) {
            return None;
        }
        let spec = &manifest["spec"];
        let namespaced = kind == "AdmissionPolicy" && manifest["metadata"]["namespace"].is_string();
        let expressions = spec["namespaceSelector"]["matchExpressions"].as_array();
        Some(Policy {
            kind,
            name: text(&manifest["metadata"]["name"]),
            module: text(&spec["module"]),
            settings: match &spec["settings"] {
                Value::Null => json!({}),
                settings => settings.clone(),
            },
            namespaces: expressions.into_iter().flatten().filter_map(expression).collect(),
            own_namespace: namespaced.then(|| text(&manifest["metadata"]["namespace"])),
            other_conditions: other_conditions(spec),
        })
    }

    /// Whether the policy sees the objects of a namespace, as far as that depends on its name.
    pub fn selects(&self, namespace: &str) -> bool {
        let is_own = self.own_namespace.as_ref().is_none_or(|own| own == namespace);
        is_own
            && self.namespaces.iter().all(|expression| {
                let is_listed = expression.values.iter().any(|name| name == namespace);
                is_listed == (expression.operator == Operator::In)
            })
    }
}

fn other_conditions(spec: &Value) -> Vec<String> {
    let selector = &spec["namespaceSelector"];
    let labels = selector["matchLabels"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str());
    let expressions = selector["matchExpressions"].as_array().into_iter().flatten();
    let others = expressions.filter(|value| expression(value).is_none());
    let keys = labels.chain(others.filter_map(|other| other["key"].as_str()));
    let selectors = keys.map(|key| format!("namespaceSelector on {key}"));
    let fields = ["objectSelector", "matchConditions"].into_iter().filter(|field| {
        let value = &spec[*field];
        value.as_array().is_some_and(|items| !items.is_empty())
            || value.as_object().is_some_and(|members| !members.is_empty())
    });
    selectors.chain(fields.map(str::to_owned)).collect()
}

fn expression(value: &Value) -> Option<NamespaceExpression> {
    let operator = match value["operator"].as_str()? {
        "In" => Operator::In,
        "NotIn" => Operator::NotIn,
        _ => return None,
    };
    let names = value["values"].as_array()?.iter();
    (value["key"] == NAME_LABEL).then(|| NamespaceExpression {
        operator,
        values: names.filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_are_selected_by_their_names() {
        let policy = Policy::read(&json!({
            "apiVersion": "policies.kubewarden.io/v1",
            "kind": "ClusterAdmissionPolicy",
            "metadata": {"name": "http-proxy"},
            "spec": {"module": "m", "namespaceSelector": {"matchExpressions": [
                {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system"]},
                {"key": "http-proxy.kubewarden.io/inject", "operator": "NotIn", "values": ["false"]},
            ]}},
        }))
        .unwrap();
        assert_eq!(
            policy.namespaces,
            [NamespaceExpression {
                operator: Operator::NotIn,
                values: vec!["kube-system".to_owned()]
            }]
        );
        assert_eq!(
            policy.other_conditions,
            ["namespaceSelector on http-proxy.kubewarden.io/inject"]
        );
        assert!(policy.selects("shop"));
        assert!(!policy.selects("kube-system"));
    }

    #[test]
    fn an_admission_policy_sees_its_own_namespace() {
        let policy = Policy::read(&json!({
            "apiVersion": "policies.kubewarden.io/v1",
            "kind": "AdmissionPolicy",
            "metadata": {"name": "http-proxy", "namespace": "shop"},
            "spec": {"module": "m", "objectSelector": {"matchLabels": {"a": "b"}}},
        }))
        .unwrap();
        assert_eq!(policy.other_conditions, ["objectSelector"]);
        assert!(policy.selects("shop") && !policy.selects("default"));
    }
}
