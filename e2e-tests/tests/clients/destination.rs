//! The table of destinations: which way the clients are expected to take to each.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::{Context, Result, bail, ensure};

use crate::client::CLIENTS;
use crate::proxy::host_and_port;

/// What the clients do, a row for each destination: the way that NO_PROXY means it to take (`either`: there is no
/// common meaning), the way that each client takes (d: direct, P: proxy, -: it fails before it asks anyone), the entry
/// that the row is about, what the destination is to it, and what to write in its place for the clients that do not
/// take the way that is meant. An entry is alone where a client cannot bear it beside others.
const EXPECTED: &str = "
    DESTINATION                                 MEANT  curl wget BusyBox git urllib requests httpx kubernetes Ruby Node undici Go reqwest LWP Java
    http://outside.test/                        proxy  P    P    P       P   P      P        P     P          P    P    P      P  P       P   P | | an outside name |
    https://outside.test/                       proxy  P    P    P       P   P      P        P     P          P    P    P      P  P       P   P | | an outside name |
    http://203.0.113.7/                         proxy  P    P    P       P   P      P        P     P          P    P    P      P  P       P   P | | an outside address |
    http://exact.test/                          direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | exact.test | the name itself |
    https://exact.test/                         direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | exact.test | the name itself |
    http://sub.exact.test/                      either d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | exact.test | a subdomain |
    http://inexact.test/                        proxy  P    P    P       P   P      P        P     P          P    P    P      P  P       d   P | exact.test | a name with the same end | none (LWP compares only the ends of names)
    http://deep.suffix.test/                    direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | .suffix.test | a subdomain |
    https://deep.suffix.test/                   direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | .suffix.test | a subdomain |
    http://suffix.test/                         either d    P    P       d   d      d        P     d          P    d    d      P  d       P   P | .suffix.test | the domain itself |
    http://10.1.2.3/                            direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | 10.1.2.3 | the IPv4 address |
    http://[fd00::10]/                          direct d    d    P       d   P      d        d     d          P    P    d      d  d       d   d | fd00::10 | the IPv6 address | a name for it
    http://10.8.1.1/                            direct d    P    P       d   P      d        P     d          d    P    P      d  d       P   d | 10.8.0.0/16 | an address inside | the exact addresses, which `expandCidrs` lists for small CIDRs
    https://10.8.1.1/                           direct d    P    P       d   P      d        P     d          d    P    P      d  d       P   d | 10.8.0.0/16 | an address inside | the exact addresses, which `expandCidrs` lists for small CIDRs
    http://172.20.1.1/                          direct d    P    P       d   P      d        P     d          d    P    P      d  d       P   P | 172.16.0.0/12 | an address inside | the exact addresses, which `expandCidrs` lists for small CIDRs; for Java, its networks of /8, /16 and /24
    http://[fd08::5]/                           direct P    P    P       P   P      P        -     P          P    P    P      d  d       P   P | fd08::/64 (alone) | an address inside | a name, or the exact address; for httpx, a list without IPv6 CIDRs
    http://aside.test/                          proxy  P    P    P       P   P      P        -     P          P    P    P      P  P       P   P | fd08::/64 (alone) | any other destination | a list without IPv6 CIDRs
    http://inside.test/                         either P    P    P       P   P      P        P     P          d    P    P      P  P       P   P | 10.8.0.0/16 | a name with an address inside |
    http://10.9.0.5/                            direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | 10.9.0.0/29 (expanded) | an address inside |
    http://ported.test:8080/                    direct P    P    P       P   d      d        d     d          d    d    d      d  P       P   P | ported.test:8080 | the name and the port | the name without its port
    http://ported.test/                         proxy  P    P    P       P   P      P        P     P          P    P    P      P  P       P   P | ported.test:8080 | the name, another port |
    http://another.test/                        direct d    P    P       d   d      d        d     d          P    d    d      d  d       P   d | * (alone) | any destination | no proxy at all, by an opt-out
    http://web.default/                         proxy  P    P    P       P   P      P        P     P          P    P    P      P  P       P   P | | a service by its short name |
    http://api.default/                         direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | .default (alone) | a service by its short name |
    http://localhost/                           direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | localhost (default) | the name itself |
    http://127.0.0.1:8080/                      direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | 127.0.0.1 (default) | the IPv4 address |
    http://[::1]:8080/                          direct d    d    P       d   P      d        d     d          d    P    d      d  d       d   d | ::1 (default) | the IPv6 address | `localhost`
    http://api.default.svc/                     direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | .svc (default) | a service |
    https://api.default.svc/                    direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | .svc (default) | a service |
    http://web.default.svc.cluster.local/       direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | .cluster.local (default) | a service |
    http://dotted.default.svc.cluster.local./   direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | .cluster.local. (default) | a service, with a final dot |
    https://kubernetes/                         direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | kubernetes (default) | the API server |
    https://kubernetes.default/                 direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | kubernetes.default (default) | the API server |
    https://kubernetes.default.svc/             direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | kubernetes.default.svc (default) | the API server |
    https://10.96.0.1/                          direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | $(KUBERNETES_SERVICE_HOST) (default) | the API server |
    http://169.254.169.254/                     direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | 169.254.169.254 (default) | cloud metadata |
    http://metadata.google.internal/            direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | metadata.google.internal (default) | cloud metadata |
    http://169.254.170.23/                      direct d    d    P       d   d      d        d     d          d    d    d      d  d       d   d | 169.254.170.23 (default) | EKS Pod Identity |
    http://[fd00:ec2::23]/                      direct d    d    P       d   P      d        d     d          P    P    d      d  d       d   d | fd00:ec2::23 (default) | EKS Pod Identity | the IPv4 address, `169.254.170.23`
";

/// How the entry of a row says that it is one of `noProxyDefaults`.
pub const DEFAULT: &str = " (default)";

/// One row of the table.
pub struct Destination {
    pub row: usize,
    /// The entry, where it is the only one of its list.
    pub alone: Option<&'static str>,
    pub url: &'static str,
    pub meant: Option<Way>,
    pub expected: BTreeMap<&'static str, Way>,
    pub entry: &'static str,
    pub what: &'static str,
    pub help: &'static str,
    /// As the proxy would log it.
    pub host_and_port: String,
    /// Where a client arrives that goes there by itself.
    pub addresses: Vec<SocketAddr>,
}

/// How a request leaves a client.
#[derive(Clone, Copy, PartialEq)]
pub enum Way {
    Direct,
    Proxy,
    /// The client fails before it asks anyone.
    Nowhere,
}

impl Destination {
    /// Whether the row is about one of the policy's own entries.
    pub fn is_default(&self) -> bool {
        self.entry.ends_with(DEFAULT)
    }

    /// Whether the client does not do what the entry is meant to do.
    pub fn misses(&self, way: Way) -> bool {
        self.meant.is_some_and(|meant| meant != way)
    }

    /// A way for a page, in bold where it is not the one that is meant.
    pub fn cell(&self, way: Way) -> String {
        if self.misses(way) {
            format!("**{way}**")
        } else {
            way.to_string()
        }
    }
}

impl Display for Way {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Way::Direct => "direct",
            Way::Proxy => "proxy",
            Way::Nowhere => "fails",
        })
    }
}

/// The rows of the table.
pub fn destinations() -> Result<Vec<Destination>> {
    let mut rows = EXPECTED.lines().map(str::trim).filter(|line| !line.is_empty());
    let names: Vec<&str> = CLIENTS.iter().map(|client| client.name).collect();
    let heading: Vec<&str> = rows
        .next()
        .context("an empty table")?
        .split_whitespace()
        .skip(2)
        .collect();
    ensure!(heading == names, "the table's columns are not the clients");
    rows.enumerate()
        .map(|(row, line)| destination(row, line).with_context(|| line.to_owned()))
        .collect()
}

fn destination(row: usize, line: &'static str) -> Result<Destination> {
    let mut parts = line.split('|').map(str::trim);
    let mut part = || parts.next().context("a part is missing");
    let mut words = part()?.split_whitespace();
    let url = words.next().context("no URL")?;
    let meant = match words.next() {
        Some("direct") => Some(Way::Direct),
        Some("proxy") => Some(Way::Proxy),
        Some("either") => None,
        _ => bail!("direct, proxy or either?"),
    };
    let expected = words.map(|word| match word {
        "d" => Ok(Way::Direct),
        "P" => Ok(Way::Proxy),
        "-" => Ok(Way::Nowhere),
        _ => bail!("d, P or -?"),
    });
    let host_and_port = host_and_port(url)?;
    let (host, port) = host_and_port.rsplit_once(':').context("no port")?;
    let addresses: Vec<IpAddr> = match host.trim_matches(['[', ']']).parse() {
        Ok(address) => vec![address],
        Err(_) if host == "localhost" => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        // Inside the CIDR of the table.
        Err(_) if host == "inside.test" => vec![Ipv4Addr::new(10, 8, 2, 2).into()],
        // An address of its own tells the server which name was meant.
        Err(_) => vec![own_address(host)],
    };
    let port = port.parse()?;
    let expected = expected.collect::<Result<Vec<Way>>>()?;
    ensure!(expected.len() == CLIENTS.len(), "a column is missing or one too many");
    let expected = CLIENTS.iter().map(|client| client.name).zip(expected).collect();
    let entry = part()?;
    Ok(Destination {
        row,
        alone: entry.strip_suffix(" (alone)"),
        url,
        meant,
        expected,
        entry,
        what: part()?,
        help: part()?,
        addresses: addresses
            .into_iter()
            .map(|address| SocketAddr::new(address, port))
            .collect(),
        host_and_port,
    })
}

/// An address of its own tells the server which name was meant.
fn own_address(name: &str) -> IpAddr {
    let digest = name
        .bytes()
        .fold(0u16, |digest, byte| digest.wrapping_mul(31).wrapping_add(byte.into()));
    let [high, low] = digest.to_be_bytes();
    Ipv4Addr::new(10, 201, high, low).into()
}

impl From<Way> for char {
    fn from(way: Way) -> char {
        match way {
            Way::Direct => 'd',
            Way::Proxy => 'P',
            Way::Nowhere => '-',
        }
    }
}
