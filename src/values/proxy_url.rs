//! The URL of a proxy.

use std::borrow::Cow;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::values::is_dns_name;

/// A proxy's URL as the user wrote it: `http://[user:password@]host[:port][/]`, or `https://…` for the https proxy.
///
/// A value of this type has a scheme that its variable allows, an ASCII host, and neither path, query nor fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl<'a>(Cow<'a, str>);

impl<'a> ProxyUrl<'a> {
    /// Reads a URL whose scheme must be one of `schemes`.
    ///
    /// # Errors
    /// What is wrong and what would be right; nothing of the URL, which may hold a password.
    pub fn parse(url: Cow<'a, str>, schemes: &[&str]) -> Result<Self, String> {
        if url.is_empty() {
            return Err("is empty; leave the field out if there is no such proxy".to_owned());
        }
        let is_odd = |c: char| c.is_whitespace() || c.is_control();
        if url.bytes().any(|byte| byte <= b' ' || byte >= 0x7f) && url.contains(is_odd) {
            return Err("contains white space or a control character; remove it".to_owned());
        }
        let rest = schemes
            .iter()
            .find_map(|scheme| url.strip_prefix(scheme)?.strip_prefix("://"));
        let Some(rest) = rest else {
            return Err(if url.contains("://") {
                format!("must have the scheme {}://", schemes.join(":// or "))
            } else {
                format!(
                    "must be an absolute URL such as {}://proxy.example.com:3128/",
                    schemes[0]
                )
            });
        };
        let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#' | b'\\'));
        let authority = &rest[..end.unwrap_or(rest.len())];
        if !matches!(&rest[authority.len()..], "" | "/") {
            return Err(
                "must end behind host and port: no path, query or fragment (a /, ? or # in a user \
                        name or password is written %2F, %3F, %23)"
                    .to_owned(),
            );
        }
        let (host, port) = host_and_port(authority);
        if host.is_empty() {
            return Err("has no host".to_owned());
        }
        if !host.is_ascii() {
            return Err("has a host that is not ASCII; write its punycode form (xn--…)".to_owned());
        }
        if !is_host(host) {
            return Err("has an invalid host; a name, an IPv4 address or [an IPv6 address] is expected".to_owned());
        }
        if port.is_some_and(|port| !is_port(port)) {
            return Err(
                "has a port that is no number from 1 to 65535 (a : or @ in a user name or password is written \
                        %3A, %40)"
                    .to_owned(),
            );
        }
        Ok(ProxyUrl(url))
    }

    /// `http` or `https`
    pub fn scheme(&self) -> &str {
        self.0.split("://").next().unwrap_or_default()
    }

    /// Host, an IPv6 address without its brackets, and port, the scheme's own where none is given.
    pub fn host_and_port(&self) -> (&str, &str) {
        let authority = self.0[self.scheme().len() + "://".len()..].trim_end_matches('/');
        let (host, port) = host_and_port(authority);
        let default = if self.scheme() == "https" { "443" } else { "80" };
        (host.trim_matches(['[', ']']), port.unwrap_or(default))
    }

    /// The URL, credentials included, for the pod's eyes only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Takes the user-info off, which may have an `@` of its own.
fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    let host = authority.rsplit('@').next().unwrap_or_default();
    // An IPv6 address has colons, in brackets.
    let behind_address = host.rfind(']').map_or(0, |bracket| bracket + 1);
    match host[behind_address..].find(':') {
        Some(colon) => {
            let (host, port) = host.split_at(behind_address + colon);
            (host, Some(&port[1..]))
        }
        None => (host, None),
    }
}

/// Whether it is a number from 1 to 65535.
pub fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

/// Whether clients can connect to it: to an address, or to a name.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let last_label = host.rsplit('.').next().unwrap_or_default();
    if last_label.starts_with(|first: char| first.is_ascii_digit()) && is_number(last_label) {
        // Shorthands such as 10.1 are addresses to some clients and names to others.
        return host.parse::<Ipv4Addr>().is_ok();
    }
    // Not a name by the book, but there are hosts with underscores.
    is_dns_name(&host.replace('_', "x"))
}

/// Whether URL parsers take the last label of a host for a number, and the host for an IPv4 address.
/// <https://url.spec.whatwg.org/#ends-in-a-number-checker>
fn is_number(label: &str) -> bool {
    let hexadecimal = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    label.bytes().all(|byte| byte.is_ascii_digit())
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Without the user-info, which often holds a password.
impl fmt::Debug for ProxyUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.rsplit_once('@') {
            Some((_, host)) => write!(f, "ProxyUrl(…@{host})"),
            None => write!(f, "ProxyUrl({})", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::{Host, Url};

    use super::*;

    const HTTP: &[&str] = &["http"];
    const HTTP_OR_HTTPS: &[&str] = &["http", "https"];

    #[test]
    fn a_url_is_kept_as_it_was_written() {
        for url in [
            "http://proxy",
            "http://proxy.example.com:3128/",
            "http://10.0.0.1:80",
            "http://[fd00::1]:3128/",
            "http://user:p%40ss$word@proxy:3128",
            "http://us@er:pass@proxy",
            "http://PROXY.example.COM/",
            "http://corp_proxy:3128/",
            "http://proxy.3com:3128/",
        ] {
            assert_eq!(
                ProxyUrl::parse(url.into(), HTTP).map(|url| url.as_str().to_owned()),
                Ok(url.to_owned())
            );
        }
        assert!(ProxyUrl::parse("https://proxy:3129/".into(), HTTP_OR_HTTPS).is_ok());
    }

    #[test]
    fn host_and_port_are_what_clients_connect_to() {
        for (url, host, port) in [
            ("http://proxy", "proxy", "80"),
            ("https://proxy/", "proxy", "443"),
            ("http://u:p@s@proxy:3128/", "proxy", "3128"),
            ("http://[fd00::1]", "fd00::1", "80"),
            ("http://u@[fd00::1]:3128", "fd00::1", "3128"),
        ] {
            let url = ProxyUrl::parse(url.into(), HTTP_OR_HTTPS).unwrap();
            assert_eq!(url.host_and_port(), (host, port));
        }
    }

    #[test]
    fn an_error_names_the_fault_and_never_the_url() {
        for (url, fault) in [
            ("", "is empty"),
            ("hunter2", "absolute URL"),
            ("http:/hunter2", "absolute URL"),
            ("//hunter2:3128", "absolute URL"),
            ("https://hunter2", "must have the scheme http://"),
            ("HTTP://hunter2", "must have the scheme http://"),
            ("socks5://user:hunter2@proxy", "must have the scheme http://"),
            ("http://hunter2/path", "no path"),
            ("http://hunter2//", "no path"),
            ("http://hunter2\\", "no path"),
            ("http://user:hunter2/3@proxy", "%2F"),
            ("http://hunter2?a", "no path, query"),
            ("http://hunter2/#", "query or fragment"),
            ("http://", "no host"),
            ("http:///", "no host"),
            ("http://user:hunter2@", "no host"),
            ("http://user:hunter2@:3128", "no host"),
            ("http://hunter2 :80", "white space"),
            (" http://hunter2", "white space"),
            ("http://hunter2\n", "white space"),
            ("http://hünter2", "not ASCII"),
            ("http://hunter2:port", "port"),
            ("http://hunter2:65536", "port"),
            ("http://hunter2:80:80", "port"),
            ("http://hunt<er2", "invalid host"),
            ("http://[::1", "invalid host"),
            ("http://hunter2,b:3128", "invalid host"),
            ("http://*/", "invalid host"),
            ("http://$(hunter2):80", "invalid host"),
            ("http://hunter2..b/", "invalid host"),
            ("http://hunter2.", "invalid host"),
            ("http://-hunter2", "invalid host"),
            ("http://'hunter2':1", "invalid host"),
            ("http://10.1:3128", "invalid host"),
            ("http://hunter2:", "port"),
            ("http://hunter2:0", "port"),
            ("http://user\u{a0}hunter2@proxy", "white space"),
        ] {
            let error = ProxyUrl::parse(url.into(), HTTP).expect_err(url);
            assert!(error.contains(fault), "{url:?}: {error}");
            assert!(!error.contains("unter2"), "{url:?}: {error}");
        }
    }

    #[test]
    fn debug_hides_credentials() {
        let url = ProxyUrl::parse("http://user:hunter2@proxy:3128".into(), HTTP).unwrap();
        assert_eq!(format!("{url:?}"), "ProxyUrl(…@proxy:3128)");
    }

    /// The host as clients read it that use a URL parser.
    fn parsed(url: &str) -> Option<(String, u16)> {
        let url = Url::parse(url).ok()?;
        let host = match url.host()? {
            Host::Ipv6(address) => address.to_string(),
            host => host.to_string(),
        };
        Some((host, url.port_or_known_default()?))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn url_parsers_read_the_host_and_port_that_the_policy_reads(
            scheme in prop::sample::select(HTTP_OR_HTTPS),
            parts in prop::collection::vec(
                prop::sample::select(&[
                    "a", "proxy", "Example", ".", "-", "_", ":", "@", "%41", "[", "]", "::1", "fd00::", "1", "0", "0x1f", "10.0.0.1",
                    "256", "3128", "65536", "/", "$", "u:p@",
                ]),
                1..7,
            )
        ) {
            let text = format!("{scheme}://{}", parts.concat());
            if let Ok(url) = ProxyUrl::parse(text.as_str().into(), HTTP_OR_HTTPS) {
                let (host, port) = url.host_and_port();
                let host = host.parse::<Ipv6Addr>().map_or(host.to_ascii_lowercase(), |address| address.to_string());
                prop_assert_eq!(parsed(&text), Some((host, port.parse().unwrap())), "{}", text);
            }
        }
    }
}
