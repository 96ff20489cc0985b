//! OpenShift: the cluster-wide proxy. The cluster adds its own networks, `.svc` and `.cluster.local` to the list.

use std::net::IpAddr;

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::nodes::node_proxy::NodeProxy;

pub fn document(node: &NodeProxy, notes: &mut Vec<String>) -> Result<String> {
    let mut spec = Map::new();
    for (field, url) in [("httpProxy", &node.http_proxy), ("httpsProxy", &node.https_proxy)] {
        if let Some(url) = url {
            spec.insert(field.to_owned(), json!(url));
        }
    }
    if !spec.is_empty() {
        spec.insert("noProxy".to_owned(), json!(no_proxy(node, notes).join(",")));
    }
    let mut documents = Vec::new();
    if !node.certificates.is_empty() {
        spec.insert("trustedCA".to_owned(), json!({"name": "user-ca-bundle"}));
        documents.push(json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "user-ca-bundle", "namespace": "openshift-config"},
            "data": {"ca-bundle.crt": node.certificates.concat()},
        }));
    }
    documents.push(json!({
        "apiVersion": "config.openshift.io/v1",
        "kind": "Proxy",
        "metadata": {"name": "cluster"},
        "spec": Value::Object(spec),
    }));
    let documents = documents.iter().map(serde_yaml_ng::to_string);
    Ok(documents.collect::<Result<Vec<String>, _>>()?.join("---\n"))
}

/// The list in what the cluster's network operator accepts: `*`, networks, and lower-case names (RFC 1123) with or without
/// a leading dot, without a final one.
fn no_proxy(node: &NodeProxy, notes: &mut Vec<String>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for entry in &node.no_proxy {
        let name = entry.trim_end_matches('.').to_ascii_lowercase();
        let accepted = match entry.parse() {
            Ok(IpAddr::V6(_)) => format!("{entry}/128"),
            _ if entry == "*" || entry.contains('/') || is_subdomain(&name) => name,
            _ => {
                notes.push(format!(
                    "noProxy: {entry} is left out: OpenShift rejects ports and underscores"
                ));
                continue;
            }
        };
        if !list.contains(&accepted) {
            list.push(accepted);
        }
    }
    list
}

fn is_subdomain(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    name.bytes().all(known)
}
