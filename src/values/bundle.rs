//! Certificates in PEM.

use std::fmt;
use std::mem;
use std::ops::Range;

use base64_simd::STANDARD;
use der::asn1::{Any, AnyRef};
use der::{Decode, SliceReader, Tag, Tagged};
use x509_cert::certificate::{CertificateInner, Raw, Version};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::values::bytes::{has_no_space, position};
use crate::values::subject_hash::{subject_hash, text};

/// The maximum number of certificates in a bundle, as in AKS.
const MAX_CERTIFICATES: usize = 20;

/// The maximum size of a bundle in bytes: every pod carries it, and twice while it is admitted.
const MAX_BYTES: usize = 48 * 1024;

/// The beginning of every block.
const BEGIN_ANY: &str = "-----BEGIN ";

/// Characters of base64 in a line of PEM: <https://www.rfc-editor.org/rfc/rfc7468#section-2>.
const LINE: usize = 64;

/// The first byte of a certificate in DER. A length follows, in a form that is not ASCII.
const DER_SEQUENCE: u8 = 0x30;

/// Certificates in PEM.
#[derive(Clone, Default)]
pub(crate) struct Bundle {
    /// The blocks of the certificates only, in the form that every client loads: base64 in lines of 64 characters, each
    /// line ending with `\n`, nothing between the blocks.
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
    /// Reads base64 of PEM; line breaks in the base64 are allowed. Of each certificate it reads only the subject,
    /// because this happens for every request. [`Bundle::check`] checks the rest.
    ///
    /// # Errors
    /// What is wrong with it, and what to write. Nothing of the content is quoted.
    pub(crate) fn read(base64: &str) -> Result<Self, String> {
        if base64.trim_ascii_start().starts_with("-----BEGIN") {
            return Err("is PEM, not base64 of PEM; create it with: base64 -w0 ca.crt".to_owned());
        }
        let decoded = decode(base64).ok_or("is not base64; create it with: base64 -w0 ca.crt")?;
        if decoded.len() > MAX_BYTES {
            return Err(format!(
                "has {} bytes once decoded, and every pod carries them; use at most {MAX_BYTES}, or trustedCaFrom, which \
                 reads larger bundles from a ConfigMap",
                decoded.len()
            ));
        }
        if matches!(decoded[..], [DER_SEQUENCE, 0x80..=0xff, ..]) {
            return Err("is not PEM once decoded; convert DER with: openssl x509 -inform DER -in ca.der".to_owned());
        }
        match simdutf8::basic::from_utf8(&decoded) {
            Ok(text) => Bundle::of_pem(text),
            // Text around the blocks may have any encoding.
            Err(_) => Bundle::of_pem(&String::from_utf8_lossy(&decoded)),
        }
    }

    /// As [`Bundle::read`], of PEM itself. White space may break the base64 of a block anywhere.
    pub(crate) fn of_pem(text: &str) -> Result<Self, String> {
        let mut bundle = Bundle::default();
        bundle.pem.reserve(text.len() + text.len() / 32);
        let mut rest = text.trim_ascii_start();
        while let Some(start) = find_begin(rest) {
            let number = bundle.contents.len() + 1;
            if start > 0 && rest[..start].contains(END) {
                return Err(format!("certificate {number}: has no {BEGIN} line"));
            }
            let Some(block) = rest[start..].strip_prefix(BEGIN) else {
                return Err(not_a_certificate(&rest[start..]).to_owned());
            };
            // Base64 has no hyphens.
            let (content, behind) = block.split_at(position(block.as_bytes(), b'-').unwrap_or(block.len()));
            rest = behind.strip_prefix(END).ok_or_else(|| match behind {
                behind if behind.starts_with(BEGIN_ANY) && !behind.starts_with(BEGIN) => {
                    not_a_certificate(behind).to_owned()
                }
                behind if behind.starts_with(BEGIN) || !behind.contains(END) => {
                    format!("certificate {number}: has no {END} line")
                }
                _ => format!("certificate {number}: {NOT_BASE64}"),
            })?;
            rest = rest.trim_ascii_start();
            bundle.push(content);
        }
        if rest.contains(END) {
            return Err(format!(
                "certificate {}: has no {BEGIN} line",
                bundle.contents.len() + 1
            ));
        }
        match bundle.contents.len() {
            0 => Err(format!("has no certificate; write PEM with {BEGIN} lines")),
            1..=MAX_CERTIFICATES => {
                bundle.hashed_names = bundle.hash_names()?;
                Ok(bundle)
            }
            count => Err(format!(
                "has {count} certificates; use at most {MAX_CERTIFICATES}, or trustedCaFrom, which reads more from a ConfigMap"
            )),
        }
    }

    /// Adds a block with the same base64 in lines of equal length.
    fn push(&mut self, base64: &str) {
        self.pem.extend([BEGIN, "\n"]);
        let start = self.pem.len();
        if let Some(lines) = base64.strip_prefix('\n').filter(|lines| are_canonical(lines)) {
            self.pem.push_str(lines);
            self.contents.push(start..self.pem.len());
            self.pem.extend([END, "\n"]);
            return;
        }
        let mut room = LINE;
        for mut piece in base64.split_ascii_whitespace() {
            while piece.len() > room && piece.is_char_boundary(room) {
                self.pem.extend([&piece[..room], "\n"]);
                piece = &piece[room..];
                room = LINE;
            }
            self.pem.push_str(piece);
            room = room.saturating_sub(piece.len());
        }
        if self.pem.len() > start {
            self.pem.push('\n');
        }
        self.contents.push(start..self.pem.len());
        self.pem.extend([END, "\n"]);
    }

    fn hash_names(&self) -> Result<Vec<String>, String> {
        let mut hashes = Vec::with_capacity(self.contents.len());
        for (index, content) in self.contents.iter().enumerate() {
            let content = &self.pem[content.clone()];
            // Subjects are near the beginning.
            let hash = match subject_hash(&decode_start(content, 8)) {
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

    /// Lists the fault, with the certificate's number, of every certificate that clients would reject: each must be
    /// X.509 that OpenSSL and rustls load, with names that Go reads, and be an authority or valid for a host. Keys and serial numbers that
    /// only Go rejects are accepted, for the other clients. So are expired certificates: settings that were valid yesterday must not keep
    /// a policy server from starting today.
    pub(crate) fn check(&self) -> Vec<String> {
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

/// Where the next block begins: mostly at once.
fn find_begin(text: &str) -> Option<usize> {
    if text.starts_with(BEGIN_ANY) {
        Some(0)
    } else {
        text.find(BEGIN_ANY)
    }
}

/// Whether base64 is in lines of equal length, except the last one, and has no other white space.
fn are_canonical(lines: &str) -> bool {
    let mut lines = lines.as_bytes().chunks(LINE + 1).peekable();
    let mut are = true;
    while let Some(line) = lines.next() {
        let (end, characters) = line.split_last().unwrap_or((&0, &[]));
        let is_full = characters.len() == LINE || lines.peek().is_none() && !characters.is_empty();
        are &= *end == b'\n' && is_full && has_no_space(characters);
    }
    are
}

/// Decodes base64, with or without white space in it.
fn decode(base64: &str) -> Option<Vec<u8>> {
    let joined = || base64.split_ascii_whitespace().collect::<String>();
    let decoded = STANDARD.decode_to_vec(base64);
    decoded.or_else(|_| STANDARD.decode_to_vec(joined())).ok()
}

/// Decodes the first lines of base64 in lines of equal length; empty if they are not base64.
fn decode_start(base64: &str, lines: usize) -> Vec<u8> {
    let mut start = Vec::with_capacity(lines * LINE);
    for line in base64.as_bytes().chunks(LINE + 1).take(lines) {
        start.extend(line.split_last().map_or(line, |(_, characters)| characters));
    }
    start.truncate(start.len() / 4 * 4);
    STANDARD.decode_to_vec(&start).unwrap_or_default()
}

/// What is wrong with a block that is not a certificate, at the beginning of `text`.
fn not_a_certificate(text: &str) -> &'static str {
    let label = text[BEGIN_ANY.len()..].split("-----").next().unwrap_or_default();
    if label.ends_with("PRIVATE KEY") {
        "has a private key, which does not belong in settings; remove it, and replace the key, because others may have read it"
    } else {
        "has a block that is not a CERTIFICATE; remove all other blocks"
    }
}

fn fault_of(der: &[u8]) -> Option<&'static str> {
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
        return Some("names two different signature algorithms, which rustls rejects; have the certificate reissued");
    }
    let fits_its_version = match certificate.version() {
        Version::V1 => certificate.extensions().is_none() && !writes_version(der),
        Version::V2 => false,
        Version::V3 => true,
    };
    if !fits_its_version || certificate.issuer_unique_id().is_some() || certificate.subject_unique_id().is_some() {
        return Some(
            "has fields that rustls rejects; have the certificate reissued as version 3, without unique identifiers",
        );
    }
    for name in [certificate.issuer(), certificate.subject()] {
        for attribute in name.iter() {
            if !is_identifier(attribute.oid.as_bytes()) || !is_loadable(AnyRef::from(&attribute.value)) {
                return Some(
                    "has an issuer or subject with a value that OpenSSL or Go rejects; have the certificate reissued",
                );
            }
        }
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
fn is_identifier(numbers: &[u8]) -> bool {
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
fn are_extensions(extensions: &[Extension]) -> bool {
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

/// Whether OpenSSL and Go take the value for a part of a name. Go holds each type to its characters (`parseASN1String` of
/// <https://github.com/golang/go/blob/master/src/crypto/x509/parser.go>).
fn is_loadable(value: AnyRef) -> bool {
    let are = |known: fn(u8) -> bool| value.value().iter().all(|byte| known(*byte));
    match value.tag() {
        Tag::NumericString => are(|byte| byte.is_ascii_digit() || byte == b' '),
        Tag::PrintableString => are(|byte| byte.is_ascii_alphanumeric() || b" '()+,-./:=?*&".contains(&byte)),
        Tag::Ia5String => value.value().is_ascii(),
        _ => matches!(text(value), Ok(Some(_))),
    }
}

/// Without the certificates.
impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bundle").field(&self.hashed_names).finish()
    }
}

#[cfg(test)]
mod tests {
    use der::Reader;
    use der::asn1::{ObjectIdentifier, OctetString};
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};
    use testkit::certificates;

    use super::*;
    use crate::values::openssl::{openssl, run};

    const ROOT: &str = include_str!("../../e2e-tests/certificates/root.pem");
    const SAME_SUBJECT: &str = include_str!("../../e2e-tests/certificates/same-subject.pem");
    const EXPIRED: &str = include_str!("../../e2e-tests/certificates/expired.pem");
    const HOST: &str = include_str!("../../e2e-tests/certificates/host.pem");
    const HOST_WITHOUT_SAN: &str = include_str!("../../e2e-tests/certificates/host-without-san.pem");
    const VERSION_1: &str = include_str!("../../e2e-tests/certificates/version-1.pem");

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
            (String::new(), "has no certificate"),
            (encode(marked), "has no certificate"),
            (format!("{marked}="), "is not base64"),
            (format!("{marked} not base64!"), "is not base64"),
            (ROOT.to_owned(), "create it with"),
            (STANDARD.encode_to_string(&der), "convert DER with: openssl x509"),
            (encode(&key), "private key"),
            (encode(format!("{ROOT}{key}")), "private key"),
            (encode(key.replace("PRIVATE", "EC PRIVATE")), "private key"),
            (encode(key.replace("PRIVATE", "PUBLIC")), "not a CERTIFICATE"),
            (encode(ROOT.replace("BEGIN C", "BEGIN TRUSTED C")), "not a CERTIFICATE"),
            (encode(ROOT.replace(END, "")), "certificate 1: has no -----END"),
            (
                encode(format!("{}{ROOT}", ROOT.replace(END, ""))),
                "certificate 1: has no -----END",
            ),
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
                        "certificate 2: has an issuer or subject with a value that OpenSSL or Go rejects; have the certificate reissued",
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

    /// The root with `to` in place of `from`, wherever that is.
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
        let fault = "certificate 1: has fields that rustls rejects; have the certificate reissued as version 3, without unique identifiers";
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
}
