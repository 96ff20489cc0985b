//! The certificate authorities of an image.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::Decode;
use http_proxy_policy::companion;
use ring::digest::{SHA256, digest};
use x509_cert::certificate::{CertificateInner, Raw};

use crate::args;
use crate::trust_image::roots;

/// The authorities of an image: first those of `--ca`, then the public roots, each ordered by fingerprint.
pub struct Authorities {
    /// Canonical PEM.
    pub pem: String,
    /// The name by which OpenSSL looks for each, such as `5f15c80c.0`.
    pub hashed_names: Vec<String>,
    /// DER, in the same order.
    der: Vec<Vec<u8>>,
}

/// Certificates of one source.
struct Source {
    /// As messages name it.
    name: String,
    der: Vec<Vec<u8>>,
}

/// DER by fingerprint.
type Unique = BTreeMap<Vec<u8>, Vec<u8>>;

impl Authorities {
    /// Reads the files that the arguments name. Duplicates are dropped. Those that have expired at `now`, counted from 1970, are omitted; the notes name them.
    ///
    /// # Errors
    /// A file cannot be read, or has something other than certificates of authorities in it; or none of `--ca` is still valid.
    pub fn read(args: &args::TrustImage, now: Duration) -> Result<(Self, Vec<String>)> {
        let mut notes = Vec::new();
        let own = args
            .ca
            .iter()
            .map(|file| Source::read("--ca", file))
            .collect::<Result<Vec<_>>>()?;
        let own = unique(&own, now, &mut notes)?;
        if own.is_empty() {
            bail!(
                "{}\n--ca: every certificate has expired; pass the authority's new one",
                notes.join("\n")
            );
        }
        let public = match &args.roots {
            Some(file) => Source::read("--roots", file)?,
            None => Source::built_in(),
        };
        let name = public.name.clone();
        let mut public = unique(&[public], now, &mut notes)?;
        public.retain(|fingerprint, _| !own.contains_key(fingerprint));
        notes.push(format!(
            "{} of --ca, and {} of {name}",
            authorities(own.len()),
            public.len()
        ));
        let der: Vec<Vec<u8>> = own.into_values().chain(public.into_values()).collect();
        let pem: String = der.iter().map(|der| pem(der)).collect();
        let certificates = companion::certificates(&pem).map_err(|faults| anyhow!("{name}: {}", faults.join("; ")))?;
        let authorities = Authorities {
            pem: certificates.pem,
            hashed_names: certificates.hashed_names,
            der,
        };
        Ok((authorities, notes))
    }

    /// The certificates in DER.
    pub fn der(&self) -> impl Iterator<Item = &[u8]> {
        self.der.iter().map(Vec::as_slice)
    }
}

impl Source {
    fn read(option: &str, file: &Path) -> Result<Self> {
        let name = format!("{option} {}", file.display());
        let text = fs::read(file).with_context(|| format!("{name}: cannot be read"))?;
        // Text around the certificates may have any encoding.
        let certificates = companion::certificates(&String::from_utf8_lossy(&text));
        let certificates = certificates.map_err(|faults| anyhow!("{name}: {}", faults.join(&format!("\n{name}: "))))?;
        let der = crate::pem::certificates(&certificates.pem)
            .map(decoded)
            .collect::<Result<_>>()?;
        Ok(Source { name, der })
    }

    fn built_in() -> Self {
        Source {
            name: roots::BUILT_IN.to_owned(),
            der: roots::built_in().map(<[u8]>::to_vec).collect(),
        }
    }
}

/// The certificates that have not expired, each once.
fn unique(sources: &[Source], now: Duration, notes: &mut Vec<String>) -> Result<Unique> {
    let mut unique = Unique::new();
    for source in sources {
        for der in &source.der {
            let parsed = CertificateInner::<Raw>::from_der(der)
                .map_err(|_| anyhow!("{}: a certificate cannot be read", source.name))?;
            let end = parsed.tbs_certificate().validity().not_after;
            if end.to_unix_duration() < now {
                let subject = parsed.tbs_certificate().subject().to_string();
                // It may hold anything, escape codes of a terminal included.
                let subject = subject.escape_debug();
                notes.push(format!(
                    "{}: {subject} is omitted, because it expired on {end}",
                    source.name
                ));
                continue;
            }
            unique.insert(digest(&SHA256, der).as_ref().to_vec(), der.clone());
        }
    }
    Ok(unique)
}

fn authorities(count: usize) -> String {
    if count == 1 {
        "1 authority".to_owned()
    } else {
        format!("{count} authorities")
    }
}

/// A certificate in PEM, with its base64 in one line.
fn pem(der: &[u8]) -> String {
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        STANDARD.encode(der)
    )
}

/// The DER of a certificate in canonical PEM.
fn decoded(pem: &str) -> Result<Vec<u8>> {
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    Ok(STANDARD.decode(base64)?)
}
