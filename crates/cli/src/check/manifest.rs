//! The manifest around the settings: whether the policy can do there what its settings say.
//!
//! What the policy server does is read in its source: a policy that may not mutate and does is rejected with every pod, `mode: monitor`
//! drops a mutation, a member of a group may never mutate; the audit scanner skips rules with `*` and rules without `CREATE`.
//! <https://github.com/kubewarden/kubewarden-controller>

mod fields;
mod rules;
mod selector;

use documents::{Document, Policy};
use serde_json::Value;

use crate::problem::{Problem, Rule};

/// The versions of policies that Kubewarden's CRDs serve.
const API_VERSIONS: [&str; 2] = ["policies.kubewarden.io/v1", "policies.kubewarden.io/v1alpha2"];

/// Every problem of a manifest.
pub fn problems(document: &Document, policy: &Policy) -> Vec<Problem> {
    let spec = &document.value["spec"];
    let mut found: Vec<(String, String)> = Vec::new();
    let mut add = |path: &str, message: &str| found.push((path.to_owned(), message.to_owned()));
    if !API_VERSIONS
        .iter()
        .any(|version| document.value["apiVersion"] == *version)
    {
        add("apiVersion", "must be policies.kubewarden.io/v1");
    }
    if document.value["kind"] != *policy.kind {
        add("kind", &format!("must be {}", policy.kind));
    }
    let is_inject = policy.members.iter().any(|member| is_inject(&member.settings));
    if policy.is_group() {
        for member in policy.members.iter().filter(|member| self::is_inject(&member.settings)) {
            add(
                &member.path,
                "a group of policies cannot change pods, and rejects each pod that mode Inject would change; use a \
                 ClusterAdmissionPolicy, or write mode: Report",
            );
        }
    } else {
        modes(spec, is_inject, &mut add);
    }
    namespace_selector(spec, policy, &mut add);
    found.extend(fields::problems(&document.value, policy));
    found.extend(rules::problems(spec, is_inject));
    for name in ["namespaceSelector", "objectSelector"] {
        found.extend(selector::problems(&spec[name], &format!("spec.{name}")));
    }
    let problem = |(path, message): (String, String)| Problem::at(document, &path, message).of(Rule::Manifest);
    found.into_iter().map(problem).collect()
}

/// What the settings say; the policy's own default is `Inject`. Another value is a problem of the settings.
fn is_inject(settings: &Value) -> bool {
    settings["mode"].is_null() || settings["mode"] == "Inject"
}

fn modes(spec: &Value, is_inject: bool, add: &mut impl FnMut(&str, &str)) {
    let is_mutating = spec["mutating"] == true;
    if is_inject && !is_mutating {
        add(
            "spec.mutating",
            "must be true with mode Inject in the settings; otherwise the policy server rejects each pod that the policy would change",
        );
    }
    if !is_inject && is_mutating {
        add(
            "spec.mutating",
            "must be false with mode Report in the settings, which changes nothing",
        );
    }
    if !["protect", "monitor"].iter().any(|mode| spec["mode"] == *mode) && !spec["mode"].is_null() {
        add("spec.mode", "must be protect or monitor");
        return;
    }
    let is_monitor = spec["mode"] == "monitor";
    if is_inject && is_monitor {
        add(
            "spec.mode",
            "must be protect with mode Inject in the settings; with monitor, the policy server drops each change",
        );
    }
    if !is_inject && !is_monitor {
        add(
            "spec.mode",
            "must be monitor with mode Report in the settings; otherwise pods that are out of date are rejected",
        );
    }
}

/// What Kubewarden makes of the selector: `internal/controller/policy_subreconciler_webhook.go`, in version 1.37.
fn namespace_selector(spec: &Value, policy: &Policy, add: &mut impl FnMut(&str, &str)) {
    let selector = &spec["namespaceSelector"];
    if !policy.kind.starts_with("Cluster") && !selector.is_null() {
        add(
            "spec.namespaceSelector",
            "this kind of policy has no such field, as it sees its own namespace only; remove the field",
        );
        return;
    }
    let has_labels = selector["matchLabels"]
        .as_object()
        .is_some_and(|labels| !labels.is_empty());
    if has_labels && spec["allowInsideAdmissionControllerNamespace"] != true {
        add(
            "spec.namespaceSelector.matchLabels",
            "Kubewarden drops matchLabels, so the policy would see every namespace; write matchExpressions",
        );
    }
}

#[cfg(test)]
mod tests;
