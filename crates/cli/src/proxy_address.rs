//! Where the URL of a proxy leads.

use std::fmt;

use url::{Host, Url};

/// Scheme, host and port of a proxy. Shown, it has no credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyAddress {
    /// Whether the connection to the proxy itself is TLS.
    pub tls: bool,
    pub host: Host,
    /// The scheme's own where the URL has none.
    pub port: u16,
}

impl ProxyAddress {
    /// Reads a URL that the settings accept.
    pub fn of(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        Some(ProxyAddress {
            tls: url.scheme() == "https",
            host: url.host()?.to_owned(),
            port: url.port_or_known_default()?,
        })
    }
}

impl fmt::Display for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}
