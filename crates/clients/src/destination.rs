use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// Where a request goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Destination {
    pub scheme: Scheme,
    /// A name in lower case, with its trailing dot if it has one, or an IP address without brackets.
    pub host: String,
    pub port: u16,
    /// What the name resolves to, if that is known: some clients compare these with the list. Empty for an IP address.
    pub addresses: Vec<IpAddr>,
}

/// Which proxy is asked.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Scheme {
    /// `http` and `ws`.
    Http,
    /// `https` and `wss`.
    Https,
}

impl Scheme {
    /// Its port where a URL has none.
    pub fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

impl Destination {
    /// `host` may have the brackets of an IPv6 address. No name is looked up.
    pub fn new(scheme: Scheme, host: &str, port: u16) -> Self {
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        Destination {
            scheme,
            host: address.unwrap_or(host).to_ascii_lowercase(),
            port,
            addresses: Vec::new(),
        }
    }

    /// A URL of the scheme `http`, `https`, `ws` or `wss`; user-info, path, query and fragment do not count. `None` for other schemes, and for
    /// what has no host or no valid port.
    pub fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" | "ws" => Scheme::Http,
            "https" | "wss" => Scheme::Https,
            _ => return None,
        };
        let authority = rest.split(['/', '?', '#']).next()?;
        let host_and_port = authority.rsplit('@').next()?;
        let (host, port) = split_port(host_and_port);
        let is_name = !host.starts_with('[') && !host.contains(':');
        let is_host = !host.is_empty() && (is_name || address(host).is_some());
        let port = match port {
            None | Some("") => scheme.default_port(),
            Some(port) => port.parse().ok()?,
        };
        is_host.then(|| Destination::new(scheme, host, port))
    }

    /// The host, if it is an IP address.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// Splits `host:port`; an IPv6 address has colons itself.
pub(crate) fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if host.ends_with(']') || !host.contains(':') => (host, Some(port)),
        _ => (text, None),
    }
}

/// The IPv6 address in brackets.
pub(crate) fn address(bracketed: &str) -> Option<IpAddr> {
    let address = bracketed.strip_prefix('[')?.strip_suffix(']')?;
    address.parse().ok().map(IpAddr::V6)
}
