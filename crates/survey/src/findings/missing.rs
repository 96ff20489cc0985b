//! Secrets and ConfigMaps that the settings name, and that pods need in their own namespace.

use explain::answer::Verdict;
use http_proxy_policy::companion::{ProxySource, TrustedCaSource};

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
    let effective = &settings.effective;
    let proxies = [&effective.http_proxy, &effective.https_proxy];
    let of_secret = proxies.into_iter().flatten().filter_map(|proxy| match proxy {
        ProxySource::Secret { name, key } => Some((name, key)),
        ProxySource::Url(_) => None,
    });
    let dump = context.dump;
    let key = |name: &str| (subject.namespace().to_owned(), name.to_owned());
    for (name, field) in of_secret.filter(|_| !dump.secrets.is_empty()) {
        let keys = dump.secrets.get(&key(name));
        if !keys.is_some_and(|keys| keys.contains(field)) {
            add_missing(subject, "Secret", [name, field], keys.is_some(), findings);
        }
    }
    if let Some(TrustedCaSource::ConfigMap { name, key: field }) = &effective.trusted_ca
        && dump.kinds.contains_key("ConfigMap")
    {
        let keys = dump.config_maps.get(&key(name));
        if !keys.is_some_and(|keys| keys.contains_key(field)) {
            add_missing(subject, "ConfigMap", [name, field], keys.is_some(), findings);
        }
    }
}

/// One finding for each namespace. `is_there` is whether the object is there, without the key.
fn add_missing(subject: &Subject, kind: &str, [name, key]: [&str; 2], is_there: bool, findings: &mut Findings) {
    let namespace = subject.namespace();
    let mut missing = finding(subject, None, Kind::MissingObject, Severity::Breaks);
    missing.object = Object {
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    };
    missing.why = format!(
        "The settings name key {key} of the {kind} {name}, which the namespace {namespace} lacks: without it, pods do not start, \
         unless the settings say that it is optional"
    );
    missing.fix = if is_there {
        format!("Add the key {key} to it before the policy is switched on")
    } else {
        format!("Create it in the namespace {namespace} before the policy is switched on")
    };
    findings.add(missing);
}
