//! OpenShift: the cluster-wide proxy. The cluster adds its own networks, `.svc` and `.cluster.local` to the list.

use std::net::IpAddr;

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::nodes::node_proxy::NodeProxy;

/// A name of the policy's own: the installer's ConfigMap may hold certificates of the user.
const CONFIG_MAP: &str = "http-proxy-policy";

const MERGE: &str = "\
# If proxy/cluster has a trustedCA, user-ca-bundle say, add its certificates to those below. They are in:
#   oc get configmap user-ca-bundle --namespace openshift-config --output jsonpath='{.data.ca-bundle\\.crt}'
";

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
        spec.insert("trustedCA".to_owned(), json!({"name": CONFIG_MAP}));
        documents.push(json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": CONFIG_MAP, "namespace": "openshift-config"},
            "data": {"ca-bundle.crt": node.certificates.concat()},
        }));
    }
    documents.push(json!({
        "apiVersion": "config.openshift.io/v1",
        "kind": "Proxy",
        "metadata": {"name": "cluster"},
        "spec": Value::Object(spec),
    }));
    notes.push(
        "proxy/cluster: what the cluster has in spec is replaced, noProxy and trustedCA included; compare first, with oc diff \
         --filename FILE"
            .to_owned(),
    );
    notes.push("OpenShift reboots the nodes one by one, to apply and to undo it".to_owned());
    let comment = if node.certificates.is_empty() { "" } else { MERGE };
    Ok(format!("{comment}{}", documents::to_yaml_documents(&documents)?))
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
                    "noProxy: {entry} is omitted: OpenShift rejects ports and underscores"
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
