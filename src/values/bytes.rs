//! Searches texts, sixteen bytes at a time.

use wide::u8x16;

/// Where a byte is.
pub(crate) fn position(text: &[u8], byte: u8) -> Option<usize> {
    let (chunks, rest) = text.as_chunks::<16>();
    for (index, chunk) in chunks.iter().enumerate() {
        let found = u8x16::new(*chunk).simd_eq(u8x16::splat(byte)).to_bitmask();
        if found != 0 {
            return Some(index * 16 + found.trailing_zeros() as usize);
        }
    }
    let in_rest = rest.iter().position(|other| *other == byte);
    in_rest.map(|at| text.len() - rest.len() + at)
}

/// Whether there is neither a space nor a control character of ASCII.
pub(super) fn has_no_space(text: &[u8]) -> bool {
    let (chunks, rest) = text.as_chunks::<16>();
    let is_visible = |chunk: &[u8; 16]| u8x16::new(*chunk).simd_gt(u8x16::splat(b' ')).all();
    chunks.iter().all(is_visible) && rest.iter().all(|byte| *byte > b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_found_wherever_it_is() {
        for length in 0..40 {
            let mut text = vec![b'a'; length];
            assert_eq!(position(&text, b'-'), None, "{length}");
            assert!(has_no_space(&text), "{length}");
            for at in (0..length).rev() {
                text[at] = b'-';
                assert_eq!(position(&text, b'-'), Some(at));
                text[at] = b' ';
                assert!(!has_no_space(&text), "{at} of {length}");
            }
        }
    }
}
