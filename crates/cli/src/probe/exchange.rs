//! One request, through a proxy or directly, stage by stage.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use url::Url;

use crate::probe::answer;
use crate::probe::fault::{Answer, Credentials, Fault, Network};
use crate::probe::http::{Head, exchange};
use crate::probe::stream::{Stream, Timed};
use crate::probe::tls::{Recorder, Trust, Verdict, provider};
use crate::proxy_address::ProxyAddress;

/// A host that does not exist (RFC 6761): a proxy fails to reach it, whereas a portal or a web server answers for it as for any other.
const NOWHERE: &str = "http://http-proxy-probe.invalid/";

/// How destinations are asked.
pub struct Client<'a> {
    pub trust: &'a Trust,
    /// For each exchange.
    pub timeout: Duration,
}

/// A proxy.
pub struct Proxy {
    pub address: ProxyAddress,
    /// `Basic` credentials, if the URL has any.
    credentials: Option<String>,
}

/// What became of a request.
pub struct Outcome {
    /// Whether the proxy asked for credentials.
    pub asked: bool,
    /// For https.
    pub verdict: Option<Verdict>,
    /// What the destination answered.
    pub result: Result<u16, Fault>,
}

impl Proxy {
    /// A proxy by a URL that settings accept.
    pub fn new(url: &str) -> Option<Self> {
        let address = ProxyAddress::of(url)?;
        let url = Url::parse(url).ok()?;
        let decode = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
        let credentials = (!url.username().is_empty() || url.password().is_some()).then(|| {
            let parts = [decode(url.username()), decode(url.password().unwrap_or_default())];
            STANDARD.encode(parts.join(&b':'))
        });
        Some(Proxy { address, credentials })
    }
}

impl Client<'_> {
    /// Asks a destination directly.
    pub fn ask_directly(&self, destination: &Url) -> Outcome {
        let mut verdict = None;
        let result = self.request_directly(destination, &mut verdict);
        Outcome {
            asked: false,
            verdict,
            result,
        }
    }

    /// Asks a proxy for a destination, first without credentials. Some proxies refuse such a request without asking for any, where
    /// clients that send theirs at once get through.
    pub fn ask_through(&self, proxy: &Proxy, destination: &Url) -> Outcome {
        let mut outcome = Outcome {
            asked: false,
            verdict: None,
            result: Err(Fault::NotAProxy),
        };
        outcome.result = self.ask(proxy, destination, false, &mut outcome.verdict);
        if let Err(Fault::Credentials(Credentials::Missing(schemes))) = &outcome.result {
            outcome.asked = true;
            let has_basic = schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
            if !has_basic {
                outcome.result = Err(Credentials::OtherSchemes(schemes.clone()).into());
            } else if proxy.credentials.is_some() {
                outcome.result = self.ask(proxy, destination, true, &mut outcome.verdict);
            }
        } else if let Err(Fault::Answer(Answer::Refused(_) | Answer::Unclear(_))) = &outcome.result
            && proxy.credentials.is_some()
            && let Ok(status) = self.ask(proxy, destination, true, &mut outcome.verdict)
        {
            outcome.asked = true;
            outcome.result = Ok(status);
        }
        outcome
    }

    fn ask(
        &self,
        proxy: &Proxy,
        destination: &Url,
        with_credentials: bool,
        verdict: &mut Option<Verdict>,
    ) -> Result<u16, Fault> {
        if destination.scheme() == "http" {
            self.forward(proxy, destination, with_credentials)
        } else {
            self.tunnel(proxy, destination, with_credentials, verdict)
        }
    }

    /// A request for http. Where the answer could be the proxy's own, a host that does not exist tells.
    fn forward(&self, proxy: &Proxy, destination: &Url, with_credentials: bool) -> Result<u16, Fault> {
        let head = self.get(proxy, destination, with_credentials)?;
        answer::judge_forwarded(&head, destination, with_credentials)?;
        let nowhere = Url::parse(NOWHERE).map_err(|_| Fault::NotAProxy)?;
        match self.get(proxy, &nowhere, with_credentials) {
            Ok(other) if answer::is_for_anything(&head, &other) => Err(Answer::ForAnything(head.status).into()),
            _ => Ok(head.status),
        }
    }

    fn get(&self, proxy: &Proxy, destination: &Url, with_credentials: bool) -> Result<Head, Fault> {
        let mut stream = self.connect(proxy)?;
        let target = &destination[..url::Position::AfterQuery];
        let request = format!("GET {target} HTTP/1.1\r\nHost: {}\r\n", host_and_port(destination));
        exchange(&mut *stream, &(request + &proxy.authorization(with_credentials)))
            .map_err(|fault| self.explained(proxy, fault))
    }

    fn tunnel(
        &self,
        proxy: &Proxy,
        destination: &Url,
        with_credentials: bool,
        verdict: &mut Option<Verdict>,
    ) -> Result<u16, Fault> {
        let mut stream = self.connect(proxy)?;
        let target = host_and_port(destination);
        let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        let head = exchange(&mut *stream, &(request + &proxy.authorization(with_credentials)))
            .map_err(|fault| self.explained(proxy, fault))?;
        answer::judge_connect(&head, with_credentials)?;
        let head = self.get_over_tls(stream, destination, verdict)?;
        // Within TLS that a public authority vouches for, only the destination answers.
        if matches!(verdict, Some(Verdict::Settings(_))) {
            answer::judge_inspected(&head, destination)?;
        }
        Ok(head.status)
    }

    fn request_directly(&self, destination: &Url, verdict: &mut Option<Verdict>) -> Result<u16, Fault> {
        let port = destination.port_or_known_default().unwrap_or_default();
        let deadline = Instant::now() + self.timeout;
        let mut stream = Timed::connect(destination.host_str().unwrap_or_default(), port, deadline)?;
        if destination.scheme() == "http" {
            return Ok(exchange(&mut stream, &get_line(destination))?.status);
        }
        Ok(self.get_over_tls(Box::new(stream), destination, verdict)?.status)
    }

    fn get_over_tls(
        &self,
        stream: Box<dyn Stream>,
        destination: &Url,
        verdict: &mut Option<Verdict>,
    ) -> Result<Head, Fault> {
        let host = destination.host_str().unwrap_or_default();
        let (mut tls, judged) = self.handshake(stream, host).map_err(Network::NoTls)?;
        *verdict = Some(judged.map_err(Fault::Certificate)?);
        exchange(&mut tls, &get_line(destination))
    }

    fn connect(&self, proxy: &Proxy) -> Result<Box<dyn Stream>, Fault> {
        let host = proxy.address.host.to_string();
        let stream = Timed::connect(&host, proxy.address.port, Instant::now() + self.timeout)?;
        if !proxy.address.tls {
            return Ok(Box::new(stream));
        }
        let handshake = self.handshake(Box::new(stream), &host);
        let (tls, judged) = handshake.map_err(|error| self.explained(proxy, Network::Interrupted(error).into()))?;
        judged.map_err(Fault::ProxyCertificate)?;
        Ok(Box::new(tls))
    }

    /// Why a proxy does not answer as one: where the other scheme works, it is that.
    fn explained(&self, proxy: &Proxy, fault: Fault) -> Fault {
        let is_silent =
            matches!(&fault, Fault::Network(Network::Interrupted(error)) if error.kind() == io::ErrorKind::TimedOut);
        // A server that expects TLS does not wait for more; one that expects a line of HTTP does.
        if is_silent && !proxy.address.tls {
            return fault;
        }
        let host = proxy.address.host.to_string();
        let Ok(mut stream) = Timed::connect(&host, proxy.address.port, Instant::now() + self.timeout) else {
            return fault;
        };
        let other = if proxy.address.tls {
            let request = "OPTIONS * HTTP/1.1\r\nHost: http-proxy-probe.invalid\r\n";
            exchange(&mut stream, request).is_ok().then_some(Fault::SpeaksPlainHttp)
        } else {
            let handshake = self.handshake(Box::new(stream), &host);
            handshake.is_ok().then_some(Fault::SpeaksTls)
        };
        match (other, fault) {
            (Some(other), _) => other,
            (None, Fault::Network(Network::Interrupted(error))) if error.kind() == io::ErrorKind::InvalidData => {
                Fault::NotAProxy
            }
            (None, Fault::NotHttp) => Fault::NotAProxy,
            (None, fault) => fault,
        }
    }

    /// Starts TLS, and judges what the server shows.
    fn handshake(
        &self,
        mut stream: Box<dyn Stream>,
        host: &str,
    ) -> io::Result<(impl Stream + use<>, Result<Verdict, String>)> {
        let recorder = Recorder::new();
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .dangerous()
            .with_custom_certificate_verifier(recorder.clone())
            .with_no_client_auth();
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(io::Error::other)?;
        let mut connection = ClientConnection::new(Arc::new(config), name.clone()).map_err(io::Error::other)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        let judged = self.trust.judge(&recorder.chain(), &name);
        Ok((StreamOwned::new(connection, stream), judged))
    }
}

impl Proxy {
    /// A header, which goes to the proxy alone.
    fn authorization(&self, with_credentials: bool) -> String {
        let credentials = self.credentials.as_ref().filter(|_| with_credentials);
        credentials
            .map(|credentials| format!("Proxy-Authorization: Basic {credentials}\r\n"))
            .unwrap_or_default()
    }
}

fn get_line(destination: &Url) -> String {
    let path = &destination[url::Position::BeforePath..url::Position::AfterQuery];
    format!("GET {path} HTTP/1.1\r\nHost: {}\r\n", host_and_port(destination))
}

fn host_and_port(destination: &Url) -> String {
    let host = destination.host_str().unwrap_or_default();
    format!("{host}:{}", destination.port_or_known_default().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// A server on loopback that gives each connection the same answer. What it receives comes out of the other end.
    fn server(answer: &'static [u8]) -> (u16, Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0; 4096];
                let length = stream.read(&mut request).unwrap_or_default();
                let _ = sender.send(String::from_utf8_lossy(&request[..length]).into_owned());
                let _ = stream.write_all(answer);
            }
        });
        (port, receiver)
    }

    /// A server that waits for the end of a request, and then answers it.
    fn patient() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                std::thread::spawn(move || {
                    let mut request = Vec::new();
                    let mut buffer = [0; 4096];
                    while !request.ends_with(b"\r\n\r\n") {
                        match stream.read(&mut buffer) {
                            Ok(length) if length > 0 => request.extend_from_slice(&buffer[..length]),
                            _ => return,
                        }
                    }
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
                });
            }
        });
        port
    }

    const COMMON: &str = "User-Agent: http-proxy-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n";

    /// Asks through a proxy, or directly where there is none.
    fn ask(proxy: Option<String>, destination: &str, seconds: u64) -> Outcome {
        let client = Client {
            trust: &Trust::new(""),
            timeout: Duration::from_secs(seconds),
        };
        let destination = Url::parse(destination).unwrap();
        match proxy {
            Some(proxy) => client.ask_through(&Proxy::new(&proxy).unwrap(), &destination),
            None => client.ask_directly(&destination),
        }
    }

    #[test]
    fn a_direct_request_names_the_path_and_the_host() {
        let (port, requests) = server(b"HTTP/1.1 204 No Content\r\n\r\n");
        let outcome = ask(None, &format!("http://127.0.0.1:{port}/a/b?c=d#e"), 10);
        assert_eq!((outcome.asked, outcome.result.unwrap()), (false, 204));
        let expected = format!("GET /a/b?c=d HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{COMMON}");
        assert_eq!(requests.recv().unwrap(), expected);
    }

    #[test]
    fn a_proxy_gets_the_whole_url_and_then_a_host_that_does_not_exist() {
        let (port, requests) = server(b"HTTP/1.1 200 OK\r\n\r\n");
        let outcome = ask(Some(format!("http://127.0.0.1:{port}")), "http://a.example/b?c#d", 10);
        assert_eq!(outcome.result.unwrap_err().word(), "proxy's own answer");
        for (url, host) in [
            ("http://a.example/b?c", "a.example"),
            ("http://http-proxy-probe.invalid/", "http-proxy-probe.invalid"),
        ] {
            let expected = format!("GET {url} HTTP/1.1\r\nHost: {host}:80\r\n{COMMON}");
            assert_eq!(requests.recv().unwrap(), expected);
        }
    }

    #[test]
    fn credentials_follow_where_the_proxy_asks_for_basic() {
        let asks = b"HTTP/1.1 407 Asks\r\nProxy-Authenticate: basic realm=\"a\"\r\n\r\n";
        let (port, requests) = server(asks);
        let outcome = ask(
            Some(format!("http://u%40:p%3A@127.0.0.1:{port}")),
            "https://a.example/",
            10,
        );
        let expected = "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n";
        assert_eq!(requests.recv().unwrap(), format!("{expected}{COMMON}"));
        let credentials = STANDARD.encode("u@:p:");
        let with = format!("{expected}Proxy-Authorization: Basic {credentials}\r\n{COMMON}");
        assert_eq!(requests.recv().unwrap(), with);
        assert!(outcome.asked);
        assert!(matches!(outcome.result, Err(Fault::Credentials(Credentials::Refused))));
    }

    #[test]
    fn a_proxy_with_tls_in_its_url_that_does_not_speak_it_is_told_by_what_it_does() {
        for (port, word) in [
            (server(b"HTTP/1.1 400 Bad Request\r\n\r\n").0, "wrong scheme"),
            // It waits for the end of a line.
            (patient(), "wrong scheme"),
            (server(b"SSH-2.0-OpenSSH_9.2\r\n").0, "not a proxy"),
            (server(b"").0, "interrupted"),
        ] {
            let outcome = ask(Some(format!("https://127.0.0.1:{port}")), "http://a.example/", 2);
            assert_eq!(outcome.result.unwrap_err().word(), word);
        }
    }
}
