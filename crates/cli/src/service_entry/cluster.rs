//! Whether a proxy is a service of the cluster, which Istio knows already.

/// How sure that is.
pub enum Certainty {
    Sure,
    Possible,
}

/// Whether a name is that of a service: `NAME.NAMESPACE.svc.DOMAIN`, `NAME.NAMESPACE.svc`; and, by its form, `NAME.NAMESPACE` and
/// `NAME`. A name of two parts with a common top-level domain is none.
pub fn service(name: &str, domain: &str) -> Option<Certainty> {
    const TOP_LEVEL: [&str; 20] = [
        "app", "arpa", "biz", "cloud", "com", "corp", "dev", "edu", "example", "gov", "home", "info", "internal",
        "intranet", "lan", "local", "net", "org", "private", "test",
    ];
    let name = name.to_ascii_lowercase();
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let in_cluster = name.strip_suffix(&format!(".{domain}")).unwrap_or(&name);
    if in_cluster.ends_with(".svc") {
        return Some(Certainty::Sure);
    }
    let parts: Vec<&str> = name.split('.').collect();
    let is_top_level = |part: &str| part.len() == 2 || TOP_LEVEL.contains(&part);
    match parts[..] {
        [_] => Some(Certainty::Possible),
        [_, last] if !is_top_level(last) => Some(Certainty::Possible),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_service_s_for_sure_by_its_domain_and_possibly_by_its_form() {
        for (name, domain, expected) in [
            ("squid.proxy.svc.cluster.local", "cluster.local", "sure"),
            ("Squid.Proxy.SVC.corp.test", "Corp.Test.", "sure"),
            ("squid.proxy.svc", "cluster.local", "sure"),
            ("squid.proxy.svc.other.local", "cluster.local", "no"),
            ("squid", "cluster.local", "possible"),
            ("squid.proxy", "cluster.local", "possible"),
            ("squid.p", "cluster.local", "possible"),
            ("example.com", "cluster.local", "no"),
            ("example.de", "cluster.local", "no"),
            ("proxy.example.com", "cluster.local", "no"),
        ] {
            let found = match service(name, domain) {
                Some(Certainty::Sure) => "sure",
                Some(Certainty::Possible) => "possible",
                None => "no",
            };
            assert_eq!(found, expected, "{name}");
        }
    }
}
