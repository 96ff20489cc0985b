//! A folder with files for a node, and `apply.sh`, which puts them in place. `manifest` lists them for the script, one a
//! line: `KIND NAME MODE UNITS`.
//!
//! - `file`: NAME is the path below `/`; it is the policy's alone.
//! - `block`: NAME is the path of a file in which the policy has a block between two lines; the rest is the user's.
//! - `ca`: NAME is a certificate, which goes to the trust store.

use crate::nodes::node_proxy::NodeProxy;
use crate::nodes::{File, env_file, systemd};

const APPLY: &str = include_str!("apply.sh");

/// An environment file of a distribution, below `/`, and the unit that reads it.
type EnvFile = (&'static str, &'static str);

/// <https://docs.rke2.io/advanced#configuring-an-http-proxy>
pub const RKE2: [EnvFile; 2] = [
    ("etc/default/rke2-server", "rke2-server.service"),
    ("etc/default/rke2-agent", "rke2-agent.service"),
];

/// <https://docs.k3s.io/advanced#configuring-an-http-proxy>
pub const K3S: [EnvFile; 2] = [
    ("etc/systemd/system/k3s.service.env", "k3s.service"),
    ("etc/systemd/system/k3s-agent.service.env", "k3s-agent.service"),
];

struct Item {
    kind: &'static str,
    name: String,
    units: String,
    mode: u32,
    content: String,
}

/// Drop-ins of the units, and a block of `/etc/environment`.
pub fn systemd(node: &NodeProxy) -> Vec<File> {
    let mut items = Vec::new();
    if node.http_proxy.is_some() || node.https_proxy.is_some() {
        items.extend(node.units.iter().map(|unit| Item {
            kind: "file",
            name: systemd::path(unit),
            units: unit.clone(),
            mode: node.mode(),
            content: systemd::drop_in(node),
        }));
        items.push(Item {
            kind: "block",
            name: "etc/environment".to_owned(),
            units: "-".to_owned(),
            mode: node.mode(),
            content: environment_block(node),
        });
    }
    tree(node, items, &node.units.join(","))
}

/// Blocks of a distribution's environment files, with upper-case names, to which these distributions add what they know.
pub fn env_files(node: &NodeProxy, files: &[EnvFile]) -> Vec<File> {
    let no_proxy = node.no_proxy_value();
    let variables = node.variables(&no_proxy);
    let lines: String = variables
        .into_iter()
        .map(|(name, value)| env_file::line(name, value))
        .collect();
    let items = files.iter().filter(|_| !lines.is_empty()).map(|(path, unit)| Item {
        kind: "block",
        name: (*path).to_owned(),
        units: (*unit).to_owned(),
        mode: node.mode(),
        content: block(&lines),
    });
    let units: Vec<&str> = files.iter().map(|(_, unit)| *unit).collect();
    tree(node, items.collect(), &units.join(","))
}

/// The block of `/etc/environment`.
pub fn environment_block(node: &NodeProxy) -> String {
    let no_proxy = node.no_proxy_value();
    let variables = node.variables_in_both_cases(&no_proxy).into_iter();
    block(
        &variables
            .map(|(name, value)| env_file::pam_line(name, value))
            .collect::<String>(),
    )
}

fn block(lines: &str) -> String {
    format!("# BEGIN http-proxy-policy\n{lines}# END http-proxy-policy\n")
}

/// The folder. Every unit in `units` trusts the certificates.
fn tree(node: &NodeProxy, mut items: Vec<Item>, units: &str) -> Vec<File> {
    // Debian's trust store takes one certificate a file.
    items.extend(node.certificates.iter().enumerate().map(|(index, certificate)| Item {
        kind: "ca",
        name: format!("{}.crt", index + 1),
        units: units.to_owned(),
        mode: 0o644,
        content: certificate.clone(),
    }));
    let line = |item: &Item| format!("{} {} {:04o} {}\n", item.kind, item.name, item.mode, item.units);
    let manifest = items.iter().map(line).collect();
    let file = |path: &str, mode, content| File {
        path: path.to_owned(),
        mode,
        content,
    };
    let mut files = vec![
        file("apply.sh", 0o755, APPLY.to_owned()),
        file("manifest", 0o644, manifest),
    ];
    files.extend(
        items
            .into_iter()
            .map(|item| file(&format!("{}/{}", item.kind, item.name), item.mode, item.content)),
    );
    files
}
