//! The text of Java's options.

use std::borrow::Cow;
use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::settings::Proxy;
use values::{Destination, Listed, NoProxyList, ProxyUrl};

/// The maximum length of `JAVA_TOOL_OPTIONS` in bytes. JDK 8 ignores a value of 1,024 bytes or more, and the kubelet
/// may replace a reference with something longer.
const MAX_JAVA_TOOL_OPTIONS_BYTES: usize = 1000;

/// The policy's options for one container.
pub(super) struct JavaOptions<'o> {
    /// The proxies that the container gets and Java can use.
    pub http: Option<&'o ProxyUrl<'o>>,
    pub https: Option<&'o ProxyUrl<'o>>,
    pub no_proxy: &'o NoProxyList,
    /// The in-cluster entries of `NO_PROXY`, which are dropped last.
    pub in_cluster: &'o HashSet<Cow<'static, str>>,
    /// The options for the trust store; empty for none.
    pub trust_store: &'o str,
}

/// Whether the options choose a proxy for the scheme, or a SOCKS proxy for everything. A port counts too: it would be
/// wrong with the policy's host.
pub(super) fn sets_proxy(options: &str, scheme: &str) -> bool {
    let sets = |property: &str| options.contains(&["-D", property, "="].concat());
    sets(&[scheme, ".proxyHost"].concat()) || sets(&[scheme, ".proxyPort"].concat()) || sets("socksProxyHost")
}

/// The URL, if Java can use it: Java speaks plain HTTP to proxies, and has no option for a user name and password.
pub(super) fn for_java<'p>(proxy: &'p Proxy) -> Option<&'p ProxyUrl<'p>> {
    match proxy {
        Proxy::Url(url) if url.scheme() == "http" => Some(url),
        _ => None,
    }
}

/// Whether the options choose a trust store.
pub(super) fn sets_trust_store(options: &str) -> bool {
    options.contains("-Djavax.net.ssl.trustStore")
}

impl JavaOptions<'_> {
    /// The text of the options, and how many entries of `no_proxy` were dropped to leave room for `own` bytes after them; `None`
    /// if there is too little room even without any entry.
    pub(super) fn text(&self, own: usize) -> Option<(String, usize)> {
        let mut options = Vec::new();
        for (proxy, scheme) in [(self.http, "http"), (self.https, "https")] {
            if let Some((host, port)) = proxy.map(ProxyUrl::host_and_port) {
                options.push(format!("-D{scheme}.proxyHost={host}"));
                // Java takes a number with a zero before it for an octal one.
                options.push(format!("-D{scheme}.proxyPort={}", port.trim_start_matches('0')));
            }
        }
        let has_proxy = !options.is_empty();
        if !self.trust_store.is_empty() {
            options.push(self.trust_store.to_owned());
        }
        let mut options = options.join(" ");
        let room = MAX_JAVA_TOOL_OPTIONS_BYTES.checked_sub(own + " ".len() + options.len())?;
        if !has_proxy {
            return Some((options, 0));
        }

        // Both schemes use this one.
        const NON_PROXY_HOSTS: &str = " -Dhttp.nonProxyHosts=";
        let hosts: Vec<(bool, String)> = (self.no_proxy.entries())
            .filter_map(|entry| Some((self.in_cluster.contains(entry.text), java_pattern(entry)?)))
            .collect();
        let kept = kept_hosts(&hosts, (room + 1).saturating_sub(NON_PROXY_HOSTS.len()));
        let dropped = hosts.len() - kept.len();
        if !kept.is_empty() {
            options.extend([NON_PROXY_HOSTS, &kept.join("|")]);
        }
        Some((options, dropped))
    }
}

/// The patterns for which there is room, with a separator for each. Patterns are dropped from the end, in-cluster ones
/// last.
fn kept_hosts(hosts: &[(bool, String)], room: usize) -> Vec<&str> {
    let mut length: usize = hosts.iter().map(|(_, pattern)| pattern.len() + 1).sum();
    let mut kept: Vec<Option<&str>> = hosts.iter().map(|(_, pattern)| Some(pattern.as_str())).collect();
    for in_cluster in [false, true] {
        for index in (0..hosts.len()).rev() {
            if length > room && hosts[index].0 == in_cluster {
                kept[index] = None;
                length -= hosts[index].1.len() + 1;
            }
        }
    }
    kept.into_iter().flatten().collect()
}

/// The pattern of `http.nonProxyHosts` for an entry: `*` stands for any characters at either end.
/// <https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/net/doc-files/net-properties.html>
fn java_pattern(entry: Listed) -> Option<String> {
    let text = entry.text;
    match entry.destination? {
        Destination::Everything => Some("*".to_owned()),
        // The value may be an IPv6 address, which Java reads in brackets only.
        Destination::Reference => Some(format!("{text}|[{text}]")),
        // Java's patterns have no ports.
        Destination::WithPort => None,
        Destination::Address(IpAddr::V4(_)) => Some(text.to_owned()),
        Destination::Address(IpAddr::V6(address)) => Some(format!("[{address}]")),
        Destination::Network(network) => network_pattern(network),
        Destination::Name if text.starts_with("*.") => Some(text.to_owned()),
        Destination::Name if text.starts_with('.') => Some(format!("*{text}")),
        // As with most clients, a name also covers its subdomains.
        Destination::Name if text.contains('.') => Some(format!("{text}|*.{text}")),
        Destination::Name => Some(text.to_owned()),
    }
}

/// Java matches addresses as text, so only a network that ends on an octet has a pattern.
fn network_pattern(network: IpNet) -> Option<String> {
    match network {
        IpNet::V6(network) => (network.prefix_len() == 128).then(|| format!("[{}]", network.network())),
        IpNet::V4(network) => {
            let octets = network.network().octets();
            let octets: Vec<String> = octets.iter().map(u8::to_string).collect();
            match network.prefix_len() {
                32 => Some(octets.join(".")),
                prefix @ (8 | 16 | 24) => Some(format!("{}.*", octets[..usize::from(prefix / 8)].join("."))),
                _ => None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(no_proxy: &str, own: usize) -> Option<(String, usize)> {
        let url = ProxyUrl::parse("http://u:p@proxy.example.com:3128/".into(), &["http"]).unwrap();
        let options = JavaOptions {
            http: Some(&url),
            https: None,
            no_proxy: &no_proxy.into(),
            in_cluster: &[".svc".into()].into(),
            trust_store: "",
        };
        options.text(own)
    }

    const PROXY: &str = "-Dhttp.proxyHost=proxy.example.com -Dhttp.proxyPort=3128";

    #[test]
    fn entries_become_patterns_where_java_has_such() {
        for (entry, pattern) in [
            ("*", Some("*")),
            ("localhost", Some("localhost")),
            ("example.com", Some("example.com|*.example.com")),
            (".example.com", Some("*.example.com")),
            ("*.example.com", Some("*.example.com")),
            ("10.0.0.1", Some("10.0.0.1")),
            ("FD00::0:1", Some("[fd00::1]")),
            ("10.0.0.0/8", Some("10.*")),
            ("10.1.0.0/16", Some("10.1.*")),
            ("10.1.2.0/24", Some("10.1.2.*")),
            ("10.1.2.3/32", Some("10.1.2.3")),
            ("fd00::1/128", Some("[fd00::1]")),
            ("$(HOST)", Some("$(HOST)|[$(HOST)]")),
            ("$(NO_PROXY)", None),
            ("10.0.0.0/12", None),
            ("fd00::/64", None),
            ("example.com:8080", None),
            ("10.0.0.1:80", None),
            ("not a host", None),
        ] {
            let expected = match pattern {
                Some(pattern) => format!("{PROXY} -Dhttp.nonProxyHosts={pattern}"),
                None => PROXY.to_owned(),
            };
            assert_eq!(options(entry, 0), Some((expected, 0)), "{entry}");
        }
    }

    #[test]
    fn what_does_not_fit_is_dropped_from_the_end_in_cluster_entries_last() {
        let hosts = |names: &str| format!("{PROXY} -Dhttp.nonProxyHosts={names}");
        let full = options("a,b,.svc,c", 0).unwrap().0;
        assert_eq!(full, hosts("a|b|*.svc|c"));
        let room_for = |text: &str| MAX_JAVA_TOOL_OPTIONS_BYTES - 1 - text.len();
        assert_eq!(options("a,b,.svc,c", room_for(&full)), Some((full.clone(), 0)));
        for (room, kept, dropped) in [
            (hosts("a|b|*.svc|"), "a|b|*.svc", 1),
            (hosts("a|b|*.svc"), "a|b|*.svc", 1),
            (hosts("a|*.svc"), "a|*.svc", 2),
            (hosts("*.svc"), "*.svc", 3),
        ] {
            assert_eq!(options("a,b,.svc,c", room_for(&room)), Some((hosts(kept), dropped)));
        }
        assert_eq!(options("a,b,.svc,c", room_for(PROXY)), Some((PROXY.to_owned(), 4)));
        assert_eq!(options("a,b,.svc,c", room_for(PROXY) + 1), None);
    }

    #[test]
    fn options_that_choose_a_proxy_are_the_containers_own() {
        for (options, http, https) in [
            ("-Xmx1g", false, false),
            ("-Dhttp.proxyHost=own", true, false),
            ("-Xmx1g -Dhttps.proxyPort=1", false, true),
            ("-DsocksProxyHost=own", true, true),
            ("-Dhttp.proxyHostile=1", false, false),
        ] {
            assert_eq!(
                (sets_proxy(options, "http"), sets_proxy(options, "https")),
                (http, https),
                "{options}"
            );
        }
    }
}
