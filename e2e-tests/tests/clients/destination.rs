//! The table of destinations that the clients request.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::{Context, Result, bail};
use clients::Way;

use crate::proxy::host_and_port;

/// The destinations that clients request, a row for each: its URL, the way that NO_PROXY means it to take (`either`: there is no common
/// meaning), the entry that the row is about, and what the destination is to it. An entry is alone where a client cannot bear it next to others; the container itself sets those that the policy refuses.
const DESTINATIONS: &str = "
    http://outside.test/                        proxy  |  | an outside name
    https://outside.test/                       proxy  |  | an outside name
    http://203.0.113.7/                         proxy  |  | an outside address
    http://exact.test/                          direct | exact.test | the name itself
    https://exact.test/                         direct | exact.test | the name itself
    http://sub.exact.test/                      either | exact.test | a subdomain
    http://inexact.test/                        proxy  | exact.test | a name with the same suffix
    http://deep.suffix.test/                    direct | .suffix.test | a subdomain
    https://deep.suffix.test/                   direct | .suffix.test | a subdomain
    http://suffix.test/                         either | .suffix.test | the domain itself
    http://10.1.2.3/                            direct | 10.1.2.3 | the IPv4 address
    http://[fd00::10]/                          direct | fd00::10 | the IPv6 address
    http://10.8.1.1/                            direct | 10.8.0.0/16 | an address inside
    https://10.8.1.1/                           direct | 10.8.0.0/16 | an address inside
    http://172.20.1.1/                          direct | 172.16.0.0/12 | an address inside
    http://[fd08::5]/                           direct | fd08::/64 (alone) | an address inside
    http://aside.test/                          proxy  | fd08::/64 (alone) | any other destination
    http://inside.test/                         either | 10.8.0.0/16 | a name with an address inside
    http://10.9.0.5/                            direct | 10.9.0.0/29 (expanded) | an address inside
    http://ported.test:8080/                    direct | ported.test:8080 | the name and the port
    http://ported.test/                         proxy  | ported.test:8080 | the name, another port
    http://another.test/                        direct | * (alone) | any destination
    http://web.default/                         proxy  |  | a service by its short name
    http://api.shop/                            direct | .shop | a service by its short name
    http://deep.wild.test/                      either | *.wild.test,before.test, trimmed.test,first.test second.test (own) | a subdomain
    http://wild.test/                           either | *.wild.test,before.test, trimmed.test,first.test second.test (own) | the domain itself
    http://[fd00::11]/                          either | [fd00::11] (own) | the IPv6 address
    http://beyond.test/                         proxy  | [fd00::11] (own) | any other destination
    http://10.1.2.4:8080/                       either | 10.1.2.4:8080 | the IPv4 address and the port
    http://10.1.2.4/                            proxy  | 10.1.2.4:8080 | the IPv4 address, another port
    http://ended.test./                         either | ended.test | the name, with a trailing dot
    http://bare.test/                           either | bare.test. | the name, without the trailing dot
    http://whole.test./                         direct | whole.test. | the name, with the trailing dot
    http://capital.test/                        direct | Capital.TEST | the name, in lower case
    http://trimmed.test/                        either | *.wild.test,before.test, trimmed.test,first.test second.test (own) | behind a space
    http://second.test/                         either | *.wild.test,before.test, trimmed.test,first.test second.test (own) | behind a space, without a comma
    http://among.test/                          either | beside.test,* (own) | any destination
    http://alone.test/                          direct | alone.test (no defaults) | the name itself
    http://[fd09::5]/                           proxy  | none (no defaults) | an outside IPv6 address
    http://localhost:8081/                      either | none (no defaults) | this host, by name
    http://127.0.0.1:8081/                      either | none (no defaults) | this host
    http://127.0.0.2:8081/                      either | none (no defaults) | another address of this host
    http://[::1]:8081/                          either | none (no defaults) | this host
    http://localhost/                           direct | localhost (default) | the name itself
    http://127.0.0.1:8080/                      direct | 127.0.0.1 (default) | the IPv4 address
    http://[::1]:8080/                          direct | ::1 (default) | the IPv6 address
    http://api.default.svc/                     direct | .svc (default) | a service
    https://api.default.svc/                    direct | .svc (default) | a service
    http://web.default.svc.cluster.local/       direct | .cluster.local (default) | a service
    http://dotted.default.svc.cluster.local./   direct | .cluster.local. (default) | a service, with a final dot
    https://kubernetes/                         direct | kubernetes (default) | the API server
    https://kubernetes.default/                 direct | kubernetes.default (default) | the API server
    https://kubernetes.default.svc/             direct | kubernetes.default.svc (default) | the API server
    https://10.96.0.1/                          direct | $(KUBERNETES_SERVICE_HOST) (default) | the API server
    http://169.254.169.254/                     direct | 169.254.169.254 (default) | cloud metadata
    http://metadata.google.internal/            direct | metadata.google.internal (default) | cloud metadata
    http://169.254.170.23/                      direct | 169.254.170.23 (default) | EKS Pod Identity
    http://[fd00:ec2::23]/                      direct | fd00:ec2::23 (default) | EKS Pod Identity
";

/// What the older releases show their defects with: a name that is listed, with the defaults and without, and one that is not.
pub const SHOWN_FOR_OLDER: [&str; 3] = ["http://exact.test/", "http://alone.test/", "http://outside.test/"];

/// The list in which the entry of a row stands.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum List {
    /// With the others of the table and the defaults.
    Shared,
    /// With the defaults.
    Alone(&'static str),
    /// With the defaults, after what the container sets itself.
    Own(&'static str),
    /// Without the defaults and the others.
    NoDefaults,
}

/// How the entry of a row says in which list it stands. `(default)` and `(expanded)` are of the shared list.
const ALONE: &str = " (alone)";
const OWN: &str = " (own)";
const NO_DEFAULTS: &str = " (no defaults)";
const DEFAULT: &str = " (default)";

/// One row of the table.
pub struct Destination {
    pub list: List,
    pub url: &'static str,
    /// `None`: clients have no common meaning.
    pub meant: Option<Way>,
    /// With its mark.
    pub entry: &'static str,
    /// As the proxy would log it.
    pub host_and_port: String,
    /// Where a client arrives that goes there by itself.
    pub addresses: Vec<SocketAddr>,
}

impl Destination {
    /// The policy's own entry that the row is about.
    pub fn default_entry(&self) -> Option<&'static str> {
        self.entry.strip_suffix(DEFAULT)
    }

    /// Whether the client does not do what the entry is meant to do.
    pub fn misses(&self, way: Way) -> bool {
        self.meant.is_some_and(|meant| meant != way)
    }
}

/// The rows of the table.
pub fn destinations() -> Result<Vec<Destination>> {
    let rows = DESTINATIONS.lines().map(str::trim).filter(|line| !line.is_empty());
    rows.map(|line| destination(line).with_context(|| line.to_owned()))
        .collect()
}

fn destination(line: &'static str) -> Result<Destination> {
    let mut parts = line.split('|').map(str::trim);
    let mut part = || parts.next().context("a part is missing");
    let (url, meant) = part()?.split_once(' ').context("no URL")?;
    let meant = match meant.trim() {
        "direct" => Some(Way::Direct),
        "proxy" => Some(Way::Proxy),
        "either" => None,
        _ => bail!("direct, proxy or either?"),
    };
    let host_and_port = host_and_port(url)?;
    let (host, port) = host_and_port.rsplit_once(':').context("no port")?;
    let addresses: Vec<IpAddr> = match host.trim_matches(['[', ']']).parse() {
        Ok(address) => vec![address],
        Err(_) if host == "localhost" => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        Err(_) => vec![address(host)],
    };
    let port = port.parse()?;
    let entry = part()?;
    let list = match (entry.strip_suffix(ALONE), entry.strip_suffix(OWN)) {
        (Some(entry), _) => List::Alone(entry),
        (_, Some(entry)) => List::Own(entry),
        _ if entry.ends_with(NO_DEFAULTS) => List::NoDefaults,
        _ => List::Shared,
    };
    Ok(Destination {
        list,
        url,
        meant,
        entry,
        addresses: addresses
            .into_iter()
            .map(|address| SocketAddr::new(address, port))
            .collect(),
        host_and_port,
    })
}

/// What resolves to an address inside a network of the table.
pub const INSIDE: (&str, IpAddr) = ("inside.test", IpAddr::V4(Ipv4Addr::new(10, 8, 2, 2)));

/// An address of its own tells the server which name was meant.
fn address(name: &str) -> IpAddr {
    if name == INSIDE.0 {
        return INSIDE.1;
    }
    let digest = name
        .bytes()
        .fold(0u16, |digest, byte| digest.wrapping_mul(31).wrapping_add(byte.into()));
    let [high, low] = digest.to_be_bytes();
    Ipv4Addr::new(10, 201, high, low).into()
}
