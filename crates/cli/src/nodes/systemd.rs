//! What systemd reads: the variables in an environment file that only root can read, and drop-ins that name it. systemd shows the
//! `Environment=` of a unit to every user, but not what is in such a file.

use crate::nodes::env_file;
use crate::nodes::node_proxy::NodeProxy;

/// The environment file, below `/`.
pub const ENVIRONMENT_FILE: &str = "etc/http-proxy-policy.env";

/// Where `--whole-node` has the defaults of all units, below `/`.
pub const MANAGER_DROP_IN: &str = "etc/systemd/system.conf.d/50-http-proxy-policy.conf";

/// Where the drop-in of a unit is, below `/`. A drop-in of the user whose name sorts later has precedence.
pub fn path(unit: &str) -> String {
    format!("etc/systemd/system/{unit}.d/50-http-proxy-policy.conf")
}

/// The environment file, with the variables in both cases.
pub fn environment_file(node: &NodeProxy) -> String {
    let no_proxy = node.no_proxy_value();
    let variables = node.variables_in_both_cases(&no_proxy).into_iter();
    let lines = variables.map(|(name, value)| env_file::line(name, value));
    let header = "# Written by http-proxy nodes.\n".to_owned();
    std::iter::once(header).chain(lines).collect()
}

/// The drop-in of a unit. With `-`, a unit whose file is missing starts all the same: a kubelet without a proxy can be repaired,
/// one that does not start cannot.
pub fn drop_in() -> String {
    format!("# Written by http-proxy nodes.\n[Service]\nEnvironmentFile=-/{ENVIRONMENT_FILE}\n")
}

/// The defaults of all units, as AKS sets them.
///
/// <https://github.com/Azure/AgentBaker/blob/master/parts/linux/cloud-init/artifacts/cse_config.sh>
pub fn manager_drop_in(node: &NodeProxy) -> String {
    let no_proxy = node.no_proxy_value();
    let variables = node.variables_in_both_cases(&no_proxy).into_iter();
    let lines = variables.map(|(name, value)| assignment(name, value));
    let header = "# Written by http-proxy nodes.\n[Manager]\n".to_owned();
    std::iter::once(header).chain(lines).collect()
}

/// `DefaultEnvironment=` with one variable. `%` starts a specifier, `\` and `"` are quoted, `$` is itself (systemd.exec(5)).
fn assignment(name: &str, value: &str) -> String {
    let value = value.replace('\\', r"\\").replace('"', "\\\"").replace('%', "%%");
    format!("DefaultEnvironment=\"{name}={value}\"\n")
}
