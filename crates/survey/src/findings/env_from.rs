//! `envFrom` that sets proxies. What `env` sets, as the policy does, wins over it.

use http_proxy_policy::explanation::Outcome;

use super::{Context, Findings, Pair, finding};
use crate::places::is_proxy_variable;
use crate::report::{Kind, Severity};
use crate::secrets::shown_proxy;
use crate::subjects::Subject;

pub(super) fn add(subject: &Subject, pair: &Pair, context: &Context, findings: &mut Findings) {
    for source in pair.before["envFrom"].as_array().into_iter().flatten() {
        let prefix = source["prefix"].as_str().unwrap_or_default();
        for (kind, field) in [("ConfigMap", "configMapRef"), ("Secret", "secretRef")] {
            if let Some(name) = source[field]["name"].as_str() {
                add_source(subject, pair, context, &Source { kind, name, prefix }, findings);
            }
        }
    }
}

struct Source<'s> {
    kind: &'static str,
    name: &'s str,
    prefix: &'s str,
}

impl Source<'_> {
    /// Its variables, with the values that the input has; nothing if the object is not in the input.
    fn values<'c>(&self, namespace: &str, context: &'c Context) -> Option<Vec<(String, Option<&'c str>)>> {
        let Source { kind, name, prefix } = self;
        let key = (namespace.to_owned(), (*name).to_owned());
        let variable = |key: &String| format!("{prefix}{key}");
        if *kind == "ConfigMap" {
            let values = context.dump.config_maps.get(&key)?.iter();
            return Some(values.map(|(key, value)| (variable(key), value.text())).collect());
        }
        let keys = context.dump.secrets.get(&key)?.iter();
        Some(keys.map(|key| (variable(key), None)).collect())
    }
}

/// Whether the policy leaves a variable as it is.
fn is_kept(variable: &str, pair: &Pair) -> bool {
    let mut explained = pair.explanation.variables.iter();
    let explained = explained.find(|explained| explained.name == variable);
    explained.is_none_or(|explained| !matches!(explained.outcome, Outcome::Set | Outcome::Extended | Outcome::Replaced))
}

fn add_source(subject: &Subject, pair: &Pair, context: &Context, source: &Source, findings: &mut Findings) {
    let Source { kind, name, .. } = source;
    let values = source.values(subject.namespace(), context);
    let place = Some(format!("envFrom {kind} {name}"));
    let Some(values) = values else {
        let mut unseen = finding(subject, Some(pair.name), Kind::EnvFromUnseen, Severity::Check);
        unseen.place = place;
        unseen.why = format!("The {kind} is not in the input, so proxies that it may set cannot be seen");
        unseen.fix = format!(
            "Look whether it sets HTTP_PROXY, HTTPS_PROXY or NO_PROXY: env, which the policy sets, wins over envFrom. \
            To keep its proxies, write proxyEnvFrom: [{name}]"
        );
        findings.add(unseen);
        return;
    };
    let proxies: Vec<&(String, Option<&str>)> = values
        .iter()
        .filter(|(variable, _)| is_proxy_variable(variable))
        .collect();
    if proxies.is_empty() {
        return;
    }
    let is_kept = proxies.iter().all(|(variable, _)| is_kept(variable, pair));
    let names: Vec<&str> = proxies.iter().map(|(variable, _)| variable.as_str()).collect();
    let names = names.join(", ");
    let url = proxies
        .iter()
        .find(|(variable, _)| !variable.to_ascii_lowercase().starts_with("no_"));
    let severity = if is_kept { Severity::Info } else { Severity::Check };
    let mut found = finding(subject, Some(pair.name), Kind::EnvFromProxy, severity);
    found.place = place;
    found.value = url.and_then(|(_, value)| *value).map(shown_proxy);
    if is_kept {
        found.why = format!("The {kind} sets {names}, and the policy keeps them");
        found.fix = "Nothing to do".to_owned();
    } else {
        found.why =
            format!("The {kind} sets {names}; env, which the policy sets, wins over envFrom, so its proxy would lose");
        found.fix = format!("Delete the envFrom, or keep its proxy with proxyEnvFrom: [{name}]");
    }
    findings.add(found);
}
