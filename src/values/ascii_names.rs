//! Finds host names in texts, thirty-two bytes at a time, because settings have many of them.

use wide::u8x32;

/// The kind of name at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// A name of a host, with or without a final dot.
    Host,
    /// A name whose last label is a number, as in an address; without a final dot.
    Number,
    Neither,
}

/// What the text begins with, and how many bytes it has, if it looks like a host name: labels of letters, digits,
/// underscores and inner hyphens, up to 63 characters each and 253 together, optionally with a final dot.
pub(super) fn leading_name(text: &[u8]) -> (Name, usize) {
    let mut end = 0;
    // Whether a dot or a hyphen is in front of the thirty-two. The beginning of a name counts as after a dot.
    let (mut dot_in_front, mut hyphen_in_front) = (1, 0);
    loop {
        let rest = &text[end..];
        let chunk = rest.first_chunk().copied().unwrap_or_else(|| {
            let mut chunk = [0; 32];
            chunk[..rest.len()].copy_from_slice(rest);
            chunk
        });
        let bytes = u8x32::new(chunk);
        let letters = ((bytes | u8x32::splat(b' ')) - u8x32::splat(b'a')).simd_lt(u8x32::splat(26));
        let digits = (bytes - u8x32::splat(b'0')).simd_lt(u8x32::splat(10));
        let underscores = bytes.simd_eq(u8x32::splat(b'_'));
        // One bit for each of the bytes.
        let alphanumerics = (letters | digits | underscores).to_bitmask();
        let hyphens = bytes.simd_eq(u8x32::splat(b'-')).to_bitmask();
        let dots = bytes.simd_eq(u8x32::splat(b'.')).to_bitmask();
        let behind_dots = dots << 1 | dot_in_front;
        let behind_hyphens = hyphens << 1 | hyphen_in_front;
        // A label does not start or end with a hyphen.
        let belong = alphanumerics | hyphens & !behind_dots | dots & !behind_dots & !behind_hyphens;
        let count = belong.trailing_ones();
        end += count as usize;
        if count < 32 {
            break;
        }
        (dot_in_front, hyphen_in_front) = (dots >> 31, hyphens >> 31);
    }
    let name = &text[..end];
    // Most names are short and end with a letter.
    if let [.., b'a'..=b'z' | b'A'..=b'Z' | b'_'] = name
        && name.len() <= 63
    {
        return (Name::Host, end);
    }
    let labels = name.strip_suffix(b".").unwrap_or(name);
    let has_short_labels = || labels.split(|byte| *byte == b'.').all(|label| label.len() <= 63);
    let is_short = labels.len() <= 63 || labels.len() <= 253 && has_short_labels();
    let name = match labels.last() {
        Some(b'0'..=b'9') if is_short && ends_in_number(labels) => {
            // No client accepts an address with a final dot.
            if labels.len() == end {
                Name::Number
            } else {
                Name::Neither
            }
        }
        Some(last) if is_short && *last != b'-' => Name::Host,
        _ => Name::Neither,
    };
    (name, end)
}

/// Whether the last label is a number, as in an address.
pub(super) fn ends_in_number(host: &[u8]) -> bool {
    let mut digits = host.iter().rev().take_while(|byte| **byte != b'.').peekable();
    digits.peek().is_some() && digits.all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_host_name(name: &str) -> bool {
        matches!(leading_name(name.as_bytes()), (Name::Host | Name::Number, end) if end == name.len())
    }

    #[test]
    fn labels_do_not_start_or_end_with_a_hyphen_wherever_they_are() {
        for front in 1..40 {
            for (between, is_name) in [
                (".", true),
                ("-", true),
                ("--", true),
                ("..", false),
                (".-", false),
                ("-.", false),
            ] {
                let text = [&"a".repeat(front), between, "b"].concat();
                assert_eq!(is_host_name(&text), is_name, "{text}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_name_ends_where_a_label_can_go_on_no_more(text in "([a-z0-9_]{0,20}[-.]{0,2}){0,3}(.|[@\\[`{/:A-Z]){0,2}[a-z0-9._-]{0,70}") {
            let is_label = |label: &str| {
                let known = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
                known && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
            };
            let is_number = |text: &str| text.rsplit('.').next().unwrap().bytes().all(|byte| byte.is_ascii_digit());
            let is_plain_name = |text: &str| text.len() <= 253 && text.split('.').all(is_label);
            let is_name = |text: &str| match text.strip_suffix('.') {
                Some(name) => is_plain_name(name) && !is_number(name),
                None => is_plain_name(text),
            };
            prop_assert_eq!(is_host_name(&text), is_name(&text));
            let (name, end) = leading_name(text.as_bytes());
            let (front, behind) = text.split_at(end);
            let expected = match is_number(front) {
                _ if !is_name(front) => Name::Neither,
                true if !front.ends_with('.') => Name::Number,
                _ => Name::Host,
            };
            prop_assert_eq!(name, expected);
            // A longer text is neither a name nor the beginning of one.
            let longer = behind.char_indices().nth(1).map_or(behind.len(), |(end, _)| end);
            prop_assert!(behind.is_empty() || !is_name(&[front, &behind[..longer], "a"].concat()) || front.len() > 250);
        }
    }
}
