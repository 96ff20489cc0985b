//! Talos: a patch of the machine configuration, and a document with the certificate authorities.
//!
//! <https://docs.siderolabs.com/talos/v1.13/networking/corporate-proxies>

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::json;

use crate::nodes::node_proxy::{NodeProxy, lower};

pub fn document(node: &NodeProxy) -> Result<String> {
    let no_proxy = node.no_proxy_value();
    let variables = node
        .variables(&no_proxy)
        .into_iter()
        .map(|(name, value)| (lower(name), value));
    let variables: BTreeMap<&str, &str> = variables.collect();
    let mut documents = Vec::new();
    if !variables.is_empty() {
        documents.push(json!({"machine": {"env": variables}}));
    }
    if !node.certificates.is_empty() {
        documents.push(json!({
            "apiVersion": "v1alpha1",
            "kind": "TrustedRootsConfig",
            "name": "http-proxy-policy",
            "certificates": node.certificates.concat(),
        }));
    }
    let documents = documents.iter().map(serde_yaml_ng::to_string);
    Ok(documents.collect::<Result<Vec<String>, _>>()?.join("---\n"))
}
