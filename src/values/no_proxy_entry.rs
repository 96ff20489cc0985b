//! One destination that bypasses the proxy.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::values::ascii_names::{Name, ends_in_number, split_name};
use crate::values::proxy_url::is_port;

/// One item of a `noProxy` list.
///
/// | written | emitted | matches |
/// | --- | --- | --- |
/// | `*`, alone in its list | `*` | everything |
/// | `10.0.0.1`, `10.0.0.1:8080` | as written | that address, on that port only if one is given |
/// | `fd00::0:1` (no brackets, no port) | `fd00::1` | that address |
/// | `10.1.2.3/8`, `fd00::1/64` | `10.0.0.0/8`, `fd00::/64` | every address of the network |
/// | `example.com`, `example.com:8080` | as written | that name, and with most clients its subdomains |
/// | `.example.com`, `*.example.com` | `.example.com` | subdomains, and with some clients the name itself |
/// | `$(NAME)` | as written | what the environment variable holds; the kubelet expands it |
///
/// Names are RFC 1123 names: labels of letters, digits and inner hyphens, up to 63 characters each and 253 together.
/// White space at the ends does not count. No other wildcard, no scheme, no comma, no network that is everything (`/0`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoProxyEntry<'a> {
    /// The form that is emitted.
    pub text: Cow<'a, str>,
    pub destination: Destination,
}

/// What an entry stands for.
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
    /// Reads an item by the grammar above.
    ///
    /// # Errors
    /// What is wrong and what to write. The item is not quoted: it may be a pasted URL with a password.
    pub fn parse(item: &'a str) -> Result<Self, &'static str> {
        NoProxyEntry::of(item)
            .or_else(|| NoProxyEntry::of(item.trim()))
            .ok_or_else(|| fault(item.trim()))
    }

    fn of(item: &'a str) -> Option<Self> {
        let entry = |text: Cow<'a, str>, destination| Some(NoProxyEntry { text, destination });
        // More clients know `.x` than `*.x`.
        let emitted = item.strip_prefix('*').filter(|rest| rest.starts_with('.'));
        let emitted = emitted.unwrap_or(item);
        let (name, behind) = split_name(emitted.strip_prefix('.').unwrap_or(emitted));
        let ipv4_address = || item[..item.len() - behind.len()].parse::<Ipv4Addr>().ok();
        match behind.as_bytes().first() {
            None if name == Name::Host => entry(emitted.into(), Destination::Name),
            // What parses as an IPv4 address is written in its one form.
            None => entry(item.into(), Destination::Address(ipv4_address()?.into())),
            Some(b'/') => {
                let network = network(ipv4_address()?.into(), &behind[1..])?;
                let truncated = network.trunc();
                // It is written in its one form.
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

    pub fn into_owned(self) -> NoProxyEntry<'static> {
        NoProxyEntry {
            text: Cow::Owned(self.text.into_owned()),
            destination: self.destination,
        }
    }
}

/// A network but for `/0`. Neither the numbers of an IPv4 address nor the prefix length may have leading zeros.
fn network(address: IpAddr, prefix: &str) -> Option<IpNet> {
    let digits = prefix.bytes().all(|byte| byte.is_ascii_digit()) && !prefix.starts_with('0');
    IpNet::new(address, prefix.parse().ok().filter(|_| digits)?).ok()
}

/// What is wrong with an item that is none of what it can be.
#[cold]
fn fault(item: &str) -> &'static str {
    if item.is_empty() {
        return "is empty; remove it";
    }
    if item.starts_with("$(") && item.ends_with(')') {
        return "is no reference to an environment variable; write $(NAME)";
    }
    if item.contains(',') {
        return "contains a comma; make each destination an item of its own";
    }
    if item.contains(char::is_whitespace) {
        return "contains white space; make each destination an item of its own";
    }
    if item.contains("://") {
        return "contains a scheme; write the host alone, as in example.com";
    }
    if let Some((address, prefix)) = item.split_once('/') {
        return if prefix == "0" && address.parse::<IpAddr>().is_ok() {
            "is a network that holds every address; write *"
        } else if address.parse::<IpAddr>().is_ok() {
            "has an invalid prefix length; write 0 to 32 behind an IPv4 address, 0 to 128 behind an IPv6 address"
        } else {
            "contains a / but is no network; write a network as 10.0.0.0/8, a host without a path"
        };
    }
    if item.starts_with('[') || item.ends_with(']') {
        return "contains brackets; write an IPv6 address without them and without a port";
    }
    let host = match item.split_once(':') {
        None => item,
        Some((_, port)) if port.contains(':') => {
            return "is no IPv6 address; write one as fd00::1, without brackets, zone or port";
        }
        Some((_, port)) if !is_plain_port(port) => {
            return "has an invalid port; write a number from 1 to 65535 behind the colon, without leading zeros";
        }
        Some((host, _)) => host,
    };
    if host.strip_prefix("*.").unwrap_or(host).contains('*') {
        return "contains a wildcard that clients do not know; write .example.com for the subdomains of \
                        example.com, 10.0.0.0/8 for a network, * alone for everything";
    }
    if host.ends_with('.') && host != "." {
        return "ends with a dot; leave the dot out";
    }
    if ends_in_number(host) {
        return "is no IPv4 address; write four numbers from 0 to 255 without leading zeros";
    }
    "is no DNS name; write labels of letters, digits and inner hyphens, at most 63 characters each, with dots between \
                        them"
}

/// As [`is_port`], in the one form: clients compare ports as text.
fn is_plain_port(port: &str) -> bool {
    is_port(port) && !port.starts_with('0')
}

fn is_reference(item: &str) -> bool {
    let name = item.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
    name.is_some_and(is_variable_name)
}

/// What the kubelet expands: letters, digits, `-`, `_`, `.`, and no digit in front.
fn is_variable_name(name: &str) -> bool {
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
            ("1password.com", "1password.com"),
            ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
            ("$(KUBERNETES_SERVICE_HOST)", "$(KUBERNETES_SERVICE_HOST)"),
            ("  example.com\t", "example.com"),
        ] {
            let entry = NoProxyEntry::parse(item).unwrap_or_else(|fault| panic!("{item}: {fault}"));
            assert_eq!(entry.text, emitted);
        }
    }

    #[test]
    fn an_error_says_what_to_write_instead() {
        let long_label = "a".repeat(64);
        let long_name = "a.".repeat(127) + "a";
        for (item, mend) in [
            ("", "remove it"),
            (" ", "remove it"),
            ("a,b", "item of its own"),
            ("a b", "item of its own"),
            ("http://example.com", "write the host alone"),
            ("http://user:hunter2@proxy", "write the host alone"),
            ("0.0.0.0/0", "write *"),
            ("::/0", "write *"),
            ("10.0.0.0/33", "prefix length"),
            ("10.0.0.0/8/8", "prefix length"),
            ("10.0.0.0/", "prefix length"),
            ("example.com/path", "without a path"),
            ("[::1]", "without them"),
            ("[::1]:80", "without them"),
            ("fe80::1%eth0", "without brackets, zone or port"),
            ("::1::", "is no IPv6 address"),
            ("example.com:", "1 to 65535"),
            ("example.com:0", "1 to 65535"),
            ("example.com:+80", "1 to 65535"),
            ("example.com:080", "1 to 65535"),
            ("10.0.0.0/08", "prefix length"),
            ("example.com:http", "1 to 65535"),
            ("example.com:65536", "1 to 65535"),
            ("*example.com", "write .example.com"),
            ("example.*", "write .example.com"),
            ("192.168.*", "10.0.0.0/8 for a network"),
            ("**", "* alone"),
            ("*.*.example.com", "write .example.com"),
            ("example.com.", "leave the dot out"),
            ("10.0.0.256", "four numbers"),
            ("10.0.0.01", "four numbers"),
            ("10.0.0", "four numbers"),
            (".", "is no DNS name"),
            ("..example.com", "is no DNS name"),
            ("a..b", "is no DNS name"),
            ("-a.example", "is no DNS name"),
            ("a_b.example", "is no DNS name"),
            ("münchen.example", "is no DNS name"),
            (&long_label, "at most 63"),
            (&long_name, "is no DNS name"),
            ("$()", "write $(NAME)"),
            ("$(1A)", "write $(NAME)"),
            ("$(A B)", "write $(NAME)"),
            ("$(A", "is no DNS name"),
            ("*:80", "wildcard"),
        ] {
            let fault = NoProxyEntry::parse(item).expect_err(item);
            assert!(fault.contains(mend), "{item}: {fault}");
        }
    }
}
