//! Drop-ins for systemd units.

use crate::nodes::node_proxy::NodeProxy;

/// Where the drop-in of a unit is, below `/`. A drop-in of the user whose name comes later in the alphabet has precedence.
pub fn path(unit: &str) -> String {
    format!("etc/systemd/system/{unit}.d/50-http-proxy-policy.conf")
}

/// The drop-in.
pub fn drop_in(node: &NodeProxy) -> String {
    let no_proxy = node.no_proxy_value();
    let lines = node
        .variables_in_both_cases(&no_proxy)
        .into_iter()
        .map(|(name, value)| assignment(name, value));
    ["# Written by http-proxy nodes.\n[Service]\n".to_owned()]
        .into_iter()
        .chain(lines)
        .collect()
}

/// `Environment=` with one variable. `%` starts a specifier, `\` and `"` are quoted, `$` is itself (systemd.exec(5)).
fn assignment(name: &str, value: &str) -> String {
    let value = value.replace('\\', r"\\").replace('"', "\\\"").replace('%', "%%");
    format!("Environment=\"{name}={value}\"\n")
}
