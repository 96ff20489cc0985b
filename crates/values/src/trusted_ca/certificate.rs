//! Judges one certificate as the strictest of its clients.

use std::mem;

use der::asn1::{Any, AnyRef};
use der::{Decode, SliceReader, Tag, Tagged};
use x509_cert::certificate::{CertificateInner, Raw, TbsCertificateInner, Version};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};
use x509_cert::name::Name;
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::trusted_ca::subject_hash::text;

pub(super) const NOT_X509: &str = "is not an X.509 certificate";

/// What clients reject about a certificate in DER.
pub(super) fn fault_of(der: &[u8]) -> Option<&'static str> {
    let Ok(certificate) = CertificateInner::<Raw>::from_der(der) else {
        return Some(NOT_X509);
    };
    let algorithm = certificate.signature_algorithm();
    let signature = certificate.signature();
    let certificate = certificate.tbs_certificate();
    let key_algorithm = &certificate.subject_public_key_info().algorithm;
    if signature.has_unused_bits() || !is_algorithm(algorithm) || !is_algorithm(key_algorithm) {
        return Some(NOT_X509);
    }
    if certificate.signature() != algorithm {
        return Some("names two different signature algorithms, which rustls rejects; reissue the certificate");
    }
    if !fits_its_version(certificate, der) {
        return Some("has fields that rustls rejects; reissue it as X.509 version 3, without unique identifiers");
    }
    if !is_name(certificate.issuer()) || !is_name(certificate.subject()) {
        return Some("has an issuer or subject with a value that OpenSSL or Go rejects; reissue the certificate");
    }
    let (true, Ok(constraints), Ok(names)) = (
        are_extensions(certificate.extensions().map_or(&[], Vec::as_slice)),
        certificate.get_extension::<BasicConstraints>(),
        certificate.get_extension::<SubjectAltName>(),
    ) else {
        return Some("has an extension that is malformed or repeated");
    };
    // Before certificates had extensions, a self-signed one was an authority.
    let old_root = certificate.version() == Version::V1 && certificate.subject() == certificate.issuer();
    let authority = old_root || constraints.is_some_and(|(_, constraints)| constraints.ca);
    if !authority && names.is_none() {
        return Some(
            "is neither a certificate authority nor has a Subject Alternative Name, so no client would accept it; use the CA's \
             certificate",
        );
    }
    None
}

/// Whether a certificate has no field that rustls rejects in its version.
fn fits_its_version(certificate: &TbsCertificateInner<Raw>, der: &[u8]) -> bool {
    let fits = match certificate.version() {
        Version::V1 => certificate.extensions().is_none() && !writes_version(der),
        Version::V2 => false,
        Version::V3 => true,
    };
    fits && certificate.issuer_unique_id().is_none() && certificate.subject_unique_id().is_none()
}

/// Whether OpenSSL and Go take an issuer or a subject.
fn is_name(name: &Name) -> bool {
    name.iter()
        .all(|attribute| is_identifier(attribute.oid.as_bytes()) && is_loadable(AnyRef::from(&attribute.value)))
}

/// Whether OpenSSL reads an algorithm and its parameters.
fn is_algorithm(algorithm: &AlgorithmIdentifierOwned) -> bool {
    let are_readable = |parameters: &Any| match parameters.tag() {
        Tag::Null => parameters.value().is_empty(),
        Tag::ObjectIdentifier => is_identifier(parameters.value()),
        tag => tag == Tag::Sequence,
    };
    is_identifier(algorithm.oid.as_bytes()) && algorithm.parameters.as_ref().is_none_or(are_readable)
}

/// Whether these numbers, in base 128, are an object identifier: each one ends, and begins without zeros.
pub(super) fn is_identifier(numbers: &[u8]) -> bool {
    let mut begins = true;
    for byte in numbers {
        if begins && *byte == 0x80 {
            return false;
        }
        begins = *byte < 0x80;
    }
    begins && !numbers.is_empty()
}

/// Whether a certificate has its version written out, which version 1 is not in DER.
fn writes_version(certificate: &[u8]) -> bool {
    let mut fields = AnyRef::from_der(certificate).and_then(|certificate| SliceReader::new(certificate.value()));
    let version = fields.as_mut().map(AnyRef::decode);
    matches!(version, Ok(Ok(signed)) if signed.value().first() == Some(&0xa0))
}

/// Whether the extensions that rustls knows are of their types, each there once.
pub(super) fn are_extensions(extensions: &[Extension]) -> bool {
    let mut seen = [false; 256];
    extensions.iter().all(|extension| {
        let (id, tag) = match *extension.extn_id.as_bytes() {
            [0x55, 0x1d, 15] => (15, Tag::BitString),
            [0x55, 0x1d, id @ (17 | 19 | 30 | 31 | 37)] => (id, Tag::Sequence),
            // The list of certificate transparency's timestamps.
            [0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2] => (0, Tag::OctetString),
            _ => return is_identifier(extension.extn_id.as_bytes()),
        };
        let value = AnyRef::from_der(extension.extn_value.as_bytes());
        value.is_ok_and(|value| value.tag() == tag) && !mem::replace(&mut seen[usize::from(id)], true)
    })
}

/// Whether OpenSSL and Go take the value for a part of a name. Go enforces the character set of each type (`parseASN1String` of
/// <https://github.com/golang/go/blob/master/src/crypto/x509/parser.go>).
pub(super) fn is_loadable(value: AnyRef) -> bool {
    let are = |known: fn(u8) -> bool| value.value().iter().all(|byte| known(*byte));
    match value.tag() {
        Tag::NumericString => are(|byte| byte.is_ascii_digit() || byte == b' '),
        Tag::PrintableString => are(|byte| byte.is_ascii_alphanumeric() || b" '()+,-./:=?*&".contains(&byte)),
        Tag::Ia5String => value.value().is_ascii(),
        _ => matches!(text(value), Ok(Some(_))),
    }
}
