//! Cluster API: fields of a `KubeadmConfigSpec`, which a `KubeadmControlPlane` has at `spec.kubeadmConfigSpec` and a
//! `KubeadmConfigTemplate` at `spec.template.spec`; and a Secret for what must not be in them.
//!
//! <https://github.com/kubernetes-sigs/cluster-api/blob/main/api/bootstrap/kubeadm/v1beta2/kubeadmconfig_types.go>

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use crate::nodes::cloud_init;
use crate::nodes::node_proxy::NodeProxy;

/// Most characters of a file's `content`.
const MAX_CONTENT: usize = 10_240;
/// The Secret, which must be in the namespace of the cluster.
const SECRET: &str = "http-proxy-policy-nodes";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KubeadmConfigSpec {
    files: Vec<Value>,
    pre_kubeadm_commands: Vec<String>,
}

pub fn document(node: &NodeProxy, notes: &mut Vec<String>) -> Result<String> {
    let mut secrets: BTreeMap<String, String> = BTreeMap::new();
    let mut files = Vec::new();
    for file in cloud_init::files(node, notes) {
        let mut value = file.value();
        if file.is_secret(node) || file.content.len() > MAX_CONTENT {
            let key = file.path.trim_start_matches('/').replace('/', "-");
            value["contentFrom"] = json!({"secret": {"name": SECRET, "key": key}});
            secrets.insert(key, file.content);
        } else {
            value["content"] = Value::String(file.content);
        }
        files.push(value);
    }
    let commands = cloud_init::commands(node).into_iter().map(|words| words.join(" "));
    let spec = documents::to_yaml(&KubeadmConfigSpec {
        files,
        pre_kubeadm_commands: commands.collect(),
    })?;
    if secrets.is_empty() {
        return Ok(spec);
    }
    notes.push(format!(
        "Secret {SECRET}: holds the files with credentials, and files that are too long for content; create it in the namespace of \
         the cluster before you change the cluster"
    ));
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": SECRET}, "stringData": secrets});
    Ok(format!("{}---\n{spec}", documents::to_yaml(&secret)?))
}
