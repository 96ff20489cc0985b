//! One destination that bypasses the proxy.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

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
/// `Display` gives the form that is emitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoProxyEntry<'a> {
    /// `*`
    Everything,
    /// An address, with a port for IPv4.
    Address(IpAddr, Option<u16>),
    /// A network, its host bits zero.
    Network(IpNet),
    /// A name, with a leading dot for its subdomains, and perhaps a port.
    Name(Cow<'a, str>),
    /// `$(NAME)`
    Reference(Cow<'a, str>),
}

impl<'a> NoProxyEntry<'a> {
    /// Reads an item by the grammar above.
    ///
    /// # Errors
    /// What is wrong and what to write. The item is not quoted: it may be a pasted URL with a password.
    pub fn parse(item: &'a str) -> Result<Self, &'static str> {
        let item = item.trim();
        if is_plain_name(item) {
            return Ok(NoProxyEntry::Name(item.into()));
        }
        if item.is_empty() {
            return Err("is empty; remove it");
        }
        if item == "*" {
            return Ok(NoProxyEntry::Everything);
        }
        if let Some(name) = item.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')')) {
            return if is_variable_name(name) {
                Ok(NoProxyEntry::Reference(item.into()))
            } else {
                Err("is no reference to an environment variable; write $(NAME)")
            };
        }
        if item.contains(',') {
            return Err("contains a comma; make each destination an item of its own");
        }
        if item.contains(char::is_whitespace) {
            return Err("contains white space; make each destination an item of its own");
        }
        if item.contains("://") {
            return Err("contains a scheme; write the host alone, as in example.com");
        }
        if let Some((address, _)) = item.split_once('/') {
            return match item.parse::<IpNet>() {
                Ok(network) if network.prefix_len() == 0 => Err("is a network that holds every address; write *"),
                Ok(network) => Ok(NoProxyEntry::Network(network.trunc())),
                Err(_) if address.parse::<IpAddr>().is_ok() => Err(
                    "has an invalid prefix length; write 0 to 32 behind an IPv4 address, 0 to 128 behind an IPv6 address",
                ),
                Err(_) => Err("contains a / but is no network; write a network as 10.0.0.0/8, a host without a path"),
            };
        }
        if item.starts_with('[') || item.ends_with(']') {
            return Err("contains brackets; write an IPv6 address without them and without a port");
        }
        if let Ok(address) = item.parse::<Ipv6Addr>() {
            return Ok(NoProxyEntry::Address(address.into(), None));
        }
        let (host, port) = match item.split_once(':') {
            None => (item, None),
            Some((_, port)) if port.contains(':') => {
                return Err("is no IPv6 address; write one as fd00::1, without brackets, zone or port");
            }
            Some((host, port)) => match port.parse::<u16>() {
                Ok(number) if number > 0 && port.bytes().all(|b| b.is_ascii_digit()) => (host, Some(number)),
                _ => return Err("has an invalid port; write a number from 1 to 65535 behind the colon"),
            },
        };
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(NoProxyEntry::Address(address, port));
        }
        let name = if host.starts_with("*.") { &item[1..] } else { item };
        let labels = &name[..name.len() - (item.len() - host.len())];
        let labels = labels.strip_prefix('.').unwrap_or(labels);
        if labels.contains('*') {
            return Err(
                "contains a wildcard that clients do not know; write .example.com for the subdomains of \
                        example.com, 10.0.0.0/8 for a network, * alone for everything",
            );
        }
        if labels.ends_with('.') {
            return Err("ends with a dot; leave the dot out");
        }
        let last = labels.rsplit('.').next().unwrap_or_default();
        if !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()) {
            return Err("is no IPv4 address; write four numbers from 0 to 255 without leading zeros");
        }
        if !is_dns_name(labels) {
            return Err(
                "is no DNS name; write labels of letters, digits and inner hyphens, at most 63 characters \
                        each, with dots between them",
            );
        }
        Ok(NoProxyEntry::Name(name.into()))
    }

    pub fn into_owned(self) -> NoProxyEntry<'static> {
        match self {
            NoProxyEntry::Everything => NoProxyEntry::Everything,
            NoProxyEntry::Address(address, port) => NoProxyEntry::Address(address, port),
            NoProxyEntry::Network(network) => NoProxyEntry::Network(network),
            NoProxyEntry::Name(text) => NoProxyEntry::Name(text.into_owned().into()),
            NoProxyEntry::Reference(text) => NoProxyEntry::Reference(text.into_owned().into()),
        }
    }

    /// The form that is emitted, as `Display` gives it.
    pub fn emitted(&self) -> Cow<'a, str> {
        match self {
            NoProxyEntry::Name(text) | NoProxyEntry::Reference(text) => text.clone(),
            other => Cow::Owned(other.to_string()),
        }
    }
}

impl fmt::Display for NoProxyEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoProxyEntry::Everything => f.write_str("*"),
            NoProxyEntry::Address(address, None) => address.fmt(f),
            NoProxyEntry::Address(address, Some(port)) => write!(f, "{address}:{port}"),
            NoProxyEntry::Network(network) => network.fmt(f),
            NoProxyEntry::Name(text) | NoProxyEntry::Reference(text) => f.write_str(text),
        }
    }
}

/// Whether `item` is beyond doubt a name: nearly all are, and telling takes one look at each byte.
fn is_plain_name(item: &str) -> bool {
    let name = item.strip_prefix('.').unwrap_or(item);
    // An address or a faulty one ends with a digit, a colon or a letter behind a colon.
    name.as_bytes().last().is_some_and(u8::is_ascii_alphabetic) && is_dns_name(name)
}

/// Whether `name` is an RFC 1123 name: what a cluster domain must be, too.
pub fn is_dns_name(name: &str) -> bool {
    name.len() <= 253 && name.as_bytes().split(|byte| *byte == b'.').all(is_label)
}

fn is_label(label: &[u8]) -> bool {
    let (Some(first), Some(last)) = (label.first(), label.last()) else {
        return false;
    };
    label.len() <= 63
        && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && *first != b'-'
        && *last != b'-'
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
            assert_eq!(entry.to_string(), emitted);
            assert_eq!(entry.emitted(), emitted);
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
