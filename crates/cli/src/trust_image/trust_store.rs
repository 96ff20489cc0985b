//! A trust store for Java, in PKCS#12: <https://www.rfc-editor.org/rfc/rfc7292>.
//!
//! Every Java from 8 to 25 reads it. The certificates are public, so they are not encrypted: of the ciphers, Java 8 before its update
//! 301 reads only RC2 and triple DES, which others reject. The password goes into the code that protects the store from changes, made
//! with SHA-1, the only one that all of them know.

use anyhow::{Result, anyhow};
use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, Tag, TagNumber};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::hmac;
use x509_cert::certificate::{CertificateInner, Raw};

const DATA: &str = "1.2.840.113549.1.7.1";
const CERTIFICATE_BAG: &str = "1.2.840.113549.1.12.10.1.3";
const X509_CERTIFICATE: &str = "1.2.840.113549.1.9.22.1";
const FRIENDLY_NAME: &str = "1.2.840.113549.1.9.20";
const SHA1: &str = "1.3.14.3.2.26";

/// Oracle's attribute for a certificate that is trusted, without which Java does not count it as an entry of the store; and its value,
/// any use of the certificate.
const TRUSTED_KEY_USAGE: &str = "2.16.840.1.113894.746875.1.1";
const ANY_EXTENDED_KEY_USAGE: &str = "2.5.29.37.0";

/// How often the password is hashed. It is no secret, so this is no more than what readers are used to.
const ITERATIONS: u16 = 2048;

/// The block of SHA-1, in bytes.
const BLOCK: usize = 64;

/// The store of certificates in DER. The same certificates and password give the same bytes.
///
/// # Errors
/// A certificate cannot be read.
pub fn pkcs12<'c>(certificates: impl Iterator<Item = &'c [u8]>, password: &str) -> Result<Vec<u8>> {
    let bags = certificates.map(bag).collect::<Result<Vec<_>>>()?;
    let safe = sequence(&[&content(&sequence_of(&bags)?)?])?;
    // Salts are to differ between stores, and not from run to run.
    let fingerprint = digest(&SHA256, &safe);
    let salt = &fingerprint.as_ref()[..20];
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &mac_key(password, salt));
    let mac = hmac::sign(&key, &safe);
    let algorithm = sequence(&[&oid(SHA1)?, &tlv(Tag::Null, &[])?])?;
    let mac = sequence(&[
        &sequence(&[&algorithm, &tlv(Tag::OctetString, mac.as_ref())?])?,
        &tlv(Tag::OctetString, salt)?,
        &ITERATIONS.to_der()?,
    ])?;
    sequence(&[&3_u8.to_der()?, &content(&safe)?, &mac])
}

/// A certificate with its attributes.
fn bag(der: &[u8]) -> Result<Vec<u8>> {
    let certificate = sequence(&[&oid(X509_CERTIFICATE)?, &explicit(&tlv(Tag::OctetString, der)?)?])?;
    let name: Vec<u8> = alias(der)?.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let friendly_name = attribute(FRIENDLY_NAME, &tlv(Tag::BmpString, &name)?)?;
    let trusted = attribute(TRUSTED_KEY_USAGE, &oid(ANY_EXTENDED_KEY_USAGE)?)?;
    // DER orders the members of a set by their bytes.
    let mut attributes = [friendly_name, trusted];
    attributes.sort();
    sequence(&[
        &oid(CERTIFICATE_BAG)?,
        &explicit(&certificate)?,
        &tlv(Tag::Set, &attributes.concat())?,
    ])
}

/// The name of an entry. Java ignores case in it and keeps the last entry of several with one name, so a part of the fingerprint follows
/// the subject.
fn alias(der: &[u8]) -> Result<String> {
    let certificate = CertificateInner::<Raw>::from_der(der).map_err(|_| anyhow!("a certificate cannot be read"))?;
    let fingerprint = digest(&SHA256, der);
    let fingerprint: String = fingerprint.as_ref()[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let subject = certificate.tbs_certificate().subject().to_string().to_lowercase();
    // BMPString has no surrogates.
    let subject: String = subject
        .chars()
        .filter(|c| u16::try_from(u32::from(*c)).is_ok())
        .collect();
    Ok(format!("{subject} [{fingerprint}]"))
}

/// The key of the code that protects the store: appendix B.2 of RFC 7292, where one hash is as long as the key.
fn mac_key(password: &str, salt: &[u8]) -> Vec<u8> {
    let password: Vec<u8> = password.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
    let filled = |bytes: &[u8]| -> Vec<u8> {
        let length = bytes.len().next_multiple_of(BLOCK);
        bytes.iter().copied().cycle().take(length).collect()
    };
    // 3 stands for a key of this kind.
    let mut key = [vec![3; BLOCK], filled(salt), filled(&password)].concat();
    for _ in 0..ITERATIONS {
        key = digest(&SHA1_FOR_LEGACY_USE_ONLY, &key).as_ref().to_vec();
    }
    key
}

fn attribute(name: &str, value: &[u8]) -> Result<Vec<u8>> {
    sequence(&[&oid(name)?, &tlv(Tag::Set, value)?])
}

/// Data as PKCS#7 wraps it.
fn content(data: &[u8]) -> Result<Vec<u8>> {
    sequence(&[&oid(DATA)?, &explicit(&tlv(Tag::OctetString, data)?)?])
}

fn explicit(value: &[u8]) -> Result<Vec<u8>> {
    let tag = Tag::ContextSpecific {
        constructed: true,
        number: TagNumber(0),
    };
    tlv(tag, value)
}

fn sequence(parts: &[&[u8]]) -> Result<Vec<u8>> {
    tlv(Tag::Sequence, &parts.concat())
}

fn sequence_of(parts: &[Vec<u8>]) -> Result<Vec<u8>> {
    tlv(Tag::Sequence, &parts.concat())
}

fn oid(dotted: &str) -> Result<Vec<u8>> {
    Ok(ObjectIdentifier::new(dotted)?.to_der()?)
}

fn tlv(tag: Tag, value: &[u8]) -> Result<Vec<u8>> {
    Ok(AnyRef::new(tag, value)?.to_der()?)
}
