//! `http-proxy from-aks`: the policy that does for pods what AKS's HTTP proxy feature does for them.

mod certificates;
mod no_proxy;

use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use documents::{Aks, Document};
use http_proxy_policy::companion;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::args;
use crate::settings::{self, label};

/// Namespaces that AKS's own components run in, which start without a policy server and need no proxy.
const SYSTEM_NAMESPACES: [&str; 6] = [
    "kube-system",
    "kube-public",
    "kube-node-lease",
    "gatekeeper-system",
    "calico-system",
    "tigera-operator",
];

/// What the policy says of itself: where its module is, and which requests it asks for.
const METADATA: &str = include_str!("../../../policy-metadata.yml");

#[derive(Deserialize)]
struct Metadata {
    rules: Value,
    mutating: bool,
    annotations: Map<String, Value>,
}

pub fn run(args: &args::FromAks) -> Result<ExitCode> {
    let mut notes = Vec::new();
    print!("{}", manifest(&args.file, &mut notes)?);
    for note in &notes {
        eprintln!("{note}");
    }
    Ok(if args.strict && !notes.is_empty() {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    })
}

/// The policy's manifest for the cluster of a file. What is corrected or left out goes to `notes`.
///
/// # Errors
/// The file has no cluster with a configuration, or several, or the policy refuses the configuration.
pub fn manifest(file: &str, notes: &mut Vec<String>) -> Result<String> {
    let settings = settings(&cluster(file)?, notes)?;
    Ok(serde_yaml_ng::to_string(&policy(settings)?)?)
}

/// The one cluster of a file. A configuration on its own, as `--query httpProxyConfig` prints it, is a cluster as well.
fn cluster(file: &str) -> Result<Aks> {
    let clusters = settings::documents(file)?.into_iter().map(|document| match document {
        Document::Aks(aks) => Ok(*aks),
        Document::Settings(config) => Ok(Aks {
            path: String::new(),
            http_proxy_config: Some(config),
            custom_ca_trust_certificates: Vec::new(),
        }),
        _ => bail!(
            "{}: not an AKS cluster; pass the output of az aks show, or an ARM template",
            label(file)
        ),
    });
    let mut clusters = clusters.collect::<Result<Vec<Aks>>>()?;
    match clusters.len() {
        1 => Ok(clusters.remove(0)),
        count => bail!("{}: {count} clusters; pass only one", label(file)),
    }
}

fn settings(cluster: &Aks, notes: &mut Vec<String>) -> Result<Value> {
    let Some(config) = &cluster.http_proxy_config else {
        bail!("httpProxyConfig: not set; pass a cluster that has an HTTP proxy");
    };
    if config["enabled"] == false || config["enabled"] == "false" {
        bail!(
            "httpProxyConfig.enabled: the HTTP proxy of this cluster is disabled; enable it, or write the settings by hand"
        );
    }
    refuse_expressions(config)?;
    let mut settings = Map::new();
    for field in ["httpProxy", "httpsProxy"] {
        if !config[field].is_null() {
            settings.insert(field.to_owned(), config[field].clone());
        }
    }
    let no_proxy = no_proxy::list(config, notes);
    if !no_proxy.is_empty() {
        settings.insert("noProxy".to_owned(), json!(no_proxy));
    }
    if let Some(bundle) = certificates::bundle(cluster, config, notes)? {
        settings.insert("trustedCa".to_owned(), json!(bundle));
    }
    let settings = Value::Object(settings);
    match companion::problems(&settings.to_string()) {
        problems if problems.is_empty() => Ok(settings),
        problems => Err(anyhow!(problems.join("\n"))),
    }
}

/// ARM evaluates what is in brackets; here, its value is not known.
fn refuse_expressions(config: &Value) -> Result<()> {
    for (field, value) in config.as_object().into_iter().flatten() {
        let is_expression = |value: &Value| {
            let text = value.as_str().unwrap_or_default();
            text.starts_with('[') && text.ends_with(")]")
        };
        if is_expression(value) {
            bail!(
                "httpProxyConfig.{field}: an ARM expression, whose value is not in the template; pass the output of az aks show"
            );
        }
    }
    Ok(())
}

fn policy(settings: Value) -> Result<Value> {
    let metadata: Metadata = serde_yaml_ng::from_str(METADATA)?;
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
