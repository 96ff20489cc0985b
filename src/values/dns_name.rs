//! The two rules for DNS names.

use crate::values::ascii_names::{Name, split_name};

/// Whether `name` is an RFC 1123 name as hosts have it: labels of letters, digits and inner hyphens, up to 63 characters
/// each and 253 together.
pub fn is_dns_name(name: &str) -> bool {
    matches!(split_name(name), (Name::Host | Name::Number, ""))
}

/// Whether the API server accepts `name` for an object such as a Secret: as [`is_dns_name`], in lower case.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names>
pub fn is_dns_subdomain(name: &str) -> bool {
    is_dns_name(name) && !name.bytes().any(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_have_names_in_lower_case() {
        assert!(is_dns_name("Corp-CA.example") && is_dns_subdomain("corp-ca.example"));
        assert!(!is_dns_subdomain("Corp-CA.example"));
        assert!(!is_dns_name("corp_ca") && !is_dns_subdomain("corp_ca"));
    }
}
