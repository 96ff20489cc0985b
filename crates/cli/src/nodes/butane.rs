//! A Butane config, for Flatcar and Fedora CoreOS.
//!
//! <https://coreos.github.io/butane/specs/>. Drop-ins are files here, since those of `systemd.units` have no mode.

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use crate::args::Variant;
use crate::nodes::node_proxy::NodeProxy;
use crate::nodes::{systemd, tree};

#[derive(Serialize)]
struct Config {
    variant: &'static str,
    version: &'static str,
    storage: Value,
}

/// Flatcar renews its trust store as it boots, but not while that is still the one of the image, a symbolic link.
const RENEW_ON_FIRST_BOOT: &str = "[Unit]\nConditionPathIsSymbolicLink=\n";

pub fn document(node: &NodeProxy, variant: Variant, notes: &mut Vec<String>) -> Result<String> {
    // Fedora CoreOS renews its trust store from this folder on the first boot. Flatcar looks at *.pem alone. The names are those of
    // apply.sh, which removes the files.
    let (variant, version, anchors, suffix) = match variant {
        Variant::Flatcar => ("flatcar", "1.1.0", "/etc/ssl/certs", "pem"),
        Variant::Fcos => ("fcos", "1.5.0", "/etc/pki/ca-trust/source/anchors", "crt"),
    };
    let mut files = proxy_files(node, notes);
    for (index, certificate) in node.certificates.iter().enumerate() {
        files.push(json!({
            "path": format!("{anchors}/http-proxy-policy-{}.{suffix}", index + 1),
            "mode": 0o644,
            "contents": {"inline": certificate},
        }));
    }
    if variant == "flatcar" && !node.certificates.is_empty() {
        files.push(json!({
            "path": "/etc/systemd/system/update-ca-certificates.service.d/50-http-proxy-policy.conf",
            "mode": 0o644,
            "contents": {"inline": RENEW_ON_FIRST_BOOT},
        }));
    }
    let storage = json!({ "files": files });
    documents::to_yaml(&Config {
        variant,
        version,
        storage,
    })
}

fn proxy_files(node: &NodeProxy, notes: &mut Vec<String>) -> Vec<Value> {
    let mut files = Vec::new();
    if node.has_proxy() {
        files.push(json!({
            "path": format!("/{}", systemd::ENVIRONMENT_FILE),
            "mode": 0o600,
            "contents": {"inline": systemd::environment_file(node)},
        }));
        for unit in &node.units {
            files.push(json!({
                "path": format!("/{}", systemd::path(unit)),
                "mode": 0o644,
                "contents": {"inline": systemd::drop_in()},
            }));
        }
        if let Some(block) = tree::appended_environment_block(node, notes) {
            let mut environment = json!({"path": "/etc/environment", "append": [{"inline": block}]});
            // Without a mode, Ignition keeps that of the file.
            if node.has_credentials() {
                environment["mode"] = json!(0o600);
            }
            files.push(environment);
        }
    }
    files
}
