//! What else people paste in the place of PEM, and the command that converts it.

use der::Decode;
use der::asn1::AnyRef;

use crate::trusted_ca::bundle::{BEGIN_ANY, decode};

/// How to convert what is in DER: the first member tells the formats apart.
#[cold]
pub(super) fn der_fault(der: &[u8]) -> &'static str {
    let content = AnyRef::from_der(der).map(AnyRef::value).unwrap_or_default();
    match content {
        // An object identifier: signed data.
        [0x06, ..] => "is PKCS#7 in DER; convert it with: openssl pkcs7 -inform DER -print_certs -in ca.p7b",
        // The version of a store.
        [0x02, 0x01, 0x03, ..] => {
            "is a PKCS#12 store; write its certificates with: openssl pkcs12 -in ca.p12 -cacerts -nokeys"
        }
        _ => "is not PEM once decoded; convert DER with: openssl x509 -inform DER -in ca.der",
    }
}

/// How to unwrap certificates that are not PEM once they are decoded.
#[cold]
pub(super) fn wrapping_fault(decoded: &[u8]) -> Option<&'static str> {
    let begin = BEGIN_ANY.as_bytes();
    let is_wide = |text: &[u8], offset: usize| {
        let of_begin = text.iter().skip(offset).step_by(2).take(begin.len());
        of_begin.eq(begin)
    };
    let is_utf16 = matches!(decoded, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) || is_wide(decoded, 0) || is_wide(decoded, 1);
    if is_utf16 {
        return Some("is UTF-16; save the file as ASCII or UTF-8, and encode it with: base64 -w0 ca.crt");
    }
    let twice = std::str::from_utf8(decoded).ok().and_then(decode);
    let is_encoded_twice = twice.is_some_and(|twice| twice.windows(begin.len()).any(|window| window == begin));
    is_encoded_twice.then_some("is encoded twice; encode it once, with: base64 -w0 ca.crt")
}

/// What is wrong with a block that is not a certificate, at the beginning of `text`.
pub(super) fn not_a_certificate(text: &str) -> &'static str {
    let label = text[BEGIN_ANY.len()..].split("-----").next().unwrap_or_default();
    match label {
        "TRUSTED CERTIFICATE" => {
            "has a TRUSTED CERTIFICATE, which only OpenSSL reads; write it with: openssl x509 -in ca.crt"
        }
        "X509 CERTIFICATE" => "has an X509 CERTIFICATE, an old form; write it with: openssl x509 -in ca.crt",
        "PKCS7" | "CMS" => "is PKCS#7; convert it with: openssl pkcs7 -print_certs -in ca.p7b",
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => {
            "has a CERTIFICATE REQUEST, which is not signed; use the certificate of the CA"
        }
        _ if label.ends_with("PRIVATE KEY") => {
            "contains a private key; remove it, and rotate the key, because others may have read it"
        }
        _ => "has a block that is not a CERTIFICATE; remove all other blocks",
    }
}
