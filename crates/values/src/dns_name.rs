//! The rules for DNS names.

use crate::ascii_names::{Name, leading_name};

/// Whether `name` is a host name as used in practice: an RFC 1123 name in which underscores count as letters.
pub(crate) fn is_host_name(name: &str) -> bool {
    let (kind, end) = leading_name(name.as_bytes());
    kind != Name::Neither && end == name.len() && !name.ends_with('.')
}

/// Whether `name` is an [RFC 1123](https://www.rfc-editor.org/rfc/rfc1123#page-13) name: labels of letters, digits and inner
/// hyphens, up to 63 characters each and 253 together.
pub fn is_dns_name(name: &str) -> bool {
    is_host_name(name) && name.bytes().all(|byte| byte != b'_')
}

/// Whether the API server accepts `name` for an object such as a Secret: up to 253 characters, in labels of lower-case
/// letters, digits and inner hyphens, each of any length.
/// <https://github.com/kubernetes/apimachinery/blob/master/pkg/util/validation/validation.go>, `IsDNS1123Subdomain`
pub fn is_dns_subdomain(name: &str) -> bool {
    let is_alphanumeric = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9');
    let is_label = |label: &str| {
        let label = label.as_bytes();
        let ends = [label.first(), label.last()];
        ends.iter().all(|end| end.is_some_and(is_alphanumeric))
            && label.iter().all(|byte| is_alphanumeric(byte) || *byte == b'-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_has_its_own_names() {
        let label_of_64 = "a".repeat(64);
        let name_of_253 = ["a".repeat(60).as_str(); 4].join(".") + ".bcdefghij";
        let name_of_254 = [&name_of_253, "k"].concat();
        for (name, host, dns, subdomain) in [
            ("corp-ca.example", true, true, true),
            ("1.2", true, true, true),
            ("Corp-CA.example", true, true, false),
            ("corp_ca", true, false, false),
            (&label_of_64, false, false, true),
            (&name_of_253, true, true, true),
            (&name_of_254, false, false, false),
            ("corp.", false, false, false),
            (".corp", false, false, false),
            ("a..b", false, false, false),
            ("-a", false, false, false),
            ("a-.b", false, false, false),
            ("", false, false, false),
            ("a b", false, false, false),
        ] {
            let rules = (is_host_name(name), is_dns_name(name), is_dns_subdomain(name));
            assert_eq!(rules, (host, dns, subdomain), "{name}");
        }
    }
}
