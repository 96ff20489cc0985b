//! A proxy: its URL, or the Secret that holds its URL.

use std::borrow::Cow;
use std::fmt;

use url::{Host, ParseError, Url};

use crate::key_ref::KeyRef;
use crate::no_proxy_entry::is_dns_name;

/// How containers get the URL of a proxy.
#[derive(Clone, Debug)]
pub enum Proxy<'a> {
    /// `httpProxy`, `httpsProxy`
    Url(ProxyUrl<'a>),
    /// `httpProxyFrom`, `httpsProxyFrom`: the kubelet reads it, the policy never sees it.
    Secret(KeyRef<'a>),
}

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
        if url.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err("contains white space or a control character; remove it".to_owned());
        }
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(format!(
                "must be an absolute URL such as {}://proxy.example.com:3128/",
                schemes[0]
            ));
        };
        if !schemes.contains(&scheme) {
            return Err(format!("must have the scheme {}://", schemes.join(":// or ")));
        }
        let authority = &rest[..rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len())];
        if !matches!(&rest[authority.len()..], "" | "/") {
            return Err(
                "must end behind host and port: no path, query or fragment (a /, ? or # in a user \
                        name or password is written %2F, %3F, %23)"
                    .to_owned(),
            );
        }
        let host = authority.rsplit('@').next().unwrap_or_default();
        if host.is_empty() || host.starts_with(':') {
            return Err("has no host".to_owned());
        }
        if !host.is_ascii() {
            return Err("has a host that is not ASCII; write its punycode form (xn--…)".to_owned());
        }
        let bad_port = "has a port that is no number from 1 to 65535 (a : or @ in a user name or password is written \
                        %3A, %40)";
        let bad_host = "has an invalid host; a name, an IPv4 address or [an IPv6 address] is expected";
        let fault = match Url::parse(&url) {
            Err(ParseError::InvalidPort) => Some(bad_port),
            Err(_) => Some(bad_host),
            Ok(parsed) if parsed.port() == Some(0) || host.ends_with(':') => Some(bad_port),
            Ok(parsed) => match parsed.host() {
                // Not a name by the book, but there are hosts with underscores.
                Some(Host::Domain(name)) if is_dns_name(&name.replace('_', "x")) => None,
                // The parser takes shorthands such as 10.1, which clients do not.
                Some(Host::Ipv4(address)) if host.split(':').next() == Some(&address.to_string()) => None,
                Some(Host::Ipv6(_)) => None,
                _ => Some(bad_host),
            },
        };
        match fault {
            None => Ok(ProxyUrl(url)),
            Some(fault) => Err(fault.to_owned()),
        }
    }

    /// The URL, credentials included, for the pod's eyes only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
        ] {
            assert_eq!(
                ProxyUrl::parse(url.into(), HTTP).map(|url| url.as_str().to_owned()),
                Ok(url.to_owned())
            );
        }
        assert!(ProxyUrl::parse("https://proxy:3129/".into(), HTTP_OR_HTTPS).is_ok());
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
}
