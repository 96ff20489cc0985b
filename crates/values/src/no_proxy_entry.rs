//! One destination that bypasses the proxy.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::ascii_names::{Name, leading_name};
use crate::numbers::{split_ipv4_address, split_number, split_port};

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
/// | `$(NAME)`, not of the list itself | as written | what the environment variable holds; the kubelet expands it |
///
/// Names are RFC 1123 names in which underscores count as letters: up to 63 characters in each label and 253 together.
/// White space at the ends is ignored. No other wildcard, no scheme, no comma, no network of all addresses (`/0`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoProxyEntry<'a> {
    /// The form that is emitted.
    pub text: Cow<'a, str>,
    pub destination: Destination,
}

/// What an entry matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
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
    pub(crate) fn exact(item: &'a str) -> Option<Self> {
        match NoProxyEntry::split_off(item) {
            Some((entry, "")) => Some(entry),
            _ => NoProxyEntry::rare(item),
        }
    }

    /// Splits off what most entries are: a name, an IPv4 address or an IPv4 network.
    #[inline(always)]
    pub fn split_off(text: &'a str) -> Option<(Self, &'a str)> {
        let as_written = |start: &'a str, behind: &[u8], destination| {
            let (text, behind) = start.split_at(start.len() - behind.len());
            let text = text.into();
            Some((NoProxyEntry { text, destination }, behind))
        };
        if let Some(b'0'..=b'9') = text.as_bytes().first()
            && let Some((address, behind)) = split_ipv4_address(text.as_bytes())
        {
            match behind {
                [b'/', length @ ..] => {
                    let (length, behind) = split_prefix_length(length)?;
                    let network = Ipv4Net::new(address, length).ok()?;
                    // IPv4 networks have only one form, so a network without host bits is emitted as written.
                    if network.network() == address {
                        return as_written(text, behind, Destination::Network(network.into()));
                    }
                    return Some((
                        NoProxyEntry::network(network.into()),
                        &text[text.len() - behind.len()..],
                    ));
                }
                [b':', port @ ..] => return as_written(text, split_port(port)?, Destination::WithPort),
                // A name may begin like an address.
                [b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.', ..] => {}
                _ => return as_written(text, behind, Destination::Address(address.into())),
            }
        }
        // More clients support `.x` than `*.x`.
        let emitted = if text.as_bytes().starts_with(b"*.") {
            &text[1..]
        } else {
            text
        };
        let name = emitted.as_bytes();
        let name = name.strip_prefix(b".").unwrap_or(name);
        let (Name::Host, end) = leading_name(name) else {
            return None;
        };
        match &name[end..] {
            [b':', port @ ..] => as_written(emitted, split_port(port)?, Destination::WithPort),
            behind => as_written(emitted, behind, Destination::Name),
        }
    }

    /// Reads an item that is none of what [`NoProxyEntry::split_off`] knows.
    #[cold]
    fn rare(item: &'a str) -> Option<Self> {
        let entry = |text: Cow<'a, str>, destination| Some(NoProxyEntry { text, destination });
        if item == "*" {
            return entry(item.into(), Destination::Everything);
        }
        if is_reference(item) {
            return entry(item.into(), Destination::Reference);
        }
        match item.split_once('/') {
            Some((address, length)) => {
                let (length, b"") = split_prefix_length(length.as_bytes())? else {
                    return None;
                };
                let network = Ipv6Net::new(address.parse().ok()?, length).ok()?;
                Some(NoProxyEntry::network(network.into()))
            }
            None => {
                let address: Ipv6Addr = item.parse().ok()?;
                entry(address.to_string().into(), Destination::Address(address.into()))
            }
        }
    }

    /// A network, whose host bits are omitted.
    fn network(network: IpNet) -> Self {
        let network = network.trunc();
        NoProxyEntry {
            text: network.to_string().into(),
            destination: Destination::Network(network),
        }
    }
}

/// Splits off the length of a network's prefix, which is not 0.
fn split_prefix_length(text: &[u8]) -> Option<(u8, &[u8])> {
    let (length, behind) = split_number(text)?;
    let length = u8::try_from(length).ok().filter(|length| *length > 0)?;
    Some((length, behind))
}

fn is_reference(item: &str) -> bool {
    referred(item).is_some_and(is_variable_name) && !is_own_reference(item)
}

/// Whether an item refers to the list that it is in.
pub(crate) fn is_own_reference(item: &str) -> bool {
    referred(item).is_some_and(|name| name.eq_ignore_ascii_case("NO_PROXY"))
}

/// The text between `$(` and `)`, if an entry is nothing else.
pub fn referred(item: &str) -> Option<&str> {
    item.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'))
}

/// A name that the kubelet expands: letters, digits, `-`, `_` and `.`, and no digit at the beginning.
pub(crate) fn is_variable_name(name: &str) -> bool {
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
