//! Certificates in PEM.

use std::fmt;
use std::ops::Range;

use base64_simd::STANDARD;
use memchr::memchr;

use crate::trusted_ca::certificate::{NOT_X509, fault_of};
use crate::trusted_ca::subject_hash::subject_hash;
use crate::trusted_ca::wrapping::{der_fault, not_a_certificate, wrapping_fault};

/// The maximum number of certificates in a bundle, as in AKS.
pub(super) const MAX_CERTIFICATES: usize = 20;

/// The maximum size of a bundle in bytes: every pod carries it, and twice while it is admitted.
pub(super) const MAX_BYTES: usize = 48 * 1024;

/// The beginning of every block.
pub(super) const BEGIN_ANY: &str = "-----BEGIN ";

/// Characters of base64 in a line of PEM: <https://www.rfc-editor.org/rfc/rfc7468#section-2>.
const LINE: usize = 64;

/// The first byte of a certificate in DER. A length follows, in a form that is not ASCII.
const DER_SEQUENCE: u8 = 0x30;

/// Certificates in PEM.
#[derive(Clone, Default)]
pub struct Bundle {
    /// The blocks of the certificates only, in the form that every client loads: base64 in lines of 64 characters, each
    /// line ending with `\n`, nothing between the blocks.
    pub pem: String,
    /// The names under which OpenSSL looks for them, such as `5f15c80c.0`; one for each certificate.
    pub hashed_names: Vec<String>,
    /// Where in `pem` the base64 of each certificate is.
    contents: Vec<Range<usize>>,
}

pub(super) const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
pub(super) const END: &str = "-----END CERTIFICATE-----";

const NOT_BASE64: &str = "is not base64 between its BEGIN and END lines";

impl Bundle {
    /// Reads base64 of PEM; line breaks in the base64 are allowed. Of each certificate it reads only the subject,
    /// because this happens for every request. [`Bundle::check`] checks the rest.
    ///
    /// # Errors
    /// What is wrong with it, and what to write. Nothing of the content is quoted.
    pub fn read(base64: &str) -> Result<Self, String> {
        if base64.trim_ascii_start().starts_with("-----BEGIN") {
            return Err("is PEM, not base64 of PEM; create it with: base64 -w0 ca.crt".to_owned());
        }
        if base64.trim_ascii().is_empty() {
            return Err("is empty; remove the field".to_owned());
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
            return Err(der_fault(&decoded).to_owned());
        }
        let bundle = match simdutf8::basic::from_utf8(&decoded) {
            Ok(text) => Bundle::of_pem(text),
            // Text around the blocks may have any encoding.
            Err(_) => Bundle::of_pem(&String::from_utf8_lossy(&decoded)),
        };
        bundle.map_err(|fault| wrapping_fault(&decoded).map_or(fault, str::to_owned))
    }

    /// As [`Bundle::read`], of PEM itself. White space may break the base64 of a block anywhere.
    ///
    /// # Errors
    /// As [`Bundle::read`].
    pub fn of_pem(text: &str) -> Result<Self, String> {
        let bundle = Bundle::of_any_size(text)?;
        match bundle.contents.len() {
            ..=MAX_CERTIFICATES => Ok(bundle),
            count => Err(format!(
                "has {count} certificates; use at most {MAX_CERTIFICATES}, or trustedCaFrom, which reads more from a ConfigMap"
            )),
        }
    }

    /// As [`Bundle::of_pem`], without a limit on the number of certificates.
    ///
    /// # Errors
    /// As [`Bundle::of_pem`].
    pub fn of_any_size(text: &str) -> Result<Self, String> {
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
            let (content, behind) = block.split_at(memchr(b'-', block.as_bytes()).unwrap_or(block.len()));
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
        if bundle.contents.is_empty() {
            return Err(format!("has no certificate; write PEM with {BEGIN} lines"));
        }
        bundle.hashed_names = bundle.hash_names()?;
        Ok(bundle)
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

    /// Lists every certificate that clients would reject, with its number and the fault. Each must be
    /// X.509 that OpenSSL and rustls load, with names that Go reads, and be an authority or valid for a host. Keys and serial numbers that
    /// only Go rejects are accepted, for the other clients. So are expired certificates: settings that were valid yesterday must not keep
    /// a policy server from starting today.
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

/// Where the next block begins; usually right here.
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

/// Whether there is neither a space nor a control character of ASCII. Without an early end, the compiler compares many bytes at once.
fn has_no_space(text: &[u8]) -> bool {
    text.iter().fold(true, |visible, byte| visible & (*byte > b' '))
}

/// Decodes base64, with or without white space in it.
pub(super) fn decode(base64: &str) -> Option<Vec<u8>> {
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

/// Without the certificates.
impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bundle").field(&self.hashed_names).finish()
    }
}
