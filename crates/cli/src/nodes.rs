//! `http-proxy nodes`: what a node needs of the settings, in the form in which its distribution takes it.

mod bottlerocket;
mod butane;
mod cloud_init;
mod cluster_api;
mod env_file;
mod node_proxy;
mod openshift;
mod systemd;
mod talos;
mod tree;

use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};

use crate::args::{self, Format};
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
        eprintln!("{note}");
    }
    match (&args.out, files.as_slice()) {
        (Some(folder), files) => write_all(folder, files)?,
        (None, [document]) => print!("{}", document.content),
        (None, _) => bail!(
            "--format {}: writes several files; pass a folder with --out DIR",
            name(args.format)
        ),
    }
    Ok(ExitCode::SUCCESS)
}

fn name(format: Format) -> String {
    let value = clap::ValueEnum::to_possible_value(&format);
    value.map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// The files of a format. What it cannot express goes to `notes`.
///
/// # Errors
/// The format cannot be written.
pub fn files(node: &NodeProxy, args: &args::Nodes, notes: &mut Vec<String>) -> Result<Vec<File>> {
    let (file_name, content) = match args.format {
        Format::Systemd => return Ok(tree::systemd(node)),
        Format::Rke2 => return Ok(tree::env_files(node, &tree::RKE2)),
        Format::K3s => return Ok(tree::env_files(node, &tree::K3S)),
        Format::Talos => ("talos.yaml", talos::document(node)?),
        Format::Bottlerocket => ("bottlerocket.toml", bottlerocket::document(node)?),
        Format::Butane => ("butane.yaml", butane::document(node, args.variant)?),
        Format::CloudInit => ("cloud-config.yaml", cloud_init::document(node)?),
        Format::ClusterApi => ("kubeadm-config.yaml", cluster_api::document(node)?),
        Format::Openshift => ("openshift.yaml", openshift::document(node, notes)?),
    };
    Ok(vec![File {
        path: file_name.to_owned(),
        mode: node.mode(),
        content,
    }])
}

fn write_all(folder: &Path, files: &[File]) -> Result<()> {
    for file in files {
        let path = folder.join(&file.path);
        write(&path, file).map_err(|error| anyhow!("{}: {error}", path.display()))?;
    }
    Ok(())
}

fn write(path: &Path, file: &File) -> Result<()> {
    fs::create_dir_all(path.parent().context("a file has a folder")?)?;
    let mut options = fs::OpenOptions::new();
    let mut written = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(file.mode)
        .open(path)?;
    // One that was there before, and may be read by others, must not get the content first.
    written.set_permissions(fs::Permissions::from_mode(file.mode))?;
    written.write_all(file.content.as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests;
