//! The grammar of RFC 8259.
//!
//! Each function takes the position of something and returns the position after it, or `None` if it is not there. A
//! returned position is never 0.

use std::num::NonZeroUsize;

use crate::lanes::{Bytes, Found, LANES};

pub(crate) fn after_space(text: &[u8], mut at: usize) -> usize {
    // Requests have almost no white space.
    while text
        .get(at)
        .is_some_and(|byte| *byte <= b' ' && matches!(byte, b' ' | b'\n' | b'\r' | b'\t'))
    {
        at += 1;
    }
    at
}

/// The byte at `at`, or the first one after white space, and its position.
#[inline(always)]
fn next(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let byte = *text.get(at)?;
    if byte > b' ' {
        return Some((byte, at));
    }
    let at = after_space(text, at);
    Some((*text.get(at)?, at))
}

/// `depth` is how many objects and lists may be nested in one another.
pub(crate) fn after_value(text: &[u8], at: usize, depth: usize) -> Option<NonZeroUsize> {
    match text.get(at)? {
        b'{' => after_members(text, at + 1, depth.checked_sub(1)?),
        b'[' => after_items(text, at + 1, depth.checked_sub(1)?),
        _ => after_scalar(text, at),
    }
}

/// For a value that is neither an object nor a list.
#[inline(always)]
pub(crate) fn after_scalar(text: &[u8], at: usize) -> Option<NonZeroUsize> {
    match text.get(at)? {
        b'"' => after_string(text, at + 1).map(|(end, _)| end),
        b't' => after_word(text, at, b"true"),
        b'f' => after_word(text, at, b"false"),
        b'n' => after_word(text, at, b"null"),
        _ => after_number(text, at),
    }
}

fn after_members(text: &[u8], at: usize, depth: usize) -> Option<NonZeroUsize> {
    let (mut byte, mut at) = next(text, at)?;
    if byte == b'}' {
        return NonZeroUsize::new(at + 1);
    }
    loop {
        if byte != b'"' {
            return None;
        }
        (byte, at) = next(text, after_string(text, at + 1)?.0.get())?;
        if byte != b':' {
            return None;
        }
        (_, at) = next(text, at + 1)?;
        (byte, at) = next(text, after_value(text, at, depth)?.get())?;
        match byte {
            b',' => (byte, at) = next(text, at + 1)?,
            b'}' => return NonZeroUsize::new(at + 1),
            _ => return None,
        }
    }
}

fn after_items(text: &[u8], at: usize, depth: usize) -> Option<NonZeroUsize> {
    let (mut byte, mut at) = next(text, at)?;
    if byte == b']' {
        return NonZeroUsize::new(at + 1);
    }
    loop {
        (byte, at) = next(text, after_value(text, at, depth)?.get())?;
        match byte {
            b',' => (_, at) = next(text, at + 1)?,
            b']' => return NonZeroUsize::new(at + 1),
            _ => return None,
        }
    }
}

fn after_word(text: &[u8], at: usize, word: &[u8]) -> Option<NonZeroUsize> {
    if text[at..].starts_with(word) {
        NonZeroUsize::new(at + word.len())
    } else {
        None
    }
}

fn after_number(text: &[u8], mut at: usize) -> Option<NonZeroUsize> {
    let digits = |at: &mut usize| {
        let start = *at;
        while let Some(b'0'..=b'9') = text.get(*at) {
            *at += 1;
        }
        *at > start
    };
    at += usize::from(text.get(at) == Some(&b'-'));
    if text.get(at) == Some(&b'0') {
        at += 1;
    } else if !digits(&mut at) {
        return None;
    }
    if text.get(at) == Some(&b'.') {
        at += 1;
        if !digits(&mut at) {
            return None;
        }
    }
    if let Some(b'e' | b'E') = text.get(at) {
        at += 1;
        at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
        if !digits(&mut at) {
            return None;
        }
    }
    NonZeroUsize::new(at)
}

/// From the position after the opening quote to the one after the closing quote, and whether the string has escapes.
/// Inlined, because calls of it would take a tenth of a request's instructions.
#[inline(always)]
pub(crate) fn after_string(text: &[u8], mut at: usize) -> Option<(NonZeroUsize, bool)> {
    let mut escapes = false;
    loop {
        at = after_plain(text, at);
        match text.get(at)? {
            b'"' => return NonZeroUsize::new(at + 1).map(|end| (end, escapes)),
            b'\\' => {
                escapes = true;
                at = after_escape(text, at + 1)?;
            }
            _ => return None,
        }
    }
}

/// As [`after_plain`], but for a text that has many plain characters: the position of the last multiple of sixty-four before
/// it.
pub(crate) fn after_plain_blocks(text: &[u8]) -> usize {
    let (lanes, _) = text.as_chunks::<LANES>();
    let (blocks, _) = lanes.as_chunks::<4>();
    let is_plain = |[a, b, c, d]: &&[[u8; LANES]; 4]| !(special(a) | special(b) | special(c) | special(d)).any();
    64 * blocks.iter().take_while(is_plain).count()
}

/// The position after the characters that a string may contain unescaped: all except `"`, `\` and control characters.
/// Sixteen bytes are compared at a time, because most bytes of a request are in strings.
#[inline]
pub(crate) fn after_plain(text: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk::<LANES>) {
        match special(chunk).bits() {
            0 => at += LANES,
            found => return at + found.trailing_zeros() as usize,
        }
    }
    while text.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)) {
        at += 1;
    }
    at
}

/// The bytes that a string may contain in an escape only, and its end.
#[inline(always)]
fn special(bytes: &[u8; LANES]) -> Found {
    let bytes = Bytes::new(bytes);
    bytes.equal(b'"') | bytes.equal(b'\\') | bytes.below(b' ')
}

fn after_escape(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 1),
        b'u' => {
            let digits = text.get(at + 1..at + 5)?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(at + 5)
        }
        _ => None,
    }
}
