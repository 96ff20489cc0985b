//! Secrets and ConfigMaps that the settings name, and that pods need in their own namespace.

use explain::answer::Verdict;
use http_proxy_policy::companion::Reference;

use super::{Context, Findings, finding};
use crate::report::{Kind, Object, Severity};
use crate::subjects::Subject;

pub(super) fn add(subject: &Subject, context: &Context, findings: &mut Findings) {
    let Some(settings) = context
        .settings_of(subject)
        .filter(|_| subject.explanation.verdict == Verdict::Changed)
    else {
        return;
    };
    let dump = context.dump;
    for reference in &settings.effective.references {
        let (is_known, keys) = if reference.kind == "Secret" {
            (!dump.secrets.is_empty(), &dump.secrets)
        } else {
            (dump.kinds.contains_key("ConfigMap"), &dump.config_map_keys)
        };
        let keys = keys.get(&(subject.namespace().to_owned(), reference.name.clone()));
        let has_key = keys.is_some_and(|keys| keys.contains(&reference.key));
        if is_known && !has_key {
            add_missing(subject, reference, keys.is_some(), findings);
        }
    }
}

/// One finding for each namespace and key. `is_there` is whether the object is there, without the key.
fn add_missing(subject: &Subject, reference: &Reference, is_there: bool, findings: &mut Findings) {
    let Reference {
        kind,
        name,
        key,
        is_optional,
    } = reference;
    let namespace = subject.namespace();
    let severity = if *is_optional {
        Severity::Check
    } else {
        Severity::Breaks
    };
    let mut missing = finding(subject, None, Kind::MissingObject, severity);
    missing.object = Object {
        kind: (*kind).to_owned(),
        namespace: namespace.to_owned(),
        name: name.clone(),
    };
    missing.place = Some(format!("key {key}"));
    let effect = if *is_optional {
        "it is optional, so pods start without it"
    } else {
        "pods do not start without it"
    };
    missing.why = format!(
        "The settings name key {key} of the {kind} {name}, which the namespace {namespace} does not have: {effect}"
    );
    missing.fix = if is_there {
        format!("Add the key {key} to it before the policy is switched on")
    } else {
        format!("Create it in the namespace {namespace} before the policy is switched on")
    };
    findings.add(missing);
}
