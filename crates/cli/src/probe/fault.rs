//! What can be wrong, and what to do.

use std::io::{self, ErrorKind};

/// Why a destination was not reached.
#[derive(Debug)]
pub enum Fault {
    Network(Network),
    /// What came is not HTTP.
    NotHttp,
    /// What answers is no proxy for HTTP.
    NotAProxy,
    /// The proxy of an `https://` URL speaks HTTP without TLS.
    SpeaksPlainHttp,
    /// The proxy of an `http://` URL speaks TLS.
    SpeaksTls,
    Credentials(Credentials),
    Answer(Answer),
    /// The certificate of the proxy itself is not trusted.
    ProxyCertificate(String),
    /// The certificate for the destination is not good.
    Certificate(String),
}

/// The connection to the other side: the proxy, or the destination of a direct request.
#[derive(Debug)]
pub enum Network {
    /// Its name is unknown.
    UnknownHost,
    /// Nothing takes the connection.
    NoConnection(io::Error),
    /// The connection ended, or nothing came in time.
    Interrupted(io::Error),
    /// The connection to the destination is there, but TLS does not begin.
    NoTls(io::Error),
}

/// The proxy asks for credentials.
#[derive(Debug)]
pub enum Credentials {
    /// There are none. The schemes that the proxy offers.
    Missing(Vec<String>),
    /// The proxy does not take them.
    Refused,
    /// The proxy takes no Basic credentials. The schemes that it offers.
    OtherSchemes(Vec<String>),
}

/// An answer that is not the destination's, or may not be.
#[derive(Debug)]
pub enum Answer {
    /// The proxy does not let this destination pass. The status, and the proxy's name of the error if it gives one.
    Refused(String),
    /// The proxy does not reach the destination. As above.
    Unreachable(String),
    /// Any other answer of the proxy itself: as above, and the host that it redirects to.
    Own(String, Option<String>),
    /// The proxy or the destination says no; nothing tells which. The status.
    Unclear(u16),
    /// The answer leads to another host.
    Redirect(String),
    /// The same answer comes for a host that does not exist. The status.
    ForAnything(u16),
}

/// With whom a request was exchanged.
pub struct Peer {
    /// `https://proxy.example.com:3128`, without credentials.
    pub name: String,
    /// Not of a direct request.
    pub is_proxy: bool,
    /// The time that it had.
    pub seconds: u64,
}

impl Fault {
    /// In the table.
    pub fn word(&self) -> &'static str {
        match self {
            Fault::Network(network) => network.word(),
            Fault::NotHttp | Fault::NotAProxy => "not a proxy",
            Fault::SpeaksPlainHttp | Fault::SpeaksTls => "wrong scheme",
            Fault::Credentials(_) => "not authenticated",
            Fault::Answer(answer) => answer.word(),
            Fault::ProxyCertificate(_) | Fault::Certificate(_) => "not trusted",
        }
    }

    /// What is wrong and what to do.
    pub fn advice(&self, peer: &Peer) -> String {
        let name = &peer.name;
        match self {
            Fault::Network(network) => network.advice(peer),
            Fault::NotHttp if !peer.is_proxy => format!("{name} does not answer with HTTP; check the URL"),
            Fault::NotHttp | Fault::NotAProxy => {
                format!("the server at {name} is not an HTTP proxy; check host and port")
            }
            Fault::SpeaksPlainHttp => {
                let plain = name.replacen("https://", "http://", 1);
                format!(
                    "{name} speaks plain HTTP: write {plain} in httpsProxy; the scheme of a proxy says how clients talk to the proxy"
                )
            }
            Fault::SpeaksTls => {
                let tls = name.replacen("http://", "https://", 1);
                format!("{name} expects TLS: write {tls} in httpsProxy, or ask its operator for a port without TLS")
            }
            Fault::Credentials(credentials) => credentials.advice(name),
            Fault::Answer(answer) => answer.advice(name),
            Fault::ProxyCertificate(reason) => {
                format!("the certificate of {name} itself is not trusted: {reason}; add its CA to trustedCa")
            }
            Fault::Certificate(reason) => reason.clone(),
        }
    }
}

impl Network {
    fn word(&self) -> &'static str {
        match self {
            Network::UnknownHost | Network::NoConnection(_) => "unreachable",
            Network::Interrupted(error) | Network::NoTls(error) if is_late(error) => "no answer",
            Network::Interrupted(_) | Network::NoTls(_) => "interrupted",
        }
    }

    fn advice(&self, peer: &Peer) -> String {
        let Peer {
            name,
            is_proxy,
            seconds,
        } = peer;
        match self {
            Network::UnknownHost => {
                format!("the host of {name} cannot be resolved here; check its spelling, and the DNS of the pods")
            }
            Network::NoConnection(error) => {
                let reason = if is_late(error) {
                    format!("no answer within {seconds} s")
                } else {
                    error.kind().to_string()
                };
                format!(
                    "nothing answers at {name} ({reason}); check the host and port, and whether a firewall or network policy blocks the connection"
                )
            }
            Network::Interrupted(error) | Network::NoTls(error) if is_late(error) => format!(
                "{name} accepts the connection, but there is no answer within {seconds} s; check host and port, or allow more time with \
                 --timeout"
            ),
            Network::NoTls(_) if *is_proxy => format!(
                "what is behind the tunnel through {name} does not speak TLS; check the URL's port, and ask the proxy's operator whether \
                 it answers itself"
            ),
            Network::Interrupted(error) | Network::NoTls(error) if *is_proxy => format!(
                "{name} closed the connection ({}); ask its operator how it handles this destination",
                error.kind()
            ),
            Network::Interrupted(error) | Network::NoTls(error) => {
                format!(
                    "{name} closed the connection ({}); ask its operator for the reason",
                    error.kind()
                )
            }
        }
    }
}

impl Credentials {
    fn advice(&self, proxy: &str) -> String {
        match self {
            Credentials::Missing(schemes) => format!(
                "{proxy} asks for credentials ({}) and the settings have none; write http://user:password@… or use httpProxyFrom",
                schemes.join(", ")
            ),
            Credentials::Refused => format!(
                "{proxy} rejects the credentials; check the user name and password, and percent-encode special characters"
            ),
            Credentials::OtherSchemes(schemes) if schemes.is_empty() => {
                format!("{proxy} asks for credentials, but does not say of which kind; ask its operator to allow Basic")
            }
            Credentials::OtherSchemes(schemes) => format!(
                "{proxy} accepts only {}, which clients that read these variables do not support, because a URL carries only Basic credentials; ask its \
                 operator to allow Basic or access without credentials, or run px or cntlm between pods and proxy",
                schemes.join(", ")
            ),
        }
    }
}

impl Answer {
    fn word(&self) -> &'static str {
        match self {
            Answer::Refused(_) => "refused",
            Answer::Unreachable(_) => "not reached",
            Answer::Own(..) | Answer::Redirect(_) | Answer::ForAnything(_) => "proxy's own answer",
            Answer::Unclear(_) => "unclear",
        }
    }

    fn advice(&self, proxy: &str) -> String {
        match self {
            Answer::Refused(status) => format!(
                "{proxy} refuses this destination (status {status}); ask its operator to allow it, or add it to noProxy if pods can \
                 reach it directly"
            ),
            Answer::Unreachable(status) => {
                format!(
                    "{proxy} cannot reach this destination (status {status}); if the destination is internal, add it to noProxy"
                )
            }
            Answer::Own(status, None) => {
                format!("{proxy} answers itself, with status {status}; ask its operator for the reason")
            }
            Answer::Own(status, Some(host)) => format!(
                "{proxy} answers itself, with status {status} and a redirect to {host}; it may ask for a sign-in, which programs cannot do"
            ),
            Answer::Unclear(status) => format!(
                "{proxy} or the destination answers with status {status}; the answer does not show which; ask the proxy's operator, or probe \
                 a URL that needs no permission"
            ),
            Answer::Redirect(host) => format!(
                "{proxy} or the destination redirects to {host}; a page of the proxy (sign-in, block page) does so; if {host} is the \
                 destination's, probe it instead"
            ),
            Answer::ForAnything(status) => format!(
                "{proxy} also answers with status {status} for a host that does not exist, so it is a portal or a web server, not a proxy; \
                 check the host and port, and whether a sign-in is needed"
            ),
        }
    }
}

fn is_late(error: &io::Error) -> bool {
    error.kind() == ErrorKind::TimedOut
}

impl From<Network> for Fault {
    fn from(network: Network) -> Self {
        Fault::Network(network)
    }
}

impl From<Credentials> for Fault {
    fn from(credentials: Credentials) -> Self {
        Fault::Credentials(credentials)
    }
}

impl From<Answer> for Fault {
    fn from(answer: Answer) -> Self {
        Fault::Answer(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks what is said of faults: each with whether the other side is a proxy, the word, and a part of the advice.
    fn check<F: Into<Fault>, const N: usize>(cases: [(F, bool, &str, &str); N]) {
        for (fault, is_proxy, word, advice) in cases {
            let peer = Peer {
                name: "https://other.example:3128".to_owned(),
                is_proxy,
                seconds: 7,
            };
            let fault = fault.into();
            assert_eq!(fault.word(), word, "{fault:?}");
            let said = fault.advice(&peer);
            assert!(said.contains(advice), "{fault:?}, {is_proxy}: {said}");
        }
    }

    #[test]
    fn a_network_fault_tells_late_from_closed_and_a_proxy_from_a_destination() {
        let late = || io::Error::from(ErrorKind::TimedOut);
        let closed = || io::Error::from(ErrorKind::ConnectionReset);
        let waits = "other.example:3128 accepts the connection, but there is no answer within 7 s";
        let closes = "other.example:3128 closed the connection (connection reset); ask its operator ";
        check([
            (
                Network::UnknownHost,
                true,
                "unreachable",
                "the host of https://other.example:3128 cannot be resolved",
            ),
            (
                Network::NoConnection(late()),
                true,
                "unreachable",
                "(no answer within 7 s); check the host",
            ),
            (
                Network::NoConnection(closed()),
                true,
                "unreachable",
                "other.example:3128 (connection reset); check the host",
            ),
            (Network::Interrupted(late()), true, "no answer", waits),
            (Network::Interrupted(late()), false, "no answer", waits),
            (Network::NoTls(late()), true, "no answer", waits),
            (Network::NoTls(late()), false, "no answer", waits),
            (
                Network::NoTls(closed()),
                true,
                "interrupted",
                "what is behind the tunnel through https://other.example:3128 does not speak TLS",
            ),
            (
                Network::NoTls(closed()),
                false,
                "interrupted",
                &format!("{closes}for the reason"),
            ),
            (
                Network::Interrupted(closed()),
                true,
                "interrupted",
                &format!("{closes}how it handles this destination"),
            ),
            (
                Network::Interrupted(closed()),
                false,
                "interrupted",
                &format!("{closes}for the reason"),
            ),
        ]);
    }

    #[test]
    fn what_speaks_something_else_is_told_by_what_it_was_meant_to_be() {
        let not_http = "https://other.example:3128 does not answer with HTTP; check the URL";
        let not_a_proxy = "the server at https://other.example:3128 is not an HTTP proxy; check host and port";
        check([
            (Fault::NotHttp, false, "not a proxy", not_http),
            (Fault::NotHttp, true, "not a proxy", not_a_proxy),
            (Fault::NotAProxy, true, "not a proxy", not_a_proxy),
            (
                Fault::SpeaksPlainHttp,
                true,
                "wrong scheme",
                "speaks plain HTTP: write http://other.example:3128 in httpsProxy",
            ),
            (
                Fault::SpeaksTls,
                true,
                "wrong scheme",
                "expects TLS: write https://other.example:3128 in httpsProxy",
            ),
            (
                Fault::ProxyCertificate("why".to_owned()),
                true,
                "not trusted",
                "the certificate of https://other.example:3128 itself is not trusted: why; add its CA",
            ),
            (Fault::Certificate("why".to_owned()), true, "not trusted", "why"),
        ]);
    }

    #[test]
    fn faults_of_credentials_name_the_schemes_that_the_proxy_offers() {
        let schemes = || vec!["Negotiate".to_owned(), "NTLM".to_owned()];
        let word = "not authenticated";
        check([
            (
                Credentials::Missing(schemes()),
                true,
                word,
                "asks for credentials (Negotiate, NTLM) and the settings have none",
            ),
            (Credentials::Refused, true, word, "rejects the credentials; check"),
            (
                Credentials::OtherSchemes(schemes()),
                true,
                word,
                "accepts only Negotiate, NTLM, which",
            ),
            (
                Credentials::OtherSchemes(Vec::new()),
                true,
                word,
                "asks for credentials, but does not say of which kind",
            ),
        ]);
    }

    #[test]
    fn an_answer_that_may_be_the_proxy_s_is_named_with_its_status() {
        let status = || "403, ERR_X".to_owned();
        let own = "proxy's own answer";
        check([
            (
                Answer::Refused(status()),
                true,
                "refused",
                "refuses this destination (status 403, ERR_X)",
            ),
            (
                Answer::Unreachable(status()),
                true,
                "not reached",
                "cannot reach this destination (status 403, ERR_X)",
            ),
            (
                Answer::Own(status(), None),
                true,
                own,
                "answers itself, with status 403, ERR_X; ask its operator",
            ),
            (
                Answer::Own(status(), Some("login.example".to_owned())),
                true,
                own,
                "answers itself, with status 403, ERR_X and a redirect to login.example",
            ),
            (
                Answer::Unclear(429),
                true,
                "unclear",
                "or the destination answers with status 429",
            ),
            (
                Answer::Redirect("login.example".to_owned()),
                true,
                own,
                "or the destination redirects to login.example; a page",
            ),
            (
                Answer::ForAnything(200),
                true,
                own,
                "also answers with status 200 for a host that does not exist",
            ),
        ]);
    }
}
