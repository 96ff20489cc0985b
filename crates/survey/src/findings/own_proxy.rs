//! Proxies that containers set themselves: those that the policy makes redundant, and those that differ.

use std::collections::BTreeMap;

use http_proxy_policy::companion::{INJECTED, ProxySource};
use http_proxy_policy::explanation::Outcome;
use serde_json::Value;

use super::{Context, Findings, Pair, finding};
use crate::environment::{EnvValue, Environment};
use crate::report::{Kind, Severity};
use crate::secrets::shown_proxy;
use crate::settings::InForce;
use crate::subjects::Subject;

pub(super) fn add(subject: &Subject, pair: &Pair, context: &Context, findings: &mut Findings) {
    let Some(settings) = context.settings_of(subject) else {
        return;
    };
    // The policy changed this pod already, so its variables may be the policy's.
    if subject.before["metadata"]["annotations"][INJECTED].is_string() {
        return;
    }
    let environment = Environment::new(pair.before, subject.namespace(), context.dump);
    let variables = pair.before["env"].as_array().into_iter().flatten();
    let mut same = Vec::new();
    let mut differing: Vec<(&str, Option<String>)> = Vec::new();
    for name in variables.filter_map(|variable| variable["name"].as_str()) {
        let lower = name.to_ascii_lowercase();
        let proxy = match lower.as_str() {
            "http_proxy" => &settings.effective.http_proxy,
            "https_proxy" => &settings.effective.https_proxy,
            _ => continue,
        };
        let value = environment.first(&[name.to_owned()], false);
        match (proxy, value) {
            // No proxy for this container is what its author wants.
            (_, None) => {}
            (Some(ProxySource::Url(url)), Some(EnvValue::Text(own))) if is_same(url, own) => same.push(name),
            (_, Some(EnvValue::Text(own))) => differing.push((name, Some(shown_proxy(own)))),
            _ => differing.push((name, None)),
        }
    }
    if !same.is_empty() {
        same.extend(redundant_lists(pair.before, &environment, settings));
        let mut found = finding(subject, Some(pair.name), Kind::OwnProxySame, Severity::Info);
        found.place = Some(format!("env {}", same.join(", ")));
        found.why = "The same as in the settings".to_owned();
        found.fix = "Delete them: the policy sets the same".to_owned();
        findings.add(found);
    }
    for (value, names) in by_value(differing) {
        add_differing(subject, pair, &names, value, findings);
    }
}

/// The variables that differ, those with the same proxy together.
fn by_value(differing: Vec<(&str, Option<String>)>) -> BTreeMap<Option<String>, Vec<&str>> {
    let mut named: BTreeMap<Option<String>, Vec<&str>> = BTreeMap::new();
    for (name, value) in differing {
        named.entry(value).or_default().push(name);
    }
    named
}

fn add_differing(subject: &Subject, pair: &Pair, names: &[&str], value: Option<String>, findings: &mut Findings) {
    let is_replaced = pair.explanation.variables.iter().any(|variable| {
        names.contains(&variable.name.as_str()) && matches!(variable.outcome, Outcome::Set | Outcome::Replaced)
    });
    let mut found = finding(subject, Some(pair.name), Kind::OwnProxyDiffers, Severity::Check);
    found.place = Some(format!("env {}", names.join(", ")));
    found.value = value;
    let becomes = if is_replaced {
        "would be replaced"
    } else {
        "would be kept"
    };
    found.why = match &found.value {
        Some(value) => format!(
            "{} is {value} and {becomes}: the container has another proxy than the settings",
            names.join(", ")
        ),
        None => format!(
            "{} comes from a Secret or a ConfigMap that is not seen, and {becomes}",
            names.join(", ")
        ),
    };
    found.fix = "Delete it, unless the container must use the other proxy".to_owned();
    findings.add(found);
}

fn is_same(url: &str, own: &str) -> bool {
    let normal = |url: &str| url.trim().trim_end_matches('/').to_ascii_lowercase();
    let own = normal(own);
    let own = if own.contains("://") {
        own
    } else {
        format!("http://{own}")
    };
    normal(url) == own
}

/// The container's own lists of which every entry is also the policy's.
fn redundant_lists<'c>(container: &'c Value, environment: &Environment, settings: &InForce) -> Vec<&'c str> {
    let variables = container["env"].as_array().into_iter().flatten();
    let names = variables.filter_map(|variable| variable["name"].as_str());
    let is_redundant = |name: &&str| {
        name.eq_ignore_ascii_case("no_proxy")
            && environment.text(name).is_some_and(|list| {
                let mut entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
                entries.all(|entry| {
                    settings
                        .effective
                        .no_proxy
                        .iter()
                        .any(|own| own.eq_ignore_ascii_case(entry))
                })
            })
    };
    names.filter(is_redundant).collect()
}
