//! The rules of a client, from the ways that it took.

use clients::{Everything, Networks, Ports, Proxied, Reach, Rules, Support, Way};

/// Destinations that every client bypasses the proxy for that reads the list.
const LISTED: [&str; 3] = [
    "http://10.1.2.3/",
    "http://exact.test/",
    "https://kubernetes.default.svc/",
];

/// `way` knows, for the URL of each row of the table, the way that the client took.
pub fn rules(way: &dyn Fn(&str) -> Way) -> Rules {
    let direct = |url: &str| way(url) == Way::Direct;
    let reach = |name: &str, subdomain: &str, ending: Option<&str>| match (direct(name), direct(subdomain)) {
        _ if ending.is_some_and(direct) => Reach::Ending,
        (true, true) => Reach::NameAndSubdomains,
        (true, false) => Reach::Name,
        (false, true) => Reach::Subdomains,
        (false, false) => Reach::Nothing,
    };
    let ports = |this: &str, another: &str| match (direct(this), direct(another)) {
        (true, true) => Ports::PortIgnored,
        (true, false) => Ports::Compared,
        _ => Ports::EntryIgnored,
    };
    let support = |inside: &str, beyond: &str| match way(inside) {
        _ if way(beyond) == Way::Fails => Support::Fails,
        Way::Direct => Support::Full,
        // Some clients cannot request such an address through a proxy.
        Way::Proxy | Way::Fails => Support::None,
    };
    Rules {
        reads_no_proxy: LISTED.into_iter().any(direct),
        name: reach(
            "http://exact.test/",
            "http://sub.exact.test/",
            Some("http://inexact.test/"),
        ),
        dotted: reach("http://suffix.test/", "http://deep.suffix.test/", None),
        wildcard: reach("http://wild.test/", "http://deep.wild.test/", None),
        ports: ports("http://ported.test:8080/", "http://ported.test/"),
        address_ports: ports("http://10.1.2.4:8080/", "http://10.1.2.4/"),
        ipv6_addresses: support("http://[fd00::10]/", "http://outside.test/"),
        bracketed_addresses: support("http://[fd00::11]/", "http://beyond.test/"),
        ipv4_networks: match (direct("http://10.8.1.1/"), direct("http://172.20.1.1/")) {
            (true, true) => Networks::All,
            (true, false) => Networks::Octets,
            _ => Networks::None,
        },
        ipv6_networks: support("http://[fd08::5]/", "http://aside.test/"),
        proxied: match (way("http://outside.test/"), way("http://[fd09::5]/")) {
            (Way::Fails, _) => Proxied::Nothing,
            (_, Way::Fails) => Proxied::AllButIpv6Addresses,
            _ => Proxied::Everything,
        },
        resolves_names: direct("http://inside.test/"),
        everything: match (direct("http://another.test/"), direct("http://among.test/")) {
            (_, true) => Everything::Anywhere,
            (true, false) => Everything::Alone,
            _ => Everything::Never,
        },
        ignores_trailing_dot_of_destination: direct("http://ended.test./"),
        ignores_trailing_dot_of_entry: direct("http://bare.test/"),
        ignores_case: direct("http://capital.test/"),
        trims: direct("http://trimmed.test/"),
        splits_at_spaces: direct("http://second.test/"),
        never_proxied: never_proxied(&direct),
    }
}

fn never_proxied(direct: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut never_proxied = Vec::new();
    if direct("http://localhost:8081/") {
        never_proxied.push("localhost");
    }
    match (direct("http://127.0.0.1:8081/"), direct("http://127.0.0.2:8081/")) {
        (_, true) => never_proxied.push("127.0.0.0/8"),
        (true, false) => never_proxied.push("127.0.0.1"),
        _ => {}
    }
    if direct("http://[::1]:8081/") {
        never_proxied.push("::1");
    }
    never_proxied.into_iter().map(str::to_owned).collect()
}
