//! The rules of a manifest, which become those of a webhook.
//!
//! The API server refuses the webhook if they are not valid, after it has accepted the policy: `validateRule` in
//! <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/admissionregistration/validation/validation.go>

use explain::admission::rules::{Resource, rule_matches};
use serde_json::Value;

use super::fields::unknown;

type Found = Vec<(String, String)>;

const LISTS: [&str; 4] = ["apiGroups", "apiVersions", "operations", "resources"];
const OPERATIONS: [&str; 5] = ["CREATE", "UPDATE", "DELETE", "CONNECT", "*"];
const SCOPES: [&str; 3] = ["Namespaced", "Cluster", "*"];

/// The problems of the rules.
pub fn problems(spec: &Value, is_inject: bool) -> Found {
    let mut found = Vec::new();
    let rules = spec["rules"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (index, rule) in rules.iter().enumerate() {
        validity(rule, &format!("spec.rules[{index}]"), &mut found);
    }
    let mut for_pods = rules
        .iter()
        .filter(|rule| rule_matches(rule, &Resource::CREATED_POD))
        .peekable();
    let message = if for_pods.peek().is_none() {
        "no rule for the creation of pods; add apiGroups: [\"\"], apiVersions: [v1], resources: [pods], operations: [CREATE]"
    } else if !is_inject && for_pods.all(has_star) {
        "the audit scanner skips rules with *, so nothing is reported; name the group, version, resources and operations"
    } else {
        return found;
    };
    found.push(("spec.rules".to_owned(), message.to_owned()));
    found
}

fn validity(rule: &Value, path: &str, found: &mut Found) {
    let known = [&LISTS[..], &["scope"]].concat();
    unknown(rule, path, &known, found);
    for field in LISTS {
        if let Some(message) = fault(field, &rule[field]) {
            found.push((format!("{path}.{field}"), message.to_owned()));
        }
    }
    if !rule["scope"].is_null() && !SCOPES.iter().any(|scope| rule["scope"] == *scope) {
        found.push((format!("{path}.scope"), "must be Namespaced, Cluster or *".to_owned()));
    }
}

/// What is wrong with a list of a rule.
fn fault(field: &str, list: &Value) -> Option<&'static str> {
    let items: Option<Vec<&str>> = list.as_array()?.iter().map(Value::as_str).collect();
    let Some(items) = items else {
        return Some("must list strings; put each in quotes");
    };
    let has = |wanted: &str| items.contains(&wanted);
    // `*` covers no subresources.
    let is_covered = |item: &&str| *item != "*" && (field != "resources" || !item.contains('/'));
    if items.is_empty() {
        Some("must list at least one item")
    } else if field == "operations" && !items.iter().all(|item| OPERATIONS.contains(item)) {
        Some("must be CREATE, UPDATE, DELETE, CONNECT or *")
    } else if has("*") && items.iter().any(is_covered) {
        Some("the API server accepts no other item next to *; remove the others")
    } else if has("*/*") && items.len() > 1 {
        Some("the API server accepts no other item next to */*; remove the others")
    } else {
        None
    }
}

/// Whether a rule names something by `*`, `*/*` or `pods/*`.
fn has_star(rule: &Value) -> bool {
    let mut items = LISTS
        .iter()
        .flat_map(|field| rule[*field].as_array().into_iter().flatten());
    items.any(|item| item.as_str().is_some_and(|item| item.contains('*')))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_of_a_rule_has_strings_and_nothing_next_to_a_star_that_it_covers() {
        let next_to_star = Some("the API server accepts no other item next to *; remove the others");
        let next_to_both = Some("the API server accepts no other item next to */*; remove the others");
        for (field, list, expected) in [
            ("resources", json!(["pods"]), None),
            ("resources", json!(null), None),
            ("resources", json!("pods"), None),
            ("resources", json!([]), Some("must list at least one item")),
            (
                "resources",
                json!(["pods", 1]),
                Some("must list strings; put each in quotes"),
            ),
            ("resources", json!(["*"]), None),
            ("resources", json!(["*", "pods"]), next_to_star),
            ("resources", json!(["pods", "*"]), next_to_star),
            ("resources", json!(["*", "pods/log"]), None),
            ("resources", json!(["*/*"]), None),
            ("resources", json!(["*/*", "pods"]), next_to_both),
            ("resources", json!(["pods/log", "*/*"]), next_to_both),
            ("apiGroups", json!(["*", "a/b"]), next_to_star),
            ("apiVersions", json!(["v1", "v2"]), None),
            ("operations", json!(["CREATE", "UPDATE"]), None),
            ("operations", json!(["*"]), None),
            ("operations", json!(["CREATE", "*"]), next_to_star),
            (
                "operations",
                json!(["CREATE", "create"]),
                Some("must be CREATE, UPDATE, DELETE, CONNECT or *"),
            ),
        ] {
            assert_eq!(fault(field, &list), expected, "{field}: {list}");
        }
    }

    #[test]
    fn a_scope_is_one_of_three() {
        for (scope, problems) in [
            (json!(null), 0),
            (json!("Namespaced"), 0),
            (json!("Cluster"), 0),
            (json!("*"), 0),
            (json!("namespaced"), 1),
            (json!(1), 1),
        ] {
            let mut found = Vec::new();
            validity(&json!({"scope": scope}), "spec.rules[0]", &mut found);
            assert_eq!(found.len(), problems, "{scope}");
            assert!(found.iter().all(|(path, _)| path == "spec.rules[0].scope"));
        }
    }

    #[test]
    fn a_star_is_found_in_any_list_of_a_rule() {
        for (rule, has) in [
            (json!({"resources": ["pods"], "operations": ["CREATE"]}), false),
            (json!({"resources": ["pods", "pods/*"]}), true),
            (json!({"operations": ["*"]}), true),
            (json!({"scope": "*"}), false),
        ] {
            assert_eq!(has_star(&rule), has, "{rule}");
        }
    }
}
