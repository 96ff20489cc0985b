//! Reads what someone types as a destination.

use std::net::{IpAddr, Ipv6Addr};

use clients::{Destination, Scheme};

const WHAT: &str = "write a host or a URL, such as api.shop.svc, 10.0.0.7:8080 or https://[fd00::7]/";

/// Reads a host, a host with a port, or a URL.
///
/// # Errors
/// It is none, or an HTTP proxy has nothing to do with it: what is wrong, and what to write. It does not quote the text.
pub(super) fn parse(text: &str) -> Result<Destination, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(format!("Nothing to test: {WHAT}."));
    }
    let destination = match text.split_once("://") {
        Some((scheme, _)) if !is_http(scheme) => {
            return Err(
                "Not HTTP: clients of other protocols do not ask an HTTP proxy. Write a URL with http or https."
                    .to_owned(),
            );
        }
        Some(_) => Destination::parse(text),
        None => bare(text),
    };
    let destination = destination.filter(|destination| destination.port != 0);
    let destination = destination.ok_or_else(|| format!("Neither a host nor a URL: {WHAT}."))?;
    if !destination.host.is_ascii() {
        return Err("Clients ask for such a name in ASCII: write it with xn--.".to_owned());
    }
    if destination.host.parse::<IpAddr>().is_err() && !is_name(&destination.host) {
        return Err(format!("Not the name of a host: {WHAT}."));
    }
    Ok(destination)
}

fn is_http(scheme: &str) -> bool {
    ["http", "https", "ws", "wss"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
}

/// A host, or a host with a port: 443 is that of https.
fn bare(text: &str) -> Option<Destination> {
    if text.parse::<Ipv6Addr>().is_ok() {
        return Some(Destination::new(Scheme::Http, text, Scheme::Http.default_port()));
    }
    // A network is no destination.
    let is_network = |(address, bits): (&str, &str)| address.parse::<IpAddr>().is_ok() && bits.parse::<u8>().is_ok();
    if text.split_once('/').is_some_and(is_network) {
        return None;
    }
    let http = Destination::parse(&format!("http://{text}"))?;
    Some(match http.port {
        443 => Destination::new(Scheme::Https, &http.host, 443),
        _ => http,
    })
}

/// Labels of letters, digits, `-` and `_`; a trailing dot is one of a full name.
fn is_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_label = |label: &str| {
        let mut characters = label.chars();
        (1..=63).contains(&label.len()) && characters.all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    // Digits and dots alone are a damaged IP address.
    host.len() <= 253 && host.split('.').all(is_label) && !host.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// `http://api.shop:80`
pub(super) fn shown(destination: &Destination) -> String {
    let scheme = match destination.scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    let Destination { host, port, .. } = destination;
    if host.contains(':') {
        format!("{scheme}://[{host}]:{port}")
    } else {
        format!("{scheme}://{host}:{port}")
    }
}
