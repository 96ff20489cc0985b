//! What a document is, and where the policy's settings are in it.

use serde_json::Value;

use crate::aks::Aks;
use crate::clusters;
use crate::policy::Policy;

/// What a document is.
#[derive(Clone, Debug)]
pub enum Content {
    /// Settings on their own, or an `httpProxyConfig` on its own: `az aks show --query httpProxyConfig` prints one.
    Settings(Value),
    /// `{settings: …}`: a part of a policy's `spec`, or a file of values.
    Wrapped(Value),
    /// A `ClusterAdmissionPolicy`, an `AdmissionPolicy`, or a group of policies.
    Policy(Box<Policy>),
    /// One cluster of AKS or more: what `az aks show` prints, an ARM template, Terraform's state, say.
    Aks(Vec<Aks>),
    /// A manifest of another kind, which is given. It holds no settings.
    Other(String),
}

impl Content {
    /// Recognises a document by the fields that it has.
    pub fn recognise(value: &Value) -> Self {
        if let Some(policy) = Policy::read(value) {
            return Content::Policy(Box::new(policy));
        }
        if let Some(kind) = value["kind"].as_str()
            && value["apiVersion"].is_string()
        {
            return match clusters::of_manifest(value) {
                Some(cluster) => Content::Aks(vec![cluster]),
                None => Content::Other(kind.to_owned()),
            };
        }
        if is_kustomization(value) {
            return Content::Other("Kustomization".to_owned());
        }
        match clusters::find(value) {
            clusters if !clusters.is_empty() => Content::Aks(clusters),
            _ => match value.get("settings") {
                Some(settings) => Content::Wrapped(settings.clone()),
                None => Content::Settings(value.clone()),
            },
        }
    }

    /// The settings in it, each with its path, such as `spec.settings`; none in a manifest of another kind, in another policy, and
    /// in a cluster without a configuration. The path of settings on their own is empty.
    pub fn settings(&self) -> Vec<(&str, &Value)> {
        match self {
            Content::Settings(settings) => vec![("", settings)],
            Content::Wrapped(settings) => vec![("settings", settings)],
            Content::Policy(policy) => {
                let members = policy.members.iter();
                members.map(|member| (&*member.path, &member.settings)).collect()
            }
            Content::Aks(clusters) => {
                let configured = clusters.iter().filter_map(|cluster| {
                    let config = cluster.http_proxy_config.as_ref()?;
                    Some((&*cluster.path, config))
                });
                configured.collect()
            }
            Content::Other(_) => Vec::new(),
        }
    }
}

/// A `kustomization.yaml` need not say its kind: its resources are the names of files.
fn is_kustomization(value: &Value) -> bool {
    let resources = value["resources"].as_array();
    resources.is_some_and(|items| !items.is_empty() && items.iter().all(Value::is_string))
}
