//! What may be a secret, and is never shown.

use crate::scan::host_and_port;

/// Parts of the names of variables and keys whose values are secrets. Without `_`, `-` and `.`, in lower case.
const NAMES: [&str; 15] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "credential",
    "creds",
    "connectionstring",
    "authorization",
    "cookie",
    "signature",
];

/// Whether a variable or a key is named as those are that hold secrets.
pub(crate) fn is_named_like_a_secret(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    NAMES.iter().any(|part| name.contains(part)) || name.ends_with("auth") || name.ends_with("pass")
}

/// Whether a host may be a token in a place where a host was expected: long, or with letters and digits mixed.
pub(crate) fn looks_like_a_token(host: &str) -> bool {
    host.split('.').any(|label| {
        let digits = label.chars().filter(char::is_ascii_digit).count();
        let upper = label.chars().filter(char::is_ascii_uppercase).count();
        let lower = label.chars().filter(char::is_ascii_lowercase).count();
        label.len() > 32
            || (label.len() >= 12 && digits >= 3 && lower + upper >= 3)
            || (upper >= 2 && lower >= 2)
            || label.contains('_')
    })
}

/// A proxy's URL without user-info, path and query: `http://proxy:3128`. What is no such URL is not shown.
pub(crate) fn shown_proxy(value: &str) -> String {
    let (scheme, rest) = match value.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), value),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_scheme = scheme
        .trim_end_matches("://")
        .chars()
        .all(|c| c.is_ascii_alphanumeric());
    // After the authority, nothing of a proxy's URL but a slash is expected: a password may have held one.
    let has_more = rest[authority.len()..].contains('@');
    // What is no port is not shown: it may be the password of a URL without a host.
    let parts = host_and_port(host).filter(|(name, _)| !name.contains('$') && !looks_like_a_token(name));
    let Some((name, port)) = parts.filter(|_| is_scheme && !has_more) else {
        return "a value that is not shown".to_owned();
    };
    let name = if name.contains(':') { format!("[{name}]") } else { name };
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{scheme}{name}{port}")
}

/// Text without control characters, which would change a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_by_their_names() {
        for name in [
            "DB_PASSWORD",
            "api-key",
            "GITHUB_TOKEN",
            "client.secret",
            "AWS_SECRET_ACCESS_KEY",
            "BASIC_AUTH",
            "DB_PASS",
        ] {
            assert!(is_named_like_a_secret(name), "{name}");
        }
        for name in ["API_URL", "LEDGER", "KEYCLOAK_URL", "BYPASS_LIST", "LOG"] {
            assert!(!is_named_like_a_secret(name), "{name}");
        }
    }

    #[test]
    fn a_proxy_is_shown_without_its_user() {
        assert_eq!(shown_proxy("http://user:S3cret@proxy:3128/"), "http://proxy:3128");
        assert_eq!(shown_proxy("proxy.example.com:3128"), "proxy.example.com:3128");
        assert_eq!(shown_proxy("http://u:S3cret@[fd00::1]:3128/"), "http://[fd00::1]:3128");
        assert_eq!(shown_proxy("http://[fd00::1]:S3cret"), "http://[fd00::1]");
        for secret in [
            "http://user:S3/cret@proxy:3128",
            "ghp_1234567890abcdefABCDEF",
            "http://u:p@",
            "a b",
            "http://user:S3cret",
            "user:S3cret",
            "http://proxy:3128:S3cret",
            "http://S3cret:12/x@proxy:3128",
            "a b://proxy:3128",
            "http://ghp_1234567890:3128",
            "http://$(S3CRET):3128",
        ] {
            assert_eq!(shown_proxy(secret), "a value that is not shown", "{secret}");
        }
    }

    #[test]
    fn long_and_mixed_labels_look_like_tokens() {
        for token in [
            &"a".repeat(33),
            "abc123def456",
            "ABC123DEF456",
            "Aab123456789",
            "abcdefghi123",
            "APis",
            "a_b",
            "api.example.a_b",
        ] {
            assert!(looks_like_a_token(token), "{token}");
        }
        for name in [
            &"a".repeat(32),
            "abcdefghij12",
            "ab1234567890",
            "abc123def45",
            "APi",
            "Apis",
            "api-1.example.com",
            "",
        ] {
            assert!(!looks_like_a_token(name), "{name}");
        }
    }
}
