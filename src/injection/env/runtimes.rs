//! The variables of `runtimes`: Java's options, because Java reads none of the proxy variables, and the switch that
//! makes Node read them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::proxy::GivenProxies;
use super::{Assignments, Place, Value};
use crate::injection::names::{JAVA_TOOL_OPTIONS, NODE_USE_ENV_PROXY};
use crate::injection::record::Origin;
use crate::kubernetes::{Container, EnvVar};
use crate::settings::{Proxy, ResolvedSettings};
use crate::values::{Destination, NoProxyEntry, Os, ProxyUrl, in_cluster_entries, no_proxy_entries};

/// The maximum length of `JAVA_TOOL_OPTIONS` in bytes. JDK 8 ignores a value of 1,024 bytes or more, and the kubelet
/// may replace a reference with something longer.
const MAX_JAVA_TOOL_OPTIONS_BYTES: usize = 1000;

/// What the containers of one pod get for their runtimes.
pub(crate) struct RuntimeVariables<'s> {
    node: bool,
    java: bool,
    /// The proxies that Java can use.
    http_proxy: Option<&'s ProxyUrl<'s>>,
    https_proxy: Option<&'s ProxyUrl<'s>>,
    /// The in-cluster entries of `NO_PROXY`.
    in_cluster: HashSet<Cow<'static, str>>,
    os: Os,
}

impl<'s> RuntimeVariables<'s> {
    pub(crate) fn new(settings: &'s ResolvedSettings, os: Os) -> Self {
        RuntimeVariables {
            node: settings.node,
            java: settings.java,
            http_proxy: settings.http_proxy.as_ref().and_then(for_java),
            https_proxy: settings.https_proxy.as_ref().and_then(for_java),
            in_cluster: settings
                .in_cluster
                .as_deref()
                .into_iter()
                .flat_map(in_cluster_entries)
                .collect(),
            os,
        }
    }

    /// Whether the policy may add a variable of this name to a container that gets a proxy.
    pub(crate) fn may_add(&self, name: &str) -> bool {
        self.node && name == NODE_USE_ENV_PROXY || self.java && name == JAVA_TOOL_OPTIONS
    }

    /// Sets the variables of a container that gets the proxies `given` and has the list `no_proxy`.
    pub(crate) fn assign(
        &self,
        container: &Container,
        place: &Place,
        given: GivenProxies,
        no_proxy: &str,
        out: &mut Assignments,
        warnings: &mut Vec<String>,
    ) {
        if self.node && self.position(place.env(), NODE_USE_ENV_PROXY).is_none() {
            out.add(NODE_USE_ENV_PROXY, Value::literal("1"));
        }
        if self.java {
            self.assign_java(container, place, given, no_proxy, out, warnings);
        }
    }

    /// The last entry of this name, which is the one that counts.
    fn position(&self, env: &[EnvVar], name: &str) -> Option<usize> {
        env.iter().rposition(|variable| self.os.same_name(&variable.name, name))
    }

    fn assign_java(
        &self,
        container: &Container,
        place: &Place,
        given: GivenProxies,
        no_proxy: &str,
        out: &mut Assignments,
        warnings: &mut Vec<String>,
    ) {
        let env = place.env();
        let position = self.position(env, JAVA_TOOL_OPTIONS);
        let own = match position.map(|index| env[index].literal()) {
            Some(Some(own)) => own,
            Some(None) => {
                warnings.push(format!(
                    "{JAVA_TOOL_OPTIONS} is not changed, because valueFrom sets it; add the proxy options to its source"
                ));
                return;
            }
            None if container.env_from => {
                warnings.push(format!(
                    "{JAVA_TOOL_OPTIONS} is not set, because it could hide a value from envFrom; set it in env"
                ));
                return;
            }
            None => "",
        };
        let http = self.http_proxy.filter(|_| given.http && !sets_proxy(own, "http"));
        let https = self.https_proxy.filter(|_| given.https && !sets_proxy(own, "https"));
        if http.is_none() && https.is_none() {
            return;
        }
        let resolved = place.resolved_list(no_proxy, position.unwrap_or(place.new_at), &mut Vec::new());
        let no_proxy = resolved.as_deref().unwrap_or(no_proxy);
        let Some((options, dropped)) = java_options(http, https, no_proxy, &self.in_cluster, own.len()) else {
            warnings.push(format!(
                "{JAVA_TOOL_OPTIONS} is not changed, because the proxy options would make it longer than JDK 8 accepts; shorten it"
            ));
            return;
        };
        match position {
            Some(_) if own.starts_with(&options) => {}
            Some(index) => {
                let space = if own.is_empty() { "" } else { " " };
                let value = Value::literal(&[&options, space, own].concat());
                let origin = Origin::Extended { own_bytes: own.len() };
                out.set(env, index, value, origin);
            }
            None => out.add(JAVA_TOOL_OPTIONS, Value::literal(&options)),
        }
        if dropped > 0 {
            warnings.push(format!(
                "{dropped} entries of NO_PROXY are left out of {JAVA_TOOL_OPTIONS}, because they would make it longer than JDK 8 accepts; shorten noProxy"
            ));
        }
    }
}

/// Whether the options choose a proxy for the scheme, or a SOCKS proxy for everything. A port counts too: it would be
/// wrong with the policy's host.
fn sets_proxy(options: &str, scheme: &str) -> bool {
    let sets = |property: &str| options.contains(&["-D", property, "="].concat());
    sets(&[scheme, ".proxyHost"].concat()) || sets(&[scheme, ".proxyPort"].concat()) || sets("socksProxyHost")
}

/// The URL, if Java can use it: Java speaks plain HTTP to proxies, and has no option for a user and password.
fn for_java<'p>(proxy: &'p Proxy) -> Option<&'p ProxyUrl<'p>> {
    match proxy {
        Proxy::Url(url) if url.scheme() == "http" => Some(url),
        _ => None,
    }
}

/// The options for the proxies, and how many entries of `no_proxy` were dropped to leave room for `own` bytes after
/// them; `None` if there is too little room even without any entry.
fn java_options(
    http: Option<&ProxyUrl>,
    https: Option<&ProxyUrl>,
    no_proxy: &str,
    in_cluster: &HashSet<Cow<str>>,
    own: usize,
) -> Option<(String, usize)> {
    let mut options = Vec::new();
    for (proxy, scheme) in [(http, "http"), (https, "https")] {
        if let Some((host, port)) = proxy.map(ProxyUrl::host_and_port) {
            options.push(format!("-D{scheme}.proxyHost={host}"));
            options.push(format!("-D{scheme}.proxyPort={port}"));
        }
    }
    let mut options = options.join(" ");
    let room = MAX_JAVA_TOOL_OPTIONS_BYTES.checked_sub(own + " ".len() + options.len())?;

    // Both schemes use this one.
    const NON_PROXY_HOSTS: &str = " -Dhttp.nonProxyHosts=";
    let hosts: Vec<(bool, String)> = no_proxy_entries(no_proxy)
        .filter_map(|entry| {
            let pattern = java_pattern(&NoProxyEntry::parse(entry).ok()?)?;
            Some((in_cluster.contains(entry), pattern))
        })
        .collect();
    let kept = kept_hosts(&hosts, (room + 1).saturating_sub(NON_PROXY_HOSTS.len()));
    let dropped = hosts.len() - kept.len();
    if !kept.is_empty() {
        options.extend([NON_PROXY_HOSTS, &kept.join("|")]);
    }
    Some((options, dropped))
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
fn java_pattern(entry: &NoProxyEntry) -> Option<String> {
    let text = &*entry.text;
    match entry.destination {
        Destination::Everything => Some("*".to_owned()),
        // The value may be an IPv6 address, which Java reads in brackets only.
        Destination::Reference => Some(format!("{text}|[{text}]")),
        // Java's patterns have no ports.
        Destination::WithPort => None,
        Destination::Address(IpAddr::V4(_)) => Some(text.to_owned()),
        Destination::Address(IpAddr::V6(_)) => Some(format!("[{text}]")),
        Destination::Network(network) => network_pattern(network),
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
        let in_cluster = [".svc".into()].into();
        java_options(Some(&url), None, no_proxy, &in_cluster, own)
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
            ("fd00::1", Some("[fd00::1]")),
            ("10.0.0.0/8", Some("10.*")),
            ("10.1.0.0/16", Some("10.1.*")),
            ("10.1.2.0/24", Some("10.1.2.*")),
            ("10.1.2.3/32", Some("10.1.2.3")),
            ("fd00::1/128", Some("[fd00::1]")),
            ("$(HOST)", Some("$(HOST)|[$(HOST)]")),
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
