//! The URL of a proxy.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

#[cfg(test)]
use url::{Host, Url};

use crate::ascii_names::{Name, leading_name};
use crate::dns_name::is_host_name;

/// A proxy's URL: `http://[user[:password]@]host[:port][/]`, or `https://…` for the https proxy.
///
/// The host is ASCII: a name (underscores allowed), an IPv4 address, or an IPv6 address in brackets. The user-info has the
/// characters of [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1): letters, digits, `-._~!$&'()*+,;=:`,
/// and any other percent-encoded. There is no path beyond `/`, no query, no fragment and no white space.
///
/// The URL is emitted as it was written. If it has no port, the default port of its scheme is added, because clients
/// disagree about the default: curl connects to port 1080.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl<'a>(Cow<'a, str>);

impl<'a> ProxyUrl<'a> {
    /// Reads a URL whose scheme must be one of `schemes`.
    ///
    /// # Errors
    /// What is wrong and what to write. The message quotes nothing of the URL, because it may hold a password. It names
    /// the characters of the user name or password that must be percent-encoded, in the order of their code points.
    pub fn parse(url: Cow<'a, str>, schemes: &[&str]) -> Result<Self, String> {
        if is_plain(&url, schemes) {
            return Ok(ProxyUrl(url));
        }
        if url.is_empty() {
            return Err("is empty; remove the field if there is no such proxy".to_owned());
        }
        check_white_space(&url)?;
        let is_known = |scheme: &&&str| url.strip_prefix(**scheme).is_some_and(|rest| rest.starts_with("://"));
        let Some(scheme) = schemes.iter().find(is_known) else {
            return Err(if url.contains("://") {
                format!("must have the scheme {}://", schemes.join(":// or "))
            } else {
                let scheme = schemes[0];
                format!("must be an absolute URL such as {scheme}://proxy.example.com:3128/")
            });
        };
        let parts = Parts::split(&url[scheme.len() + "://".len()..]);
        check_user_info(parts.user_info)?;
        check_host(parts.host)?;
        if parts.port.is_some_and(|port| !is_port(port)) {
            return Err(
                "has an invalid port; use 1 to 65535; in a user name or password, write %3A for : and %40 for @"
                    .to_owned(),
            );
        }
        if !matches!(parts.behind, "" | "/") {
            return Err(
                "must end after host and port (no path, query or fragment); in a user name or password, write \
                        %2F for /, %3F for ? and %23 for #"
                    .to_owned(),
            );
        }
        if parts.port.is_some() {
            return Ok(ProxyUrl(url));
        }
        let end = url.len() - parts.behind.len();
        let (front, behind) = url.split_at(end);
        Ok(ProxyUrl([front, ":", default_port(scheme), behind].concat().into()))
    }

    /// `http` or `https`
    pub fn scheme(&self) -> &str {
        self.0.split("://").next().unwrap_or_default()
    }

    /// The host, without brackets around an IPv6 address, and the port.
    pub fn host_and_port(&self) -> (&str, &str) {
        let Parts { host, port, .. } = Parts::split(&self.0[self.scheme().len() + "://".len()..]);
        (host.trim_matches(['[', ']']), port.unwrap_or_default())
    }

    /// The URL as it is emitted: with its port, and its credentials.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether clients that use a [WHATWG](https://url.spec.whatwg.org/) URL parser connect to the same host and port. A property
    /// shows that they do for every URL of this type; the parser itself would add 80 KB to the module.
    #[cfg(test)]
    fn agrees_with_url_parsers(&self) -> bool {
        let Ok(url) = Url::parse(&self.0) else {
            return false;
        };
        let (host, port) = self.host_and_port();
        let same_host = match url.host() {
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case(host),
            Some(Host::Ipv4(address)) => host.parse() == Ok(address),
            Some(Host::Ipv6(address)) => host.parse() == Ok(address),
            None => false,
        };
        same_host && url.port_or_known_default() == port.parse().ok()
    }
}

/// Whether a URL is one of the most common form, which is read for every request: `http://name:port/`, without credentials. Other URLs may also be valid.
fn is_plain(url: &str, schemes: &[&str]) -> bool {
    let mut schemes = schemes.iter();
    let Some(server) = schemes.find_map(|scheme| url.strip_prefix(*scheme)?.strip_prefix("://")) else {
        return false;
    };
    let (name, end) = leading_name(server.as_bytes());
    let (host, behind) = server.split_at(end);
    let port = behind.strip_prefix(':').unwrap_or_default();
    // A label such as 0x1 is a number to some clients.
    let ends_in_digit = |label: &str| label.starts_with(|first: char| first.is_ascii_digit());
    name == Name::Host
        && !host.ends_with('.')
        && !ends_in_digit(last_label(host))
        && is_port(port.strip_suffix('/').unwrap_or(port))
}

/// The parts of a URL after its scheme.
struct Parts<'a> {
    user_info: Option<&'a str>,
    /// With brackets if it is an IPv6 address.
    host: &'a str,
    port: Option<&'a str>,
    /// A path, query and fragment.
    behind: &'a str,
}

impl<'a> Parts<'a> {
    /// The authority ends at the first `/`, `?` or `#`, as in RFC 3986. There is one exception, for a better message:
    /// if the authority is not valid, such a character may belong to a user name or password.
    fn split(text: &'a str) -> Self {
        let (authority, behind) = split_before(text, &['/', '?', '#']);
        let (user_info, server) = split_user_info(authority);
        let (host, port) = split_port(server);
        if behind.contains('@') && (check_host(host).is_err() || port.is_some_and(|port| !is_port(port))) {
            let (user_info, server) = split_user_info(text);
            let (server, behind) = split_before(server, &['/', '?', '#']);
            let (host, port) = split_port(server);
            return Parts {
                user_info,
                host,
                port,
                behind,
            };
        }
        Parts {
            user_info,
            host,
            port,
            behind,
        }
    }
}

fn split_before<'a>(text: &'a str, delimiters: &[char]) -> (&'a str, &'a str) {
    text.split_at(text.find(delimiters).unwrap_or(text.len()))
}

fn split_user_info(authority: &str) -> (Option<&str>, &str) {
    match authority.rsplit_once('@') {
        Some((user_info, server)) => (Some(user_info), server),
        None => (None, authority),
    }
}

fn split_port(server: &str) -> (&str, Option<&str>) {
    // The colons of an IPv6 address are in brackets.
    let address = server.rfind(']').map_or(0, |bracket| bracket + 1);
    match server[address..].find(':') {
        Some(colon) => (&server[..address + colon], Some(&server[address + colon + 1..])),
        None => (server, None),
    }
}

/// Rejects white space, except plain spaces in a user name or password: they get their own message.
fn check_white_space(url: &str) -> Result<(), String> {
    let is_odd = |c: char| c.is_whitespace() || c.is_control();
    // Most URLs have none of these characters.
    if url.bytes().all(|byte| (b'!'..0x7f).contains(&byte)) {
        return Ok(());
    }
    let (user_info, server) = url.rsplit_once('@').unwrap_or(("", url));
    if server.contains(is_odd) || user_info.starts_with(' ') || user_info.contains(|c| is_odd(c) && c != ' ') {
        return Err("contains white space or a control character; remove it".to_owned());
    }
    Ok(())
}

fn check_user_info(user_info: Option<&str>) -> Result<(), String> {
    let Some(text) = user_info else {
        return Ok(());
    };
    let raw = raw_characters(text);
    if raw.is_empty() {
        return Ok(());
    }
    // Naming more characters would reveal too much of a password.
    const MOST_NAMED: usize = 3;
    let (ascii, mut other): (Vec<char>, Vec<char>) = raw.into_iter().partition(char::is_ascii);
    if other.len() > MOST_NAMED {
        other.truncate(0);
        other.push('ä');
    }
    let mut advice: Vec<String> = ascii.into_iter().chain(other).map(encoding).collect();
    if text.matches(':').count() > 1 {
        advice.push("%3A for : in the user name".to_owned());
    }
    Err(format!(
        "has characters in the user name or password that must be percent-encoded; write {}",
        advice.join(", ")
    ))
}

/// The characters that must be percent-encoded and are not, in the order of their code points.
fn raw_characters(user_info: &str) -> BTreeSet<char> {
    let is_escape = |behind: &str| {
        let digits = behind.as_bytes().first_chunk::<2>();
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let is_raw = |(at, c): &(usize, char)| match c {
        '%' => !is_escape(&user_info[at + 1..]),
        c => !c.is_ascii_alphanumeric() && !"-._~!$&'()*+,;=:".contains(*c),
    };
    user_info.char_indices().filter(is_raw).map(|(_, c)| c).collect()
}

/// How to write a character, such as `%40 for @`.
fn encoding(c: char) -> String {
    let name = if c == ' ' { "a space".to_owned() } else { c.to_string() };
    let bytes: String = c.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("{bytes} for {name}")
}

fn check_host(host: &str) -> Result<(), String> {
    if host.is_empty() {
        return Err("has no host; write a URL such as http://proxy.example.com:3128/".to_owned());
    }
    if !host.is_ascii() {
        return Err("has a host that is not ASCII; write its punycode form (xn--…)".to_owned());
    }
    if !is_host(host) {
        return Err("has an invalid host; write a name, an IPv4 address or [an IPv6 address]".to_owned());
    }
    Ok(())
}

/// Whether clients can connect to the host: it is an address or a name.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let last_label = last_label(host);
    if last_label.starts_with(|first: char| first.is_ascii_digit()) && is_number(last_label) {
        // Shorthands such as 10.1 are addresses to some clients and names to others.
        return host.parse::<Ipv4Addr>().is_ok();
    }
    is_host_name(host)
}

fn last_label(host: &str) -> &str {
    let dot = host.bytes().rposition(|byte| byte == b'.');
    &host[dot.map_or(0, |dot| dot + 1)..]
}

/// Whether URL parsers treat the last label of a host as a number, and the host as an IPv4 address.
/// <https://url.spec.whatwg.org/#ends-in-a-number-checker>
fn is_number(label: &str) -> bool {
    let hexadecimal = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    label.bytes().all(|byte| byte.is_ascii_digit())
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether the text is a number from 1 to 65535.
fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn default_port(scheme: &str) -> &'static str {
    if scheme == "https" { "443" } else { "80" }
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

    use super::*;

    const HTTP: &[&str] = &["http"];
    const HTTP_OR_HTTPS: &[&str] = &["http", "https"];

    #[test]
    fn a_url_is_emitted_as_it_was_written() {
        for url in [
            "http://proxy:3128",
            "http://proxy.example.com:3128/",
            "http://10.0.0.1:80",
            "http://[fd00::1]:3128/",
            "http://user:p%40ss$word@proxy:3128",
            "http://user:pa:ss@proxy:3128",
            "http://-._~!$&'()*+,;=:%c3%A4@proxy:3128",
            "http://:@proxy:3128",
            "http://PROXY.example.COM:3128/",
            "http://corp_proxy:3128/",
            "http://proxy.3com:3128/",
        ] {
            let emitted = ProxyUrl::parse(url.into(), HTTP).map(|url| url.as_str().to_owned());
            assert_eq!(emitted, Ok(url.to_owned()));
        }
    }

    #[test]
    fn a_port_that_is_left_out_is_written_in() {
        for (url, emitted) in [
            ("http://proxy.example.com", "http://proxy.example.com:80"),
            ("http://p/", "http://p:80/"),
            ("https://p", "https://p:443"),
            ("https://user:pa:ss@p/", "https://user:pa:ss@p:443/"),
            ("http://[fd00::1]", "http://[fd00::1]:80"),
            ("http://u:p@[fd00::1]/", "http://u:p@[fd00::1]:80/"),
        ] {
            assert_eq!(ProxyUrl::parse(url.into(), HTTP_OR_HTTPS).unwrap().as_str(), emitted);
        }
    }

    #[test]
    fn host_and_port_are_what_clients_connect_to() {
        for (url, host, port) in [
            ("http://proxy", "proxy", "80"),
            ("https://proxy/", "proxy", "443"),
            ("http://u:p:s@proxy:3128/", "proxy", "3128"),
            ("http://[fd00::1]", "fd00::1", "80"),
            ("http://u@[fd00::1]:3128", "fd00::1", "3128"),
        ] {
            let url = ProxyUrl::parse(url.into(), HTTP_OR_HTTPS).unwrap();
            assert_eq!(url.host_and_port(), (host, port));
        }
    }

    #[test]
    fn characters_of_credentials_that_must_be_encoded_are_named() {
        for (url, advice) in [
            ("http://user:50%off@proxy:3128", "write %25 for %"),
            ("http://user:%@proxy", "write %25 for %"),
            ("http://user:%4@proxy", "write %25 for %"),
            ("http://user:a@b@proxy:3128", "write %40 for @"),
            (r"http://CORP\user:pw@proxy:3128", r"write %5C for \"),
            ("http://user:pässword@proxy:3128", "write %C3%A4 for ä"),
            ("http://user:a b@proxy:3128", "write %20 for a space"),
            ("http://user:a/b@proxy:3128/", "write %2F for /"),
            ("http://user:?a#b@proxy:3128", "write %23 for #, %3F for ?"),
            (
                "http://user:z|a^y\"a<[]`{}>@proxy",
                "write %22 for \", %3C for <, %3E for >, %5B for [, %5D for ], %5E for ^, %60 for `, %7B for {, %7C for |, %7D for }",
            ),
            (
                r"http://a:b\c:d@proxy:3128",
                r"write %5C for \, %3A for : in the user name",
            ),
            ("http://user:пароль@proxy:3128", "write %C3%A4 for ä"),
            ("http://@@proxy:3128", "write %40 for @"),
            (
                "http://user@corp.example:pa/ss@proxy:3128",
                "write %2F for /, %40 for @",
            ),
        ] {
            let error = ProxyUrl::parse(url.into(), HTTP).expect_err(url);
            let what = "has characters in the user name or password that must be percent-encoded; ";
            assert_eq!(error, [what, advice].concat(), "{url}");
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
            ("http://hunter2/path@example", "no path"),
            ("http://user:hunter2@proxy/?a@b", "no path"),
            ("http://user:hunter2@proxy:3128/a", "no path"),
            ("http://hunter2?a", "(no path, query"),
            ("http://hunter2/#", "query or fragment"),
            ("http://user:hunter2/3@proxy", "%2F for /"),
            ("http://user:hunter2%@proxy", "%25 for %"),
            ("http://", "no host"),
            ("http:///", "no host"),
            ("http://user:hunter2@", "no host"),
            ("http://user:hunter2@:3128", "no host"),
            ("http://hunter2 :80", "white space"),
            (" http://hunter2", "white space"),
            (" http://user:hunter2@proxy", "white space"),
            ("http://user:hunter2@proxy ", "white space"),
            ("http://user:hunter2\t@proxy", "white space"),
            ("http://hunter2\n", "white space"),
            ("http://user\u{a0}hunter2@proxy", "white space"),
            ("http://hünter2", "not ASCII"),
            ("http://hunter2:port", "port"),
            ("http://hunter2:65536", "port"),
            ("http://hunter2:80:80", "port"),
            ("http://hunt<er2", "invalid host"),
            ("http://hunter2\\", "invalid host"),
            ("http://[::1", "invalid host"),
            ("http://hunter2,b:3128", "invalid host"),
            ("http://*/", "invalid host"),
            ("http://$(hunter2):80", "invalid host"),
            ("http://hunter2..b/", "invalid host"),
            ("http://hunter2.", "invalid host"),
            ("http://-hunter2", "invalid host"),
            ("http://'hunter2':1", "invalid host"),
            ("http://10.1:3128", "invalid host"),
            ("http://hunter2.:3128", "invalid host"),
            ("http://hunter2.0x1f:3128/", "invalid host"),
            ("http://hunter2.0x1f", "invalid host"),
            ("http://hunter2:", "port"),
            ("http://hunter2:0", "port"),
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

    #[test]
    fn a_url_parser_that_reads_another_host_or_port_is_noticed() {
        for url in ["http://proxy:3128", "https://U:P@[FD00::0:1]/", "http://10.0.0.1"] {
            let url = ProxyUrl::parse(url.into(), HTTP_OR_HTTPS).unwrap();
            assert!(url.agrees_with_url_parsers(), "{url:?}");
        }
        // None of these gets past the policy's own rules.
        for url in [
            "http://10.1:80",
            "http://a@b\\c:80",
            "http://a:80@b",
            "http://[::1]x:80",
        ] {
            let url = ProxyUrl(url.into());
            assert!(!url.agrees_with_url_parsers(), "{url:?}");
        }
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
                prop_assert!(url.agrees_with_url_parsers(), "{}", text);
                // What is emitted is valid, and emitted as it is.
                prop_assert_eq!(ProxyUrl::parse(url.as_str().into(), HTTP_OR_HTTPS), Ok(url.clone()));
            }
        }

        #[test]
        fn credentials_are_valid_where_every_character_is_allowed_or_encoded(
            user_info in "([a-zA-Z0-9]|[-._~!$&'()*+,;=:]|%[0-9a-fA-F]{2}|[ -~]|[ä%@]){0,6}"
        ) {
            let url = format!("http://{user_info}@proxy:3128");
            let escaped = user_info.as_bytes();
            let is_allowed = |(at, byte): (usize, &u8)| match byte {
                b'%' => matches!(escaped.get(at + 1..at + 3), Some([a, b]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()),
                byte => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:".contains(byte),
            };
            let valid = escaped.iter().enumerate().all(is_allowed);
            let read = ProxyUrl::parse(url.as_str().into(), HTTP);
            // A path may also come before the @.
            if !user_info.contains(['/', '?', '#']) {
                prop_assert_eq!(read.is_ok(), valid, "{:?}", read);
            } else {
                prop_assert!(read.is_err());
            }
        }
    }
}
