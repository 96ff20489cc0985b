//! One destination that bypasses the proxy.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::values::ascii_names::{Name, split_name};
use crate::values::proxy_url::is_port;

/// One item of a `noProxy` list.
///
/// | written | emitted | matches |
/// | --- | --- | --- |
/// | `*`, alone in its list | `*` | everything |
/// | `10.0.0.1`, `10.0.0.1:8080` | as written | that address, on that port only if one is given |
/// | `fd00::0:1` (no brackets, no port) | `fd00::1` | that address |
/// | `10.1.2.3/8`, `fd00::1/64` | `10.0.0.0/8`, `fd00::/64` | every address of the network |
/// | `example.com`, `example.com.`, `example.com:8080` | as written | that name, and with most clients its subdomains |
/// | `.example.com`, `.example.com.` | as written | subdomains, and with some clients the name itself |
/// | `*.example.com` | `.example.com` | as above; more clients support this form |
/// | `$(NAME)` | as written | what the environment variable holds; the kubelet expands it |
///
/// Names are RFC 1123 names in which underscores count as letters: up to 63 characters in each label and 253 together.
/// White space at the ends is ignored. No other wildcard, no scheme, no comma, no network of all addresses (`/0`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoProxyEntry<'a> {
    /// The form that is emitted.
    pub text: Cow<'a, str>,
    pub destination: Destination,
}

/// What an entry matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// `*`
    Everything,
    /// An address, without a port.
    Address(IpAddr),
    /// A network, its host bits zero.
    Network(IpNet),
    /// A name, with a leading dot for its subdomains.
    Name,
    /// A name or an IPv4 address, and a port.
    WithPort,
    /// `$(NAME)`
    Reference,
}

impl<'a> NoProxyEntry<'a> {
    /// Reads an item that follows the grammar above. For any other item, [`NoProxyEntry::parse`] says what is wrong.
    pub(super) fn exact(item: &'a str) -> Option<Self> {
        let entry = |text: Cow<'a, str>, destination| Some(NoProxyEntry { text, destination });
        // More clients support `.x` than `*.x`.
        let emitted = item.strip_prefix('*').filter(|rest| rest.starts_with('.'));
        let emitted = emitted.unwrap_or(item);
        let (name, behind) = split_name(emitted.strip_prefix('.').unwrap_or(emitted));
        let ipv4_address = || item[..item.len() - behind.len()].parse::<Ipv4Addr>().ok();
        match behind.as_bytes().first() {
            None if name == Name::Host => entry(emitted.into(), Destination::Name),
            // A text that parses as an IPv4 address is already in its only form.
            None => entry(item.into(), Destination::Address(ipv4_address()?.into())),
            Some(b'/') => {
                let network = network(ipv4_address()?.into(), &behind[1..])?;
                let truncated = network.trunc();
                // IPv4 networks have only one form, so an unchanged network is emitted as written.
                let is_as_written = network == truncated;
                let text = if is_as_written {
                    item.into()
                } else {
                    truncated.to_string().into()
                };
                entry(text, Destination::Network(truncated))
            }
            Some(b':') if is_plain_port(&behind[1..]) && (name == Name::Host || ipv4_address().is_some()) => {
                entry(emitted.into(), Destination::WithPort)
            }
            Some(b':') => match item.split_once('/') {
                Some((address, prefix)) => {
                    let network = network(address.parse::<Ipv6Addr>().ok()?.into(), prefix)?.trunc();
                    entry(network.to_string().into(), Destination::Network(network))
                }
                None => {
                    let address: Ipv6Addr = item.parse().ok()?;
                    entry(address.to_string().into(), Destination::Address(address.into()))
                }
            },
            _ if item == "*" => entry(item.into(), Destination::Everything),
            _ if is_reference(item) => entry(item.into(), Destination::Reference),
            _ => None,
        }
    }

    /// At most how many bytes the entry adds to a list, its comma and its network's addresses included.
    pub(crate) fn most_bytes(&self, expand_cidrs: u16) -> usize {
        let addresses = match self.destination {
            Destination::Network(network) => match (expanded(network, expand_cidrs), network) {
                (0, _) => 0,
                // No address of a network is longer than the last one, or, of IPv6, than the longest that there is.
                (count, IpNet::V4(network)) => usize::from(count) * (network.broadcast().to_string().len() + 1),
                (count, IpNet::V6(_)) => usize::from(count) * (39 + 1),
            },
            _ => 0,
        };
        self.text.len() + 1 + addresses
    }

    pub(crate) fn into_owned(self) -> NoProxyEntry<'static> {
        NoProxyEntry {
            text: Cow::Owned(self.text.into_owned()),
            destination: self.destination,
        }
    }
}

/// How many addresses of a network are listed one by one, if at most `limit` are.
pub(super) fn expanded(network: IpNet, limit: u16) -> u16 {
    let host_bits = network.max_prefix_len() - network.prefix_len();
    let count = 1u16.checked_shl(host_bits.into()).unwrap_or(u16::MAX);
    if count <= limit { count } else { 0 }
}

/// A network, except `/0`. Neither the numbers of an IPv4 address nor the prefix length may have leading zeros.
fn network(address: IpAddr, prefix: &str) -> Option<IpNet> {
    let digits = prefix.bytes().all(|byte| byte.is_ascii_digit()) && !prefix.starts_with('0');
    IpNet::new(address, prefix.parse().ok().filter(|_| digits)?).ok()
}

/// As [`is_port`], but without leading zeros: clients compare ports as text.
pub(super) fn is_plain_port(port: &str) -> bool {
    is_port(port) && !port.starts_with('0')
}

fn is_reference(item: &str) -> bool {
    let name = item.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
    name.is_some_and(is_variable_name)
}

/// A name that the kubelet expands: letters, digits, `-`, `_` and `.`, and no digit at the beginning.
pub(super) fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_emitted_in_the_form_that_most_clients_understand() {
        for (item, emitted) in [
            ("*", "*"),
            ("10.0.0.1", "10.0.0.1"),
            ("10.0.0.1:8080", "10.0.0.1:8080"),
            ("FD00::0:1", "fd00::1"),
            ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.0.0.1/32", "10.0.0.1/32"),
            ("fd00::1/64", "fd00::/64"),
            ("example.com", "example.com"),
            ("Example.COM:443", "Example.COM:443"),
            ("localhost", "localhost"),
            (".example.com", ".example.com"),
            ("*.example.com", ".example.com"),
            ("*.example.com:8080", ".example.com:8080"),
            (".svc", ".svc"),
            ("foo_bar.local", "foo_bar.local"),
            ("_msdcs.corp.example", "_msdcs.corp.example"),
            (".cluster.local.", ".cluster.local."),
            ("*.cluster.local.", ".cluster.local."),
            ("foo.example.", "foo.example."),
            ("foo.example.:8080", "foo.example.:8080"),
            ("1password.com", "1password.com"),
            ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
            ("$(KUBERNETES_SERVICE_HOST)", "$(KUBERNETES_SERVICE_HOST)"),
            ("  example.com\t", "example.com"),
        ] {
            let entry = NoProxyEntry::parse(item).unwrap_or_else(|fault| panic!("{item}: {fault}"));
            assert_eq!(entry.text, emitted);
        }
    }
}
