//! What can be wrong, and what to do.

use std::io;

use crate::proxy_address::ProxyAddress;

/// Why a destination was not reached.
#[derive(Debug)]
pub enum Fault {
    /// The proxy's name is unknown.
    UnknownHost,
    /// Nothing takes the connection to the proxy.
    NoAnswer(io::Error),
    /// What answers speaks something else than a proxy for HTTP.
    NotAProxy,
    /// The connection ended, or nothing came in time.
    Interrupted(io::Error),
    /// The certificate of the proxy itself is not trusted.
    ProxyCertificate(String),
    /// The proxy asks for credentials, and there are none. The schemes that it offers.
    NoCredentials(String),
    /// The proxy does not take the credentials.
    CredentialsRefused,
    /// The proxy takes no Basic credentials. The schemes that it offers.
    OtherSchemes(String),
    /// The proxy does not let this destination pass. The status.
    Refused(u16),
    /// The proxy does not reach the destination. The status.
    Unreachable(u16),
    /// Any other answer to CONNECT.
    Status(u16),
    /// The certificate for the destination is not good.
    Certificate(String),
}

impl Fault {
    /// In the table.
    pub fn word(&self) -> &'static str {
        match self {
            Fault::UnknownHost | Fault::NoAnswer(_) => "no proxy",
            Fault::NotAProxy => "not a proxy",
            Fault::Interrupted(_) => "interrupted",
            Fault::NoCredentials(_) | Fault::CredentialsRefused | Fault::OtherSchemes(_) => "not authenticated",
            Fault::Refused(_) => "refused",
            Fault::Unreachable(_) => "not reached",
            Fault::Status(_) => "failed",
            Fault::ProxyCertificate(_) | Fault::Certificate(_) => "not trusted",
        }
    }

    /// What is wrong and what to do.
    pub fn advice(&self, proxy: &ProxyAddress) -> String {
        match self {
            Fault::UnknownHost => {
                format!("the host of {proxy} cannot be resolved here; check its spelling, and the DNS of the pods")
            }
            Fault::NoAnswer(error) => format!(
                "nothing answers at {proxy} ({}); check host and port, and that firewalls and network policies let this machine reach it",
                error.kind()
            ),
            Fault::NotAProxy => format!(
                "the server at {proxy} is not an HTTP proxy; check host and port, and whether it expects TLS (an https:// URL in \
                 httpsProxy)"
            ),
            Fault::Interrupted(error) => format!(
                "{proxy} closed the connection ({}); ask its operator how it handles this destination",
                error.kind()
            ),
            Fault::ProxyCertificate(reason) => {
                format!("the certificate of {proxy} itself is not trusted: {reason}; add its CA to trustedCa")
            }
            Fault::NoCredentials(schemes) => format!(
                "{proxy} asks for credentials ({schemes}) and the settings have none; write http://user:password@… or use httpProxyFrom"
            ),
            Fault::CredentialsRefused => format!(
                "{proxy} rejects the credentials; check user and password, and that special characters are percent-encoded"
            ),
            Fault::OtherSchemes(schemes) => format!(
                "{proxy} accepts only {schemes}, and a URL can carry only Basic credentials; ask its operator to allow Basic, or \
                 access without credentials"
            ),
            Fault::Refused(status) => format!(
                "{proxy} refuses this destination (status {status}); ask its operator to allow it, or add it to noProxy if pods can \
                 reach it directly"
            ),
            Fault::Unreachable(status) => {
                format!("{proxy} cannot reach this destination (status {status}); if it is internal, add it to noProxy")
            }
            Fault::Status(status) => format!("{proxy} answers with status {status}; ask its operator for the reason"),
            Fault::Certificate(reason) => reason.clone(),
        }
    }
}
