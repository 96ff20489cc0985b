//! cloud-init: user data for the first boot of a node.
//!
//! <https://docs.cloud-init.io/en/latest/reference/modules.html>

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use crate::nodes::node_proxy::NodeProxy;
use crate::nodes::{systemd, tree};

#[derive(Serialize)]
struct CloudConfig {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    write_files: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_certs: Option<Value>,
    runcmd: Vec<Vec<String>>,
}

pub fn document(node: &NodeProxy) -> Result<String> {
    let config = CloudConfig {
        write_files: files(node),
        ca_certs: (!node.certificates.is_empty()).then(|| json!({"trusted": node.certificates})),
        runcmd: commands(node),
    };
    Ok(format!("#cloud-config\n{}", serde_yaml_ng::to_string(&config)?))
}

/// The files, as cloud-init and the `files` of Cluster API take them alike.
pub fn files(node: &NodeProxy) -> Vec<Value> {
    if node.variables("").is_empty() {
        return Vec::new();
    }
    let file = |path: &str, content: String| {
        json!({
            "path": path,
            "owner": "root:root",
            "permissions": format!("{:04o}", node.mode()),
            "content": content,
        })
    };
    let drop_ins = node
        .units
        .iter()
        .map(|unit| file(&format!("/{}", systemd::path(unit)), systemd::drop_in(node)));
    let mut files: Vec<Value> = drop_ins.collect();
    let mut environment = file("/etc/environment", tree::environment_block(node));
    environment["append"] = Value::Bool(true);
    files.push(environment);
    files
}

/// Units that run already, as the image may start them, are restarted.
pub fn commands(node: &NodeProxy) -> Vec<Vec<String>> {
    let mut restart = vec!["systemctl".to_owned(), "try-restart".to_owned()];
    restart.extend(node.units.iter().cloned());
    vec![vec!["systemctl".to_owned(), "daemon-reload".to_owned()], restart]
}
