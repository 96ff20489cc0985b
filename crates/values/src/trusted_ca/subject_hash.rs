//! The name under which OpenSSL looks for a certificate in a directory.
//!
//! OpenSSL finds an authority in `SSL_CERT_DIR` by a hash of its subject, `openssl x509 -subject_hash`: the first four
//! bytes, little-endian, of the SHA-1 of the subject in a canonical form. Only OpenSSL's code defines that form, in
//! `x509_name_canon` and `asn1_string_canon` of
//! <https://github.com/openssl/openssl/blob/master/crypto/x509/x_name.c>: each relative distinguished name (RDN) in DER,
//! without the SEQUENCE around them all, and the values of the usual string types as UTF8String, with white space trimmed
//! and its runs made one space, and ASCII letters in lower case.

use std::borrow::Cow;

use der::asn1::AnyRef;
use der::{Decode, Header, Reader, SliceReader, Tag, Tagged};
use sha1_smol::Sha1;

/// Hashes the subject of a certificate in DER. Bytes after the subject are not read, and may be missing.
///
/// # Errors
/// The bytes are not a certificate, or its subject has a string that OpenSSL cannot read either.
pub(crate) fn subject_hash(certificate: &[u8]) -> der::Result<u32> {
    let canonical = canonical_name(subject(certificate)?)?;
    let [a, b, c, d, ..] = Sha1::from(canonical).digest().bytes();
    Ok(u32::from_le_bytes([a, b, c, d]))
}

/// The content of the subject: its RDNs.
fn subject(certificate: &[u8]) -> der::Result<&[u8]> {
    let mut fields = SliceReader::new(certificate)?;
    // Enter the certificate and its to-be-signed part.
    for _ in 0..2 {
        Header::decode(&mut fields)?.tag().assert_eq(Tag::Sequence)?;
    }
    // All but the oldest certificates have a version. Serial number, signature algorithm, issuer and validity follow.
    let first = AnyRef::decode(&mut fields)?;
    let skipped = if first.tag() == Tag::Integer { 3 } else { 4 };
    for _ in 0..skipped {
        AnyRef::decode(&mut fields)?;
    }
    sequence(AnyRef::decode(&mut fields)?)
}

fn sequence<'a>(value: AnyRef<'a>) -> der::Result<&'a [u8]> {
    value.tag().assert_eq(Tag::Sequence)?;
    Ok(value.value())
}

fn canonical_name(rdns: &[u8]) -> der::Result<Vec<u8>> {
    let mut canonical = Vec::with_capacity(rdns.len());
    let mut rdns = SliceReader::new(rdns)?;
    while !rdns.is_finished() {
        let rdn = AnyRef::decode(&mut rdns)?;
        rdn.tag().assert_eq(Tag::Set)?;
        let mut attributes = Vec::new();
        let mut reader = SliceReader::new(rdn.value())?;
        while !reader.is_finished() {
            attributes.push(canonical_attribute(sequence(AnyRef::decode(&mut reader)?)?)?);
        }
        // DER orders the members of a set by their bytes.
        attributes.sort();
        // OpenSSL ignores an empty value.
        if !attributes.is_empty() {
            push(&mut canonical, SET, &attributes.concat());
        }
    }
    Ok(canonical)
}

/// A type and its value.
fn canonical_attribute(attribute: &[u8]) -> der::Result<Vec<u8>> {
    let mut parts = SliceReader::new(attribute)?;
    AnyRef::decode(&mut parts)?;
    let (name, raw_value) = attribute.split_at(usize::try_from(parts.position())?);
    let value = AnyRef::decode(&mut parts)?;
    let mut content = Vec::with_capacity(attribute.len());
    content.extend(name);
    match text(value)? {
        Some(text) => push(&mut content, UTF8_STRING, &folded(&text)),
        None => content.extend(raw_value),
    }
    let mut canonical = Vec::with_capacity(content.len() + 4);
    push(&mut canonical, SEQUENCE, &content);
    Ok(canonical)
}

/// The text of the string types that are compared as text; `None` for any other type.
pub(crate) fn text<'a>(value: AnyRef<'a>) -> der::Result<Option<Cow<'a, str>>> {
    let bytes = value.value();
    let text = match value.tag() {
        Tag::Utf8String => str::from_utf8(bytes).ok().map(Cow::Borrowed),
        // Read as Latin-1, whatever the type's own character set.
        Tag::PrintableString | Tag::TeletexString | Tag::Ia5String => match str::from_utf8(bytes) {
            Ok(text) if text.is_ascii() => Some(Cow::Borrowed(text)),
            _ => Some(bytes.iter().copied().map(char::from).collect()),
        },
        Tag::BmpString => bmp_text(bytes).map(Cow::Owned),
        _ => return Ok(None),
    };
    text.map(Some).ok_or_else(|| value.tag().value_error().into())
}

/// BMPString is UTF-16 without surrogates.
fn bmp_text(bytes: &[u8]) -> Option<String> {
    let (units, []) = bytes.as_chunks::<2>() else {
        return None;
    };
    units
        .iter()
        .map(|unit| char::from_u32(u16::from_be_bytes(*unit).into()))
        .collect()
}

/// Trims white space, makes its runs one space, and puts ASCII letters in lower case.
fn folded(text: &str) -> Vec<u8> {
    let mut folded = Vec::with_capacity(text.len());
    let mut space = false;
    for byte in text.bytes() {
        if matches!(byte, b' ' | b'\t'..=b'\r') {
            space = !folded.is_empty();
        } else {
            if space {
                folded.push(b' ');
                space = false;
            }
            folded.push(byte.to_ascii_lowercase());
        }
    }
    folded
}

const UTF8_STRING: u8 = 0x0c;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// Appends a value in DER.
fn push(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    let length = content.len().to_be_bytes();
    let significant = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    if content.len() >= 0x80 {
        out.push(0x80 | significant.len() as u8);
        out.extend(significant);
    } else {
        out.push(content.len() as u8);
    }
    out.extend(content);
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::trusted_ca::openssl::openssl;

    const PRINTABLE: u8 = 0x13;
    const T61: u8 = 0x14;
    const IA5: u8 = 0x16;
    const BMP: u8 = 0x1e;
    const NUMERIC: u8 = 0x12;

    const COMMON_NAME: &[u8] = &[0x06, 3, 0x55, 4, 3];
    const ORGANIZATION: &[u8] = &[0x06, 3, 0x55, 4, 10];
    const COUNTRY: &[u8] = &[0x06, 3, 0x55, 4, 6];
    const EMAIL: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];

    fn encoded(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut encoded = Vec::new();
        push(&mut encoded, tag, content);
        encoded
    }

    type Attribute<'a> = (&'a [u8], u8, &'a [u8]);

    /// A certificate with that subject: one inner list for each RDN.
    fn certificate(subject: &[&[Attribute]]) -> Vec<u8> {
        let sequence = |parts: &[&[u8]]| encoded(SEQUENCE, &parts.concat());
        let rdns: Vec<u8> = subject
            .iter()
            .flat_map(|rdn| {
                let mut attributes: Vec<Vec<u8>> = rdn
                    .iter()
                    .map(|(name, tag, value)| sequence(&[name, &encoded(*tag, value)]))
                    .collect();
                attributes.sort();
                encoded(SET, &attributes.concat())
            })
            .collect();
        let algorithm = [0x30, 11, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
        let validity = sequence(&[&encoded(0x17, b"200101000000Z"), &encoded(0x17, b"300101000000Z")]);
        let bits = encoded(0x03, &[0, 0x30, 6, 2, 1, 5, 2, 1, 3]);
        let key = sequence(&[&[0x30, 11, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1], &bits]);
        let version = [0xa0, 3, 2, 1, 2];
        let issuer = sequence(&[]);
        let tbs = sequence(&[
            &version,
            &[2, 1, 1],
            &algorithm,
            &issuer,
            &validity,
            &encoded(SEQUENCE, &rdns),
            &key,
        ]);
        sequence(&[&tbs, &algorithm, &bits])
    }

    /// The output of the `openssl` command; `None` if it is not installed.
    fn openssl_hash(form: &str, certificate: &[u8]) -> Option<String> {
        let hash = openssl(&["x509", "-noout", "-subject_hash", "-inform", form], certificate)?;
        Some(String::from_utf8(hash).unwrap().trim().to_owned())
    }

    #[test]
    fn names_hash_as_openssl_hashes_them() {
        let bmp: Vec<u8> = "Bänk  CA ".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let long = vec![b'A'; 300];
        let subjects: &[&[&[Attribute]]] = &[
            &[],
            &[&[(COMMON_NAME, UTF8_STRING, b"Example Root CA")]],
            &[&[(COMMON_NAME, PRINTABLE, b"EXAMPLE root ca")]],
            &[&[(COMMON_NAME, UTF8_STRING, b"  Example \t\r\n Root\x0b\x0cCA  ")]],
            &[&[(COMMON_NAME, UTF8_STRING, b"   ")]],
            &[&[(COMMON_NAME, UTF8_STRING, b"")]],
            &[&[(
                COMMON_NAME,
                UTF8_STRING,
                "Zertifizierungsstelle Ämter 署名\u{a0}ÄÖ".as_bytes(),
            )]],
            &[&[(COMMON_NAME, BMP, &bmp)]],
            &[&[(COMMON_NAME, T61, b"Caf\xe9 \xc4 CA")]],
            // Latin-1, even where the bytes are also UTF-8.
            &[&[(COMMON_NAME, T61, "Café CA".as_bytes())]],
            &[&[(COMMON_NAME, NUMERIC, b"12 34  5")]],
            &[&[(COMMON_NAME, UTF8_STRING, &long)]],
            &[&[], &[(COMMON_NAME, UTF8_STRING, b"behind an empty set")], &[]],
            &[
                &[(COUNTRY, PRINTABLE, b"DE")],
                &[(ORGANIZATION, UTF8_STRING, b"Example  GmbH")],
                &[(EMAIL, IA5, b"CA@Example.COM")],
            ],
            // Several attributes in one RDN, whose order changes with their case.
            &[&[
                (COMMON_NAME, UTF8_STRING, b"b"),
                (COMMON_NAME, UTF8_STRING, b"C"),
                (ORGANIZATION, PRINTABLE, b"O"),
                (EMAIL, IA5, b"a@b.c"),
            ]],
        ];
        for (index, subject) in subjects.iter().enumerate() {
            let certificate = certificate(subject);
            let hash = format!("{:08x}", subject_hash(&certificate).unwrap());
            let Some(expected) = openssl_hash("DER", &certificate) else {
                return;
            };
            assert_eq!(hash, expected, "subject {index}");
        }
    }

    #[test]
    fn the_roots_that_debian_ships_hash_as_openssl_hashes_them() {
        let mut count = 0;
        for folder in ["/usr/share/ca-certificates/mozilla", "/usr/share/ca-certificates"] {
            for file in std::fs::read_dir(folder).into_iter().flatten() {
                let Ok(pem) = std::fs::read_to_string(file.unwrap().path()) else {
                    continue;
                };
                let bundle = crate::Bundle::of_pem(&pem).unwrap();
                let Some(expected) = openssl_hash("PEM", pem.as_bytes()) else {
                    return;
                };
                assert_eq!(bundle.hashed_names, [format!("{expected}.0")]);
                assert_eq!(bundle.check(), Vec::<String>::new());
                count += 1;
            }
        }
        if count < 100 {
            assert!(std::env::var_os("CI").is_none(), "Debian's ca-certificates is missing");
            let _ = writeln!(
                std::io::stderr(),
                "incomplete: only {count} roots are compared, Debian's ca-certificates is missing"
            );
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_hash() {
        let whole = certificate(&[&[(COMMON_NAME, UTF8_STRING, b"Example")]]);
        let subject_end = whole.len() - "subjectPublicKeyInfo, algorithm and signature".len() - 5;
        for end in 0..subject_end {
            assert!(subject_hash(&whole[..end]).is_err(), "{end}");
        }
        assert!(subject_hash(&certificate(&[&[(COMMON_NAME, UTF8_STRING, b"\xff")]])).is_err());
        assert!(subject_hash(&certificate(&[&[(COMMON_NAME, BMP, b"\0a\0")]])).is_err());
        assert!(subject_hash(&certificate(&[&[(COMMON_NAME, BMP, b"\xd8\0")]])).is_err());
    }
}
