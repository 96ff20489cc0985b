//! Fingerprints of values.

/// A short fingerprint of a text: its 32-bit FNV-1a hash, eight hexadecimal digits.
/// <http://www.isthe.com/chongo/tech/comp/fnv/>
///
/// It shows whether a value is still the one that was set. It is not for security: texts with the same fingerprint are
/// easy to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u32);

impl Digest {
    pub fn new(text: &str) -> Self {
        Digest(0x811c_9dc5).add(text.as_bytes())
    }

    /// The fingerprint of what this one stands for, and then a text.
    pub fn and(self, text: &str) -> Self {
        // No text has this byte, so two texts are not one.
        self.add(&[0xff]).add(text.as_bytes())
    }

    /// The fingerprint of what this one stands for, and then what another one does.
    pub fn and_digest(self, other: Self) -> Self {
        self.add(&[0xfe]).add(&other.0.to_le_bytes())
    }

    /// The fingerprint of what this one stands for, and then what others do, in whatever order these are.
    pub fn and_all(self, others: impl Iterator<Item = Self>) -> Self {
        self.and_digest(Digest(others.fold(0, |sum, other| sum.wrapping_add(other.0))))
    }

    fn add(self, bytes: &[u8]) -> Self {
        let add = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        // The compiler unrolls blocks of eight bytes: half the instructions.
        let (blocks, rest) = bytes.as_chunks::<8>();
        let hash = blocks.iter().fold(self.0, |hash, block| block.iter().fold(hash, add));
        Digest(rest.iter().fold(hash, add))
    }

    pub fn parse(text: &str) -> Option<Self> {
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let well_formed = text.len() == 8 && text.bytes().all(hexadecimal);
        well_formed.then(|| u32::from_str_radix(text, 16).ok().map(Digest))?
    }

    pub fn write(self, out: &mut String) {
        let digit = |index: u32| b"0123456789abcdef"[(self.0 >> (28 - 4 * index) & 0xf) as usize];
        let digits = [0, 1, 2, 3, 4, 5, 6, 7].map(digit);
        out.push_str(str::from_utf8(&digits).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_eight_hexadecimal_digits() {
        let mut text = String::new();
        Digest::new("foobar").write(&mut text);
        assert_eq!(text, "bf9cf968");
        assert_eq!(Digest::parse(&text), Some(Digest::new("foobar")));
        for text in ["", "bf9cf96", "bf9cf9688", "BF9CF968", "+f9cf968", "bf9cf96é"] {
            assert_eq!(Digest::parse(text), None, "{text}");
        }
    }
}
