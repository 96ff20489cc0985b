//! The rules of a webhook: which operations on which resources it is asked about.
//!
//! See <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules>.

use serde_json::Value;

/// What a request is about, as far as rules look at it.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'r> {
    pub operation: &'r str,
    /// Empty for the core group.
    pub group: &'r str,
    pub version: &'r str,
    /// Plural, in lower case: `pods`.
    pub resource: &'r str,
    /// Empty for none.
    pub subresource: &'r str,
}

impl Resource<'_> {
    /// The creation of a pod, for which a policy must be asked to be of any use.
    pub const CREATED_POD: Resource<'static> = Resource {
        operation: "CREATE",
        group: "",
        version: "v1",
        resource: "pods",
        subresource: "",
    };

    /// As people write it: `CREATE of deployments.apps`.
    pub fn described(&self) -> String {
        let group = if self.group.is_empty() { "" } else { "." };
        let subresource = if self.subresource.is_empty() { "" } else { "/" };
        let Resource {
            operation,
            group: name,
            resource,
            subresource: sub,
            ..
        } = self;
        format!("{operation} of {resource}{group}{name}{subresource}{sub}")
    }
}

/// Whether one of the rules matches a request for an object in a namespace.
pub fn matches(rules: &Value, request: &Resource) -> bool {
    let mut rules = rules.as_array().into_iter().flatten();
    rules.any(|rule| rule_matches(rule, request))
}

/// Whether a rule matches a request for an object in a namespace.
pub fn rule_matches(rule: &Value, request: &Resource) -> bool {
    // Pods and workloads are in a namespace.
    let scope = rule["scope"].as_str().unwrap_or("*");
    lists(&rule["operations"], request.operation)
        && lists(&rule["apiGroups"], request.group)
        && lists(&rule["apiVersions"], request.version)
        && ["*", "Namespaced"].contains(&scope)
        && strings(&rule["resources"]).any(|listed| {
            let (resource, subresource) = listed.split_once('/').unwrap_or((listed, ""));
            (resource == "*" || resource == request.resource)
                && (subresource == "*" || subresource == request.subresource)
        })
}

fn lists(list: &Value, wanted: &str) -> bool {
    strings(list).any(|item| item == "*" || item == wanted)
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent(resources: &[&str], subresource: &str) -> bool {
        let rules =
            json!([{"apiGroups": [""], "apiVersions": ["v1"], "resources": resources, "operations": ["CREATE"]}]);
        matches(
            &rules,
            &Resource {
                subresource,
                ..Resource::CREATED_POD
            },
        )
    }

    #[test]
    fn a_resource_stands_for_itself_without_its_subresources() {
        assert!(sent(&["pods"], "") && !sent(&["pods"], "status"));
        assert!(sent(&["*"], "") && !sent(&["*"], "status"));
        assert!(sent(&["pods/*"], "") && sent(&["pods/*"], "status") && sent(&["*/*"], "status"));
        assert!(sent(&["pods/status"], "status") && !sent(&["pods/status"], ""));
        assert!(!sent(&["deployments", "pods/ephemeralcontainers"], ""));
    }

    #[test]
    fn group_version_operation_and_scope_must_match_too() {
        let pods = Resource::CREATED_POD;
        let rule = json!({"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["pods"], "operations": ["*"]});
        assert!(matches(&json!([rule]), &pods));
        for (field, value) in [
            ("apiGroups", json!(["apps"])),
            ("apiVersions", json!(["v2"])),
            ("operations", json!(["UPDATE"])),
            ("scope", json!("Cluster")),
        ] {
            let mut other = rule.clone();
            other[field] = value;
            assert!(!matches(&json!([other.clone()]), &pods), "{field}");
            assert!(matches(&json!([other, rule.clone()]), &pods));
        }
    }
}
