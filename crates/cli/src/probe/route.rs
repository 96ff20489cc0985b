//! Which destinations bypass a proxy, as Go's clients and most others read `NO_PROXY`.
//!
//! <https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config>

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

/// The entry by which a destination bypasses the proxy.
pub fn bypass<'a>(url: &Url, no_proxy: &'a [String]) -> Option<&'a str> {
    no_proxy
        .iter()
        .map(String::as_str)
        .find(|entry| matches(url, &expanded(entry)))
}

/// Replaces a reference to a variable by its value here, as the kubelet does for pods.
fn expanded(entry: &str) -> String {
    let name = entry.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
    name.and_then(|name| std::env::var(name).ok())
        .unwrap_or_else(|| entry.to_owned())
}

fn matches(url: &Url, entry: &str) -> bool {
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        _ => None,
    };
    if entry == "*" {
        return true;
    }
    if let Ok(network) = entry.parse::<IpNet>() {
        return address.is_some_and(|address| network.contains(&address));
    }
    if let Ok(wanted) = entry.parse::<IpAddr>() {
        return address == Some(wanted);
    }
    let (name, port) = match entry.rsplit_once(':') {
        Some((name, port)) => (name, port.parse().ok()),
        None => (entry, None),
    };
    let host = url.host_str().unwrap_or_default();
    let is_host = !name.starts_with('.') && host.eq_ignore_ascii_case(name);
    let is_below = host
        .to_ascii_lowercase()
        .ends_with(&format!(".{}", name.trim_start_matches('.').to_ascii_lowercase()));
    (is_host || is_below) && (port.is_none() || port == url.port_or_known_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_bypass_the_proxy_by_name_address_and_port() {
        for (url, entry, bypasses) in [
            ("http://a.example/", "*", true),
            ("http://a.example/", "example", true),
            ("http://A.example/", ".EXAMPLE", true),
            ("http://example/", ".example", false),
            ("http://example/", "example", true),
            ("http://bad-example/", "example", false),
            ("https://a.example/", "a.example:443", true),
            ("https://a.example:8443/", "a.example:443", false),
            ("http://10.1.2.3/", "10.0.0.0/8", true),
            ("http://11.1.2.3/", "10.0.0.0/8", false),
            ("http://10.1.2.3/", "10.1.2.3:80", true),
            ("http://[fd00::1]/", "fd00::1", true),
            ("http://a.example./", ".example", false),
            ("http://a/", "$(NO_SUCH_VARIABLE)", false),
        ] {
            let list = [entry.to_owned()];
            assert_eq!(
                bypass(&url.parse().unwrap(), &list).is_some(),
                bypasses,
                "{url} {entry}"
            );
        }
    }
}
