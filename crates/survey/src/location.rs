//! Where a host is: in the cluster, in a private network, or neither.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::dump::{Dump, Key};
use crate::service::Service;

/// What a host in the cluster, or in a private network, is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// A name that only pods resolve, by the search domains of `resolv.conf`.
    Short(ServiceName),
    /// A name that ends in `.svc`, `.svc.` and a domain, or the cluster's domain.
    Full {
        suffix: String,
    },
    /// A name of one label that is no Service of the input, or of two with a namespace but no Service of it.
    UnknownName {
        why: String,
    },
    Node,
    ThisHost,
    Address(IpAddr, AddressOf),
}

/// A Service that a short name leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceName {
    pub(crate) namespace: String,
    pub(crate) service: String,
    /// The name of a pod before it, with the dot: `kafka-0.`
    pub(crate) peer: String,
    /// The entry of `noProxy` that covers the name and those of its peers.
    pub(crate) entry: String,
}

impl ServiceName {
    pub(crate) fn key(&self) -> Key {
        (self.namespace.clone(), self.service.clone())
    }

    /// The name that the defaults of `noProxy` cover.
    pub(crate) fn full(&self) -> String {
        format!("{}{}.{}.svc", self.peer, self.service, self.namespace)
    }
}

/// Whose address it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AddressOf {
    Service(Key),
    ServiceNetwork,
    Pods,
    Node(String),
    ApiServer,
    /// By which a Service is called from outside the cluster.
    OutsideOfService(Key),
    OutsideOfNode(String),
    /// No one's in the input, but not public.
    Private,
}

/// What the input says of hosts.
pub(crate) struct Locator<'d> {
    dump: &'d Dump,
    cluster_domain: &'d str,
}

impl<'d> Locator<'d> {
    pub(crate) fn new(dump: &'d Dump, cluster_domain: &'d str) -> Self {
        Locator { dump, cluster_domain }
    }

    /// Where a host is, for a pod of a namespace. `None` for a public one, and one of which nothing is known.
    pub(crate) fn locate(&self, host: &str, namespace: &str) -> Option<Location> {
        let host = host.to_ascii_lowercase();
        if let Ok(address) = host.parse() {
            return self.address(address);
        }
        if host == "localhost" {
            return Some(Location::ThisHost);
        }
        if self.dump.nodes.contains_key(&host) {
            return Some(Location::Node);
        }
        let name = host.strip_suffix('.').unwrap_or(&host);
        let labels: Vec<&str> = name.split('.').collect();
        if labels.iter().any(|label| label.is_empty() || label.contains('$')) {
            return None;
        }
        self.full(name, &labels).or_else(|| self.short(&labels, namespace))
    }

    fn full(&self, name: &str, labels: &[&str]) -> Option<Location> {
        let domain = self.cluster_domain;
        if name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')) {
            return Some(Location::Full {
                suffix: format!(".{domain}"),
            });
        }
        let at = labels.iter().position(|label| *label == "svc")?;
        if !(2..=3).contains(&at) {
            return None;
        }
        let key = (labels[at - 1].to_owned(), labels[at - 2].to_owned());
        let rest = &labels[at + 1..];
        // With another domain than the settings', the Service tells that the name is the cluster's.
        let is_of_cluster = rest.is_empty() || self.dump.services.contains_key(&key);
        is_of_cluster.then(|| Location::Full {
            suffix: if rest.is_empty() {
                ".svc".to_owned()
            } else {
                format!(".svc.{}", rest.join("."))
            },
        })
    }

    fn service(&self, namespace: &str, name: &str) -> Option<&Service> {
        self.dump.services.get(&(namespace.to_owned(), name.to_owned()))
    }

    fn short(&self, labels: &[&str], own: &str) -> Option<Location> {
        let name = |peer: &str, service: &str, namespace: &str, entry: String| {
            let peer = if peer.is_empty() {
                String::new()
            } else {
                format!("{peer}.")
            };
            Some(Location::Short(ServiceName {
                namespace: namespace.to_owned(),
                service: service.to_owned(),
                peer,
                entry,
            }))
        };
        match *labels {
            [service] if self.service(own, service).is_some() => name("", service, own, service.to_owned()),
            [name] => self.unknown_label(name, own),
            [peer, service] if self.service(own, service).is_some_and(|service| service.is_headless) => {
                name(peer, service, own, service.to_owned())
            }
            [service, namespace] if self.service(namespace, service).is_some() => {
                name("", service, namespace, format!("{service}.{namespace}"))
            }
            [service, namespace] if self.dump.namespace_names.contains(namespace) => Some(Location::UnknownName {
                why: format!("The namespace {namespace} has no Service {service} in the input"),
            }),
            [peer, service, namespace] if self.service(namespace, service).is_some() => {
                name(peer, service, namespace, format!("{service}.{namespace}"))
            }
            _ => None,
        }
    }

    fn unknown_label(&self, name: &str, own: &str) -> Option<Location> {
        // Nobody serves a name of digits alone.
        if name.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        let why = if self.dump.services.is_empty() {
            "A name without a dot is a Service or a host in the pods' search domains; the input has no Services"
                .to_owned()
        } else {
            format!("The namespace {own} has no Service of this name in the input")
        };
        Some(Location::UnknownName { why })
    }

    fn address(&self, address: IpAddr) -> Option<Location> {
        let dump = self.dump;
        if address.is_unspecified() || address.is_multicast() {
            return None;
        }
        if address.is_loopback() {
            return Some(Location::ThisHost);
        }
        let find = |addresses: fn(&Service) -> &[IpAddr]| {
            let mut services = dump.services.iter();
            services.find(|(_, service)| addresses(service).contains(&address))
        };
        let service = find(|service| &service.cluster_ips);
        let outside = find(|service| &service.outside);
        let node = dump.nodes.iter().find(|(_, addresses)| addresses.contains(&address));
        let contains = |networks: &std::collections::BTreeSet<IpNet>| networks.iter().any(|net| net.contains(&address));
        let of = if let Some((key, _)) = service {
            AddressOf::Service(key.clone())
        } else if let Some((name, _)) = node {
            AddressOf::Node(name.clone())
        } else if dump.api_endpoints.contains(&address) {
            AddressOf::ApiServer
        } else if let Some((key, _)) = outside {
            AddressOf::OutsideOfService(key.clone())
        } else if let Some(name) = dump.outside.get(&address) {
            AddressOf::OutsideOfNode(name.clone())
        } else if contains(&dump.service_networks) {
            AddressOf::ServiceNetwork
        } else if dump.pods.addresses.contains(&address) || contains(&dump.pod_networks) {
            AddressOf::Pods
        } else if is_private(address) {
            AddressOf::Private
        } else {
            return None;
        };
        Some(Location::Address(address, of))
    }
}

/// Whether an address is none of the public internet: RFC 1918, RFC 6598 (CGNAT), link-local, and unique local addresses of IPv6.
pub(crate) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || is_shared(v4),
        IpAddr::V6(v6) => is_unique_local(v6) || (v6.segments()[0] & 0xffc0) == 0xfe80,
    }
}

fn is_shared(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && (64..128).contains(&second)
}

fn is_unique_local(address: Ipv6Addr) -> bool {
    (address.segments()[0] & 0xfe00) == 0xfc00
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn service(name: &str, spec: Value) -> Value {
        let (namespace, name) = name.split_once('/').unwrap();
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec})
    }

    /// What `location` is, in short.
    fn shown(location: Option<Location>) -> String {
        match location {
            None => "-".to_owned(),
            Some(Location::Short(name)) => format!("{} by {}", name.full(), name.entry),
            Some(Location::Full { suffix }) => format!("full {suffix}"),
            Some(Location::UnknownName { why }) => why,
            Some(Location::Address(_, of)) => format!("{of:?}"),
            Some(other) => format!("{other:?}"),
        }
    }

    #[test]
    fn names_are_located_by_what_the_input_has() {
        let cluster = Dump::of(&[
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "empty"}}),
            json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1.example.com"}}),
            service("shop/api", json!({"clusterIP": "10.96.0.1"})),
            service("shop/db", json!({"clusterIP": "None"})),
            service("dev/api", json!({"clusterIP": "10.96.0.2"})),
        ]);
        let locator = Locator::new(&cluster, "cluster.example");
        for (host, expected) in [
            ("localhost", "ThisHost"),
            ("LocalHost", "ThisHost"),
            ("node-1.example.com", "Node"),
            ("api", "api.shop.svc by api"),
            ("API.", "api.shop.svc by api"),
            ("api.dev", "api.dev.svc by api.dev"),
            ("db-0.db", "db-0.db.shop.svc by db"),
            ("db-0.db.shop", "db-0.db.shop.svc by db.shop"),
            ("x.api", "-"),
            ("x.api.none", "-"),
            ("api.empty", "The namespace empty has no Service api in the input"),
            ("none", "The namespace shop has no Service of this name in the input"),
            ("8080", "-"),
            ("1a", "The namespace shop has no Service of this name in the input"),
            ("api.shop.svc", "full .svc"),
            ("db-0.db.shop.svc", "full .svc"),
            ("none.none.svc", "full .svc"),
            ("a.db-0.db.shop.svc", "-"),
            ("shop.svc", "-"),
            ("svc", "The namespace shop has no Service of this name in the input"),
            ("api.shop.svc.other.example", "full .svc.other.example"),
            ("db-0.db.shop.svc.other.example", "full .svc.other.example"),
            ("none.shop.svc.other.example", "-"),
            ("shop.api.svc.other.example", "-"),
            ("api.shop.svc.cluster.example", "full .cluster.example"),
            ("anything.cluster.example", "full .cluster.example"),
            ("notcluster.example", "-"),
            ("www.example.com", "-"),
            ("", "-"),
            ("a..b", "-"),
            (".api", "-"),
            ("api$x", "-"),
        ] {
            assert_eq!(shown(locator.locate(host, "shop")), expected, "{host}");
        }
        let nothing = Dump::default();
        let located = shown(Locator::new(&nothing, "cluster.local").locate("api", "shop"));
        assert!(located.ends_with("the input has no Services"), "{located}");
    }

    #[test]
    fn addresses_are_located_by_whose_they_are() {
        let slice = json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "kubernetes",
            "namespace": "default", "labels": {"kubernetes.io/service-name": "kubernetes"}}, "endpoints": [{"addresses": ["192.0.2.2"]}]});
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "shop"}, "spec": {},
            "status": {"podIPs": [{"ip": "192.0.2.8"}]}});
        let cidr = json!({"apiVersion": "networking.k8s.io/v1", "kind": "ServiceCIDR", "metadata": {"name": "a"}, "spec": {"cidrs": ["198.18.0.0/24"]}});
        let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}, "spec": {"podCIDR": "198.19.0.0/24"}, "status": {"addresses": [
            {"type": "InternalIP", "address": "192.0.2.1"}, {"type": "InternalIP", "address": "0.0.0.0"},
            {"type": "InternalIP", "address": "224.0.0.1"}, {"type": "ExternalIP", "address": "192.0.2.3"}]}});
        let api = service(
            "shop/api",
            json!({"clusterIP": "198.18.0.7", "externalIPs": ["192.0.2.4"]}),
        );
        let cluster = Dump::of(&[slice, pod, cidr, node, api]);
        let locator = Locator::new(&cluster, "cluster.local");
        for (address, expected) in [
            ("198.18.0.7", "Service((\"shop\", \"api\"))"),
            ("198.18.0.8", "ServiceNetwork"),
            ("198.19.0.8", "Pods"),
            ("192.0.2.8", "Pods"),
            ("192.0.2.1", "Node(\"node-1\")"),
            ("192.0.2.2", "ApiServer"),
            ("192.0.2.3", "OutsideOfNode(\"node-1\")"),
            ("192.0.2.4", "OutsideOfService((\"shop\", \"api\"))"),
            ("10.0.0.1", "Private"),
            ("fd00::1", "Private"),
            ("127.8.9.1", "ThisHost"),
            ("::1", "ThisHost"),
            ("0.0.0.0", "-"),
            ("224.0.0.1", "-"),
            ("192.0.2.5", "-"),
            ("2001:db8::1", "-"),
        ] {
            assert_eq!(shown(locator.locate(address, "shop")), expected, "{address}");
        }
    }

    #[test]
    fn private_addresses_are_those_of_no_public_network() {
        let private = [
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "febf::1",
        ];
        let public = [
            "9.255.255.255",
            "172.32.0.1",
            "192.169.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "101.64.0.1",
            "8.8.8.8",
            "2001:db8::1",
            "fe00::1",
            "fec0::1",
            "fbff::1",
            "fe7f::1",
            "::2",
        ];
        for (addresses, expected) in [(&private[..], true), (&public[..], false)] {
            for address in addresses {
                assert_eq!(is_private(address.parse().unwrap()), expected, "{address}");
            }
        }
    }
}
