//! What can be typed. Help, man pages and shell completions come from these definitions.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Companion of http-proxy-policy, which gives pods the HTTP proxy of their cluster.
///
/// Every command reads the policy's own documents: settings, a ClusterAdmissionPolicy or AdmissionPolicy, or the
/// httpProxyConfig of AKS; in YAML or JSON. `-` is standard input. Settings that the policy refuses are refused with the
/// same words.
#[derive(Parser)]
#[command(name = "http-proxy", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    Check(Check),
    FromAks(FromAks),
    Nodes(Nodes),
    ServiceEntry(ServiceEntry),
    Probe(Probe),
    /// Print a completion script for a shell
    Completions {
        shell: clap_complete::Shell,
    },
    /// Write the man pages
    Man {
        /// Existing folder to write to
        #[arg(value_name = "DIR")]
        out: PathBuf,
    },
}

/// Check settings, and name every problem
///
/// Prints one problem a line, as `FILE: path: what is wrong; what to write`. Exit status 1 if there is one.
#[derive(Args)]
pub struct Check {
    /// Settings, policy manifests, or what `az aks show` prints
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
}

/// Turn the HTTP proxy configuration of an AKS cluster into a ClusterAdmissionPolicy
///
/// Reads what `az aks show --output json` prints, or an ARM template. Prints the policy's manifest. Entries of noProxy that the
/// policy refuses are corrected where their meaning is clear and left out otherwise; standard error names each.
#[derive(Args)]
pub struct FromAks {
    /// The cluster
    #[arg(default_value = "-", value_name = "FILE")]
    pub file: String,
    /// Exit with status 2 if anything was corrected or left out
    #[arg(long)]
    pub strict: bool,
}

/// Write what a node needs of the same settings
///
/// An admission policy reaches pods alone. This configures what runs on nodes outside of pods: the kubelet, and the container
/// runtime that pulls images.
#[derive(Args)]
pub struct Nodes {
    /// Settings or a policy's manifest
    pub settings: String,
    /// What to write
    #[arg(long, value_enum)]
    pub format: Format,
    /// Network of nodes, pods or services, which bypasses the proxy: node components dial addresses. Give all of them
    #[arg(long, required = true, value_name = "CIDR")]
    pub no_proxy: Vec<String>,
    /// Take the settings of this profile
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Folder to write to; it is created. Without it, a format of one document goes to standard output
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Unit that gets the variables [default: containerd.service and kubelet.service]. For systemd, butane, cloud-init and
    /// cluster-api
    #[arg(long = "unit", value_name = "NAME", value_parser = unit)]
    pub units: Vec<String>,
    /// Operating system that a Butane config is for
    #[arg(long, value_enum, default_value = "flatcar")]
    pub variant: Variant,
    #[command(flatten)]
    pub files: SourceFiles,
}

/// What stands in for a Secret or a ConfigMap that the settings name.
#[derive(Args, Default)]
pub struct SourceFiles {
    /// File with the URL of the http proxy, in place of the settings' one
    #[arg(long, value_name = "FILE")]
    pub http_proxy_file: Option<PathBuf>,
    /// File with the URL of the https proxy, in place of the settings' one
    #[arg(long, value_name = "FILE")]
    pub https_proxy_file: Option<PathBuf>,
    /// PEM file with the certificate authorities, in place of the settings' ones
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

/// A format of `http-proxy nodes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Drop-ins for systemd units, /etc/environment, the trust store, and apply.sh
    Systemd,
    /// /etc/default/rke2-server and rke2-agent, the trust store, and apply.sh
    Rke2,
    /// /etc/systemd/system/k3s.service.env and k3s-agent.service.env, the trust store, and apply.sh
    K3s,
    /// A patch of the machine configuration
    Talos,
    /// User data in TOML
    Bottlerocket,
    /// A Butane config for Flatcar or Fedora CoreOS
    Butane,
    /// #cloud-config user data
    CloudInit,
    /// files and preKubeadmCommands of a KubeadmConfigSpec
    ClusterApi,
    /// The objects proxy/cluster and configmap/user-ca-bundle
    Openshift,
}

/// The operating system of a Butane config.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Variant {
    Flatcar,
    /// Fedora CoreOS
    Fcos,
}

/// The name of a unit, with its suffix.
fn unit(name: &str) -> Result<String, String> {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b":_.@-".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_known) || name.starts_with(['.', '-']) {
        return Err("must be the name of a systemd unit, such as docker.service".to_owned());
    }
    Ok(if name.contains('.') {
        name.to_owned()
    } else {
        format!("{name}.service")
    })
}

/// Write an Istio ServiceEntry for each proxy of the settings and their profiles
///
/// A mesh takes traffic to a proxy for HTTP to a service of its own, or blocks it. The entry makes it plain TCP to a host
/// outside of the mesh.
#[derive(Args)]
pub struct ServiceEntry {
    /// Settings or a policy's manifest
    pub settings: String,
    /// Address of a proxy whose host is a name. With several names, write HOST=IP
    #[arg(long = "address", value_name = "[HOST=]IP", value_parser = address)]
    pub addresses: Vec<(Option<String>, IpAddr)>,
}

fn address(text: &str) -> Result<(Option<String>, IpAddr), String> {
    let (host, address) = match text.split_once('=') {
        Some((host, address)) => (Some(host.to_ascii_lowercase()), address),
        None => (None, text),
    };
    let address = address
        .parse()
        .map_err(|_| "must be an IP address, or HOST=IP".to_owned())?;
    Ok((host, address))
}

/// Ask the proxies for an http and an https destination, and say what is wrong
///
/// Run it where pods run. For each destination: does the proxy answer, does it ask for credentials and take them, is TLS inspected and by
/// whom, does trustedCa cover that, which destinations bypass the proxy. Exit status 1 if one fails. Credentials go to the
/// proxy alone.
#[derive(Args)]
pub struct Probe {
    /// Settings or a policy's manifest
    pub settings: String,
    /// Destination [default: http://example.com/ and https://example.com/]
    #[arg(long = "url", value_name = "URL")]
    pub urls: Vec<String>,
    /// Probe this profile alone [default: the top level and every profile]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// How long to wait for each answer
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
    #[command(flatten)]
    pub files: SourceFiles,
}
