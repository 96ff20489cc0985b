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
