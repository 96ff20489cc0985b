//! What can be typed. Help, man pages and shell completions come from these definitions.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::trust_image;

/// Companion command of http-proxy-policy, which gives pods the HTTP proxy of their cluster.
///
/// Every command reads YAML or JSON: settings, a ClusterAdmissionPolicy or AdmissionPolicy, or the httpProxyConfig of AKS.
/// Use `-` for standard input. The commands reject the same settings as the policy, with the same messages.
#[derive(Parser)]
#[command(name = "http-proxy", version, long_version = trust_image::VERSION, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    Explain(Explain),
    Survey(crate::survey::Survey),
    Check(Check),
    FromAks(FromAks),
    Nodes(Nodes),
    ServiceEntry(ServiceEntry),
    Probe(Probe),
    TrustImage(TrustImage),
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

/// Make an OCI image with certificate authorities, for trustedCaFrom.image
///
/// The image holds the public roots and the given authorities: ca.crt, the names by which OpenSSL looks for them, and a PKCS#12 store for
/// Java. Prints the digest of the image. The same input gives the same digest.
#[derive(Args)]
pub struct TrustImage {
    /// PEM file with certificate authorities. Repeat the option for several files
    #[arg(long, required = true, value_name = "FILE")]
    pub ca: Vec<PathBuf>,
    /// PEM file with the public roots [default: Mozilla's, which are built in; --version reports their date]
    #[arg(long, value_name = "FILE")]
    pub roots: Option<PathBuf>,
    /// Folder to write an OCI image layout to
    #[arg(
        long,
        value_name = "DIR",
        required_unless_present = "archive",
        conflicts_with = "archive"
    )]
    pub out: Option<PathBuf>,
    /// File to write the layout to as a tar archive
    #[arg(long, value_name = "FILE")]
    pub archive: Option<PathBuf>,
    /// Password of the PKCS#12 store, as in trustStorePassword of the settings
    #[arg(long, value_name = "PASSWORD", default_value = "changeit", value_parser = password)]
    pub password: String,
}

/// A password that the settings also accept.
fn password(text: &str) -> Result<String, &'static str> {
    http_proxy_policy::companion::trust_store_password(text).map(|()| text.to_owned())
}

/// Say what the cluster would do with objects, and why
///
/// For each pod, and for the pod that each workload creates: whether it is sent to the policy, what each container gets, why, and the
/// changes. Namespaces among the objects give the labels that the policy selects by. If an object is rejected, the exit status is 1.
#[derive(Args)]
pub struct Explain {
    #[command(flatten)]
    pub color: colorchoice_clap::Color,
    /// A policy manifest, or settings alone: then every pod is sent
    pub settings: String,
    /// Pods, workloads and namespaces: manifests, or what `kubectl get -o yaml` prints
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Labels of a namespace that is not among the objects. Repeat the option for each namespace
    #[arg(long, value_name = "NAME=KEY=VALUE,…")]
    pub namespace_labels: Vec<String>,
    /// What is done to the objects. UPDATE of a pod with ephemeral containers is what `kubectl debug` does
    #[arg(long, default_value = "CREATE", value_name = "OPERATION", value_parser = operation)]
    pub operation: explain::request::Operation,
    /// Which policy to explain if the file has several
    #[arg(long, value_name = "NAME")]
    pub policy: Option<String>,
    /// Namespace that Kubewarden is installed in, which it exempts [default: kubewarden and cattle-kubewarden-system]
    #[arg(long, value_name = "NAMESPACE")]
    pub kubewarden_namespace: Option<String>,
    /// Format of the answer
    #[arg(long, value_enum, default_value = "text")]
    pub output: ExplainOutput,
    /// Show long lists whole, and the containers of unchanged objects
    #[arg(long)]
    pub verbose: bool,
}

/// A format of `http-proxy explain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExplainOutput {
    /// A table and a diff for each object
    Text,
    /// The same as one JSON document
    Json,
}

fn operation(word: &str) -> Result<explain::request::Operation, String> {
    explain::request::Operation::of_word(word).ok_or_else(|| "must be CREATE, UPDATE or DELETE".to_owned())
}

/// Check settings and list every problem
///
/// Prints one problem per line, as `FILE:LINE: path: what is wrong; what to write`. If there are any, the exit status is 1. Also
/// checks the manifest of a policy: `mutating` and `mode` against the settings, rules for pods, and selectors.
#[derive(Args)]
pub struct Check {
    /// Settings, policy manifests, or the output of `az aks show`
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Form of the problems
    #[arg(long, value_enum, default_value = "text")]
    pub output: CheckOutput,
    /// Skip what is not of this policy: other manifests, files without settings, Helm templates
    #[arg(long)]
    pub skip_others: bool,
}

/// The form of what `http-proxy check` finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckOutput {
    /// A problem per line
    Text,
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// Turn the HTTP proxy configuration of an AKS cluster into a ClusterAdmissionPolicy
///
/// Reads the output of `az aks show --output json`, or an ARM template. Prints the manifest of the policy. Entries of noProxy
/// that the policy rejects are corrected if their meaning is clear, and omitted otherwise; a note on standard error lists each of them.
#[derive(Args)]
pub struct FromAks {
    /// Output of `az aks show`, or an ARM template
    #[arg(default_value = "-", value_name = "FILE")]
    pub file: String,
    /// Exit with status 2 if anything was corrected or omitted
    #[arg(long)]
    pub strict: bool,
}

/// Generate configuration that gives nodes the same proxy
///
/// An admission policy can only change pods. This command configures what runs directly on the node: the
/// kubelet, and the container runtime that pulls images.
#[derive(Args)]
pub struct Nodes {
    /// Settings or a policy manifest
    pub settings: String,
    /// Format to write
    #[arg(long, value_enum)]
    pub format: Format,
    /// Network of nodes, pods or services, or name of the API server's endpoint, which must bypass the proxy. Repeat the option
    /// for each of them: the kubelet and the container runtime connect to IP addresses, and to that name. Required, except for a CA alone and with --from-aks
    #[arg(long, value_name = "CIDR|NAME")]
    pub no_proxy: Vec<String>,
    /// Output of `az aks show`, from which the networks of pods and services and the API server's name are taken
    #[arg(long, value_name = "FILE")]
    pub from_aks: Option<String>,
    /// Use this profile's settings instead of the top-level ones
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Folder to write to; it is created if it does not exist. Formats with a single document are printed by default
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// systemd service to configure, for the formats systemd, butane, cloud-init and cluster-api [default:
    /// containerd.service and kubelet.service]
    #[arg(long = "unit", value_name = "NAME", value_parser = unit)]
    pub units: Vec<String>,
    /// Also give the proxy to every systemd unit, apt and dnf, as AKS does; for the format systemd
    #[arg(long)]
    pub whole_node: bool,
    /// Version of Talos: up to 1.12, the variables are in machine.env [default: 1.13]
    #[arg(long, value_name = "VERSION")]
    pub talos: Option<TalosVersion>,
    /// Target operating system of the Butane config [default: flatcar]
    #[arg(long, value_enum)]
    pub variant: Option<Variant>,
    #[command(flatten)]
    pub files: SourceFiles,
}

/// Files instead of a Secret or a ConfigMap that the settings refer to.
#[derive(Args, Clone, Default)]
pub struct SourceFiles {
    /// File with the URL of the http proxy, or - for standard input; replaces the URL or Secret in the settings
    #[arg(long, value_name = "FILE")]
    pub http_proxy_file: Option<String>,
    /// File with the URL of the https proxy, or - for standard input; replaces the URL or Secret in the settings
    #[arg(long, value_name = "FILE")]
    pub https_proxy_file: Option<String>,
    /// PEM file with the certificate authorities, or - for standard input; replaces the trusted CA of the settings
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<String>,
}

/// A format of `http-proxy nodes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// An environment file and drop-ins for systemd units, /etc/environment, the trust store, and apply.sh
    Systemd,
    /// /etc/default/rke2-server and rke2-agent, the trust store, and apply.sh
    Rke2,
    /// /etc/default/k3s and k3s-agent, the trust store, and apply.sh
    K3s,
    /// User data for EKS on Amazon Linux 2023: a NodeConfig, and a boot hook for the CA
    Nodeadm,
    /// A patch for the machine configuration: EnvironmentConfig and TrustedRootsConfig
    Talos,
    /// User data in TOML
    Bottlerocket,
    /// A Butane config for Flatcar or Fedora CoreOS
    Butane,
    /// #cloud-config user data
    CloudInit,
    /// files and preKubeadmCommands of a KubeadmConfigSpec
    ClusterApi,
    /// The object proxy/cluster, and a ConfigMap with the CA
    Openshift,
}

/// The operating system of a Butane config.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Variant {
    Flatcar,
    /// Fedora CoreOS
    Fcos,
}

/// A version of Talos, major and minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TalosVersion(pub u32, pub u32);

impl FromStr for TalosVersion {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.trim_start_matches('v').split('.').map(str::parse);
        match (parts.next(), parts.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Ok(TalosVersion(major, minor)),
            _ => Err("must be a version, such as 1.13"),
        }
    }
}

/// The suffixes of units that are no service. systemctl, too, takes anything else for the name of one.
const OTHER_UNITS: [&str; 9] = [
    ".automount",
    ".device",
    ".mount",
    ".path",
    ".scope",
    ".slice",
    ".socket",
    ".target",
    ".timer",
];

/// The name of a service, with its suffix.
fn unit(name: &str) -> Result<String, String> {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b":_.@-".contains(&byte);
    let is_other = OTHER_UNITS.iter().any(|suffix| name.ends_with(suffix));
    if name.is_empty() || !name.bytes().all(is_known) || name.starts_with(['.', '-']) || is_other {
        return Err("must be the name of a systemd service, such as docker.service".to_owned());
    }
    let name = name.strip_suffix(".service").unwrap_or(name);
    Ok(format!("{name}.service"))
}

/// Write an Istio ServiceEntry for each proxy in the settings and their profiles
///
/// Without the entry, a mesh blocks traffic to a proxy, or treats it as HTTP traffic to a service in the mesh. With the
/// entry, it is plain TCP traffic to a host outside of the mesh.
#[derive(Args)]
pub struct ServiceEntry {
    /// Settings or a policy manifest
    pub settings: String,
    /// IP address of a proxy whose host is a name. If there are several names, write HOST=IP
    #[arg(long = "address", value_name = "[HOST=]IP", value_parser = address)]
    pub addresses: Vec<(Option<String>, IpAddr)>,
    /// Namespace of the entries: the mesh's root namespace, so that they count in all; aks-istio-system for AKS's add-on
    #[arg(long, value_name = "NAME", default_value = "istio-system", value_parser = namespace)]
    pub namespace: String,
    /// Namespace that sees the entries; `.` for their own, `*` for all. Repeat the option for several [default: as the mesh is
    /// configured]
    #[arg(long, value_name = "NAME", value_parser = export_to)]
    pub export_to: Vec<String>,
}

/// The name of a namespace (RFC 1123).
fn namespace(text: &str) -> Result<String, &'static str> {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_name = (1..=63).contains(&text.len()) && text.bytes().all(known);
    if !is_name || text.starts_with('-') || text.ends_with('-') {
        return Err("must be the name of a namespace: lower-case letters, digits and -");
    }
    Ok(text.to_owned())
}

fn export_to(text: &str) -> Result<String, &'static str> {
    if [".", "*"].contains(&text) {
        Ok(text.to_owned())
    } else {
        namespace(text)
    }
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

/// Send requests through the proxies and diagnose failures
///
/// Run it where pods run. For each destination, it shows whether the destination bypasses the proxy, whether the proxy
/// answers, asks for credentials and accepts them, who inspects TLS, and whether pods trust that CA. Destinations that bypass
/// the proxy are requested directly. If a destination fails, the exit status is 1. Credentials are sent only to the proxy.
#[derive(Args)]
pub struct Probe {
    /// Settings or a policy manifest
    pub settings: String,
    #[arg(
        long = "url",
        value_name = "URL",
        help = "Destination to request [default: http://example.com/ and https://example.com/]"
    )]
    pub urls: Vec<String>,
    /// Probe only this profile [default: the top level and every profile]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// How long each exchange may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
    /// Form of the result
    #[arg(long, value_enum, default_value = "text")]
    pub output: ProbeOutput,
    #[command(flatten)]
    pub files: SourceFiles,
}

/// The form of what `http-proxy probe` finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProbeOutput {
    /// A table, and a sentence for each fault
    Text,
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks what an option's parser makes of values; none where it refuses them.
    fn check<T, E: std::fmt::Debug>(parse: impl Fn(&str) -> Result<T, E>, cases: &[(&str, Option<&str>)])
    where
        T: AsRef<str>,
    {
        for (text, expected) in cases {
            let parsed = parse(text);
            assert_eq!(parsed.as_ref().ok().map(AsRef::as_ref), *expected, "{text:?}");
        }
    }

    #[test]
    fn a_unit_is_the_name_of_a_service_with_or_without_its_suffix() {
        let cases = [
            ("docker", Some("docker.service")),
            ("docker.service", Some("docker.service")),
            ("crio@a:b_c-1.service", Some("crio@a:b_c-1.service")),
            ("docker.conf", Some("docker.conf.service")),
            ("docker.socket", None),
            ("", None),
            ("a b", None),
            ("../a", None),
            (".service", None),
            ("-a", None),
            ("a/b", None),
        ];
        check(unit, &cases);
    }

    #[test]
    fn a_namespace_has_the_form_of_one() {
        let longest = "a".repeat(63);
        let too_long = "a".repeat(64);
        let cases = [
            ("istio-system", Some("istio-system")),
            ("a", Some("a")),
            ("0-9", Some("0-9")),
            (&longest, Some(&*longest)),
            (&too_long, None),
            ("", None),
            ("-a", None),
            ("a-", None),
            ("A", None),
            ("a_b", None),
            ("a.b", None),
        ];
        check(namespace, &cases);
        check(export_to, &cases);
        check(namespace, &[(".", None), ("*", None)]);
        check(export_to, &[(".", Some(".")), ("*", Some("*")), ("..", None)]);
    }

    #[test]
    fn a_version_of_talos_has_two_parts_or_more() {
        for (text, expected) in [
            ("1.13", Some(TalosVersion(1, 13))),
            ("v1.9.4", Some(TalosVersion(1, 9))),
            ("1", None),
            ("1.x", None),
            ("", None),
        ] {
            assert_eq!(text.parse().ok(), expected, "{text}");
        }
        assert!(TalosVersion(1, 9) < TalosVersion(1, 13));
    }

    #[test]
    fn an_address_may_name_its_host() {
        for (text, expected) in [
            ("192.0.2.1", Some((None, "192.0.2.1"))),
            ("Proxy.Example=fd00::1", Some((Some("proxy.example"), "fd00::1"))),
            ("proxy.example", None),
            ("proxy.example=", None),
        ] {
            let parsed = address(text).ok();
            let expected = expected.map(|(host, ip)| (host.map(str::to_owned), ip.parse().unwrap()));
            assert_eq!(parsed, expected, "{text}");
        }
    }
}
