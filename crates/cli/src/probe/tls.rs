//! What a TLS server shows, and whether clients would trust it.

use std::sync::{Arc, Mutex};

use der::{Decode, Encode};
use ring::digest::{SHA256, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use x509_cert::Certificate;

use crate::trust_image::public_roots;

/// The authorities that decide.
pub struct Trust {
    /// Those that clients trust wherever they run: Mozilla's.
    public: Vec<CertificateDer<'static>>,
    /// Those of this machine, which may be the proxy's own.
    machine: Vec<CertificateDer<'static>>,
    /// Those of the settings that issued themselves, at which a chain may end.
    roots: Vec<CertificateDer<'static>>,
    /// The others of the settings. Python, Node and OpenSSL take no chain that ends at one of them; curl and wget do.
    intermediates: Vec<CertificateDer<'static>>,
}

/// What is to be said of a certificate chain.
#[derive(Debug)]
pub enum Verdict {
    /// Issued by a public authority.
    Public,
    /// Issued by an authority of the settings, which is described: TLS is inspected, or the server is an internal one.
    Settings(String),
}

impl Trust {
    /// The public roots, the machine's, and the certificates of the settings.
    pub fn new(pem: &str) -> Self {
        let certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).filter_map(Result::ok);
        let is_root = |der: &CertificateDer| parsed(der).is_some_and(|certificate| issued_itself(&certificate));
        let (roots, intermediates) = certificates.partition(is_root);
        Trust {
            public: public_roots().map(CertificateDer::from).collect(),
            machine: rustls_native_certs::load_native_certs().certs,
            roots,
            intermediates,
        }
    }

    /// Judges a chain as clients with the settings' CA do. rustls does not look at the dates of an authority; OpenSSL and others do.
    ///
    /// # Errors
    /// Why clients would not trust it, and what to do.
    pub fn judge(&self, chain: &[CertificateDer<'static>], host: &ServerName) -> Result<Verdict, String> {
        let Some((leaf, intermediates)) = chain.split_first() else {
            return Err("the server sent no certificate".to_owned());
        };
        let sent: Vec<CertificateDer> = intermediates.iter().chain(&self.intermediates).cloned().collect();
        let verify = |roots: &[CertificateDer<'static>]| verify(roots, leaf, &sent, host);
        if verify(&self.public).is_ok() {
            return Ok(Verdict::Public);
        }
        let issuer = self.issuer(chain);
        let description = issuer.as_ref().map_or_else(
            || {
                let name = parsed(leaf).map(|leaf| printable(&leaf.tbs_certificate().issuer().to_string()));
                format!(
                    "{} (whose certificate was not sent)",
                    name.unwrap_or_else(|| "an unknown authority".to_owned())
                )
            },
            describe,
        );
        match verify(&self.roots) {
            Ok(()) => match issuer.as_ref().and_then(expiry) {
                Some(date) => Err(format!(
                    "{description} is in trustedCa and expired on {date}; OpenSSL and others reject it, so add its successor"
                )),
                None => Ok(Verdict::Settings(description)),
            },
            Err(_) if verify(&self.machine).is_ok() => Err(format!(
                "TLS is inspected, or the server is internal: {description} issued the certificate; this machine trusts it, but pods do not, \
                 because it is not in trustedCa; add its PEM if you trust it"
            )),
            Err(error) => Err(self.reason(
                &error,
                &description,
                issuer.as_ref(),
                verify(&self.intermediates).is_ok(),
            )),
        }
    }

    /// Why a chain is not trusted. `is_partial`: it ends at an intermediate authority of the settings.
    fn reason(&self, error: &Error, description: &str, issuer: Option<&Certificate>, is_partial: bool) -> String {
        match error {
            Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => format!(
                "a certificate issued by {description} has expired; ask the operator of the proxy or the server to renew it"
            ),
            Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            ) => format!("the certificate, issued by {description}, is for a different host; check the URL"),
            _ if is_partial => {
                let root = issuer.map(|issuer| printable(&issuer.tbs_certificate().issuer().to_string()));
                format!(
                    "trustedCa has the intermediate {description}, but not its root; curl accepts that, while Python, Node.js and OpenSSL \
                     reject it, so add the certificate of {}",
                    root.unwrap_or_else(|| "its issuer".to_owned())
                )
            }
            _ if self.has_root(issuer) => format!(
                "{description} issued the certificate and is in trustedCa, but this command cannot verify that: it knows neither P-521, Ed448 \
                 nor RSA-PSS keys, or the certificate breaks a limit of its authority; ask OpenSSL: openssl s_client -CAfile ca.pem"
            ),
            _ => format!(
                "TLS is inspected, or the server is internal: {description} issued the certificate and is not in trustedCa; add its PEM if \
                 you trust it{}",
                if issuer.is_none() {
                    "; if it is an intermediate of an authority that is there already, the server does not send its intermediate, \
                     which its operator must correct"
                } else {
                    ""
                },
            ),
        }
    }

    fn has_root(&self, certificate: Option<&Certificate>) -> bool {
        self.roots.iter().any(|root| parsed(root).as_ref() == certificate)
    }

    /// The last known certificate on the way from the server's to a root.
    fn issuer(&self, chain: &[CertificateDer<'static>]) -> Option<Certificate> {
        let known: Vec<Certificate> = chain[1..]
            .iter()
            .chain(&self.intermediates)
            .chain(&self.roots)
            .chain(&self.machine)
            .chain(&self.public)
            .filter_map(parsed)
            .collect();
        let mut current = parsed(&chain[0])?;
        let mut found = None;
        // No chain is longer, and names can go round.
        for _ in 0..8 {
            let issuer = current.tbs_certificate().issuer();
            let is_self_signed = issued_itself(&current);
            let next = known.iter().find(|known| known.tbs_certificate().subject() == issuer);
            match next {
                Some(next) if !is_self_signed => {
                    current = next.clone();
                    found = Some(next.clone());
                }
                _ => break,
            }
        }
        found
    }
}

fn verify(
    roots: &[CertificateDer<'static>],
    leaf: &CertificateDer,
    intermediates: &[CertificateDer],
    host: &ServerName,
) -> Result<(), Error> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(roots.iter().cloned());
    let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
    // A verifier without roots cannot be built.
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider()).build();
    let verifier = verifier.map_err(|_| unknown)?;
    verifier
        .verify_server_cert(leaf, intermediates, host, &[], UnixTime::now())
        .map(drop)
}

fn issued_itself(certificate: &Certificate) -> bool {
    certificate.tbs_certificate().subject() == certificate.tbs_certificate().issuer()
}

/// A server chooses the names in its certificates, and a terminal obeys control characters.
fn printable(text: &str) -> String {
    text.chars()
        .map(|character| if character.is_control() { '?' } else { character })
        .collect()
}

fn parsed(der: &CertificateDer) -> Option<Certificate> {
    Certificate::from_der(der).ok()
}

/// Subject, and SHA-256 as `openssl x509 -fingerprint -sha256` shows it.
fn describe(certificate: &Certificate) -> String {
    let digest = digest(&SHA256, &certificate.to_der().unwrap_or_default());
    let bytes: Vec<String> = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    format!(
        "{} (SHA-256 {})",
        printable(&certificate.tbs_certificate().subject().to_string()),
        bytes.join(":")
    )
}

/// The date on which it expired, if it has.
fn expiry(certificate: &Certificate) -> Option<String> {
    let end = certificate.tbs_certificate().validity().not_after;
    let has_expired = end.to_unix_duration().as_secs() < UnixTime::now().as_secs();
    let date = end.to_date_time();
    has_expired.then(|| format!("{}-{:02}-{:02}", date.year(), date.month(), date.day()))
}

pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Accepts any chain and keeps it, to be judged afterwards. Nothing but a request without credentials goes over such a connection
/// before that.
#[derive(Debug)]
pub struct Recorder {
    provider: Arc<CryptoProvider>,
    chain: Mutex<Vec<CertificateDer<'static>>>,
}

impl Recorder {
    pub fn new() -> Arc<Self> {
        Arc::new(Recorder {
            provider: provider(),
            chain: Mutex::default(),
        })
    }

    /// What the server showed.
    pub fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.chain.lock().map(|chain| chain.clone()).unwrap_or_default()
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Ok(mut chain) = self.chain.lock() {
            *chain = std::iter::once(leaf)
                .chain(intermediates)
                .map(|certificate| certificate.clone().into_owned())
                .collect();
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A trust with some public roots as those of the settings.
    fn trust(roots: impl Iterator<Item = CertificateDer<'static>>) -> Trust {
        Trust {
            roots: roots.collect(),
            ..Trust::new("")
        }
    }

    #[test]
    fn why_a_chain_is_not_trusted_is_said_by_what_is_wrong_and_what_is_known() {
        let der = |index: usize| CertificateDer::from(public_roots().nth(index).unwrap());
        let known = trust([der(0), der(1)].into_iter());
        let root = parsed(&der(1)).unwrap();
        let other = parsed(&der(2)).unwrap();
        let unknown = CertificateError::UnknownIssuer;
        for (error, issuer, is_partial, part) in [
            (
                CertificateError::Expired,
                Some(&other),
                false,
                "a certificate issued by CN=A has expired",
            ),
            (
                CertificateError::NotValidForName,
                Some(&root),
                true,
                "issued by CN=A, is for a different host",
            ),
            (
                unknown.clone(),
                Some(&other),
                true,
                "has the intermediate CN=A, but not its root",
            ),
            (unknown.clone(), None, true, "so add the certificate of its issuer"),
            (
                unknown.clone(),
                Some(&root),
                false,
                "CN=A issued the certificate and is in trustedCa, but",
            ),
            (
                unknown.clone(),
                Some(&other),
                false,
                "is not in trustedCa; add its PEM if you trust it",
            ),
            (unknown, None, false, "the server does not send its intermediate"),
        ] {
            let error = Error::InvalidCertificate(error);
            let said = known.reason(&error, "CN=A", issuer, is_partial);
            assert!(said.contains(part), "{error:?}: {said}");
            assert_eq!(
                said.contains("does not send"),
                issuer.is_none() && !is_partial,
                "{said}"
            );
        }
    }

    #[test]
    fn a_chain_without_a_certificate_is_not_trusted() {
        let host = ServerName::try_from("a.example").unwrap();
        let judged = Trust::new("").judge(&[], &host);
        assert_eq!(judged.unwrap_err(), "the server sent no certificate");
    }

    #[test]
    fn names_of_a_certificate_are_shown_without_control_characters() {
        assert_eq!(printable("CN=a\u{1b}[2J\nb, O=ä"), "CN=a?[2J?b, O=ä");
    }

    #[test]
    fn a_certificate_is_described_by_its_subject_and_its_fingerprint() {
        let der = CertificateDer::from(public_roots().next().unwrap());
        let certificate = parsed(&der).unwrap();
        let bytes = digest(&SHA256, &der).as_ref().to_vec();
        let described = describe(&certificate);
        let (subject, fingerprint) = described.strip_suffix(')').unwrap().split_once(" (SHA-256 ").unwrap();
        assert_eq!(subject, printable(&certificate.tbs_certificate().subject().to_string()));
        let parts: Vec<&str> = fingerprint.split(':').collect();
        assert!(
            parts.iter().all(|part| part.len() == 2 && part.to_uppercase() == *part),
            "{fingerprint}"
        );
        let read: Vec<u8> = parts.iter().map(|part| u8::from_str_radix(part, 16).unwrap()).collect();
        assert_eq!(read, bytes);
    }
}
