//! Which way the clients take with the same NO_PROXY: straight to the destination, or through the proxy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::{Context, Result, bail, ensure};
use host::policy::Policy;
use serde_json::{Value, json};

use crate::client::{self, CLIENTS, Client, Environment};
use crate::origin::Origin;
use crate::proxy::{Proxy, host_and_port};
use crate::{page, pod, sandbox};

/// What the clients do, a row for each destination: the way that NO_PROXY means it to take (`either`: there is no
/// common meaning), the way that each client takes (d: direct, P: proxy, -: it fails before it asks anyone), the entry
/// that the row is about, what the destination is to it, and what to write in its place for the clients that do not
/// take the way that is meant. An entry is alone where a client cannot bear it beside others.
const EXPECTED: &str = "
    DESTINATION                           MEANT  curl wget git urllib requests httpx Ruby Node undici Go reqwest LWP Java
    http://outside.test/                  proxy  P    P    P   P      P        P     P    P    P      P  P       P   P    | | an outside name |
    https://outside.test/                 proxy  P    P    P   P      P        P     P    P    P      P  P       P   P    | | an outside name |
    http://203.0.113.7/                   proxy  P    P    P   P      P        P     P    P    P      P  P       P   P    | | an outside address |
    http://exact.test/                    direct d    d    d   d      d        d     d    d    d      d  d       d   d    | exact.test | the name itself |
    https://exact.test/                   direct d    d    d   d      d        d     d    d    d      d  d       d   d    | exact.test | the name itself |
    http://sub.exact.test/                either d    d    d   d      d        d     d    d    d      d  d       d   d    | exact.test | a subdomain |
    http://inexact.test/                  proxy  P    P    P   P      P        P     P    P    P      P  P       d   P    | exact.test | a name with the same end | nothing, since LWP only compares how the names end
    http://deep.suffix.test/              direct d    d    d   d      d        d     d    d    d      d  d       d   d    | .suffix.test | a subdomain |
    https://deep.suffix.test/             direct d    d    d   d      d        d     d    d    d      d  d       d   d    | .suffix.test | a subdomain |
    http://suffix.test/                   either d    P    d   d      d        P     P    d    d      P  d       P   P    | .suffix.test | the domain itself |
    http://10.1.2.3/                      direct d    d    d   d      d        d     d    d    d      d  d       d   d    | 10.1.2.3 | the IPv4 address |
    http://[fd00::10]/                    direct d    d    d   P      d        d     P    P    d      d  d       d   d    | fd00::10 | the IPv6 address | a name for it
    http://10.8.1.1/                      direct d    P    d   P      d        P     d    P    P      d  d       P   d    | 10.8.0.0/16 | an address inside | the exact addresses, which `expandCidrs` lists for small CIDRs
    https://10.8.1.1/                     direct d    P    d   P      d        P     d    P    P      d  d       P   d    | 10.8.0.0/16 | an address inside | the exact addresses, which `expandCidrs` lists for small CIDRs
    http://172.20.1.1/                    direct d    P    d   P      d        P     d    P    P      d  d       P   P    | 172.16.0.0/12 | an address inside | the exact addresses, which `expandCidrs` lists for small CIDRs; for Java, its networks of /8, /16 and /24
    http://[fd08::5]/                     direct P    P    P   P      P        -     P    P    P      d  d       P   P    | fd08::/64 (alone) | an address inside | a name, or the exact address; for httpx, a list without IPv6 CIDRs
    http://aside.test/                    proxy  P    P    P   P      P        -     P    P    P      P  P       P   P    | fd08::/64 (alone) | any other destination | a list without IPv6 CIDRs
    http://inside.test/                   either P    P    P   P      P        P     d    P    P      P  P       P   P    | 10.8.0.0/16 | a name that leads inside |
    http://10.9.0.5/                      direct d    d    d   d      d        d     d    d    d      d  d       d   d    | 10.9.0.0/29 (expanded) | an address inside |
    http://ported.test:8080/              direct P    P    P   d      d        d     d    d    d      d  P       P   P    | ported.test:8080 | the name and the port | the name without its port
    http://ported.test/                   proxy  P    P    P   P      P        P     P    P    P      P  P       P   P    | ported.test:8080 | the name, another port |
    http://localhost/                     direct d    d    d   d      d        d     d    d    d      d  d       d   d    | localhost (default) | the name itself |
    http://api.default.svc/               direct d    d    d   d      d        d     d    d    d      d  d       d   d    | .svc (default) | a service |
    https://api.default.svc/              direct d    d    d   d      d        d     d    d    d      d  d       d   d    | .svc (default) | a service |
    http://web.default.svc.cluster.local/ direct d    d    d   d      d        d     d    d    d      d  d       d   d    | .cluster.local (default) | a service |
    http://web.default/                   proxy  P    P    P   P      P        P     P    P    P      P  P       P   P    | | a service by its short name |
    https://10.96.0.1/                    direct d    d    d   d      d        d     d    d    d      d  d       d   d    | $(KUBERNETES_SERVICE_HOST) (default) | the API server |
    http://169.254.169.254/               direct d    d    d   d      d        d     d    d    d      d  d       d   d    | 169.254.169.254 (default) | cloud metadata |
    http://another.test/                  direct d    P    d   d      d        d     P    d    d      d  d       P   d    | * (alone) | any destination | no proxy at all, by an opt-out
";

fn settings(alone: Option<&str>) -> Value {
    let no_proxy: &[&str] = match &alone {
        Some(entry) => &[entry],
        None => &[
            "exact.test",
            ".suffix.test",
            "10.1.2.3",
            "fd00::10",
            "10.8.0.0/16",
            "10.9.0.0/29",
            "172.16.0.0/12",
            "ported.test:8080",
        ],
    };
    json!({
        "httpProxy": "http://proxy.test:3128/",
        "noProxy": no_proxy,
        "expandCidrs": 8,
        "runtimes": {"java": true, "node": true},
    })
}

const PROXY: (&str, SocketAddr) = (
    "proxy.test",
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 200, 0, 1)), 3128),
);

/// One row of the table.
struct Destination {
    row: usize,
    /// The entry, where it is the only one of its list.
    alone: Option<&'static str>,
    url: &'static str,
    meant: Option<Way>,
    expected: BTreeMap<&'static str, Way>,
    entry: &'static str,
    what: &'static str,
    help: &'static str,
    /// As the proxy would log it.
    host_and_port: String,
    /// Where a client arrives that goes there by itself.
    addresses: Vec<SocketAddr>,
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Direct,
    Proxy,
    /// The client fails before it asks anyone.
    Nowhere,
}

pub fn run() -> Result<()> {
    let destinations = destinations()?;
    set_up(&destinations)?;
    let policy = Policy::load()?;
    let clients = client::installed(CLIENTS)?;
    let origin = Origin::start(&[80, 443, 8080])?;
    let mut proxy = Proxy::start(PROXY.1)?;

    let mut taken = Taken::new();
    let lists: BTreeSet<Option<&str>> = destinations.iter().map(|destination| destination.alone).collect();
    for list in lists {
        let environment = pod::environment(&pod::admit(&policy, &settings(list))?, &|_, _| None)?;
        let destinations: Vec<&Destination> = destinations.iter().filter(|one| one.alone == list).collect();
        for (client, _) in &clients {
            let ways = ask(client, &environment, &destinations, &origin, &mut proxy)?;
            for (destination, way) in destinations.iter().zip(ways) {
                taken.insert((destination.row, client.name), way);
            }
        }
    }
    check(&destinations, &clients, &taken)?;
    if clients.len() < CLIENTS.len() {
        eprintln!("docs/clients.md is left as it is, since clients are missing");
        return Ok(());
    }
    let parts = [
        table(&destinations, &taken),
        notes(&destinations, &taken),
        versions(&clients),
    ];
    page::publish("clients.md", &parts.join("\n"))
}

type Taken = BTreeMap<(usize, &'static str), Way>;

fn check(destinations: &[Destination], clients: &[(&Client, String)], taken: &Taken) -> Result<()> {
    let mut surprises = String::new();
    for destination in destinations {
        for (client, version) in clients {
            let expected = &destination.expected[client.name];
            let way = taken[&(destination.row, client.name)];
            if way != *expected {
                surprises += &format!("{version}, {}: {way}, not {expected}\n", destination.url);
            }
        }
    }
    ensure!(surprises.is_empty(), "EXPECTED says otherwise:\n{surprises}");
    Ok(())
}

fn table(destinations: &[Destination], taken: &Taken) -> String {
    let mut table = "| Destination | The entry | What it is to it | Meant |".to_owned();
    for client in CLIENTS {
        table += &format!(" {} |", client.name);
    }
    table += &format!("\n|{}\n", " --- |".repeat(4 + CLIENTS.len()));
    for destination in destinations {
        let meant = destination.meant.map_or("–".to_owned(), |way| way.to_string());
        let entry = match destination.entry.split_once(" (") {
            Some((entry, note)) => format!("`{entry}` ({note}"),
            None if destination.entry.is_empty() => "none".to_owned(),
            None => format!("`{}`", destination.entry),
        };
        table += &format!("| `{}` | {entry} | {} | {meant} |", destination.url, destination.what);
        for client in CLIENTS {
            let way = taken[&(destination.row, client.name)];
            table += &if destination.misses(way) {
                format!(" **{way}** |")
            } else {
                format!(" {way} |")
            };
        }
        table += "\n";
    }
    table
}

/// For each entry that some clients do not heed: which, what they do, and what helps.
fn notes(destinations: &[Destination], taken: &Taken) -> String {
    let mut notes: Vec<String> = Vec::new();
    for destination in destinations {
        for (way, goes) in [
            (Way::Direct, "directly"),
            (Way::Proxy, "through the proxy"),
            (Way::Nowhere, "nowhere, it fails at once,"),
        ] {
            let clients: Vec<&str> = CLIENTS
                .iter()
                .map(|client| client.name)
                .filter(|client| taken[&(destination.row, *client)] == way && destination.misses(way))
                .collect();
            if clients.is_empty() {
                continue;
            }
            let entry = destination.entry.trim_end_matches(" (alone)");
            let note = format!(
                "- `{entry}`, {}: {goes} with {}. What helps: {}.\n",
                destination.what,
                clients.join(", "),
                destination.help
            );
            // http and https are one.
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes.concat()
}

fn versions(clients: &[(&Client, String)]) -> String {
    let versions: Vec<&str> = clients.iter().map(|(_, version)| version.as_str()).collect();
    format!("The clients: {}.", versions.join(", "))
}

impl Destination {
    fn misses(&self, way: Way) -> bool {
        self.meant.is_some_and(|meant| meant != way)
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

/// The way that a client takes to each destination.
fn ask(
    client: &Client,
    environment: &Environment,
    destinations: &[&Destination],
    origin: &Origin,
    proxy: &mut Proxy,
) -> Result<Vec<Way>> {
    let urls: Vec<&str> = destinations.iter().map(|destination| destination.url).collect();
    let answers = client.ask(environment, &urls)?;
    let (reached, asked) = (origin.take(), proxy.take()?);
    let ways = destinations.iter().zip(answers).map(|(destination, answer)| {
        let direct = destination.addresses.iter().any(|address| reached.contains(address));
        let proxied = asked.contains(&destination.host_and_port);
        match (direct, proxied, &answer) {
            (true, false, _) => Ok(Way::Direct),
            (false, true, _) => Ok(Way::Proxy),
            (false, false, Err(_)) => Ok(Way::Nowhere),
            _ => bail!(
                "{} {}: reached {direct}, proxied {proxied}, {answer:?}",
                client.name,
                destination.url
            ),
        }
    });
    ways.collect()
}

fn destinations() -> Result<Vec<Destination>> {
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

fn set_up(destinations: &[Destination]) -> Result<()> {
    let mut hosts = vec![(PROXY.0, PROXY.1.ip())];
    let mut addresses = BTreeSet::new();
    for destination in destinations {
        let (host, _) = destination.host_and_port.rsplit_once(':').context("no port")?;
        for address in &destination.addresses {
            addresses.insert(address.ip());
            hosts.push((host, address.ip()));
        }
    }
    sandbox::set_up(&hosts, addresses)
}
