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
