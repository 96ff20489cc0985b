//! Certificates: those of the tests, and made-up ones.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The root of the tests.
pub const ROOT: &str = include_str!("../../../e2e-tests/certificates/root.pem");
/// A host's certificate that [`ROOT`] signed.
pub const HOST: &str = include_str!("../../../e2e-tests/certificates/host.pem");

/// An authority of before certificates had extensions.
pub const VERSION_1: &str = include_str!("../../../e2e-tests/certificates/version-1.pem");

/// [`ROOT`] with another subject of the same length; `number` is at most 99. The signature does not match, which nobody checks on a root.
pub fn numbered_root(number: usize) -> String {
    const NAME: &[u8] = b"Example Root CA";
    let base64: String = ROOT.lines().filter(|line| !line.starts_with("-----")).collect();
    let mut der = STANDARD.decode(base64).expect("root.pem is PEM");
    let name = format!("Example Root {number:02}");
    for at in 0..der.len() - NAME.len() {
        if der[at..].starts_with(NAME) {
            der[at..][..NAME.len()].copy_from_slice(name.as_bytes());
        }
    }
    pem("CERTIFICATE", &der)
}

/// PEM of these bytes, with lines of 64 characters.
pub fn pem(label: &str, der: &[u8]) -> String {
    let body = lines(&STANDARD.encode(der), 64);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

/// An ASCII text in lines of this length.
pub fn lines(text: &str, length: usize) -> String {
    let lines = text
        .as_bytes()
        .chunks(length)
        .map(|line| str::from_utf8(line).expect("it is ASCII"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The certificate of an authority, in DER. `subject` is the content of its subject: relative distinguished names, one after the other.
pub fn certificate(subject: &[u8]) -> Vec<u8> {
    let algorithm = [0x30, 11, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
    let key_algorithm = [0x30, 11, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    let bits = der(0x03, &[&[0, 0x30, 6, 2, 1, 5, 2, 1, 3]]);
    let time = |time: &[u8]| der(0x17, &[time]);
    let validity = der(0x30, &[&time(b"200101000000Z"), &time(b"300101000000Z")]);
    let authority = [0x30, 15, 0x06, 3, 0x55, 0x1d, 19, 1, 1, 0xff, 4, 5, 0x30, 3, 1, 1, 0xff];
    let to_be_signed: [&[u8]; 8] = [
        &[0xa0, 3, 2, 1, 2],
        &[2, 1, 1],
        &algorithm,
        &der(0x30, &[]),
        &validity,
        &der(0x30, &[subject]),
        &der(0x30, &[&key_algorithm, &bits]),
        &der(0xa3, &[&der(0x30, &[&authority])]),
    ];
    der(0x30, &[&der(0x30, &to_be_signed), &algorithm, &bits])
}

/// A value in DER, of up to 64 KiB.
pub fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = match u8::try_from(content.len()) {
        Ok(short @ ..0x80) => vec![short],
        Ok(long) => vec![0x81, long],
        Err(_) => vec![0x82, (content.len() >> 8) as u8, content.len() as u8],
    };
    [vec![tag], length, content].concat()
}
