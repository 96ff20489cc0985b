//! Entries of `noProxy` that make findings go away, and those that are there to be safe.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use http_proxy_policy::companion;
use ipnet::{IpNet, Ipv4Net};

use crate::dump::Dump;
use crate::location::{AddressOf, Location, ServiceName, is_private};
use crate::report::{Finding, Severity, Suggestion};
use crate::settings::covers;

/// From so many names of Services of one namespace on, one entry covers them all.
const NAMES_FOR_A_NAMESPACE: usize = 4;

/// Of up to so many nodes, the addresses of IPv6 are suggested one by one.
const NODES_LISTED: usize = 50;

/// What fixes a finding.
#[derive(Default)]
pub(crate) struct Advice {
    pub(crate) entry: Option<String>,
    pub(crate) full_name: Option<String>,
    /// Why the name alone is no entry.
    reason: Option<String>,
}

impl Advice {
    /// `Add api to noProxy, or call api.shop.svc`
    pub(crate) fn sentence(&self) -> String {
        match (&self.entry, &self.full_name, &self.reason) {
            (Some(entry), Some(name), Some(reason)) => {
                format!("Call {name}, or add {entry} to noProxy for clients that read ports: {reason}")
            }
            (Some(entry), Some(name), None) => format!("Add {entry} to noProxy, or call {name}"),
            (Some(entry), None, _) => format!("Add {entry} to noProxy"),
            (None, Some(name), Some(reason)) => format!("Call {name}: {reason}"),
            (None, Some(name), None) => format!("Call {name}"),
            (None, None, _) => "Look where it leads; if it is in the cluster, call its full name".to_owned(),
        }
    }
}

/// What fixes a destination that would go to the proxy.
pub(crate) fn advice(location: &Location, host: &str, port: Option<u16>, dump: &Dump) -> Advice {
    let entry = |entry: String| Advice {
        entry: Some(entry).filter(|entry| companion::no_proxy_entry(entry).is_ok()),
        ..Advice::default()
    };
    match location {
        Location::Short(name) if is_public_suffix(&name.entry) => Advice {
            full_name: Some(name.full()),
            reason: Some(format!("{0} alone would cover the public domain .{0}, too", name.entry)),
            // With a port that websites do not have, the entry covers nothing public.
            ..port
                .filter(|port| ![80, 443].contains(port))
                .map_or_else(Advice::default, |port| entry(format!("{}:{port}", name.entry)))
        },
        Location::Short(name) => Advice {
            full_name: Some(name.full()),
            ..entry(name.entry.clone())
        },
        Location::Full { suffix } => entry(suffix.clone()),
        Location::Node | Location::ThisHost => entry(host.to_ascii_lowercase()),
        Location::UnknownName { .. } => Advice::default(),
        Location::Address(address, of) => {
            let full_name = match of {
                AddressOf::Service((namespace, name)) | AddressOf::OutsideOfService((namespace, name)) => {
                    Some(format!("{name}.{namespace}.svc"))
                }
                _ => None,
            };
            let network = networks(dump)
                .into_iter()
                .find(|(network, _)| network.contains(address));
            let text = network.map_or_else(|| address.to_string(), |(network, _)| network.to_string());
            Advice {
                full_name,
                ..entry(text)
            }
        }
    }
}

/// Whether names that end so are public domains: `shop`, `co.uk`.
fn is_public_suffix(name: &str) -> bool {
    psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known() && suffix.as_bytes() == name.as_bytes())
}

/// A warning where the shorter entry would be a mistake.
pub(crate) fn public_suffix_note(name: &ServiceName) -> Option<String> {
    let namespace = name.entry.split_once('.').map(|(_, namespace)| namespace)?;
    is_public_suffix(namespace).then(|| {
        let (entry, full) = (&name.entry, name.full());
        format!(
            ".{namespace} is also a public top-level domain: do not add that; if pods also call a public {entry}, call {full} instead of adding {entry}"
        )
    })
}

/// The networks of pods, Services and nodes, summarised, each with its source. IPv4 alone: a network of IPv6 in `NO_PROXY` makes httpx fail at
/// every request, so that addresses of IPv6 are named one by one.
pub(crate) fn networks(dump: &Dump) -> Vec<(IpNet, String)> {
    let v4 = |network: &IpNet| match network {
        IpNet::V4(network) => Some(*network),
        IpNet::V6(_) => None,
    };
    let of_addresses = |addresses: &mut dyn Iterator<Item = &IpAddr>| {
        let addresses = addresses.filter(|address| is_private(**address));
        let networks = addresses.filter_map(|address| match address {
            IpAddr::V4(address) => Some(Ipv4Net::from(*address)),
            IpAddr::V6(_) => None,
        });
        summarised(networks.collect())
    };
    let mut found = Vec::new();
    let mut add = |networks: Vec<Ipv4Net>, source: &str| {
        found.extend(
            networks
                .into_iter()
                .map(|network| (IpNet::V4(network), source.to_owned())),
        );
    };
    let pods: Vec<Ipv4Net> = dump.pod_networks.iter().filter_map(v4).collect();
    add(summarised(pods), "the pod networks of the nodes (podCIDRs), summarised");
    let is_known = |address: &&IpAddr| !dump.pod_networks.iter().any(|network| network.contains(*address));
    add(
        of_addresses(&mut dump.pods.addresses.iter().filter(is_known)),
        "IP addresses of pods, summarised",
    );
    let services: Vec<Ipv4Net> = dump.service_networks.iter().filter_map(v4).collect();
    add(services, "the service network, from ServiceCIDR");
    if dump.service_networks.is_empty() {
        let mut addresses = dump.services.values().flat_map(|service| &service.cluster_ips);
        add(of_addresses(&mut addresses), "cluster IPs of Services, summarised");
    }
    add(
        of_addresses(&mut dump.nodes.values().flatten()),
        "IP addresses of nodes, summarised",
    );
    found
}

/// The smallest networks that end at a dot, /16 or longer, one for each /16. Java's options can hold only these, and new nodes get addresses
/// next to those of the old ones.
fn summarised(networks: Vec<Ipv4Net>) -> Vec<Ipv4Net> {
    let mut groups: BTreeMap<Ipv4Addr, Vec<Ipv4Net>> = BTreeMap::new();
    for network in networks {
        let [a, b, ..] = network.network().octets();
        groups.entry(Ipv4Addr::new(a, b, 0, 0)).or_default().push(network);
    }
    let summarise = |(start, networks): (Ipv4Addr, Vec<Ipv4Net>)| {
        let shortest = networks.iter().map(Ipv4Net::prefix_len).min().unwrap_or(32);
        if shortest < 16 {
            return networks.into_iter().find(|network| network.prefix_len() == shortest);
        }
        let [a, b, c, _] = networks.first()?.network().octets();
        let third = Ipv4Net::new(Ipv4Addr::new(a, b, c, 0), 24).ok()?;
        let is_in_third = networks.iter().all(|network| third.contains(network));
        if is_in_third {
            Some(third)
        } else {
            Ipv4Net::new(start, 16).ok()
        }
    };
    groups.into_iter().filter_map(summarise).collect()
}

/// The entries to add: those of the findings that break, then the networks and addresses of the cluster that `existing` does not cover.
pub(crate) fn suggest(findings: &mut [Finding], dump: &Dump, existing: &[String]) -> Vec<Suggestion> {
    merge_namespaces(findings);
    let mut suggested: Vec<Suggestion> = Vec::new();
    let breaking = findings.iter().filter(|finding| finding.severity == Severity::Breaks);
    for (entry, source) in breaking.filter_map(|finding| Some((finding.entry.clone()?, finding.source.clone()?))) {
        match suggested.iter_mut().find(|known| known.entry == entry) {
            Some(known) => known.fixes += 1,
            None => suggested.push(Suggestion {
                entry,
                source,
                fixes: 1,
            }),
        }
    }
    suggested.sort_by_key(|suggestion| std::cmp::Reverse(suggestion.fixes));
    let networks = networks(dump);
    for suggestion in &mut suggested {
        if let Some((_, source)) = networks
            .iter()
            .find(|(network, _)| network.to_string() == suggestion.entry)
        {
            suggestion.source.clone_from(source);
        }
    }
    let networks = networks
        .into_iter()
        .map(|(network, source)| (network, network.to_string(), source));
    let addresses = addresses(dump).map(|(address, source)| (IpNet::from(address), address.to_string(), source));
    for (network, entry, source) in networks.chain(addresses) {
        let is_covered = existing.iter().any(|entry| entry == "*" || covers(entry, network))
            || suggested.iter().any(|other| covers(&other.entry, network));
        if !is_covered {
            suggested.push(Suggestion {
                entry,
                source,
                fixes: 0,
            });
        }
    }
    suggested
}

/// The addresses that are named one by one.
fn addresses(dump: &Dump) -> impl Iterator<Item = (IpAddr, String)> {
    let endpoints = dump.api_endpoints.iter();
    let endpoints = endpoints.map(|address| {
        let source = "the API server, from EndpointSlice default/kubernetes";
        (*address, source.to_owned())
    });
    let nodes = dump.nodes.iter().filter(|_| lists_nodes(dump));
    endpoints.chain(nodes.flat_map(|(name, addresses)| {
        let addresses = addresses.iter().filter(|address| address.is_ipv6());
        addresses.map(move |address| (*address, format!("IPv6 address of node {name}")))
    }))
}

/// Whether there are few enough nodes to list their addresses of IPv6.
pub(crate) fn lists_nodes(dump: &Dump) -> bool {
    dump.nodes.len() <= NODES_LISTED
}

/// One entry for the Services of a namespace where findings name many, unless a public domain ends so.
fn merge_namespaces(findings: &mut [Finding]) {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let of_namespace = |finding: &Finding| {
        let entry = finding.entry.as_ref().filter(|_| finding.full_name.is_some())?;
        let (service, namespace) = entry.split_once('.')?;
        let is_name = !namespace.contains(['.', '/']) && !service.is_empty() && namespace.parse::<u8>().is_err();
        is_name.then(|| namespace.to_owned())
    };
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Breaks) {
        if let Some(namespace) = of_namespace(finding) {
            names.entry(namespace).or_default().extend(finding.entry.clone());
        }
    }
    names.retain(|namespace, entries| entries.len() >= NAMES_FOR_A_NAMESPACE && !is_public_suffix(namespace));
    for finding in findings.iter_mut() {
        if let Some(namespace) = of_namespace(finding).filter(|namespace| names.contains_key(namespace)) {
            let name = finding.full_name.clone().unwrap_or_default();
            finding.fix = format!("Add .{namespace} to noProxy, or call {name}");
            finding.source = Some(format!("Services of namespace {namespace}"));
            finding.entry = Some(format!(".{namespace}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::{Kind, Object};

    #[test]
    fn networks_are_summarised_to_those_that_end_at_a_dot() {
        for (networks, expected) in [
            (vec![], vec![]),
            (vec!["10.0.0.1/32"], vec!["10.0.0.0/24"]),
            (vec!["10.0.0.1/32", "10.0.0.255/32"], vec!["10.0.0.0/24"]),
            (vec!["10.0.0.1/32", "10.0.1.1/32"], vec!["10.0.0.0/16"]),
            (vec!["10.244.0.0/25", "10.244.1.0/24"], vec!["10.244.0.0/16"]),
            (vec!["10.0.5.0/23"], vec!["10.0.0.0/16"]),
            (vec!["10.0.0.0/16"], vec!["10.0.0.0/16"]),
            (vec!["10.0.1.0/24", "10.0.0.0/8"], vec!["10.0.0.0/8"]),
            (vec!["10.0.0.0/15", "10.5.0.0/24"], vec!["10.0.0.0/15", "10.5.0.0/24"]),
            (
                vec!["172.17.0.4/32", "172.16.0.4/32"],
                vec!["172.16.0.0/24", "172.17.0.0/24"],
            ),
        ] {
            let summarised = summarised(networks.iter().map(|network| network.parse().unwrap()).collect());
            let shown: Vec<String> = summarised.iter().map(ToString::to_string).collect();
            assert_eq!(shown, expected, "{networks:?}");
        }
    }

    fn finding(entry: &str, full_name: &str, severity: Severity) -> Finding {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Finding {
            kind: Kind::ShortServiceName,
            severity,
            object: Object {
                kind: String::new(),
                namespace: String::new(),
                name: String::new(),
            },
            container: None,
            place: None,
            value: None,
            why: String::new(),
            fix: "as it was".to_owned(),
            pods: 1,
            notes: Vec::new(),
            entry: some(entry),
            source: Some("a finding".to_owned()),
            full_name: some(full_name),
        }
    }

    #[test]
    fn four_names_of_a_namespace_become_one_entry() {
        let breaks = |entries: &[&str]| -> Vec<Finding> {
            entries
                .iter()
                .map(|entry| finding(entry, "x.svc", Severity::Breaks))
                .collect()
        };
        let merged = [".payments"; 4];
        for (entries, expected) in [
            (
                vec!["a.payments", "b.payments", "c.payments", "d.payments"],
                &merged[..],
            ),
            (
                vec!["a.payments", "b.payments", "c.payments"],
                &["a.payments", "b.payments", "c.payments"],
            ),
            (
                vec!["a.payments", "b.payments", "c.payments", "c.payments"],
                &["a.payments", "b.payments", "c.payments", "c.payments"],
            ),
            (
                vec!["a.shop", "b.shop", "c.shop", "d.shop"],
                &["a.shop", "b.shop", "c.shop", "d.shop"],
            ),
            (vec!["a.1", "b.1", "c.1", "d.1"], &["a.1", "b.1", "c.1", "d.1"]),
            (
                vec![".payments", "b.payments", "c.payments", "d.payments"],
                &[".payments", "b.payments", "c.payments", "d.payments"],
            ),
            (
                vec!["a.x.y", "b.x.y", "c.x.y", "d.x.y"],
                &["a.x.y", "b.x.y", "c.x.y", "d.x.y"],
            ),
            (
                vec!["a.x/y", "b.x/y", "c.x/y", "d.x/y"],
                &["a.x/y", "b.x/y", "c.x/y", "d.x/y"],
            ),
            (vec!["a", "b", "c", "d"], &["a", "b", "c", "d"]),
        ] {
            let mut findings = breaks(&entries);
            merge_namespaces(&mut findings);
            let found: Vec<&str> = findings.iter().filter_map(|finding| finding.entry.as_deref()).collect();
            assert_eq!(found, expected);
        }
        // What is to check alone makes no entry, and follows one.
        let mut findings = breaks(&["a.payments", "b.payments", "c.payments"]);
        findings.push(finding("d.payments", "d.payments.svc", Severity::Check));
        merge_namespaces(&mut findings);
        assert_eq!(findings[3].entry.as_deref(), Some("d.payments"));
        findings.push(finding("e.payments", "e.payments.svc", Severity::Breaks));
        findings.push(finding("f.payments", "", Severity::Breaks));
        merge_namespaces(&mut findings);
        let shown = |finding: &Finding| {
            [finding.entry.clone(), finding.source.clone(), Some(finding.fix.clone())].map(Option::unwrap_or_default)
        };
        assert_eq!(
            shown(&findings[3]),
            [
                ".payments",
                "Services of namespace payments",
                "Add .payments to noProxy, or call d.payments.svc"
            ]
        );
        assert_eq!(shown(&findings[5]), ["f.payments", "a finding", "as it was"]);
    }

    fn object(kind: &str, name: &str, rest: &Value) -> Value {
        let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "default"}});
        object
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        object
    }

    fn cluster() -> Dump {
        let node = |name: &str, addresses: [&str; 2]| {
            let addresses = addresses.map(|address| json!({"type": "InternalIP", "address": address}));
            object(
                "Node",
                name,
                &json!({"spec": {"podCIDRs": ["10.244.0.0/24", "fd00:244::/64"]}, "status": {"addresses": addresses}}),
            )
        };
        let pod = |name: &str, address: &str| {
            object(
                "Pod",
                name,
                &json!({"spec": {}, "status": {"podIPs": [{"ip": address}]}}),
            )
        };
        let mut slice = object(
            "EndpointSlice",
            "kubernetes",
            &json!({"endpoints": [{"addresses": ["192.0.2.2"]}]}),
        );
        slice["metadata"]["labels"] = json!({"kubernetes.io/service-name": "kubernetes"});
        Dump::of(&[
            node("a", ["172.16.0.4", "2001:db8::4"]),
            node("b", ["172.16.0.5", "172.16.0.6"]),
            pod("in-network", "10.244.0.7"),
            pod("elsewhere", "10.7.0.7"),
            pod("public", "203.0.113.7"),
            object("Service", "api", &json!({"spec": {"clusterIP": "10.96.3.1"}})),
            slice,
        ])
    }

    /// `1 api # a finding` for each suggestion.
    fn suggested(findings: &mut [Finding], dump: &Dump, existing: &[&str]) -> Vec<String> {
        let existing: Vec<String> = existing.iter().map(|entry| (*entry).to_owned()).collect();
        let suggested = suggest(findings, dump, &existing).into_iter();
        suggested
            .map(|suggestion| format!("{} {} # {}", suggestion.fixes, suggestion.entry, suggestion.source))
            .collect()
    }

    const NODES: &str = "0 172.16.0.0/24 # IP addresses of nodes, summarised";
    const SERVER: &str = "0 192.0.2.2 # the API server, from EndpointSlice default/kubernetes";
    const NODE: &str = "0 2001:db8::4 # IPv6 address of node a";

    #[test]
    fn entries_that_fix_most_come_first_and_then_what_covers_the_cluster() {
        let mut findings = [
            finding("api", "", Severity::Breaks),
            finding("10.244.0.0/24", "", Severity::Breaks),
            finding("10.244.0.0/24", "", Severity::Breaks),
            finding("checked", "", Severity::Check),
            finding("", "x.svc", Severity::Breaks),
        ];
        assert_eq!(
            suggested(&mut findings, &cluster(), &[]),
            [
                "2 10.244.0.0/24 # the pod networks of the nodes (podCIDRs), summarised",
                "1 api # a finding",
                "0 10.7.0.0/24 # IP addresses of pods, summarised",
                "0 10.96.3.0/24 # cluster IPs of Services, summarised",
                NODES,
                SERVER,
                NODE,
            ]
        );
    }

    #[test]
    fn what_the_settings_have_or_a_finding_suggests_is_not_suggested_again() {
        assert_eq!(suggested(&mut [], &cluster(), &["10.0.0.0/8"]), [NODES, SERVER, NODE]);
        assert_eq!(suggested(&mut [], &cluster(), &["*"]), Vec::<String>::new());
        let mut findings = [finding("10.0.0.0/8", "", Severity::Breaks)];
        assert_eq!(
            suggested(&mut findings, &cluster(), &["2001:db8::4"]),
            ["1 10.0.0.0/8 # a finding", NODES, SERVER]
        );
    }

    #[test]
    fn a_service_network_that_is_known_stands_for_the_addresses_in_it() {
        let mut with_network = cluster();
        with_network.service_networks.insert("10.96.0.0/12".parse().unwrap());
        with_network.service_networks.insert("fd00:96::/112".parse().unwrap());
        let suggested = suggested(&mut [], &with_network, &["10.244.0.0/16", "10.7.0.0/16"]);
        assert_eq!(
            suggested,
            [
                "0 10.96.0.0/12 # the service network, from ServiceCIDR",
                NODES,
                SERVER,
                NODE
            ]
        );
    }

    #[test]
    fn addresses_of_many_nodes_are_not_listed() {
        let nodes = |count: usize| {
            let node = |index| {
                object(
                    "Node",
                    &format!("n{index}"),
                    &json!({"status": {"addresses": [{"type": "InternalIP", "address": format!("2001:db8::{index}")}]}}),
                )
            };
            Dump::of(&(0..count).map(node).collect::<Vec<_>>())
        };
        assert_eq!(suggested(&mut [], &nodes(50), &[]).len(), 50);
        assert_eq!(suggested(&mut [], &nodes(51), &[]).len(), 0);
    }
}
