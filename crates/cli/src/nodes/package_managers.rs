//! The proxies of apt and dnf, which `--whole-node` sets, as AKS does.

use crate::nodes::node_proxy::NodeProxy;

/// Below `/`; for Debian and its relatives.
pub const APT: &str = "etc/apt/apt.conf.d/95http-proxy-policy";

/// Below `/`; for Red Hat's relatives. `yum.conf` is a link to it.
pub const DNF: &str = "etc/dnf/dnf.conf";

/// apt's configuration (apt.conf(5)): the quotes cannot be in a URL.
pub fn apt(node: &NodeProxy) -> String {
    let proxies = [("http", &node.http_proxy), ("https", &node.https_proxy)];
    let lines = proxies.into_iter().filter_map(|(scheme, url)| {
        let url = url.as_ref()?;
        Some(format!("Acquire::{scheme}::Proxy \"{url}\";\n"))
    });
    lines.collect()
}

/// A setting of dnf (dnf.conf(5)), which has one proxy for all its repositories. Its section is named again, as the block stands at
/// the end of the file. `$` starts one of dnf's variables; clients decode it.
pub fn dnf(node: &NodeProxy) -> String {
    let url = node.https_proxy.as_ref().or(node.http_proxy.as_ref());
    let url = url.map(|url| url.replace('$', "%24"));
    url.map(|url| format!("[main]\nproxy={url}\n")).unwrap_or_default()
}
