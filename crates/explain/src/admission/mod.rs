//! Whether the API server and Kubewarden send a request to the policy.
//!
//! The Kubewarden controller writes a webhook configuration from the policy manifest, and adds what it exempts itself:
//! `internal/controller/policy_subreconciler_webhook.go` and `crates/policy-server/src/api/service.rs` in
//! <https://github.com/kubewarden/kubewarden-controller> (read in version 1.37).

mod manifest;
pub mod rules;
pub mod selector;

use std::collections::BTreeMap;

use documents::spelled;
pub use manifest::Manifest;
use manifest::{Located, Scope};
use rules::Resource;
use selector::Requirement;

use crate::namespaces::{Known, NAME_LABEL, Namespaces};

/// The namespaces that Kubewarden is usually installed in: by its charts, and by Rancher.
pub const KUBEWARDEN_NAMESPACES: [&str; 2] = ["kubewarden", "cattle-kubewarden-system"];

/// What is assumed where `matchLabels` decide.
const MATCH_LABELS: &str = "Kubewarden does not drop matchLabels, as version 1.37 does: write matchExpressions";

/// A request, as far as it decides whether the policy sees it.
pub struct Request<'r> {
    pub resource: Resource<'r>,
    pub namespace: &'r str,
    /// The labels of the object.
    pub labels: &'r BTreeMap<&'r str, &'r str>,
}

/// Whether a request is sent, and what that depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// Why it is not sent; `None` if it is.
    pub stopped: Option<Stopped>,
    /// What would make it the other way round: `namespace shop has team: a`. Labels that are not in the input were assumed to be
    /// absent.
    pub unless: Vec<String>,
    /// What was assumed, and what was not evaluated.
    pub assumed: Vec<String>,
    /// The option that says what the namespace's labels are, where they decide and are not known.
    pub option: Option<String>,
}

/// Why a request is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// The condition, with its place in the manifest.
    pub reason: String,
    /// What the object or its namespace has, where the condition alone does not say it.
    pub detail: Option<String>,
}

impl Stopped {
    fn by(reason: String, detail: Option<String>) -> Path {
        Path {
            stopped: Some(Stopped { reason, detail }),
            ..Path::default()
        }
    }
}

/// Follows a request from the API server to the policy. `installed_in` are the namespaces that Kubewarden itself may be in.
pub fn path(manifest: &Manifest, namespaces: &Namespaces, installed_in: &[String], request: &Request) -> Path {
    if !rules::matches(&manifest.rules.value, &request.resource) {
        let reason = format!(
            "{}: rules: none for {}",
            manifest.rules.place,
            request.resource.described()
        );
        return Stopped::by(reason, None);
    }
    if let Some(path) = exempted(manifest, installed_in, request.namespace) {
        return path;
    }
    if let Scope::Namespace(own) = &manifest.scope
        && own.value != request.namespace
    {
        let reason = format!(
            "{}: an AdmissionPolicy sees its own namespace only: {}",
            own.place, own.value
        );
        return Stopped::by(reason, None);
    }
    let by_object = manifest.object_selector.iter().find(|requirement| {
        let value = request.labels.get(requirement.value.key.as_str());
        !requirement.value.holds(value.copied())
    });
    let mut path = by_namespace(manifest, namespaces, request.namespace);
    if path.stopped.is_none()
        && let Some(requirement) = by_object
    {
        path = by_label(requirement, request.labels);
    }
    if let Some(conditions) = manifest.match_conditions.as_ref().filter(|_| path.stopped.is_none()) {
        path.assumed.push(format!(
            "{}: matchConditions hold, which are not evaluated here: {}",
            conditions.place, conditions.value
        ));
    }
    path
}

/// Kubewarden keeps policies away from the namespace that it is installed in.
fn exempted(manifest: &Manifest, installed_in: &[String], namespace: &str) -> Option<Path> {
    if !installed_in.iter().any(|own| own == namespace) {
        return None;
    }
    let reason = match manifest.scope {
        Scope::Cluster { allows_own: false } => {
            "its controller excludes the namespace that it is installed in from every ClusterAdmissionPolicy"
        }
        _ => {
            "its policy servers accept every request of the namespace that it is installed in, without asking a policy"
        }
    };
    let mut path = Stopped::by(format!("Kubewarden: {reason}: {namespace}"), None);
    path.assumed
        .push(format!("Kubewarden is installed in the namespace {namespace}"));
    Some(path)
}

fn by_namespace(manifest: &Manifest, namespaces: &Namespaces, namespace: &str) -> Path {
    let selector = || manifest.namespace_selector.iter();
    let known = |requirement: &Requirement| namespaces.label(namespace, &requirement.key);
    let fails = |requirement: &&Located<Requirement>| match known(&requirement.value) {
        Known::Value(value, _) => !requirement.value.holds(Some(value)),
        Known::Absent => !requirement.value.holds(None),
        Known::No => false,
    };
    if let Some(failed) = selector().find(fails) {
        return by_known_label(failed, &known(&failed.value), namespace);
    }
    let unknown: Vec<_> = selector()
        .filter(|requirement| known(&requirement.value) == Known::No)
        .collect();
    if unknown.is_empty() {
        return Path::default();
    }
    by_unknown_labels(&unknown, namespace)
}

/// What is known of the namespace fails a condition.
fn by_known_label(failed: &Located<Requirement>, known: &Known, namespace: &str) -> Path {
    let detail = match known {
        Known::Value(..) if failed.value.key == NAME_LABEL => None,
        Known::Value(value, source) => {
            let source = source.map(|source| format!(" ({source})")).unwrap_or_default();
            let (key, value) = (&failed.value.key, spelled(value));
            Some(format!("namespace {namespace} has {key}: {value}{source}"))
        }
        _ => Some(format!("namespace {namespace} has no label {}", failed.value.key)),
    };
    let mut path = Stopped::by(reason(failed, "namespaceSelector"), detail);
    path.assumed
        .extend(failed.value.is_label.then(|| MATCH_LABELS.to_owned()));
    path
}

/// Conditions about labels of which nothing is known: they are assumed to be absent.
fn by_unknown_labels(unknown: &[&Located<Requirement>], namespace: &str) -> Path {
    let mut path = Path::default();
    let wanting = unknown
        .iter()
        .copied()
        .find(|requirement| !requirement.value.holds(None));
    if let Some(wanting) = wanting {
        path = Stopped::by(reason(wanting, "namespaceSelector"), None);
    }
    let label = wanting
        .and_then(|wanting| wanting.value.example())
        .unwrap_or_else(|| "KEY=VALUE,…".to_owned());
    path.option = Some(format!("--namespace-labels {namespace}={label}"));
    path.assumed.extend(
        wanting
            .filter(|wanting| wanting.value.is_label)
            .map(|_| MATCH_LABELS.to_owned()),
    );
    // What is missing for it to be sent, or what would keep it from being sent.
    let decisive = unknown
        .iter()
        .filter(|requirement| requirement.value.holds(None) == wanting.is_none());
    path.unless = decisive
        .map(|requirement| format!("namespace {namespace} has {}", requirement.value.listed()))
        .collect();
    path.assumed.push(format!(
        "namespace {namespace} has no label but {NAME_LABEL}: its labels are not in the input"
    ));
    path
}

fn by_label(requirement: &Located<Requirement>, labels: &BTreeMap<&str, &str>) -> Path {
    let key = &requirement.value.key;
    let detail = match labels.get(key.as_str()) {
        Some(value) => format!("the object has {key}: {}", spelled(value)),
        None => format!("the object has no label {key}"),
    };
    Stopped::by(reason(requirement, "objectSelector"), Some(detail))
}

fn reason(requirement: &Located<Requirement>, field: &str) -> String {
    format!("{}: {field}: {}", requirement.place, requirement.value)
}

#[cfg(test)]
mod tests;
