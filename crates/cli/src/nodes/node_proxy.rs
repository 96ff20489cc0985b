//! What of the settings concerns a node.

use std::fmt;
use std::net::IpAddr;

use anyhow::{Result, anyhow, bail};
use http_proxy_policy::companion;
use ipnet::IpNet;

use crate::aks;
use crate::args::{self, Format};
use crate::pem;
use crate::settings::Settings;
use crate::sources::Sources;

/// The proxy and the certificate authorities of a node.
pub struct NodeProxy {
    /// For http destinations, credentials included.
    pub http_proxy: Option<String>,
    /// For https destinations, credentials included.
    pub https_proxy: Option<String>,
    /// Without references to variables, which a node does not have.
    pub no_proxy: Vec<String>,
    /// A certificate in PEM each.
    pub certificates: Vec<String>,
    /// The systemd units that get the variables.
    pub units: Vec<String>,
    /// Whether all units and the package managers get the proxy.
    pub whole_node: bool,
}

/// A variable: its name and its value.
pub type Variable<'a> = (&'static str, &'a str);

impl NodeProxy {
    /// Works out what a node needs. What is omitted goes to `notes`.
    ///
    /// # Errors
    /// The settings are invalid or disabled, or take from a Secret or a ConfigMap what no flag gives.
    pub fn of(args: &args::Nodes, notes: &mut Vec<String>) -> Result<Self> {
        let settings = Settings::read(&args.settings)?;
        let effective = settings.effective(args.profile.as_deref())?;
        if !effective.enabled {
            bail!(
                "{}: enabled is false, so there is nothing to write; to undo earlier changes, run apply.sh remove",
                settings.file()
            );
        }
        let sources = Sources::read(&effective, &args.files)?;
        let has_proxy = sources.http_proxy.is_some() || sources.https_proxy.is_some();
        // A CA alone has no list.
        let no_proxy = if has_proxy {
            let direct = direct(args, notes)?;
            no_proxy(effective.no_proxy, direct, notes)
        } else {
            Vec::new()
        };
        Ok(NodeProxy {
            http_proxy: sources.http_proxy,
            https_proxy: sources.https_proxy,
            no_proxy,
            certificates: pem::certificates(&sources.trusted_ca).map(str::to_owned).collect(),
            units: units(&args.units),
            whole_node: args.whole_node,
        })
    }

    /// The value of `NO_PROXY`.
    pub fn no_proxy_value(&self) -> String {
        self.no_proxy.join(",")
    }

    /// The variables with upper-case names; none without a proxy.
    pub fn variables<'a>(&'a self, no_proxy: &'a str) -> Vec<Variable<'a>> {
        let proxies = [("HTTP_PROXY", &self.http_proxy), ("HTTPS_PROXY", &self.https_proxy)];
        let proxies = proxies
            .into_iter()
            .filter_map(|(name, url)| Some((name, url.as_deref()?)));
        let mut variables: Vec<Variable> = proxies.collect();
        if !variables.is_empty() && !no_proxy.is_empty() {
            variables.push(("NO_PROXY", no_proxy));
        }
        variables
    }

    /// As [`NodeProxy::variables`], each also with its lower-case name, because some programs read only one of them.
    pub fn variables_in_both_cases<'a>(&'a self, no_proxy: &'a str) -> Vec<Variable<'a>> {
        let both = |(name, value)| [(name, value), (lower(name), value)];
        self.variables(no_proxy).into_iter().flat_map(both).collect()
    }

    /// Whether there is a proxy, and not a CA alone.
    pub fn has_proxy(&self) -> bool {
        self.http_proxy.is_some() || self.https_proxy.is_some()
    }

    /// Whether a URL has a user or a password.
    pub fn has_credentials(&self) -> bool {
        let urls = [&self.http_proxy, &self.https_proxy];
        urls.into_iter().flatten().any(|url| url.contains('@'))
    }

    /// Mode of a file that holds the URLs: 0600 where they have credentials.
    pub fn mode(&self) -> u32 {
        if self.has_credentials() { 0o600 } else { 0o644 }
    }
}

/// The lower-case name of a variable.
pub fn lower(name: &str) -> &'static str {
    match name {
        "HTTP_PROXY" => "http_proxy",
        "HTTPS_PROXY" => "https_proxy",
        _ => "no_proxy",
    }
}

/// The units that the user names, each once.
fn units(named: &[String]) -> Vec<String> {
    if named.is_empty() {
        return ["containerd.service", "kubelet.service"].map(str::to_owned).to_vec();
    }
    let mut units: Vec<String> = Vec::new();
    for unit in named {
        if !units.contains(unit) {
            units.push(unit.clone());
        }
    }
    units
}

/// The networks, and the names of the API server, that the user gives. An error does not quote them: a URL with a password may have
/// been pasted.
fn direct(args: &args::Nodes, notes: &mut Vec<String>) -> Result<Vec<String>> {
    let judge = |text: &String| companion::no_proxy_entry(text).map_err(|fault| anyhow!("--no-proxy: {fault}"));
    let mut entries = args.no_proxy.iter().map(judge).collect::<Result<Vec<String>>>()?;
    if let Some(file) = &args.from_aks {
        let cluster = aks::cluster(file)?;
        if !entries.iter().any(|entry| is_network(entry)) {
            notes.push(
                "--from-aks: az aks show has the networks of pods and services alone; pass that of the nodes with --no-proxy".to_owned(),
            );
        }
        entries.extend(cluster.networks.into_iter().chain(cluster.api_server_names));
    }
    if entries.iter().any(|entry| entry == "*") {
        return Ok(entries);
    }
    if !entries.iter().any(|entry| is_network(entry)) {
        bail!(
            "--no-proxy: no network is given; pass those of nodes, pods and services, such as 10.0.0.0/16, because the kubelet and the container runtime connect to IP addresses"
        );
    }
    // These two add it themselves.
    let is_known = matches!(args.format, Format::Openshift | Format::Bottlerocket);
    let is_name = |entry: &String| entry.parse::<IpAddr>().is_err() && !is_network(entry);
    if !is_known && !entries.iter().any(is_name) {
        notes.push(
            "--no-proxy: no name of the API server's endpoint is given; if the kubelet connects to a name (such as kubeadm's controlPlaneEndpoint), also pass that name, because clients do not match names against networks"
                .to_owned(),
        );
    }
    Ok(entries)
}

fn is_network(entry: &str) -> bool {
    entry.parse::<IpNet>().is_ok()
}

/// The list of a node: the settings' and the in-cluster entries, then what the user gives; each once.
fn no_proxy(entries: Vec<String>, direct: Vec<String>, notes: &mut Vec<String>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for entry in entries.into_iter().chain(direct) {
        if entry.starts_with("$(") {
            let advice = if entry == "$(KUBERNETES_SERVICE_HOST)" {
                "the service network in --no-proxy covers it"
            } else {
                "pass its value with --no-proxy"
            };
            notes.push(format!(
                "noProxy: {entry} is omitted: nodes have no such variable; {advice}"
            ));
        } else if !list.iter().any(|known| known.eq_ignore_ascii_case(&entry)) {
            list.push(entry);
        }
    }
    if list.iter().any(|entry| entry == "*") {
        return vec!["*".to_owned()];
    }
    list
}

/// Without the URLs and certificates.
impl fmt::Debug for NodeProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeProxy")
            .field("no_proxy", &self.no_proxy)
            .finish_non_exhaustive()
    }
}
