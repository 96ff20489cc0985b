//! Companions of the proxy variables, for runtimes that ignore these.

use std::borrow::Cow;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::env_changes::{EnvChanges, Set};
use crate::pod::{Container, EnvVar};
use crate::proxy::Proxy;
use crate::record::Own;
use crate::resolved_settings::ResolvedSettings;
use crate::value::Value;
use crate::values::ProxyUrl;
use crate::values::{Destination, NoProxyEntry};
use crate::values::{NoProxyList, no_proxy_entries};
use crate::variables::Variables;

/// With the value `1`, Node's `fetch` and `http` read the proxy variables.
/// <https://nodejs.org/api/cli.html#node_use_env_proxy1>
pub const NODE_USE_ENV_PROXY: &str = "NODE_USE_ENV_PROXY";

/// Options that every JVM picks up.
/// <https://docs.oracle.com/en/java/javase/21/troubleshoot/environment-variables-and-system-properties.html>
pub const JAVA_TOOL_OPTIONS: &str = "JAVA_TOOL_OPTIONS";

/// Most bytes of `JAVA_TOOL_OPTIONS`: JDK 8 ignores it as a whole from 1,024 on, and what the kubelet puts in for a
/// reference may be longer than the reference.
const MAX_JAVA_TOOL_OPTIONS_BYTES: usize = 1000;

/// Adds what the settings ask for to the changes of a container that gets a proxy. `env` is the container's own.
pub fn add<'v>(
    settings: &ResolvedSettings,
    variables: &'v Variables,
    container: &Container,
    env: &[EnvVar],
    changes: &mut EnvChanges<'v>,
) -> Option<String> {
    let given = variables.given_proxies(env);
    if given == [false, false] {
        return None;
    }
    if settings.node && variables.position(env, NODE_USE_ENV_PROXY).is_none() {
        let value = Value::literal("1".to_owned());
        changes.behind.push((NODE_USE_ENV_PROXY, Cow::Owned(value)));
    }
    if !settings.java {
        return None;
    }
    let [http, https] = [(&settings.http_proxy, given[0]), (&settings.https_proxy, given[1])]
        .map(|(proxy, given)| proxy.as_ref().filter(|_| given).and_then(for_java));
    if http.is_none() && https.is_none() {
        return None;
    }
    let position = variables.position(env, JAVA_TOOL_OPTIONS);
    let own = match position {
        Some(index) => env[index].literal()?,
        None if container.env_from => {
            return Some(format!(
                "container {}: no {JAVA_TOOL_OPTIONS} is set, as it would hide one that envFrom may set; set it in env",
                container.shown_name()
            ));
        }
        None => "",
    };
    let no_proxy = variables.no_proxy(env, changes);
    let Some((options, dropped)) = java_options([http, https], no_proxy, &settings.in_cluster, own.len()) else {
        return Some(format!(
            "container {}: {JAVA_TOOL_OPTIONS} is left as it is, with the proxy it would be longer than JDK 8 reads",
            container.shown_name()
        ));
    };
    if let Some(index) = position {
        if !own.starts_with(&options) {
            let space = if own.is_empty() { "" } else { " " };
            let value = Value::literal([&options, space, own].concat());
            let own = Own::Part(own.len());
            let value = Cow::Owned(value);
            changes.set.push(Set { index, value, own });
        }
    } else {
        changes
            .behind
            .push((JAVA_TOOL_OPTIONS, Cow::Owned(Value::literal(options))));
    }
    (dropped > 0).then(|| {
        format!(
            "container {}: {dropped} entries of NO_PROXY are not in {JAVA_TOOL_OPTIONS}, which would be longer than JDK 8 reads",
            container.shown_name()
        )
    })
}

/// Java speaks plain HTTP to proxies, and has no option for a user and password.
fn for_java<'p>(proxy: &'p Proxy) -> Option<&'p ProxyUrl<'p>> {
    match proxy {
        Proxy::Url(url) if url.scheme() == "http" => Some(url),
        _ => None,
    }
}

/// The options for a http and a https proxy, and how many entries of `no_proxy` had to be left out to make room for `own`
/// bytes behind; `None` where even without any there is too little room.
fn java_options(
    proxies: [Option<&ProxyUrl>; 2],
    no_proxy: &str,
    in_cluster: &NoProxyList,
    own: usize,
) -> Option<(String, usize)> {
    let mut options = Vec::new();
    for (proxy, scheme) in proxies.into_iter().zip(["http", "https"]) {
        if let Some((host, port)) = proxy.map(ProxyUrl::host_and_port) {
            options.push(format!("-D{scheme}.proxyHost={host}"));
            options.push(format!("-D{scheme}.proxyPort={port}"));
        }
    }
    let mut options = options.join(" ");
    let room = MAX_JAVA_TOOL_OPTIONS_BYTES.checked_sub(own + " ".len() + options.len())?;

    // Both schemes heed this one.
    const NON_PROXY_HOSTS: &str = " -Dhttp.nonProxyHosts=";
    let mut hosts: Vec<(&str, String)> = Vec::new();
    for entry in no_proxy_entries(no_proxy) {
        if let Some(pattern) = NoProxyEntry::parse(entry).ok().and_then(|entry| java_pattern(&entry)) {
            hosts.push((entry, pattern));
        }
    }
    let mut length = NON_PROXY_HOSTS.len() + hosts.iter().map(|(_, pattern)| pattern.len() + 1).sum::<usize>();
    let all = hosts.len();
    // The in-cluster entries are the last ones to go.
    let in_cluster: Vec<&str> = no_proxy_entries(in_cluster.value()).collect();
    for keep in [true, false] {
        let mut index = hosts.len();
        while length > room + 1 && index > 0 {
            index -= 1;
            if !(keep && in_cluster.contains(&hosts[index].0)) {
                length -= hosts.remove(index).1.len() + 1;
            }
        }
    }
    if !hosts.is_empty() {
        let patterns: Vec<&str> = hosts.iter().map(|(_, pattern)| pattern.as_str()).collect();
        options.extend([NON_PROXY_HOSTS, &patterns.join("|")]);
    }
    Some((options, all - hosts.len()))
}

/// The pattern of `http.nonProxyHosts` that is an entry: `*` stands for any characters at either end.
/// <https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/net/doc-files/net-properties.html>
fn java_pattern(entry: &NoProxyEntry) -> Option<String> {
    let text = &*entry.text;
    match entry.destination {
        Destination::Everything => Some("*".to_owned()),
        // It may hold an IPv6 address, which Java knows in brackets only.
        Destination::Reference => Some(format!("{text}|[{text}]")),
        // Java's patterns have no ports.
        Destination::WithPort => None,
        Destination::Address(IpAddr::V4(_)) => Some(text.to_owned()),
        Destination::Address(IpAddr::V6(_)) => Some(format!("[{text}]")),
        Destination::Network(network) => network_pattern(network),
        Destination::Name if text.starts_with('.') => Some(format!("*{text}")),
        // As with most clients, a name stands for its subdomains too.
        Destination::Name if text.contains('.') => Some(format!("{text}|*.{text}")),
        Destination::Name => Some(text.to_owned()),
    }
}

/// Addresses are matched as text, so only a network that ends on an octet has a pattern.
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
        let mut in_cluster = NoProxyList::default();
        in_cluster.push_in_cluster("cluster.local");
        java_options([Some(&url), None], no_proxy, &in_cluster, own)
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
}
