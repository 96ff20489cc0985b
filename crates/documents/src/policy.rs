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
        })
    }

    /// Whether the names in `namespaceSelector` let the policy see the objects of a namespace.
    pub fn selects(&self, namespace: &str) -> bool {
        self.namespaces.iter().all(|expression| {
            let is_listed = expression.values.iter().any(|name| name == namespace);
            is_listed == (expression.operator == Operator::In)
        })
    }
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
        assert!(policy.selects("shop"));
        assert!(!policy.selects("kube-system"));
    }
}
