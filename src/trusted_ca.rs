//! The certificate authorities that pods are to trust: the `trustedCa` fields of the settings.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::Decode;
use x509_cert::certificate::{CertificateInner, Raw, Version};
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};

use crate::subject_hash::subject_hash;

/// Most certificates in a bundle, as in AKS.
const MAX_CERTIFICATES: usize = 20;

/// Most bytes of a bundle: every pod carries it, twice while it is admitted.
const MAX_BYTES: usize = 48 * 1024;

/// Where the pods' certificate authorities come from.
#[derive(Clone)]
pub enum TrustedCa<'a> {
    /// `trustedCa`
    Bundle(Bundle),
    /// `trustedCaFrom`
    ConfigMap(ConfigMapKey<'a>),
}

/// A key of a ConfigMap in the pod's namespace.
#[derive(Clone, Debug)]
pub struct ConfigMapKey<'a> {
    pub name: Cow<'a, str>,
    pub key: Cow<'a, str>,
    pub optional: Option<bool>,
}

/// `trustedCaUse`: what a container's runtimes are told about the CA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustedCaUse {
    /// It adds to the roots of the image.
    Append,
    /// It replaces them.
    Replace,
    /// Nothing: it is there as a file.
    Mount,
}

impl TrustedCaUse {
    pub fn parse(choice: &str) -> Option<Self> {
        match choice {
            "Append" => Some(TrustedCaUse::Append),
            "Replace" => Some(TrustedCaUse::Replace),
            "Mount" => Some(TrustedCaUse::Mount),
            _ => None,
        }
    }
}

/// Certificates in PEM.
#[derive(Clone)]
pub struct Bundle {
    /// The certificates' blocks alone, with plain line ends: no comments, no other text.
    pub pem: String,
    /// The names under which OpenSSL looks for them, such as `5f15c80c.0`; one for each certificate.
    pub hashed_names: Vec<String>,
}

impl Bundle {
    /// Reads base64 of PEM, line breaks in the base64 tolerated, and no more of the certificates than their subjects:
    /// that is done for every request. [`Bundle::check`] does the rest.
    ///
    /// # Errors
    /// What is wrong with it. Nothing of the content is quoted.
    pub fn read(base64: &str) -> Result<Self, String> {
        let compact: Cow<str> = if base64.contains(|c: char| c.is_ascii_whitespace()) {
            base64.split_ascii_whitespace().collect::<String>().into()
        } else {
            base64.into()
        };
        if compact.starts_with("-----BEGIN") {
            return Err("is PEM as it is; encode it in base64, as in base64 -w0 ca.crt".to_owned());
        }
        let decoded = STANDARD
            .decode(compact.as_bytes())
            .map_err(|_| "is not base64; base64 -w0 ca.crt makes it of a PEM file")?;
        if decoded.len() > MAX_BYTES {
            return Err(format!(
                "has {} bytes once decoded, and every pod would carry them; at most {MAX_BYTES} are taken, trustedCaFrom \
                 takes more from a ConfigMap",
                decoded.len()
            ));
        }
        let text = String::from_utf8(decoded)
            .map_err(|_| "is not PEM once decoded; openssl x509 -inform DER -in ca.der makes PEM of DER")?;
        Bundle::of_pem(&text)
    }

    /// As [`Bundle::read`], of PEM itself.
    pub fn of_pem(text: &str) -> Result<Self, String> {
        let mut bundle = Bundle {
            pem: String::with_capacity(text.len()),
            hashed_names: Vec::new(),
        };
        let mut hashes = Vec::new();
        for (index, block) in blocks(text)?.into_iter().enumerate() {
            let fault = |fault: &str| format!("certificate {}: {fault}", index + 1);
            let hash = subject_hash(&block.der().map_err(fault)?).map_err(|_| fault("is not an X.509 certificate"))?;
            let clash = hashes.iter().filter(|other| **other == hash).count();
            bundle.hashed_names.push(format!("{hash:08x}.{clash}"));
            hashes.push(hash);
            block.write(&mut bundle.pem);
        }
        match hashes.len() {
            0 => Err("has no certificate; PEM with -----BEGIN CERTIFICATE----- is expected".to_owned()),
            1..=MAX_CERTIFICATES => Ok(bundle),
            count => Err(format!(
                "has {count} certificates; at most {MAX_CERTIFICATES} are taken, trustedCaFrom takes more from a ConfigMap"
            )),
        }
    }

    /// Checks what clients would stumble over: each certificate must be one, and an authority or good for a host.
    /// An expired one passes: settings that were valid yesterday must not keep a policy server from starting today.
    ///
    /// # Errors
    /// Every certificate's fault, by number.
    pub fn check(&self) -> Result<(), Vec<String>> {
        let mut faults = Vec::new();
        for (index, block) in blocks(&self.pem).unwrap_or_default().iter().enumerate() {
            let fault = match block.der() {
                Ok(der) => fault_of(&der),
                Err(fault) => Some(fault),
            };
            faults.extend(fault.map(|fault| format!("certificate {}: {fault}", index + 1)));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

fn fault_of(der: &[u8]) -> Option<&'static str> {
    let Ok(certificate) = CertificateInner::<Raw>::from_der(der) else {
        return Some("is not an X.509 certificate");
    };
    let certificate = certificate.tbs_certificate();
    let (Ok(constraints), Ok(names)) = (
        certificate.get_extension::<BasicConstraints>(),
        certificate.get_extension::<SubjectAltName>(),
    ) else {
        return Some("has an extension that is malformed or there twice");
    };
    // Before extensions, an authority was who signed itself.
    let old_root = certificate.version() == Version::V1 && certificate.subject() == certificate.issuer();
    let authority = old_root || constraints.is_some_and(|(_, constraints)| constraints.ca);
    if !authority && names.is_none() {
        return Some("is no certificate authority and has no Subject Alternative Name, so no client would accept it");
    }
    None
}

/// A block of PEM.
struct Block<'t> {
    /// The base64 lines, as they are.
    content: &'t str,
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The certificates of a PEM text; text between blocks does not count.
fn blocks(text: &str) -> Result<Vec<Block<'_>>, String> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("-----BEGIN ") {
        rest = &rest[at..];
        let Some(behind) = rest.strip_prefix(BEGIN) else {
            let label = rest.lines().next().unwrap_or_default();
            return Err(if label.contains("PRIVATE KEY") {
                "has a private key, which belongs in no settings; remove it, and replace the key, others may have read it"
                    .to_owned()
            } else {
                "has a block that is no CERTIFICATE; leave certificates alone in it".to_owned()
            });
        };
        let number = blocks.len() + 1;
        let Some((content, behind)) = behind.split_once(END) else {
            return Err(format!("certificate {number}: has no {END} line"));
        };
        blocks.push(Block { content });
        rest = behind;
    }
    Ok(blocks)
}

impl Block<'_> {
    fn der(&self) -> Result<Vec<u8>, &'static str> {
        let base64: String = self.content.split_ascii_whitespace().collect();
        STANDARD
            .decode(base64)
            .map_err(|_| "is not base64 between its BEGIN and END lines")
    }

    fn write(&self, out: &mut String) {
        for line in std::iter::once(BEGIN)
            .chain(self.content.split_ascii_whitespace())
            .chain([END])
        {
            out.push_str(line);
            out.push('\n');
        }
    }
}

/// A bundle is no secret, but long.
impl std::fmt::Debug for TrustedCa<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TrustedCa::Bundle(bundle) => f.debug_tuple("Bundle").field(&bundle.hashed_names).finish(),
            TrustedCa::ConfigMap(key) => key.fmt(f),
        }
    }
}
