//! What is in base64: of any alphabet, with line breaks, with or without padding.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Shorter texts are words, not keys.
const LEAST: usize = 16;

/// What a text stands for, if it is base64.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let compact: String = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| match character {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    if compact.len() < LEAST {
        return None;
    }
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&STANDARD, lenient).decode(compact).ok()
}

/// How every PEM text begins, in base64.
const PEM: &str = "LS0tLS1CRUdJTi";

/// Whether some part of a text is a private key in PEM, in base64.
pub fn has_key(text: &str) -> bool {
    let is_base64 = |character: char| character.is_ascii_alphanumeric() || "+/-_=".contains(character);
    let mut found = text.match_indices(PEM).map(|(at, _)| &text[at..]);
    found.any(|rest| {
        let end = rest.find(|character| !is_base64(character)).unwrap_or(rest.len());
        let whole = &rest[..end / 4 * 4];
        decode(whole).is_some_and(|bytes| String::from_utf8_lossy(&bytes).contains("PRIVATE KEY"))
    })
}

/// Whether bytes begin as a private key in DER (PKCS #1, PKCS #8, SEC 1), a PKCS #12 or a Java key store.
///
/// A key is a sequence that begins with its version, an integer below 4; a certificate begins with another sequence.
pub fn is_key(bytes: &[u8]) -> bool {
    let content = match bytes {
        // BER may leave the length open.
        [0x30, 0x83, _, _, _, content @ ..]
        | [0x30, 0x82, _, _, content @ ..]
        | [0x30, 0x81, _, content @ ..]
        | [0x30, 0x80, content @ ..] => content,
        [0x30, length, content @ ..] if *length < 0x80 => content,
        _ => {
            let others: [&[u8]; 3] = [&[0xfe, 0xed, 0xfe, 0xed], &[0xce; 4], b"openssh-key-v1"];
            return others.iter().any(|start| bytes.starts_with(start));
        }
    };
    matches!(content, [0x02, 0x01, version, ..] if *version < 4)
}
