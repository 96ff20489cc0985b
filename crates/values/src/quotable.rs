//! What a message may quote.

/// The text in quotation marks, unless it may hold a secret. Secrets do not belong in these places, but users paste
/// URLs with a password there, whole or cut at a comma, and PEM.
pub fn quoted(text: &str) -> Option<String> {
    // A line of PEM has 64 characters, or 76 if it was encoded twice.
    let is_short = text.len() < 64;
    // After a colon comes the rest of a scheme, a port or a part of an IPv6 address, but not a password.
    let is_harmless = |behind: &str| {
        let mut rest = behind.bytes();
        behind.starts_with("//") || rest.all(|byte| byte.is_ascii_hexdigit() || b".]/".contains(&byte))
    };
    let may_be_shown = is_short && !text.contains('@') && text.split(':').skip(1).all(is_harmless);
    may_be_shown.then(|| format!("{text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_hold_a_password_is_not_quoted() {
        let line = "A".repeat(64);
        for (text, expected) in [
            ("a b", Some(r#""a b""#)),
            ("http://a.example/", Some(r#""http://a.example/""#)),
            ("[fd00::1]:80", Some(r#""[fd00::1]:80""#)),
            ("fd00::/129", Some(r#""fd00::/129""#)),
            ("a\u{1b}\"", Some(r#""a\u{1b}\"""#)),
            ("user@proxy", None),
            ("http://user:hunter2@proxy", None),
            ("http://user:hunter2", None),
            ("user:hunter2", None),
            ("$(user:hunter2)", None),
            (&line, None),
        ] {
            assert_eq!(quoted(text).as_deref(), expected);
        }
    }
}
