//! Certificates in PEM.

use std::fmt;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::Decode;
use x509_cert::certificate::{CertificateInner, Raw, Version};
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};

use crate::values::subject_hash::subject_hash;

/// Most certificates in a bundle, as in AKS.
const MAX_CERTIFICATES: usize = 20;

/// Most bytes of a bundle: every pod carries it, twice while it is admitted.
const MAX_BYTES: usize = 48 * 1024;

/// Certificates in PEM.
#[derive(Clone, Default)]
pub struct Bundle {
    /// The certificates' blocks alone, with plain line ends: no comments, no other text.
    pub pem: String,
    /// The names under which OpenSSL looks for them, such as `5f15c80c.0`; one for each certificate.
    pub hashed_names: Vec<String>,
    /// Where in `pem` the base64 of each certificate is.
    contents: Vec<Range<usize>>,
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

const NOT_BASE64: &str = "is not base64 between its BEGIN and END lines";
const NOT_X509: &str = "is not an X.509 certificate";

impl Bundle {
    /// Reads base64 of PEM, line breaks in the base64 tolerated, and no more of the certificates than their subjects:
    /// that is done for every request. [`Bundle::check`] does the rest.
    ///
    /// # Errors
    /// What is wrong with it. Nothing of the content is quoted.
    pub fn read(base64: &str) -> Result<Self, String> {
        if base64.trim_ascii_start().starts_with("-----BEGIN") {
            return Err("is PEM as it is; encode it in base64, as in base64 -w0 ca.crt".to_owned());
        }
        let decoded = decode(base64).ok_or("is not base64; base64 -w0 ca.crt makes it of a PEM file")?;
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
        let mut bundle = Bundle::default();
        bundle.pem.reserve(text.len() + 1);
        let mut content_start = None;
        // Some editors put a byte order mark in front.
        for line in text.trim_start_matches('\u{feff}').lines().map(str::trim_ascii) {
            match content_start {
                None if line == BEGIN => {
                    bundle.push_line(line);
                    content_start = Some(bundle.pem.len());
                }
                None if line.contains("-----BEGIN ") => return Err(not_a_certificate(line)),
                Some(_) if line == BEGIN => break,
                Some(_) if line.starts_with("-----BEGIN ") => return Err(not_a_certificate(line)),
                None if line.contains(END) => {
                    return Err(format!(
                        "certificate {}: has no {BEGIN} line",
                        bundle.contents.len() + 1
                    ));
                }
                None => {}
                Some(start) if line == END => {
                    bundle.contents.push(start..bundle.pem.len());
                    bundle.push_line(line);
                    content_start = None;
                }
                Some(_) => bundle.push_line(line),
            }
        }
        if content_start.is_some() {
            return Err(format!("certificate {}: has no {END} line", bundle.contents.len() + 1));
        }
        match bundle.contents.len() {
            0 => Err("has no certificate; PEM with -----BEGIN CERTIFICATE----- is expected".to_owned()),
            1..=MAX_CERTIFICATES => {
                bundle.hashed_names = bundle.hash_names()?;
                Ok(bundle)
            }
            count => Err(format!(
                "has {count} certificates; at most {MAX_CERTIFICATES} are taken, trustedCaFrom takes more from a ConfigMap"
            )),
        }
    }

    fn push_line(&mut self, line: &str) {
        self.pem.push_str(line);
        self.pem.push('\n');
    }

    fn hash_names(&self) -> Result<Vec<String>, String> {
        let mut hashes = Vec::with_capacity(self.contents.len());
        for (index, content) in self.contents.iter().enumerate() {
            let content = &self.pem[content.clone()];
            // Subjects stand near the front.
            let hash = match subject_hash(&decode_start(content, 512)) {
                Ok(hash) => Ok(hash),
                Err(_) => match decode(content) {
                    Some(der) => subject_hash(&der).map_err(|_| NOT_X509),
                    None => Err(NOT_BASE64),
                },
            };
            hashes.push(hash.map_err(|fault| format!("certificate {}: {fault}", index + 1))?);
        }
        let name = |(index, hash)| {
            format!(
                "{hash:08x}.{}",
                hashes[..index].iter().filter(|other| *other == hash).count()
            )
        };
        Ok(hashes.iter().enumerate().map(name).collect())
    }

    /// Gives the fault, by number, of every certificate that clients would stumble over: each must be one, and an
    /// authority or good for a host. An expired one passes: settings that were valid yesterday must not keep a policy
    /// server from starting today.
    pub fn check(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (index, content) in self.contents.iter().enumerate() {
            let fault = match decode(&self.pem[content.clone()]) {
                Some(der) => fault_of(&der),
                None => Some(NOT_BASE64),
            };
            faults.extend(fault.map(|fault| format!("certificate {}: {fault}", index + 1)));
        }
        faults
    }
}

/// Decodes base64, with or without white space in it.
fn decode(base64: &str) -> Option<Vec<u8>> {
    STANDARD
        .decode(base64.as_bytes())
        .or_else(|_| STANDARD.decode(base64.split_ascii_whitespace().collect::<String>().as_bytes()))
        .ok()
}

/// Decodes about as many characters of base64; nothing where these are none.
fn decode_start(base64: &str, characters: usize) -> Vec<u8> {
    let mut start = String::with_capacity(characters + 80);
    for line in base64.lines() {
        start.push_str(line);
        if start.len() >= characters {
            break;
        }
    }
    let quanta = start.len() / 4 * 4;
    STANDARD.decode(&start.as_bytes()[..quanta]).unwrap_or_default()
}

fn not_a_certificate(begin: &str) -> String {
    if begin.contains("PRIVATE KEY") {
        "has a private key, which belongs in no settings; remove it, and replace the key, others may have read it"
            .to_owned()
    } else {
        "has a block that is no CERTIFICATE; leave certificates alone in it".to_owned()
    }
}

fn fault_of(der: &[u8]) -> Option<&'static str> {
    let Ok(certificate) = CertificateInner::<Raw>::from_der(der) else {
        return Some(NOT_X509);
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

/// A bundle is long, and nobody reads it in a log.
impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bundle").field(&self.hashed_names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = include_str!("../../e2e-tests/certificates/root.pem");
    const SAME_SUBJECT: &str = include_str!("../../e2e-tests/certificates/same-subject.pem");
    const EXPIRED: &str = include_str!("../../e2e-tests/certificates/expired.pem");
    const HOST: &str = include_str!("../../e2e-tests/certificates/host.pem");
    const HOST_WITHOUT_SAN: &str = include_str!("../../e2e-tests/certificates/host-without-san.pem");
    const VERSION_1: &str = include_str!("../../e2e-tests/certificates/version-1.pem");

    fn encode(pem: &str) -> String {
        STANDARD.encode(pem.as_bytes())
    }

    /// Reads and checks, as `validate_settings` does.
    fn validate(base64: &str) -> Result<Bundle, String> {
        let bundle = Bundle::read(base64)?;
        match bundle.check().as_slice() {
            [] => Ok(bundle),
            faults => Err(faults.join("; ")),
        }
    }

    #[test]
    fn a_bundle_is_emitted_without_what_is_between_its_blocks() {
        for pem in [
            ROOT.to_owned(),
            ROOT.replace('\n', "\r\n"),
            format!("subject=CN = Example\n\n{ROOT}\n# the end"),
            format!("\u{feff}{ROOT}"),
        ] {
            let bundle = validate(&encode(&pem)).unwrap();
            assert_eq!(bundle.pem, ROOT);
            assert_eq!(bundle.hashed_names, ["d80ef3a8.0"]);
        }
    }

    #[test]
    fn line_breaks_in_the_base64_are_tolerated() {
        let base64 = encode(ROOT);
        let broken: Vec<&str> = base64
            .as_bytes()
            .chunks(76)
            .map(|line| str::from_utf8(line).unwrap())
            .collect();
        assert_eq!(validate(&broken.join("\r\n")).unwrap().pem, ROOT);
    }

    #[test]
    fn certificates_of_one_subject_are_counted_up() {
        let bundle = validate(&encode(&[ROOT, HOST, SAME_SUBJECT, ROOT].concat())).unwrap();
        assert_eq!(
            bundle.hashed_names,
            ["d80ef3a8.0", "5f0f7f4b.0", "d80ef3a8.1", "d80ef3a8.2"]
        );
    }

    #[test]
    fn one_to_twenty_certificates_are_taken_expired_and_old_ones_too() {
        assert!(validate(&encode(&[EXPIRED, VERSION_1, HOST].concat())).is_ok());
        assert!(validate(&encode(&ROOT.repeat(20))).is_ok());
        assert!(validate(&encode(&format!("{ROOT:<MAX_BYTES$}"))).is_ok());
        let error = validate(&encode(&ROOT.repeat(21))).unwrap_err();
        assert!(error.contains("21 certificates; at most 20"), "{error}");
    }

    #[test]
    fn an_error_says_what_is_wrong_and_quotes_nothing() {
        let marked = "hunter2hunter2hunter2hunter2";
        let key = format!("-----BEGIN PRIVATE KEY-----\n{marked}\n-----END PRIVATE KEY-----\n");
        let der = {
            let pem: String = ROOT.lines().filter(|line| !line.starts_with('-')).collect();
            STANDARD.decode(pem.as_bytes()).unwrap()
        };
        let certificate = |der: &[u8]| format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(der));
        for (base64, fault) in [
            (String::new(), "has no certificate"),
            (encode(marked), "has no certificate"),
            (format!("{marked}="), "is not base64"),
            (format!("{marked} not base64!"), "is not base64"),
            (ROOT.to_owned(), "encode it in base64"),
            (STANDARD.encode(&der), "makes PEM of DER"),
            (encode(&key), "private key"),
            (encode(&format!("{ROOT}{key}")), "private key"),
            (encode(&key.replace("PRIVATE", "EC PRIVATE")), "private key"),
            (encode(&key.replace("PRIVATE", "PUBLIC")), "no CERTIFICATE"),
            (encode(&ROOT.replace("BEGIN C", "BEGIN TRUSTED C")), "no CERTIFICATE"),
            (encode(&ROOT.replace(END, "")), "certificate 1: has no -----END"),
            (
                encode(&format!("{}{ROOT}", ROOT.replace(END, ""))),
                "certificate 1: has no -----END",
            ),
            (encode(&ROOT.replace(BEGIN, "")), "certificate 1: has no -----BEGIN"),
            (encode(&format!("{}{key}", ROOT.replace(END, ""))), "private key"),
            (
                encode(&format!("{ROOT}{BEGIN}\n{marked}!\n{END}\n")),
                "certificate 2: is not base64",
            ),
            (
                encode(&format!("{ROOT}{BEGIN}\n{marked}\n{END}\n")),
                "certificate 2: is not an X.509",
            ),
            (encode(&format!("{BEGIN}\n{END}\n")), "certificate 1: is not an X.509"),
            (
                encode(&certificate(&der[..der.len() - 1])),
                "certificate 1: is not an X.509",
            ),
            (
                encode(&certificate(&[&der[..], b"x"].concat())),
                "certificate 1: is not an X.509",
            ),
            (
                encode(&format!("{ROOT}{HOST_WITHOUT_SAN}")),
                "certificate 2: is no certificate authority and has no Subject Alt",
            ),
            (encode(&format!("{ROOT:<0$}", MAX_BYTES + 1)), "at most 49152"),
        ] {
            let error = validate(&base64).expect_err(fault);
            assert!(error.contains(fault), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
