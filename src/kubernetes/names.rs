//! Names and labels, checked as the API server checks them.

use values::is_dns_subdomain;

/// Whether a Secret or a ConfigMap can have this key.
/// <https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-object>
///
/// As `IsConfigMapKey` of `k8s.io/apimachinery/pkg/util/validation`, which rejects `.` and a leading `..`, because they
/// lead up a path.
pub(crate) fn is_config_map_key(key: &str) -> bool {
    (1..=253).contains(&key.len())
        && key != "."
        && !key.starts_with("..")
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Whether a label can have this key: a name of up to 63 characters, optionally with a lower-case DNS name and a slash
/// in front.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set>
pub(crate) fn is_qualified_name(key: &str) -> bool {
    let is_name = |text: &str| !text.is_empty() && is_label_value(text);
    let is_prefixed = |(prefix, name)| is_dns_subdomain(prefix) && is_name(name);
    is_name(key) || key.split_once('/').is_some_and(is_prefixed)
}

/// Whether a label can have this value: empty, or up to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at
/// both ends.
pub(crate) fn is_label_value(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && bytes.first().is_none_or(u8::is_ascii_alphanumeric)
        && bytes.last().is_none_or(u8::is_ascii_alphanumeric)
        && bytes.iter().all(|byte| LABEL_BYTES[usize::from(*byte)])
}

/// The bytes that the value of a label can have. A table, because the conditions of all profiles are checked for each pod.
static LABEL_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.');
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_climb_up_no_path() {
        for key in ["ca.crt", ".ca", "A_b-c", "..."] {
            assert_eq!(is_config_map_key(key), key != "...", "{key}");
        }
        for key in ["", ".", "..", "..ca", "a/b", "a b", &"k".repeat(254)] {
            assert!(!is_config_map_key(key), "{key}");
        }
    }

    #[test]
    fn a_labels_prefix_is_in_lower_case() {
        for key in ["app", "App", "example.com/App", "a_b.c"] {
            assert!(is_qualified_name(key), "{key}");
        }
        for key in ["", "Example.com/app", "/app", "example.com/", "a/b/c", "-a", "a-"] {
            assert!(!is_qualified_name(key), "{key}");
        }
    }
}
