//! One entry of `NO_PROXY`, and whether it covers a destination by the rules of a client.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::destination::{Destination, address, split_port};
use crate::rules::{Networks, Ports, Reach, Rules, Support};

/// What an entry is, by its form.
#[derive(Debug, PartialEq)]
pub(crate) enum Entry<'a> {
    Everything,
    /// `example.com`
    Name(Host<'a>),
    /// `.example.com`, without that dot
    Dotted(Host<'a>),
    /// `*.example.com`, without `*.`
    Wildcard(Host<'a>),
    Address {
        address: IpAddr,
        bracketed: bool,
        port: Option<u16>,
    },
    Network(IpNet),
}

/// A name, and the port that follows it.
#[derive(Debug, PartialEq)]
pub(crate) struct Host<'a> {
    name: &'a str,
    port: Option<u16>,
}

impl<'a> Entry<'a> {
    /// Whatever the text is, it is something: a form that no client knows counts as a name.
    pub(crate) fn new(text: &'a str) -> Self {
        if text == "*" {
            return Entry::Everything;
        }
        if let Ok(network) = text.parse() {
            return Entry::Network(network);
        }
        if let Ok(address) = text.parse() {
            return Entry::Address {
                address,
                bracketed: false,
                port: None,
            };
        }
        let (name, port) = match split_port(text) {
            (name, Some(port)) => match port.parse() {
                Ok(port) => (name, Some(port)),
                Err(_) => (text, None),
            },
            (name, None) => (name, None),
        };
        if let Some(address) = address(name) {
            return Entry::Address {
                address,
                bracketed: true,
                port,
            };
        }
        if let Ok(address) = name.parse() {
            return Entry::Address {
                address,
                bracketed: false,
                port,
            };
        }
        if let Some(name) = name.strip_prefix("*.") {
            Entry::Wildcard(Host { name, port })
        } else if let Some(name) = name.strip_prefix('.') {
            Entry::Dotted(Host { name, port })
        } else {
            Entry::Name(Host { name, port })
        }
    }

    /// Whether a client of these rules fails at every request once the entry is in its list.
    pub(crate) fn breaks(&self, rules: &Rules) -> bool {
        self.support(rules) == Support::Fails
    }

    /// What becomes of the entry, if it is about IPv6.
    fn support(&self, rules: &Rules) -> Support {
        match self {
            Entry::Network(IpNet::V6(_)) => rules.ipv6_networks,
            Entry::Address {
                address: IpAddr::V6(_),
                bracketed: false,
                ..
            } => rules.ipv6_addresses,
            Entry::Address {
                address: IpAddr::V6(_),
                bracketed: true,
                ..
            } => rules.bracketed_addresses,
            _ => Support::Full,
        }
    }

    /// Whether the entry covers the destination. `*` is the list's own affair.
    pub(crate) fn covers(&self, destination: &Destination, rules: &Rules) -> bool {
        match self {
            Entry::Everything => false,
            Entry::Name(host) => host.covers(destination, rules.name, rules),
            Entry::Dotted(host) => host.covers(destination, rules.dotted, rules),
            Entry::Wildcard(host) => host.covers(destination, rules.wildcard, rules),
            Entry::Network(network) => {
                self.support(rules) == Support::Full
                    && supports(rules, network)
                    && any_address(destination, rules, |address| network.contains(&address))
            }
            Entry::Address { address, port, .. } => {
                self.support(rules) == Support::Full
                    && covers_port(*port, destination, rules.address_ports)
                    && any_address(destination, rules, |other| other == *address)
            }
        }
    }
}

impl Host<'_> {
    fn covers(&self, destination: &Destination, reach: Reach, rules: &Rules) -> bool {
        // The ends of IP addresses are no domain.
        if self.name.is_empty() || destination.address().is_some() || !covers_port(self.port, destination, rules.ports)
        {
            return false;
        }
        let mut entry = self.name.to_owned();
        if rules.ignores_case {
            entry.make_ascii_lowercase();
        }
        let entry = without_dot(&entry, rules.ignores_trailing_dot_of_entry);
        let name = without_dot(&destination.host, rules.ignores_trailing_dot_of_destination);
        let is_name = name == entry;
        let is_subdomain = name.strip_suffix(entry).is_some_and(|rest| rest.ends_with('.'));
        match reach {
            Reach::Nothing => false,
            Reach::Name => is_name,
            Reach::Subdomains => is_subdomain,
            Reach::NameAndSubdomains => is_name || is_subdomain,
            Reach::Ending => name.ends_with(entry),
        }
    }
}

fn without_dot(name: &str, ignored: bool) -> &str {
    if ignored {
        name.strip_suffix('.').unwrap_or(name)
    } else {
        name
    }
}

fn covers_port(port: Option<u16>, destination: &Destination, ports: Ports) -> bool {
    match (port, ports) {
        (None, _) | (Some(_), Ports::PortIgnored) => true,
        (Some(_), Ports::EntryIgnored) => false,
        (Some(port), Ports::Compared) => port == destination.port,
    }
}

/// Whether the client supports networks of this size, if it is one of IPv4.
fn supports(rules: &Rules, network: &IpNet) -> bool {
    match (rules.ipv4_networks, network) {
        (_, IpNet::V6(_)) | (Networks::All, _) => true,
        (Networks::Octets, IpNet::V4(network)) => network.prefix_len() % 8 == 0,
        (Networks::None, _) => false,
    }
}

/// Whether an IP address of the destination passes: the one in the URL, or, with clients that resolve names, those of the name.
fn any_address(destination: &Destination, rules: &Rules, passes: impl Fn(IpAddr) -> bool) -> bool {
    match destination.address() {
        Some(address) => passes(address),
        None => rules.resolves_names && destination.addresses.iter().any(|address| passes(*address)),
    }
}
