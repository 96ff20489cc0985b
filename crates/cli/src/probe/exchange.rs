//! One request through a proxy, stage by stage.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use url::Url;

use crate::probe::fault::Fault;
use crate::probe::tls::{Recorder, Trust, Verdict, provider};
use crate::proxy_address::ProxyAddress;

/// Most bytes of the head of an answer.
const MAX_HEAD: usize = 64 * 1024;

/// A connection, with or without TLS.
trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// A proxy, and how it is asked.
pub struct Proxy<'a> {
    pub address: ProxyAddress,
    /// `Basic` credentials, if the URL has any.
    credentials: Option<String>,
    trust: &'a Trust,
    timeout: Duration,
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

struct Head {
    status: u16,
    /// The schemes of `Proxy-Authenticate`.
    schemes: Vec<String>,
    /// Whether the proxy says that the answer is its own.
    is_of_proxy: bool,
}

impl<'a> Proxy<'a> {
    /// A proxy by a URL that settings accept.
    pub fn new(url: &str, trust: &'a Trust, timeout: Duration) -> Option<Self> {
        let address = ProxyAddress::of(url)?;
        let url = Url::parse(url).ok()?;
        let decode = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
        let credentials = (!url.username().is_empty() || url.password().is_some()).then(|| {
            let parts = [decode(url.username()), decode(url.password().unwrap_or_default())];
            STANDARD.encode(parts.join(&b':'))
        });
        Some(Proxy {
            address,
            credentials,
            trust,
            timeout,
        })
    }

    /// Asks for a destination, first without credentials.
    pub fn ask(&self, destination: &Url) -> Outcome {
        let mut outcome = Outcome {
            asked: false,
            verdict: None,
            result: Err(Fault::NotAProxy),
        };
        outcome.result = self.request(destination, false, &mut outcome.verdict);
        if let Err(Fault::NoCredentials(schemes)) = &outcome.result {
            outcome.asked = true;
            if self.credentials.is_some() {
                outcome.result = if schemes.to_ascii_lowercase().contains("basic") {
                    self.request(destination, true, &mut outcome.verdict)
                } else {
                    Err(Fault::OtherSchemes(schemes.clone()))
                };
            }
        }
        outcome
    }

    fn request(&self, destination: &Url, with_credentials: bool, verdict: &mut Option<Verdict>) -> Result<u16, Fault> {
        let mut stream = self.connect()?;
        let host = destination.host_str().unwrap_or_default();
        let port = destination.port_or_known_default().unwrap_or_default();
        let credentials = self.credentials.as_ref().filter(|_| with_credentials);
        let authorization = credentials.map(|credentials| format!("Proxy-Authorization: Basic {credentials}\r\n"));
        let authorization = authorization.unwrap_or_default();
        if destination.scheme() == "http" {
            let target = &destination[..url::Position::AfterQuery];
            let head = exchange(
                &mut stream,
                &format!("GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\n{authorization}"),
            )?;
            return self.judge(&head, with_credentials).map_or(Ok(head.status), Err);
        }
        let head = exchange(
            &mut stream,
            &format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{authorization}"),
        )?;
        if !(200..300).contains(&head.status) {
            let fault = self.judge(&head, with_credentials);
            return Err(fault.unwrap_or(match head.status {
                // What a web server says to a method that it does not have.
                400 | 404 | 405 | 501 => Fault::NotAProxy,
                403 | 451 => Fault::Refused(head.status),
                502..=504 => Fault::Unreachable(head.status),
                status => Fault::Status(status),
            }));
        }
        let (mut tls, judged) = self.handshake(stream, host).map_err(Fault::Interrupted)?;
        *verdict = Some(judged.map_err(Fault::Certificate)?);
        let path = &destination[url::Position::BeforePath..url::Position::AfterQuery];
        Ok(exchange(&mut tls, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n"))?.status)
    }

    /// What is wrong with an answer of the proxy itself.
    fn judge(&self, head: &Head, with_credentials: bool) -> Option<Fault> {
        match head.status {
            407 if with_credentials => Some(Fault::CredentialsRefused),
            407 => Some(Fault::NoCredentials(head.schemes.join(", "))),
            403 | 451 if head.is_of_proxy => Some(Fault::Refused(head.status)),
            502..=504 => Some(Fault::Unreachable(head.status)),
            _ => None,
        }
    }

    fn connect(&self) -> Result<Box<dyn Stream>, Fault> {
        let host = self.address.host.to_string();
        let addresses = (host.trim_matches(['[', ']']), self.address.port).to_socket_addrs();
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in addresses.map_err(|_| Fault::UnknownHost)? {
            match TcpStream::connect_timeout(&address, self.timeout) {
                Ok(stream) => return self.prepare(stream, &host),
                Err(error) => last = error,
            }
        }
        Err(Fault::NoAnswer(last))
    }

    fn prepare(&self, stream: TcpStream, host: &str) -> Result<Box<dyn Stream>, Fault> {
        stream
            .set_read_timeout(Some(self.timeout))
            .map_err(Fault::Interrupted)?;
        stream
            .set_write_timeout(Some(self.timeout))
            .map_err(Fault::Interrupted)?;
        if !self.address.tls {
            return Ok(Box::new(stream));
        }
        let (tls, judged) = self.handshake(Box::new(stream), host).map_err(|_| Fault::NotAProxy)?;
        judged.map_err(Fault::ProxyCertificate)?;
        Ok(Box::new(tls))
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

/// Sends a request, given without what all have in common, and reads the head of the answer.
fn exchange(stream: &mut impl Stream, request: &str) -> Result<Head, Fault> {
    let request = format!("{request}User-Agent: http-proxy-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .and_then(|()| stream.flush())
        .map_err(Fault::Interrupted)?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).map_err(Fault::Interrupted)?;
        bytes.extend_from_slice(&buffer[..count]);
        match head(&bytes) {
            Ok(Some(head)) => return Ok(head),
            Ok(None) if count == 0 && bytes.is_empty() => {
                return Err(Fault::Interrupted(io::ErrorKind::UnexpectedEof.into()));
            }
            Ok(None) if count > 0 && bytes.len() < MAX_HEAD => {}
            _ => return Err(Fault::NotAProxy),
        }
    }
}

fn head(bytes: &[u8]) -> Result<Option<Head>, httparse::Error> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut response = httparse::Response::new(&mut headers);
    if response.parse(bytes)?.is_partial() {
        return Ok(None);
    }
    let named = |name: &'static str| {
        response
            .headers
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
    };
    let scheme = |header: &httparse::Header| {
        let text = String::from_utf8_lossy(header.value);
        text.split_whitespace().next().unwrap_or_default().to_owned()
    };
    Ok(Some(Head {
        status: response.code.unwrap_or_default(),
        schemes: named("Proxy-Authenticate").map(scheme).collect(),
        is_of_proxy: named("X-Squid-Error").chain(named("Proxy-Status")).next().is_some(),
    }))
}
