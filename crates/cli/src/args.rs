//! What can be typed. Help, man pages and shell completions come from these definitions.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Companion command of http-proxy-policy, which gives pods the HTTP proxy of their cluster.
///
/// Every command reads YAML or JSON: settings, a ClusterAdmissionPolicy or AdmissionPolicy, or the httpProxyConfig of AKS.
/// Use `-` for standard input. The commands reject the same settings as the policy, with the same messages.
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

/// Check settings, and list every problem
///
/// Prints one problem per line, as `FILE: path: what is wrong; what to write`. If there are any, the exit status is 1.
#[derive(Args)]
pub struct Check {
    /// Settings, policy manifests, or the output of `az aks show`
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
}

/// Turn the HTTP proxy configuration of an AKS cluster into a ClusterAdmissionPolicy
///
/// Reads the output of `az aks show --output json`, or an ARM template. Prints the manifest of the policy. Entries of noProxy
/// that the policy rejects are corrected if their meaning is clear, and left out otherwise; standard error names each of them.
#[derive(Args)]
pub struct FromAks {
    /// Output of `az aks show`, or an ARM template
    #[arg(default_value = "-", value_name = "FILE")]
    pub file: String,
    /// Exit with status 2 if anything was corrected or left out
    #[arg(long)]
    pub strict: bool,
}

/// Write the configuration that gives nodes the same proxy
///
/// An admission policy reaches only pods. This command configures the programs that run on nodes outside of pods: the
/// kubelet, and the container runtime that pulls images.
#[derive(Args)]
pub struct Nodes {
    /// Settings or a policy's manifest
    pub settings: String,
    /// Format to write
    #[arg(long, value_enum)]
    pub format: Format,
    /// Network of nodes, pods or services, which must bypass the proxy. Repeat the option for each of them: the components of
    /// nodes connect to addresses
    #[arg(long, required = true, value_name = "CIDR")]
    pub no_proxy: Vec<String>,
    /// Use the settings of this profile instead of the top level
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Folder to write to; it is created if it does not exist. By default, a format with a single document is printed
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// systemd unit that gets the variables, for the formats systemd, butane, cloud-init and cluster-api [default:
    /// containerd.service and kubelet.service]
    #[arg(long = "unit", value_name = "NAME", value_parser = unit)]
    pub units: Vec<String>,
    /// Operating system that a Butane config is for
    #[arg(long, value_enum, default_value = "flatcar")]
    pub variant: Variant,
    #[command(flatten)]
    pub files: SourceFiles,
}

/// Files in place of a Secret or a ConfigMap that the settings refer to.
#[derive(Args, Default)]
pub struct SourceFiles {
    /// File with the URL of the http proxy; replaces the URL or Secret in the settings
    #[arg(long, value_name = "FILE")]
    pub http_proxy_file: Option<PathBuf>,
    /// File with the URL of the https proxy; replaces the URL or Secret in the settings
    #[arg(long, value_name = "FILE")]
    pub https_proxy_file: Option<PathBuf>,
    /// PEM file with the certificate authorities; replaces the trusted CA of the settings
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
    /// A patch for the machine configuration
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
/// Without the entry, a mesh blocks traffic to a proxy, or treats it as HTTP traffic to a service in the mesh. With the
/// entry, it is plain TCP traffic to a host outside of the mesh.
#[derive(Args)]
pub struct ServiceEntry {
    /// Settings or a policy's manifest
    pub settings: String,
    /// IP address of a proxy whose host is a name. If there are several names, write HOST=IP
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

/// Send requests through the proxies, and say what is wrong
///
/// Run it where pods run. For each destination, it shows whether the destination bypasses the proxy, whether the proxy
/// answers, asks for credentials and accepts them, who inspects TLS, and whether pods trust that CA. If a destination fails,
/// the exit status is 1. Credentials are sent only to the proxy.
#[derive(Args)]
pub struct Probe {
    /// Settings or a policy's manifest
    pub settings: String,
    /// Destination to request [default: http://example.com/ and https://example.com/]
    #[arg(long = "url", value_name = "URL")]
    pub urls: Vec<String>,
    /// Probe only this profile [default: the top level and every profile]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// How long to wait for each answer
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
    #[command(flatten)]
    pub files: SourceFiles,
}
