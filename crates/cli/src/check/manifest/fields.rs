//! The fields of a manifest: which there are, and what may be in them.
//!
//! The API server drops fields that it does not know without a word to most clients. What it takes and Kubernetes' own webhook
//! configuration does not, Kubewarden finds only after the policy has been accepted.
//! <https://github.com/kubewarden/kubewarden-controller/tree/main/charts/kubewarden-crds/templates/crds>

use documents::Policy;
use http_proxy_policy::companion::is_dns_subdomain;
use http_proxy_policy::policy::FIELDS as SETTINGS;
use json::nearest;
use serde_json::Value;

type Found = Vec<(String, String)>;

/// The fields of `spec` that all kinds have. Those of namespaces have a problem of their own in the others.
const COMMON: [&str; 12] = [
    "backgroundAudit",
    "failurePolicy",
    "matchConditions",
    "matchPolicy",
    "message",
    "mode",
    "namespaceSelector",
    "objectSelector",
    "policyServer",
    "rules",
    "sideEffects",
    "timeoutSeconds",
];
/// Those of a policy and of a member of a group.
const MEMBER: [&str; 3] = ["module", "settings", "timeoutEvalSeconds"];
const GROUP: [&str; 2] = ["expression", "policies"];

/// Where Kubewarden can take a module from; without a scheme, it is a registry.
const SCHEMES: [&str; 4] = ["registry", "https", "http", "file"];

const SWITCHES: [&str; 3] = ["allowInsideAdmissionControllerNamespace", "backgroundAudit", "mutating"];
const CHOICES: [(&str, [&str; 2]); 3] = [
    ("failurePolicy", ["Ignore", "Fail"]),
    ("matchPolicy", ["Equivalent", "Exact"]),
    ("sideEffects", ["None", "NoneOnDryRun"]),
];
const SECONDS: [&str; 2] = ["timeoutSeconds", "timeoutEvalSeconds"];

/// The problems of the name and of the fields of `spec`.
pub fn problems(manifest: &Value, policy: &Policy) -> Found {
    let mut found = Vec::new();
    let metadata = &manifest["metadata"];
    let is_generated = metadata["name"].is_null() && metadata["generateName"].is_string();
    if !is_generated && !metadata["name"].as_str().is_some_and(is_dns_subdomain) {
        let message = "must be a name of lower-case letters, digits, - and ., such as http-proxy";
        found.push(("metadata.name".to_owned(), message.to_owned()));
    }
    let spec = &manifest["spec"];
    unknown(spec, "spec", &known(policy), &mut found);
    values(spec, "spec", &mut found);
    if !policy.is_group() {
        module(&spec["module"], "spec", &mut found);
        return found;
    }
    for member in &policy.members {
        let path = member.path.trim_end_matches(".settings");
        let name = path.trim_start_matches("spec.policies.");
        let member = &spec["policies"][name];
        let mut known = MEMBER.to_vec();
        known.extend(of_cluster(policy, "contextAwareResources"));
        unknown(member, path, &known, &mut found);
        values(member, path, &mut found);
        module(&member["module"], path, &mut found);
    }
    found
}

fn known(policy: &Policy) -> Vec<&'static str> {
    let mut known = COMMON.to_vec();
    known.extend(of_cluster(policy, "allowInsideAdmissionControllerNamespace"));
    if policy.is_group() {
        known.extend(GROUP);
    } else {
        known.extend(MEMBER);
        known.push("mutating");
        known.extend(of_cluster(policy, "contextAwareResources"));
    }
    known
}

/// A field that policies of a whole cluster alone have.
fn of_cluster(policy: &Policy, field: &'static str) -> Option<&'static str> {
    policy.kind.starts_with("Cluster").then_some(field)
}

/// Adds the fields of an object that are none of the known ones.
pub fn unknown(object: &Value, path: &str, known: &[&str], found: &mut Found) {
    let fields = object.as_object().into_iter().flatten();
    for (field, _) in fields.filter(|(field, value)| !value.is_null() && !known.contains(&&***field)) {
        let message = if SETTINGS.contains(&&**field) && known.contains(&"settings") {
            "belongs in settings; move it there".to_owned()
        } else {
            let meant = nearest(field, known).map(|known| format!("; did you mean {known}?"));
            format!("unknown field{}", meant.as_deref().unwrap_or("; remove it"))
        };
        found.push((format!("{path}.{field}"), message));
    }
}

fn values(object: &Value, path: &str, found: &mut Found) {
    let mut judge = |field: &str, is_valid: &dyn Fn(&Value) -> bool, message: &str| {
        if !object[field].is_null() && !is_valid(&object[field]) {
            found.push((format!("{path}.{field}"), message.to_owned()));
        }
    };
    for field in SWITCHES {
        judge(field, &Value::is_boolean, "must be true or false");
    }
    for (field, [one, other]) in CHOICES {
        let is_valid = |value: &Value| *value == one || *value == other;
        judge(field, &is_valid, &format!("must be {one} or {other}"));
    }
    for field in SECONDS {
        let is_valid = |value: &Value| value.as_u64().is_some_and(|seconds| (2..=30).contains(&seconds));
        judge(field, &is_valid, "must be a whole number of seconds from 2 to 30");
    }
    let is_name = |value: &Value| value.as_str().is_some_and(is_dns_subdomain);
    judge(
        "policyServer",
        &is_name,
        "must be the name of a PolicyServer, such as default",
    );
}

fn module(module: &Value, path: &str, found: &mut Found) {
    let text = module.as_str().unwrap_or_default();
    let (scheme, rest) = text.split_once("://").unwrap_or(("registry", text));
    let message = if rest.is_empty() || rest.contains(char::is_whitespace) {
        "must be the address of the module, such as ghcr.io/http-proxy-policy/http-proxy-policy:TAG"
    } else if !SCHEMES.contains(&scheme) {
        "must begin with registry://, https://, http:// or file://, or have no scheme"
    } else {
        return;
    };
    found.push((format!("{path}.module"), message.to_owned()));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unknown_field_is_said_to_belong_elsewhere_or_to_be_meant_otherwise() {
        let object = json!({"noProxy": ["a"], "moduel": "x", "zzzzzzzz": 1, "module": "y", "gone": null});
        for (known, expected) in [
            (
                &["module", "settings"][..],
                [
                    ("spec.moduel", "unknown field; did you mean module?"),
                    ("spec.noProxy", "belongs in settings; move it there"),
                    ("spec.zzzzzzzz", "unknown field; remove it"),
                ],
            ),
            (
                &["module"],
                [
                    ("spec.moduel", "unknown field; did you mean module?"),
                    ("spec.noProxy", "unknown field; remove it"),
                    ("spec.zzzzzzzz", "unknown field; remove it"),
                ],
            ),
        ] {
            let mut found = Vec::new();
            unknown(&object, "spec", known, &mut found);
            found.sort();
            let found: Vec<(&str, &str)> = found.iter().map(|(path, message)| (&**path, &**message)).collect();
            assert_eq!(found, expected);
        }
    }
}
