//! Finds host names in texts.

/// The kind of name at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// A name of a host, with or without a trailing dot.
    Host,
    /// A name whose last label is a number, as in an address; without a trailing dot.
    Number,
    Neither,
}

/// What a byte is in a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// A letter, a digit or an underscore.
    Letter,
    Hyphen,
    Dot,
    Other,
}

/// The class of each byte, because names are most of what settings have.
const CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => Class::Letter,
            b'-' => Class::Hyphen,
            b'.' => Class::Dot,
            _ => Class::Other,
        };
        byte += 1;
    }
    classes
};

/// What the text begins with, and how many bytes it has, if it looks like a host name: labels of letters, digits,
/// underscores and inner hyphens, up to 63 characters each and 253 together, optionally with a trailing dot.
pub(crate) fn leading_name(text: &[u8]) -> (Name, usize) {
    let mut end = 0;
    while let Some(byte) = text.get(end) {
        // A label has a letter or a digit at either end.
        let goes_on = match CLASSES[usize::from(*byte)] {
            Class::Letter => true,
            Class::Hyphen => end > 0 && text[end - 1] != b'.',
            Class::Dot => end > 0 && CLASSES[usize::from(text[end - 1])] == Class::Letter,
            Class::Other => false,
        };
        if !goes_on {
            break;
        }
        end += 1;
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
            // No client accepts an address with a trailing dot.
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
pub(crate) fn ends_in_number(host: &[u8]) -> bool {
    let mut digits = host.iter().rev().take_while(|byte| **byte != b'.').peekable();
    digits.peek().is_some() && digits.all(u8::is_ascii_digit)
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
        fn a_name_ends_where_no_label_can_go_on(text in "([a-z0-9_]{0,20}[-.]{0,2}){0,3}(.|[@\\[`{/:A-Z]){0,2}[a-z0-9._-]{0,70}") {
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
