//! Talos: a document with the variables, and one with the certificate authorities, as a patch of the machine configuration.
//!
//! <https://github.com/siderolabs/talos/tree/main/pkg/machinery/config/types/runtime>

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::json;

use crate::args::TalosVersion;
use crate::nodes::node_proxy::{NodeProxy, lower};

/// The first version that has `EnvironmentConfig`, and whose schema no longer has `machine.env`.
pub const ENVIRONMENT_CONFIG: TalosVersion = TalosVersion(1, 13);

pub fn document(node: &NodeProxy, version: TalosVersion, notes: &mut Vec<String>) -> Result<String> {
    let no_proxy = node.no_proxy_value();
    let variables = node
        .variables(&no_proxy)
        .into_iter()
        .map(|(name, value)| (lower(name), value));
    let variables: BTreeMap<&str, &str> = variables.collect();
    let mut documents = Vec::new();
    if !variables.is_empty() {
        documents.push(if version < ENVIRONMENT_CONFIG {
            json!({"machine": {"env": variables}})
        } else {
            json!({"apiVersion": "v1alpha1", "kind": "EnvironmentConfig", "variables": variables})
        });
        notes.push(
            "Talos gives variables to a service when it first starts: reboot each node to apply them, and to undo them"
                .to_owned(),
        );
    }
    if !node.certificates.is_empty() {
        documents.push(json!({
            "apiVersion": "v1alpha1",
            "kind": "TrustedRootsConfig",
            "name": "http-proxy-policy",
            "certificates": node.certificates.concat(),
        }));
    }
    documents::to_yaml_documents(&documents)
}
