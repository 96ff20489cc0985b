//! `http-proxy from-aks`: the policy that does for pods what AKS's HTTP proxy feature does for them.

mod certificates;
mod config;
mod no_proxy;

use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use documents::Aks;
use http_proxy_policy::companion;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::aks;
use crate::args;
use crate::console;
use crate::settings::https_remark;
use crate::status;

/// Namespaces that must be able to start while the policy server is down, and do not need the proxy: the same as in the chart and the examples.
const SYSTEM_NAMESPACES: [&str; 6] = [
    "kube-system",
    "kube-public",
    "kube-node-lease",
    "calico-system",
    "tigera-operator",
    "gatekeeper-system",
];

/// What the policy says of itself: where its module is, and which requests it asks for.
const METADATA: &str = include_str!("../../../policy-metadata.yml");

#[derive(Deserialize)]
struct Metadata {
    rules: Value,
    mutating: bool,
    annotations: Map<String, Value>,
}

/// What becomes of a cluster's configuration.
pub struct Migration {
    /// The policy manifest.
    pub manifest: String,
    /// What was corrected or omitted.
    pub changes: Vec<String>,
    /// What is taken over unchanged, and may be wrong.
    pub remarks: Vec<String>,
}

pub fn run(args: &args::FromAks) -> Result<ExitCode> {
    let migration = migrate(&args.file)?;
    console::print(&migration.manifest)?;
    let notes = migration.changes.iter().chain(&migration.remarks);
    notes.for_each(|note| console::note(note));
    Ok(if args.strict && !migration.changes.is_empty() {
        ExitCode::from(status::CHANGED)
    } else {
        ExitCode::SUCCESS
    })
}

/// The policy manifest for the cluster of a file.
///
/// # Errors
/// The file has no cluster with a configuration, or several, or the policy refuses the configuration.
pub fn migrate(file: &str) -> Result<Migration> {
    let cluster = aks::cluster(file)?;
    let mut changes = Vec::new();
    let settings = settings(&cluster, &mut changes)?;
    let remarks = https_remark(&settings).map(|remark| format!("{}: {remark}", cluster.name_of("httpsProxy")));
    Ok(Migration {
        manifest: documents::to_yaml(&policy(settings)?)?,
        changes,
        remarks: remarks.into_iter().collect(),
    })
}

fn settings(cluster: &Aks, changes: &mut Vec<String>) -> Result<Value> {
    let config = config::read(cluster, changes)?;
    let mut settings = Map::new();
    for field in ["httpProxy", "httpsProxy"] {
        if !config[field].is_null() {
            settings.insert(field.to_owned(), config[field].clone());
        }
    }
    let no_proxy = no_proxy::list(cluster, &config, changes);
    if !no_proxy.is_empty() {
        settings.insert("noProxy".to_owned(), json!(no_proxy));
    }
    if let Some(bundle) = certificates::bundle(cluster, &config, changes)? {
        settings.insert("trustedCa".to_owned(), json!(bundle));
    }
    let settings = Value::Object(settings);
    match companion::problems(&settings.to_string()) {
        problems if problems.is_empty() => Ok(settings),
        problems => {
            let named = problems.into_iter().map(|problem| match &*problem.path {
                "" => problem.message,
                path => format!("{}: {}", cluster.name_of(path), problem.message),
            });
            Err(anyhow!(named.collect::<Vec<String>>().join("\n")))
        }
    }
}

fn policy(settings: Value) -> Result<Value> {
    let metadata = documents::parse(METADATA)?.remove(0).value;
    let metadata: Metadata = serde_json::from_value(metadata)?;
    let annotation = |name: &str| {
        let value = metadata.annotations.get(&format!("io.kubewarden.policy.{name}"));
        value
            .and_then(Value::as_str)
            .with_context(|| format!("policy-metadata.yml: {name} is missing"))
    };
    Ok(json!({
        "apiVersion": "policies.kubewarden.io/v1",
        "kind": "ClusterAdmissionPolicy",
        "metadata": {"name": "http-proxy"},
        "spec": {
            "module": format!("{}:v{}", annotation("ociUrl")?, annotation("version")?),
            "mutating": metadata.mutating,
            "backgroundAudit": false,
            "rules": metadata.rules,
            "namespaceSelector": {"matchExpressions": [
                {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": SYSTEM_NAMESPACES},
                {"key": "http-proxy.kubewarden.io/inject", "operator": "NotIn", "values": ["false"]},
            ]},
            "settings": settings,
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_that_the_policy_refuses_is_refused_with_the_names_of_its_fields() {
        let of = |config: Value| settings(&Aks::of_config(config), &mut Vec::new()).map_err(|error| error.to_string());
        let fine = json!({"httpProxy": "http://p.example:1", "noProxy": ["a.example"], "enabled": true});
        assert_eq!(
            of(fine),
            Ok(json!({"httpProxy": "http://p.example:1", "noProxy": ["a.example"]}))
        );
        let https = json!({"httpsProxy": "http://p.example:1"});
        assert_eq!(of(https.clone()), Ok(https));
        for (config, fields) in [
            (json!({"httpProxy": "proxy"}), &["httpProxyConfig.httpProxy: "][..]),
            (
                json!({"httpProxy": "proxy", "httpsProxy": "ftp://p.example"}),
                &["httpProxyConfig.httpProxy: ", "httpProxyConfig.httpsProxy: "],
            ),
        ] {
            let error = of(config).unwrap_err();
            assert_eq!(error.lines().count(), fields.len(), "{error}");
            for (line, field) in error.lines().zip(fields) {
                assert!(line.starts_with(field), "{error}");
            }
        }
        let nothing = of(json!({"noProxy": ["a.example"]})).unwrap_err();
        assert!(!nothing.starts_with("httpProxyConfig"), "{nothing}");
    }
}
