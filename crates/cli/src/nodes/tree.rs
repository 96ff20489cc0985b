//! A folder with files for a node, and `apply.sh`, which puts them in place. `manifest` lists them for the script, one a
//! line: `KIND NAME MODE UNITS`. It is the last file that is written, and its last line is `end`, so the script can tell an incomplete
//! folder.
//!
//! - `file`: NAME is the path below `/`; it is the policy's alone.
//! - `block`: NAME is the path of a file in which the policy has a block between two lines; the rest is the user's.
//! - `ca`: NAME is a certificate, which goes to the trust store.

use crate::nodes::node_proxy::NodeProxy;
use crate::nodes::{File, env_file, package_managers, systemd};

const APPLY: &str = include_str!("apply.sh");

/// An environment file of a distribution, below `/`, and the unit that reads it.
type EnvFile = (&'static str, &'static str);

/// <https://docs.rke2.io/advanced#configuring-an-http-proxy>
pub const RKE2: [EnvFile; 2] = [
    ("etc/default/rke2-server", "rke2-server.service"),
    ("etc/default/rke2-agent", "rke2-agent.service"),
];

/// The units of K3s read `/etc/default/NAME` before the files of its installer (`k3s.service.env`), which each installation and
/// upgrade deletes and writes.
///
/// <https://github.com/k3s-io/k3s/blob/master/install.sh>: `create_systemd_service_file`, `create_env_file`
pub const K3S: [EnvFile; 2] = [
    ("etc/default/k3s", "k3s.service"),
    ("etc/default/k3s-agent", "k3s-agent.service"),
];

struct Item {
    kind: &'static str,
    name: String,
    units: String,
    mode: u32,
    content: String,
}

/// The environment file, drop-ins of the units, and a block of `/etc/environment`.
pub fn systemd(node: &NodeProxy, notes: &mut Vec<String>) -> Vec<File> {
    let units = node.units.join(",");
    let item = |kind, name: &str, units: &str, mode, content| Item {
        kind,
        name: name.to_owned(),
        units: units.to_owned(),
        mode,
        content,
    };
    let mut items = Vec::new();
    if node.has_proxy() {
        let environment = systemd::environment_file(node);
        items.push(item("file", systemd::ENVIRONMENT_FILE, &units, 0o600, environment));
        for unit in &node.units {
            items.push(item("file", &systemd::path(unit), unit, 0o644, systemd::drop_in()));
        }
        let block = environment_block(node, notes);
        items.extend(block.map(|block| item("block", "etc/environment", "-", node.mode(), block)));
    }
    if node.has_proxy() && node.whole_node {
        let manager = systemd::manager_drop_in(node);
        items.push(item("file", systemd::MANAGER_DROP_IN, &units, node.mode(), manager));
        items.push(item(
            "file",
            package_managers::APT,
            "-",
            node.mode(),
            package_managers::apt(node),
        ));
        let dnf = block(&package_managers::dnf(node));
        items.push(item("block", package_managers::DNF, "-", node.mode(), dnf));
    }
    tree(node, items, &units)
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

/// The block of `/etc/environment`; none if PAM would skip a line of it and all lines after it.
pub fn environment_block(node: &NodeProxy, notes: &mut Vec<String>) -> Option<String> {
    let no_proxy = node.no_proxy_value();
    let variables = node.variables_in_both_cases(&no_proxy).into_iter();
    let lines: Vec<String> = variables.map(|(name, value)| env_file::pam_line(name, value)).collect();
    let longest = lines.iter().map(String::len).max().unwrap_or_default();
    let fix = "replace names in noProxy and --no-proxy with networks or domains, such as .corp.example.com";
    if longest > env_file::MAX_PAM_LINE {
        notes.push(format!(
            "/etc/environment: its block is omitted, because a line would have {longest} bytes, and PAM skips a line of more than {} \
             and all lines after it; {fix}",
            env_file::MAX_PAM_LINE
        ));
        return None;
    }
    if longest > env_file::MAX_OLD_PAM_LINE {
        notes.push(format!(
            "/etc/environment: a line has {longest} bytes; PAM before version 1.4 skips a line of more than {} and all lines after it; \
             if nodes have one, {fix}",
            env_file::MAX_OLD_PAM_LINE
        ));
    }
    Some(block(&lines.concat()))
}

/// The block of `/etc/environment` to append to the file. Its last line may have no end.
pub fn appended_environment_block(node: &NodeProxy, notes: &mut Vec<String>) -> Option<String> {
    environment_block(node, notes).map(|block| format!("\n{block}"))
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
    let manifest = items.iter().map(line).chain(["end\n".to_owned()]).collect();
    let file = |path: &str, mode, content| File {
        path: path.to_owned(),
        mode,
        content,
    };
    let mut files = vec![file("apply.sh", 0o755, APPLY.to_owned())];
    files.extend(
        items
            .into_iter()
            .map(|item| file(&format!("{}/{}", item.kind, item.name), item.mode, item.content)),
    );
    files.push(file("manifest", 0o644, manifest));
    files
}
