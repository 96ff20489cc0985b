//! What of the settings concerns a node.

use std::fmt;

use anyhow::{Result, anyhow, bail};
use http_proxy_policy::companion;

use crate::args;
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
}

/// A variable: its name and its value.
pub type Variable<'a> = (&'static str, &'a str);

impl NodeProxy {
    /// Works out what a node needs. What is left out goes to `notes`.
    ///
    /// # Errors
    /// The settings are invalid or disabled, or take from a Secret or a ConfigMap what no flag gives.
    pub fn of(args: &args::Nodes, notes: &mut Vec<String>) -> Result<Self> {
        let settings = Settings::read(&args.settings)?;
        let effective = settings.effective(args.profile.as_deref())?;
        if !effective.enabled {
            bail!(
                "{}: enabled is false, so nodes get nothing; to remove what they have, run apply.sh remove",
                settings.file
            );
        }
        let sources = Sources::read(&effective, &args.files)?;
        let default_units = ["containerd.service", "kubelet.service"].map(str::to_owned);
        Ok(NodeProxy {
            http_proxy: sources.http_proxy,
            https_proxy: sources.https_proxy,
            no_proxy: no_proxy(effective.no_proxy, networks(&args.no_proxy)?, notes),
            certificates: pem::certificates(&sources.trusted_ca).map(str::to_owned).collect(),
            units: if args.units.is_empty() {
                default_units.to_vec()
            } else {
                args.units.clone()
            },
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

    /// As [`NodeProxy::variables`], each with its lower-case name as well: some programs know one, some the other.
    pub fn variables_in_both_cases<'a>(&'a self, no_proxy: &'a str) -> Vec<Variable<'a>> {
        let both = |(name, value)| [(name, value), (lower(name), value)];
        self.variables(no_proxy).into_iter().flat_map(both).collect()
    }

    /// Mode of a file that holds the URLs: 0600 where they have credentials.
    pub fn mode(&self) -> u32 {
        let urls = [&self.http_proxy, &self.https_proxy];
        let has_credentials = urls.into_iter().flatten().any(|url| url.contains('@'));
        if has_credentials { 0o600 } else { 0o644 }
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

/// Judges the networks as settings do. An error does not quote them: a URL with a password may have been pasted.
fn networks(texts: &[String]) -> Result<Vec<String>> {
    let judged = texts
        .iter()
        .map(|text| companion::no_proxy_entry(text).map_err(|fault| anyhow!("--no-proxy: {fault}")));
    judged.collect()
}

/// The list of a node: the settings' and the in-cluster entries, then the networks; each once.
fn no_proxy(entries: Vec<String>, networks: Vec<String>, notes: &mut Vec<String>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for entry in entries.into_iter().chain(networks) {
        if entry.starts_with("$(") {
            notes.push(format!(
                "noProxy: {entry} is left out: nodes have no such variable; pass its value with --no-proxy"
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
