//! cloud-init: user data for the first boot of a node.
//!
//! <https://docs.cloud-init.io/en/latest/reference/modules.html>

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use crate::nodes::node_proxy::NodeProxy;
use crate::nodes::{systemd, tree, trust};

#[derive(Serialize)]
struct CloudConfig {
    write_files: Vec<Value>,
    runcmd: Vec<Vec<String>>,
}

/// A file of `write_files`, or of Cluster API's `files`.
pub struct NodeFile {
    pub path: String,
    pub mode: u32,
    pub content: String,
    /// Whether it goes after what is in the file.
    pub append: bool,
}

impl NodeFile {
    /// Whether it holds the URLs with their credentials.
    pub fn is_secret(&self, node: &NodeProxy) -> bool {
        self.mode == 0o600 && node.has_credentials()
    }

    /// As cloud-init and Cluster API have it, without its content.
    pub fn value(&self) -> Value {
        let mut value = json!({
            "path": self.path,
            "owner": "root:root",
            "permissions": format!("{:04o}", self.mode),
        });
        if self.append {
            value["append"] = Value::Bool(true);
        }
        value
    }
}

pub fn document(node: &NodeProxy, notes: &mut Vec<String>) -> Result<String> {
    let write_files = files(node, notes).into_iter().map(|file| {
        let mut value = file.value();
        value["content"] = Value::String(file.content);
        value
    });
    let config = CloudConfig {
        write_files: write_files.collect(),
        runcmd: commands(node),
    };
    Ok(format!("#cloud-config\n{}", documents::to_yaml(&config)?))
}

/// The files for a node.
pub fn files(node: &NodeProxy, notes: &mut Vec<String>) -> Vec<NodeFile> {
    let file = |path: String, mode: u32, content: String| NodeFile {
        path,
        mode,
        content,
        append: false,
    };
    let mut files = Vec::new();
    if node.has_proxy() {
        let path = format!("/{}", systemd::ENVIRONMENT_FILE);
        files.push(file(path, 0o600, systemd::environment_file(node)));
        for unit in &node.units {
            files.push(file(format!("/{}", systemd::path(unit)), 0o644, systemd::drop_in()));
        }
        let block = tree::appended_environment_block(node, notes);
        files.extend(block.map(|block| NodeFile {
            append: true,
            ..file("/etc/environment".to_owned(), node.mode(), block)
        }));
    }
    let trusted = trust::files(node).into_iter();
    files.extend(trusted.map(|(path, content)| file(path, 0o644, content.to_owned())));
    files
}

/// Renews the trust store; then units that run already, as the image may start them, are restarted.
pub fn commands(node: &NodeProxy) -> Vec<Vec<String>> {
    let mut restart = vec!["systemctl".to_owned(), "try-restart".to_owned()];
    restart.extend(node.units.iter().cloned());
    let reload = vec!["systemctl".to_owned(), "daemon-reload".to_owned()];
    trust::command(node).into_iter().chain([reload, restart]).collect()
}
