//! Tests of bundles and their certificates.

use der::Reader;
use der::asn1::{ObjectIdentifier, OctetString};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use testkit::certificates;

use base64_simd::STANDARD;
use der::asn1::AnyRef;
use der::{Decode, SliceReader, Tag};
use x509_cert::ext::Extension;

use super::Bundle;
use super::bundle::{BEGIN, END, MAX_BYTES, decode};
use super::certificate::{NOT_X509, are_extensions, is_identifier, is_loadable};
use crate::trusted_ca::openssl::{openssl, run};

const ROOT: &str = include_str!("../../../../e2e-tests/certificates/root.pem");
const SAME_SUBJECT: &str = include_str!("../../../../e2e-tests/certificates/same-subject.pem");
const EXPIRED: &str = include_str!("../../../../e2e-tests/certificates/expired.pem");
const HOST: &str = include_str!("../../../../e2e-tests/certificates/host.pem");
const HOST_WITHOUT_SAN: &str = include_str!("../../../../e2e-tests/certificates/host-without-san.pem");
const VERSION_1: &str = include_str!("../../../../e2e-tests/certificates/version-1.pem");

fn encode(pem: impl AsRef<[u8]>) -> String {
    STANDARD.encode_to_string(pem)
}

/// Reads and checks a bundle, as `validate_settings` does.
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
        format!("0 s:CN = Example\n{ROOT}"),
        // Lines of any length.
        ROOT.replace('\n', "\n\n"),
        ROOT.replace('\n', "\r"),
        ROOT.replace('\n', " "),
        ROOT.replace('\n', ""),
        ROOT.replace('\n', "\n  "),
        ROOT.replacen("MII", "M\n \tII", 1),
    ] {
        let bundle = validate(&encode(&pem)).unwrap();
        assert_eq!(bundle.pem, ROOT);
        assert_eq!(bundle.hashed_names, ["d80ef3a8.0"]);
    }
}

/// A root whose base64 fills its last line.
fn root_of_full_lines() -> String {
    let names = (1..).map(|length| "n".repeat(length));
    let subjects = names.map(|name| {
        let common_name = [
            [0x06, 3, 0x55, 4, 3].as_slice(),
            &certificates::der(0x0c, &[name.as_bytes()]),
        ]
        .concat();
        certificates::der(0x31, &[&certificates::der(0x30, &[&common_name])])
    });
    let mut roots = subjects.map(|subject| certificates::certificate(&subject));
    certificates::pem("CERTIFICATE", &roots.find(|der| der.len() % 48 == 0).unwrap())
}

#[test]
fn lines_are_broken_after_64_characters() {
    let full = root_of_full_lines();
    let base64: String = full.lines().filter(|line| !line.starts_with('-')).collect();
    for pem in [
        full.clone(),
        full.replace('\n', "\r\n"),
        full.replace(END, &format!("\n{END}")),
        full.replace(END, &format!(" \n{END}")),
        format!("{BEGIN}\n{base64}\n{END}"),
        // Lines of which some end where those of 64 characters do.
        format!("{BEGIN}\n{}\n{END}", certificates::lines(&base64, 129)),
        format!("{BEGIN}\n{}\n{END}", certificates::lines(&base64, 32)),
        format!("{BEGIN}\n{}\n{}\n{END}", &base64[..10], &base64[10..]),
    ] {
        assert_eq!(validate(&encode(&pem)).unwrap().pem, full, "{pem}");
    }
    let pem = format!("{BEGIN}\n{}\n{END}", certificates::lines(&base64, 129));
    assert_eq!(
        validate(&encode([&*pem, ROOT].concat())).unwrap().pem,
        [&*full, ROOT].concat()
    );
}

#[test]
fn text_around_the_blocks_may_have_any_encoding() {
    let comment = b"subject=CN = Stra\xdfe\n";
    let pem = [comment, ROOT.as_bytes(), comment].concat();
    assert_eq!(validate(&encode(pem)).unwrap().pem, ROOT);
    let error = validate(&encode(comment)).unwrap_err();
    assert_eq!(
        error,
        "has no certificate; write PEM with -----BEGIN CERTIFICATE----- lines"
    );
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
    let bundle = validate(&encode([ROOT, HOST, SAME_SUBJECT, ROOT].concat())).unwrap();
    assert_eq!(
        bundle.hashed_names,
        ["d80ef3a8.0", "5f0f7f4b.0", "d80ef3a8.1", "d80ef3a8.2"]
    );
}

#[test]
fn one_to_twenty_certificates_are_taken_expired_and_old_ones_too() {
    assert!(validate(&encode([EXPIRED, VERSION_1, HOST].concat())).is_ok());
    assert!(validate(&encode(ROOT.repeat(20))).is_ok());
    assert!(validate(&encode(format!("{ROOT:<MAX_BYTES$}"))).is_ok());
    let error = validate(&encode(ROOT.repeat(21))).unwrap_err();
    assert!(error.contains("21 certificates; use at most 20"), "{error}");
}

#[test]
fn an_error_says_what_is_wrong_and_quotes_nothing() {
    let marked = "hunter2hunter2hunter2hunter2";
    let key = format!("-----BEGIN PRIVATE KEY-----\n{marked}\n-----END PRIVATE KEY-----\n");
    let der = root();
    for (base64, fault) in [
        (String::new(), "is empty"),
        (" \n".to_owned(), "is empty"),
        (encode(marked), "has no certificate"),
        (format!("{marked}="), "is not base64"),
        (format!("{marked} not base64!"), "is not base64"),
        (ROOT.to_owned(), "create it with"),
        (STANDARD.encode_to_string(&der), "convert DER with: openssl x509"),
        (encode(&key), "private key"),
        (encode(format!("{ROOT}{key}")), "private key"),
        (encode(key.replace("PRIVATE", "EC PRIVATE")), "private key"),
        (encode(key.replace("PRIVATE", "PUBLIC")), "not a CERTIFICATE"),
        (encode(ROOT.replace(END, "")), "certificate 1: has no -----END"),
        (
            encode(format!("{}{ROOT}", ROOT.replace(END, ""))),
            "certificate 1: has no -----END",
        ),
        (
            encode(ROOT.replace("CERTIFICATE", "TRUSTED CERTIFICATE")),
            "which only OpenSSL reads; write it with: openssl x509 -in ca.crt",
        ),
        (
            encode(ROOT.replace("CERTIFICATE", "X509 CERTIFICATE")),
            "an old form; write it with: openssl x509 -in ca.crt",
        ),
        (
            encode(ROOT.replace("CERTIFICATE", "PKCS7")),
            "openssl pkcs7 -print_certs",
        ),
        (encode(ROOT.replace("CERTIFICATE", "CMS")), "openssl pkcs7 -print_certs"),
        (encode(ROOT.replace("CERTIFICATE", "CERTIFICATE REQUEST")), "not signed"),
        (
            encode(ROOT.replace("CERTIFICATE", "NEW CERTIFICATE REQUEST")),
            "not signed",
        ),
        (encode(encode(ROOT)), "encoded twice"),
        (encode(utf16(ROOT, u16::to_le_bytes)), "UTF-16"),
        (encode(utf16(ROOT, u16::to_be_bytes)), "UTF-16"),
        (encode(utf16(&["\u{feff}", ROOT].concat(), u16::to_le_bytes)), "UTF-16"),
        (encode(der_of(&[0x06, 0x02, 0x2a, 0x03])), "openssl pkcs7 -inform DER"),
        (encode(der_of(&[0x02, 0x01, 0x03])), "openssl pkcs12"),
        (encode(ROOT.replace(BEGIN, "")), "certificate 1: has no -----BEGIN"),
        (
            encode(format!("{}{ROOT}", ROOT.replace(BEGIN, ""))),
            "certificate 1: has no -----BEGIN",
        ),
        (
            encode(format!("{ROOT}{}{ROOT}", ROOT.replace(BEGIN, ""))),
            "certificate 2: has no -----BEGIN",
        ),
        (encode(ROOT.replacen("MII", "MII-", 1)), "certificate 1: is not base64"),
        (encode(format!("{}{key}", ROOT.replace(END, ""))), "private key"),
        (
            encode(format!("{ROOT}{BEGIN}\n{marked}!\n{END}\n")),
            "certificate 2: is not base64",
        ),
        (
            encode(format!("{ROOT}{BEGIN}\n{marked}\n{END}\n")),
            "certificate 2: is not an X.509",
        ),
        (encode(format!("{BEGIN}\n{END}\n")), "certificate 1: is not an X.509"),
        (encode(block(&der[..der.len() - 1])), "certificate 1: is not an X.509"),
        (
            encode(block(&[&der[..], b"x"].concat())),
            "certificate 1: is not an X.509",
        ),
        (
            encode(format!("{ROOT}{HOST_WITHOUT_SAN}")),
            "certificate 2: is neither a certificate authority nor has a Subject Alt",
        ),
        (encode(format!("{ROOT:<0$}", MAX_BYTES + 1)), "at most 49152"),
    ] {
        let error = validate(&base64).expect_err(fault);
        assert!(error.contains(fault), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

/// A sequence that begins with these bytes, long enough that DER writes its length in the long form.
fn der_of(start: &[u8]) -> Vec<u8> {
    let mut der = vec![0x30, 0x81, 0x80];
    der.extend(start);
    der.resize(3 + 0x80, 0);
    der
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// The root in DER.
fn root() -> Vec<u8> {
    let base64: String = ROOT.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode_to_vec(base64).unwrap()
}

/// A certificate's block.
fn block(der: &[u8]) -> String {
    format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode_to_string(der))
}

/// Where a text is in the bytes.
fn places(bytes: &[u8], text: &[u8]) -> Vec<usize> {
    (0..bytes.len()).filter(|at| bytes[*at..].starts_with(text)).collect()
}

#[test]
fn an_issuer_or_subject_that_openssl_or_go_refuses_is_refused() {
    let names = places(&root(), b"\x0c\x0fExample Root CA");
    assert_eq!(names.len(), 2);
    for at in names {
        let (mut accepted, mut refused_for_go) = (Vec::new(), Vec::new());
        let mut refused = 0;
        // Every type, with a text that begins with each of these bytes.
        for (tag, first) in (1..0x1f).flat_map(|tag| [7, b'@', b'E', 0xff].map(|first| (tag, first))) {
            let mut der = root();
            der[at] = tag;
            der[at + 2] = first;
            let fault = validate(&encode([ROOT, &block(&der)].concat())).err();
            let Some(output) = run(&["x509", "-noout", "-inform", "DER"], &der) else {
                return;
            };
            let loads = output.status.success();
            match fault.as_deref() {
                None => {
                    assert!(loads, "{tag:#x} {first:#x}");
                    accepted.push((tag, first));
                }
                Some(
                    "certificate 2: has an issuer or subject with a value that OpenSSL or Go rejects; reissue the certificate",
                ) => {
                    if loads {
                        refused_for_go.push((tag, first));
                    }
                    refused += 1;
                }
                fault => assert_eq!(fault, Some("certificate 2: is not an X.509 certificate")),
            }
        }
        assert!(refused > 30, "{refused}");
        let each = |tag: u8, firsts: &'static [u8]| firsts.iter().map(move |first| (tag, *first));
        let texts = [
            each(0x0c, &[7, b'@', b'E']),
            each(0x13, b"E"),
            each(0x14, &[7, b'@', b'E', 0xff]),
            each(0x16, &[7, b'@', b'E']),
        ];
        assert_eq!(accepted, texts.into_iter().flatten().collect::<Vec<_>>());
        let others = [
            each(0x03, &[7]),
            each(9, &[7, b'@', b'E', 0xff]),
            each(0x0d, &[7, b'@', b'E', 0xff]),
            each(0x12, &[7, b'@', b'E', 0xff]),
            each(0x13, &[7, b'@', 0xff]),
            each(0x16, &[0xff]),
        ];
        assert_eq!(refused_for_go, others.into_iter().flatten().collect::<Vec<_>>());
    }
}

/// The root with `to` instead of `from`, wherever that is.
fn replaced(from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut der = root();
    let places = places(&der, from);
    assert!(!places.is_empty(), "{from:02x?}");
    for at in places.into_iter().rev() {
        der.splice(at..at + from.len(), to.iter().copied());
    }
    // The lengths of the whole and of its signed part, which are two bytes each.
    for at in [2, 6] {
        let length = u16::from_be_bytes([der[at], der[at + 1]]) + to.len() as u16 - from.len() as u16;
        der[at..at + 2].copy_from_slice(&length.to_be_bytes());
    }
    der
}

#[test]
fn an_object_identifier_that_openssl_refuses_is_refused() {
    let organization = [0x06, 3, 0x55, 4, 10];
    let padded = [0x06, 3, 0x55, 0x80, 10];
    let key_usage = [0x06, 3, 0x55, 0x1d, 15];
    let padded_extension = [0x06, 3, 0x55, 0x80, 15];
    for (from, to, fault) in [
        (
            organization,
            padded,
            "has an issuer or subject with a value that OpenSSL or Go rejects",
        ),
        (
            key_usage,
            padded_extension,
            "has an extension that is malformed or repeated",
        ),
    ] {
        let der = replaced(&from, &to);
        let error = validate(&encode(block(&der))).unwrap_err();
        assert!(error.starts_with(&format!("certificate 1: {fault}")), "{error}");
        if let Some(output) = run(&["x509", "-noout", "-inform", "DER"], &der) {
            assert!(!output.status.success(), "{fault}");
        }
    }
}

#[test]
fn each_number_of_an_object_identifier_ends_and_begins_without_zeros() {
    for (numbers, expected) in [
        (&[0x55, 4, 10][..], true),
        (&[0x55, 0x81, 0x80, 5], true),
        (&[0x55, 0x81, 0x80, 0x80, 5], true),
        (&[0x7f], true),
        (&[], false),
        (&[0x80, 1], false),
        (&[0x55, 0x80, 1], false),
        (&[0x55, 0x81], false),
        (&[0x55, 0x81, 0x80], false),
        (&[0x55, 0x81, 5, 0x80, 1], false),
    ] {
        assert_eq!(is_identifier(numbers), expected, "{numbers:02x?}");
    }
}

#[test]
fn a_key_whose_algorithm_openssl_refuses_is_refused() {
    let key = |parameters: &[u8]| [&[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], parameters].concat();
    let curve = [0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    for (tag, last, loads) in [
        (6, 7, true),
        (6, 0x87, false),
        (0x30, 7, true),
        (5, 7, false),
        (1, 7, false),
    ] {
        let mut parameters = curve;
        parameters[0] = tag;
        parameters[9] = last;
        let der = replaced(&key(&curve), &key(&parameters));
        let expected = (!loads).then(|| format!("certificate 1: {NOT_X509}"));
        assert_eq!(validate(&encode(block(&der))).err(), expected, "{parameters:02x?}");
        if let Some(output) = run(&["x509", "-noout", "-inform", "DER"], &der) {
            assert_eq!(output.status.success(), loads, "{parameters:02x?}");
        }
    }
}

#[test]
fn a_negative_serial_number_is_accepted() {
    // An X.509 certificate begins with its version, 3, and its serial number.
    let serial_number = places(&root(), &[0xa0, 3, 2, 1, 2, 2])[0] + 7;
    let mut der = root();
    assert!(der[serial_number] < 0x80);
    der[serial_number] |= 0x80;
    assert_eq!(validate(&encode(block(&der))).err(), None);
}

/// The fuzz target `trusted_ca` holds that rustls trusts what is accepted.
#[test]
fn what_rustls_refuses_is_refused() {
    let ecdsa_with_sha256 = [0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    let ecdsa_with_sha384 = [0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
    let outer = |algorithm: &[u8], bits: &[u8]| [algorithm, &[3, 0x47], bits].concat();
    let subject_key_identifier = [0x06, 3, 0x55, 0x1d, 0x0e, 4, 0x16];
    let extensions = [0xa3, 0x42, 0x30, 0x40];
    for (from, to, fault) in [
        (
            outer(&ecdsa_with_sha256, &[0]),
            outer(&ecdsa_with_sha384, &[0]),
            "names two different signature algorithms",
        ),
        (
            outer(&ecdsa_with_sha256, &[0]),
            outer(&ecdsa_with_sha256, &[1]),
            "is not an X.509",
        ),
        (
            vec![0xa0, 3, 2, 1, 2],
            vec![0xa0, 3, 2, 1, 1],
            "has fields that rustls rejects",
        ),
        (vec![0xa0, 3, 2, 1, 2], vec![], "has fields that rustls rejects"),
        (
            extensions.to_vec(),
            [&[0x81, 2, 0, 1], &extensions[..]].concat(),
            "has fields that rustls rejects",
        ),
        (
            extensions.to_vec(),
            [&[0x82, 2, 0, 1], &extensions[..]].concat(),
            "has fields that rustls rejects",
        ),
        (
            subject_key_identifier.to_vec(),
            vec![0x06, 3, 0x55, 0x1d, 0x0f, 4, 0x16],
            "has an extension that is malformed or repeated",
        ),
        (
            subject_key_identifier.to_vec(),
            vec![0x06, 3, 0x55, 0x1d, 30, 4, 0x16],
            "has an extension that is malformed or repeated",
        ),
    ] {
        let error = validate(&encode(block(&replaced(&from, &to)))).expect_err(fault);
        assert!(error.starts_with(&format!("certificate 1: {fault}")), "{error}");
    }
    assert!(validate(&encode(block(&replaced(&ecdsa_with_sha256, &ecdsa_with_sha384)))).is_ok());
}

#[test]
fn timestamps_of_certificate_transparency_are_an_octet_string_once() {
    let timestamps = |value: &[u8]| Extension {
        extn_id: ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.4.2"),
        critical: false,
        extn_value: OctetString::new(value).unwrap(),
    };
    let list = timestamps(&[4, 1, 0]);
    assert!(are_extensions(std::slice::from_ref(&list)));
    assert!(!are_extensions(&[timestamps(&[0x30, 0])]));
    assert!(!are_extensions(&[list.clone(), list]));
}

#[test]
fn a_numeric_string_has_digits_and_spaces() {
    for (text, loads) in [("", true), ("12 3", true), (" ", true), ("12a", false), ("1-2", false)] {
        let value = AnyRef::new(Tag::NumericString, text.as_bytes()).unwrap();
        assert_eq!(is_loadable(value), loads, "{text}");
    }
}

#[test]
fn certificates_are_not_for_debugging() {
    let bundle = validate(&encode(ROOT)).unwrap();
    assert_eq!(format!("{bundle:?}"), r#"Bundle(["d80ef3a8.0"])"#);
}

#[test]
fn version_1_is_not_written_out() {
    let base64: String = VERSION_1.lines().filter(|line| !line.starts_with('-')).collect();
    let der = decode(&base64).unwrap();
    let mut parts = SliceReader::new(AnyRef::from_der(&der).unwrap().value()).unwrap();
    let signed = AnyRef::decode(&mut parts).unwrap();
    let others = parts.read_slice(parts.remaining_len()).unwrap();
    let with = |version: &[u8]| {
        let signed = certificates::der(0x30, &[version, signed.value()]);
        validate(&encode(block(&certificates::der(0x30, &[&signed, others])))).err()
    };
    assert_eq!(with(&[]), None);
    let fault =
        "certificate 1: has fields that rustls rejects; reissue it as X.509 version 3, without unique identifiers";
    assert_eq!(with(&[0xa0, 3, 2, 1, 0]).as_deref(), Some(fault));
}

/// The certificates that OpenSSL loads from PEM, each in OpenSSL's own PEM.
fn loaded(pem: &str) -> Option<String> {
    let pkcs7 = openssl(&["crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin"], pem.as_bytes())?;
    let printed = String::from_utf8(openssl(&["pkcs7", "-print_certs"], &pkcs7)?).unwrap();
    let mut inside = false;
    let mut blocks = String::new();
    for line in printed.lines() {
        inside |= line == BEGIN;
        if inside {
            blocks.extend([line, "\n"]);
        }
        inside &= line != END;
    }
    Some(blocks)
}

/// A certificate's block with nothing but `breaks` in its base64, each at its place.
fn broken_up(certificate: &str, breaks: &[(Index, &str)]) -> String {
    let mut base64: String = certificate.lines().filter(|line| !line.starts_with('-')).collect();
    for (place, text) in breaks {
        base64.insert_str(place.index(base64.len() + 1), text);
    }
    [BEGIN, &base64, END].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_accepted_loads_with_openssl_however_its_lines_are_broken(
        certificates in vec(select(&[ROOT, SAME_SUBJECT, EXPIRED, HOST]), 1..4),
        breaks in vec((any::<Index>(), select(&["\n", "\n\n", "\r\n", "\r", " ", "\t"])), 0..20),
        mistake in option::of((any::<Index>(), select(&["A", "=", "-", "#", "\n", BEGIN, END]))),
    ) {
        let mut pem: String = certificates.iter().map(|certificate| broken_up(certificate, &breaks)).collect();
        if let Some((place, text)) = mistake {
            pem.insert_str(place.index(pem.len() + 1), text);
        }
        match validate(&encode(&pem)) {
            Ok(bundle) => {
                if let Some(loaded) = loaded(&bundle.pem) {
                    prop_assert_eq!(loaded, bundle.pem.as_str());
                }
                prop_assert_eq!(bundle.pem, certificates.concat());
            }
            Err(fault) => prop_assert!(mistake.is_some(), "{}", fault),
        }
    }
}
