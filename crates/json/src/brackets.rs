//! Finds the end of an object or a list without reading what is in it.
//!
//! Policy servers write requests with `serde_json`, so whatever is not read is JSON. Only its brackets are counted, sixty-four
//! bytes at a time: reading it by the grammar would take a third of a request's instructions.

use std::num::NonZeroUsize;

use crate::lanes::{Bytes, LANES};

/// The bytes that are looked at together. Each has a bit in the masks below, the first byte the lowest.
const CHUNK: usize = 64;

/// What carries over from one chunk to the next.
#[derive(Default)]
struct Carry {
    /// All ones if the chunk ends inside of a string, else zero.
    in_string: u64,
    /// One if the first byte of the next chunk is escaped.
    escaped: u64,
}

/// From the position after an opening bracket to the one after the bracket that closes it; `None` if there is none.
pub(crate) fn after_brackets(text: &[u8], mut at: usize) -> Option<NonZeroUsize> {
    let mut carry = Carry::default();
    let mut depth = 1;
    loop {
        let rest = text.get(at..)?;
        let chunk = rest.first_chunk().copied().unwrap_or_else(|| {
            let mut chunk = [0; CHUNK];
            chunk[..rest.len()].copy_from_slice(rest);
            chunk
        });
        let (opening, closing) = brackets(chunk, &mut carry);
        if closing.count_ones() >= depth
            && let Some(last) = outermost(opening, closing, depth)
        {
            return NonZeroUsize::new(at + last + 1);
        }
        depth = depth + opening.count_ones() - closing.count_ones();
        if rest.len() < CHUNK {
            return None;
        }
        at += CHUNK;
    }
}

/// The opening and closing brackets outside of strings.
#[inline(always)]
fn brackets(chunk: [u8; CHUNK], carry: &mut Carry) -> (u64, u64) {
    let (lanes, _) = chunk.as_chunks::<LANES>();
    let lanes: [Bytes; CHUNK / LANES] = std::array::from_fn(|index| Bytes::new(&lanes[index]));
    let are = |byte: u8, lanes: [Bytes; CHUNK / LANES]| {
        lanes
            .iter()
            .rev()
            .fold(0, |bits, lanes| bits << LANES | u64::from(lanes.equal(byte).bits()))
    };
    let backslashes = are(b'\\', lanes);
    let mut quotes = are(b'"', lanes);
    if backslashes | carry.escaped != 0 {
        quotes &= !escaped(backslashes, carry);
    }
    let in_string = behind_odd_ones(quotes) ^ carry.in_string;
    carry.in_string = ((in_string as i64) >> 63) as u64;
    // `[` and `{` differ in this bit, and so do `]` and `}`.
    let lower = lanes.map(Bytes::lower);
    let outside = |byte| are(byte, lower) & !in_string;
    (outside(b'{'), outside(b'}'))
}

/// The bytes after a backslash that is not escaped itself.
#[cold]
fn escaped(backslashes: u64, carry: &mut Carry) -> u64 {
    let mut escaped = carry.escaped;
    carry.escaped = 0;
    let mut rest = backslashes & !escaped;
    while rest != 0 {
        let backslash = rest & rest.wrapping_neg();
        let behind = backslash << 1;
        // The last byte of the chunk escapes the first one of the next.
        carry.escaped = u64::from(behind == 0);
        escaped |= behind;
        rest &= !(backslash | behind);
    }
    escaped
}

/// The bits from each odd one (the first, the third …) up to the next one.
fn behind_odd_ones(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// The closing bracket that ends a value whose brackets are nested `depth` times before the chunk.
#[cold]
fn outermost(opening: u64, mut closing: u64, depth: u32) -> Option<usize> {
    let mut closed = 0;
    while closing != 0 {
        let at = closing.trailing_zeros();
        let in_front = opening & ((1 << at) - 1);
        closed += 1;
        if depth + in_front.count_ones() == closed {
            return Some(at as usize);
        }
        closing &= closing - 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::grammar::after_value;

    #[test]
    fn a_value_that_does_not_end_has_no_end() {
        for text in ["", "[", "\"]", "[]", "\"\\\"]", &" ".repeat(CHUNK)] {
            assert_eq!(after_brackets(text.as_bytes(), 0), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// White space in front moves the chunks over the text.
        #[test]
        fn a_value_ends_where_the_grammar_says(
            front in 0..CHUNK,
            texts in prop::collection::vec("([{}\\[\\],:\" a]|\\\\|[a-z]{20,40}){0,40}", 1..4),
        ) {
            let value = serde_json::json!([{"a": texts, "b": [[], {}, [1.5, null]]}, {}]);
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let text = [&" ".repeat(front), &*text, "]}"].concat();
                let end = after_value(text.as_bytes(), front, 128);
                prop_assert!(end.is_some());
                prop_assert_eq!(after_brackets(text.as_bytes(), front + 1), end);
            }
        }
    }
}
