//! `http-proxy nodes`: what a node needs from the settings, in the format of its distribution.

mod bottlerocket;
mod butane;
mod cloud_init;
mod cluster_api;
mod env_file;
mod node_proxy;
mod nodeadm;
mod openshift;
mod out;
mod package_managers;
mod systemd;
mod talos;
mod tree;
mod trust;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::args::{self, Format};
use crate::console;
pub use crate::nodes::node_proxy::NodeProxy;

/// A file to write.
pub struct File {
    /// Below the folder that the user names.
    pub path: String,
    /// 0600 where it holds credentials.
    pub mode: u32,
    pub content: String,
}

pub fn run(args: &args::Nodes) -> Result<ExitCode> {
    let mut notes = Vec::new();
    let node = NodeProxy::of(args, &mut notes)?;
    let files = files(&node, args, &mut notes)?;
    for note in notes {
        console::note(&note);
    }
    match (&args.out, files.as_slice()) {
        (Some(folder), files) => out::write_all(folder, files)?,
        (None, [document]) => console::print(&document.content)?,
        (None, _) => bail!(
            "--format {}: needs --out DIR, because it writes several files",
            name(args.format)
        ),
    }
    Ok(ExitCode::SUCCESS)
}

/// Most bytes of user data on EC2, whose readers of these formats also accept it compressed.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html>
const MAX_USER_DATA: usize = 16_384;

/// systemd shows `DefaultEnvironment=` as it shows a unit's `Environment=`.
const WHOLE_NODE: &str = "--whole-node: units that run already get the variables as they restart, so reboot the node to apply and to \
                          undo it; every user of the node can see the variables of all units, passwords included";

fn name(format: Format) -> String {
    let value = clap::ValueEnum::to_possible_value(&format);
    value.map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Refuses an option that the format would ignore.
fn options(args: &args::Nodes) -> Result<()> {
    let format = args.format;
    if args.whole_node && format != Format::Systemd {
        bail!("--whole-node: only --format systemd has it; nodeadm and talos configure the whole node anyway");
    }
    let with_units = [Format::Systemd, Format::Butane, Format::CloudInit, Format::ClusterApi];
    if !args.units.is_empty() && !with_units.contains(&format) {
        bail!("--unit: only the formats systemd, butane, cloud-init and cluster-api have it; remove the option");
    }
    if args.talos.is_some() && format != Format::Talos {
        bail!("--talos: only --format talos has it; remove the option");
    }
    if args.variant.is_some() && format != Format::Butane {
        bail!("--variant: only --format butane has it; remove the option");
    }
    Ok(())
}

/// The files of a format. What it cannot express goes to `notes`.
///
/// # Errors
/// The format cannot be written.
pub fn files(node: &NodeProxy, args: &args::Nodes, notes: &mut Vec<String>) -> Result<Vec<File>> {
    options(args)?;
    let (file_name, content) = match args.format {
        Format::Systemd => {
            if args.whole_node {
                notes.push(WHOLE_NODE.to_owned());
            }
            return Ok(tree::systemd(node, notes));
        }
        Format::Rke2 => return Ok(tree::env_files(node, &tree::RKE2)),
        Format::K3s => return Ok(tree::env_files(node, &tree::K3S)),
        Format::Nodeadm => ("user-data.txt", nodeadm::document(node, notes)?),
        Format::Talos => (
            "talos.yaml",
            talos::document(node, args.talos.unwrap_or(talos::ENVIRONMENT_CONFIG), notes)?,
        ),
        Format::Bottlerocket => ("bottlerocket.toml", bottlerocket::document(node, notes)?),
        Format::Butane => (
            "butane.yaml",
            butane::document(node, args.variant.unwrap_or(args::Variant::Flatcar), notes)?,
        ),
        Format::CloudInit => ("cloud-config.yaml", cloud_init::document(node, notes)?),
        Format::ClusterApi => ("kubeadm-config.yaml", cluster_api::document(node, notes)?),
        Format::Openshift => ("openshift.yaml", openshift::document(node, notes)?),
    };
    let is_user_data = matches!(args.format, Format::Nodeadm | Format::Bottlerocket | Format::CloudInit);
    if is_user_data && content.len() > MAX_USER_DATA {
        notes.push(format!(
            "user data: {} bytes; EC2 takes at most {MAX_USER_DATA}, so compress it with gzip there",
            content.len()
        ));
    }
    Ok(vec![File {
        path: file_name.to_owned(),
        mode: node.mode(),
        content,
    }])
}

#[cfg(test)]
mod tests;
