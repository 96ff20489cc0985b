//! EKS on Amazon Linux 2023: user data with a `NodeConfig`, and a boot hook for the CA. Files that user data writes come too late:
//! nodeadm asks AWS before cloud-init begins, and takes the variables from `spec.instance.environment.default`, which it then
//! makes the default of all units.
//!
//! <https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/api/v1alpha1/nodeconfig_types.go>,
//! <https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/system/environment.go>

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::json;

use crate::nodes::node_proxy::NodeProxy;
use crate::nodes::trust;

/// No line of a part is `--` and this.
const BOUNDARY: &str = "http-proxy-policy";

pub fn document(node: &NodeProxy, notes: &mut Vec<String>) -> Result<String> {
    let mut parts = Vec::new();
    let no_proxy = node.no_proxy_value();
    let variables: BTreeMap<&str, &str> = node.variables_in_both_cases(&no_proxy).into_iter().collect();
    if !variables.is_empty() {
        let config = json!({
            "apiVersion": "node.eks.aws/v1alpha1",
            "kind": "NodeConfig",
            "spec": {"instance": {"environment": {"default": variables}}},
        });
        parts.push(("application/node.eks.aws", documents::to_yaml(&config)?));
    }
    if !node.certificates.is_empty() {
        parts.push(("text/cloud-boothook; charset=\"us-ascii\"", boot_hook(node)));
        notes.push(
            "trustedCa: nodeadm asks AWS before the boot hook adds the CA; where the proxy inspects TLS, exempt AWS's endpoints from \
             it, or put the CA into the image"
                .to_owned(),
        );
    }
    if node.has_credentials() {
        notes.push(
            "httpProxy: nodeadm writes the variables to its log and to a file that every user of the node can read; use a proxy \
             without a password, or one password for all nodes that opens nothing else"
                .to_owned(),
        );
    }
    let parts = parts
        .into_iter()
        .map(|(kind, content)| format!("--{BOUNDARY}\nContent-Type: {kind}\n\n{content}\n"));
    let parts: String = parts.collect();
    Ok(format!(
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\n\n{parts}--{BOUNDARY}--\n"
    ))
}

/// A script that writes the certificates, and then runs the script that adds them to the trust store. It runs at each boot.
fn boot_hook(node: &NodeProxy) -> String {
    let file = |(path, content): (String, &str)| format!("cat >{path} <<'EOF'\n{content}EOF\n");
    let files: String = trust::files(node).into_iter().map(file).collect();
    format!(
        "#!/bin/sh\nset -eu\nmkdir -p /etc/http-proxy-policy\n{files}sh {}\n",
        trust::SCRIPT_PATH
    )
}
