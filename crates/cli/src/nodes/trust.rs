//! The certificate authorities for a machine that is told what to do as it boots: files, and a script that knows the distributions'
//! trust stores. cloud-init's own `ca_certs` skips distributions that it does not know, with no more than a line in its log.

use crate::nodes::node_proxy::NodeProxy;

/// Adds the files to the trust store.
pub const SCRIPT: &str = include_str!("trust.sh");

/// Where the script is.
pub const SCRIPT_PATH: &str = "/etc/http-proxy-policy/trust.sh";

/// The files, each with its path; none without a certificate. Debian's trust store takes one certificate a file.
pub fn files(node: &NodeProxy) -> Vec<(String, &str)> {
    if node.certificates.is_empty() {
        return Vec::new();
    }
    let certificates = node.certificates.iter().enumerate();
    let certificates = certificates.map(|(index, pem)| (format!("/etc/http-proxy-policy/{}.crt", index + 1), &**pem));
    certificates.chain([(SCRIPT_PATH.to_owned(), SCRIPT)]).collect()
}

/// What to run; nothing without a certificate.
pub fn command(node: &NodeProxy) -> Option<Vec<String>> {
    (!node.certificates.is_empty()).then(|| vec!["sh".to_owned(), SCRIPT_PATH.to_owned()])
}
