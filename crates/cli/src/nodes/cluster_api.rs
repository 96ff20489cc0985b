//! Cluster API: fields of a `KubeadmConfigSpec`, which a `KubeadmControlPlane` has at `spec.kubeadmConfigSpec` and a
//! `KubeadmConfigTemplate` at `spec.template.spec`.

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use crate::nodes::cloud_init;
use crate::nodes::node_proxy::NodeProxy;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KubeadmConfigSpec {
    files: Vec<Value>,
    pre_kubeadm_commands: Vec<String>,
}

/// Debian's and Red Hat's folders for certificates, and what renews either trust store.
const ANCHORS: [&str; 2] = ["/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors"];
const UPDATE: &str = "if command -v update-ca-certificates; then update-ca-certificates; else update-ca-trust; fi";

pub fn document(node: &NodeProxy) -> Result<String> {
    let mut files = cloud_init::files(node);
    for anchors in ANCHORS {
        files.extend(node.certificates.iter().enumerate().map(|(index, certificate)| {
            json!({
                "path": format!("{anchors}/http-proxy-policy-{}.crt", index + 1),
                "owner": "root:root",
                "permissions": "0644",
                "content": certificate,
            })
        }));
    }
    let update = (!node.certificates.is_empty()).then(|| UPDATE.to_owned());
    let commands = cloud_init::commands(node).into_iter().map(|words| words.join(" "));
    Ok(serde_yaml_ng::to_string(&KubeadmConfigSpec {
        files,
        pre_kubeadm_commands: update.into_iter().chain(commands).collect(),
    })?)
}
