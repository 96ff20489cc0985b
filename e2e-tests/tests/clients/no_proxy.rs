//! Which way the clients take with the same NO_PROXY: straight to the destination, or through the proxy.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, bail, ensure};
use host::policy::Policy;
use serde_json::{Value, json};

use crate::client::{self, CLIENTS, Client, Environment, OLDER};
use crate::destination::{DEFAULT, Destination, Way, destinations};
use crate::matrix::{Column, Matrix};
use crate::origin::Origin;
use crate::proxy::Proxy;
use crate::{page, pod, sandbox};

const PROXY: (&str, SocketAddr) = (
    "proxy.test",
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 200, 0, 1)), 3128),
);

fn settings(no_proxy: &[&str]) -> Value {
    json!({
        "httpProxy": "http://proxy.test:3128/",
        "noProxy": no_proxy,
        "expandCidrs": 8,
        "runtimes": {"java": true, "node": true},
    })
}

/// The entries of the table that stand in one list.
const LIST: &[&str] = &[
    "exact.test",
    ".suffix.test",
    "10.1.2.3",
    "fd00::10",
    "10.8.0.0/16",
    "10.9.0.0/29",
    "172.16.0.0/12",
    "ported.test:8080",
];

/// The name in the list of which the older releases are asked, and what they do with the defaults and without.
const OLDER_DESTINATION: &str = "http://exact.test/";
const OLDER_COLUMNS: [Column; 2] = [
    Column {
        name: "defaults",
        title: "with the defaults",
    },
    Column {
        name: "no-defaults",
        title: "`noProxyDefaults: false`",
    },
];
const OLDER_EXPECTED: &str = "
    CLIENT             defaults no-defaults
    httpx-0.24.0       -        d
    kubernetes-35.0.0  P        P
";

/// The servers that the clients reach, or do not.
struct Servers {
    origin: Origin,
    proxy: Proxy,
}

pub fn run() -> Result<()> {
    let destinations = destinations()?;
    set_up(&destinations)?;
    let policy = Policy::load()?;
    ensure_defaults_are_covered(&policy, &destinations)?;
    let clients = client::installed(CLIENTS)?;
    let older = client::installed(OLDER)?;
    let mut servers = Servers {
        origin: Origin::start(&[80, 443, 8080])?,
        proxy: Proxy::start(PROXY.1)?,
    };

    let mut taken = Taken::new();
    let lists: BTreeSet<Option<&str>> = destinations.iter().map(|destination| destination.alone).collect();
    for list in lists {
        let settings = settings(list.as_slice().first().map_or(LIST, std::slice::from_ref));
        let environment = pod::environment(&pod::admit(&policy, &settings)?, &|_, _| None)?;
        let destinations: Vec<&Destination> = destinations.iter().filter(|one| one.alone == list).collect();
        for (client, _) in &clients {
            let ways = servers.ask(client, &environment, &destinations)?;
            for (destination, way) in destinations.iter().zip(ways) {
                taken.insert((destination.row, client.name), way);
            }
        }
    }
    check(&destinations, &clients, &taken)?;
    let older_releases = ask_older(&policy, &destinations, &older, &mut servers)?;
    if clients.len() < CLIENTS.len() || older.len() < OLDER.len() {
        eprintln!("docs/clients.md is left as it is, since clients are missing");
        return Ok(());
    }
    let (defaults, others): (Vec<_>, Vec<_>) = destinations.iter().partition(|one| one.is_default());
    let parts = [
        "### Entries of the settings\n".to_owned(),
        table(&others, &taken),
        notes(&others, &taken),
        "### The defaults\n".to_owned(),
        table(&defaults, &taken),
        notes(&defaults, &taken),
        format!("### Older releases\n\nHow they request `{OLDER_DESTINATION}`, with the entry `exact.test`:\n"),
        older_releases,
    ];
    page::publish(
        "clients.md",
        &parts.join("\n"),
        clients.iter().map(|(_, version)| version),
    )
}

/// No default is without a row.
fn ensure_defaults_are_covered(policy: &Policy, destinations: &[Destination]) -> Result<()> {
    let pod = pod::admit(policy, &settings(&[]))?;
    let variables = pod["spec"]["containers"][0]["env"].as_array().context("no variables")?;
    let list = variables.iter().find(|variable| variable["name"] == "NO_PROXY");
    let list = list.and_then(|list| list["value"].as_str()).context("no NO_PROXY")?;
    let rows: BTreeSet<&str> = destinations
        .iter()
        .filter_map(|destination| destination.entry.strip_suffix(DEFAULT))
        .collect();
    let defaults: BTreeSet<&str> = list.split(',').collect();
    ensure!(
        rows == defaults,
        "the table has {rows:?}, but the defaults are {defaults:?}"
    );
    Ok(())
}

/// The table of the older releases.
fn ask_older(
    policy: &Policy,
    destinations: &[Destination],
    older: &[(&Client, String)],
    servers: &mut Servers,
) -> Result<String> {
    let mut matrix = Matrix::new(OLDER_COLUMNS.to_vec(), OLDER_EXPECTED)?;
    let destination = destinations
        .iter()
        .find(|destination| destination.url == OLDER_DESTINATION)
        .context("no such row")?;
    for with_defaults in [true, false] {
        let mut settings = settings(&[destination.entry]);
        settings["noProxyDefaults"] = with_defaults.into();
        let environment = pod::environment(&pod::admit(policy, &settings)?, &|_, _| None)?;
        for (client, _) in older {
            matrix.add(client, servers.ask(client, &environment, &[destination])?[0]);
        }
    }
    matrix.check(older)?;
    Ok(matrix.table(older, |_, _, way| destination.cell(way)))
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

fn table(destinations: &[&Destination], taken: &Taken) -> String {
    let mut table = "| Destination | Entry | Case | Meant |".to_owned();
    for client in CLIENTS {
        table += &format!(" {} |", client.name);
    }
    table += &format!("\n|{}\n", " --- |".repeat(4 + CLIENTS.len()));
    for destination in destinations {
        let meant = destination.meant.map_or("–".to_owned(), |way| way.to_string());
        let entry = match destination.entry.trim_end_matches(DEFAULT) {
            "" => "none".to_owned(),
            entry => match entry.split_once(" (") {
                Some((entry, note)) => format!("`{entry}` ({note}"),
                None => format!("`{entry}`"),
            },
        };
        table += &format!("| `{}` | {entry} | {} | {meant} |", destination.url, destination.what);
        for client in CLIENTS {
            table += &format!(" {} |", destination.cell(taken[&(destination.row, client.name)]));
        }
        table += "\n";
    }
    table
}

/// For each entry that some clients do not understand: which, what they do, and what helps. A client that understands
/// none has a note of its own on the page.
fn notes(destinations: &[&Destination], taken: &Taken) -> String {
    let knows_entries = |client: &&str| {
        taken
            .iter()
            .any(|((_, name), way)| name == client && *way == Way::Direct)
    };
    let mut notes: Vec<String> = Vec::new();
    for destination in destinations {
        for (way, one_goes, some_go) in [
            (Way::Direct, "goes direct", "go direct"),
            (Way::Proxy, "goes through the proxy", "go through the proxy"),
            (Way::Nowhere, "fails", "fail"),
        ] {
            let clients: Vec<&str> = CLIENTS
                .iter()
                .map(|client| client.name)
                .filter(|client| taken[&(destination.row, *client)] == way && destination.misses(way))
                .filter(knows_entries)
                .collect();
            let does = match clients[..] {
                [] => continue,
                [_] => one_goes,
                _ => some_go,
            };
            let entry = destination.entry.trim_end_matches(" (alone)").trim_end_matches(DEFAULT);
            let note = format!(
                "- `{entry}`, {}. {}: {does}. Workaround: {}.\n",
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

impl Servers {
    /// The way that a client takes to each destination.
    fn ask(&mut self, client: &Client, environment: &Environment, destinations: &[&Destination]) -> Result<Vec<Way>> {
        let urls: Vec<&str> = destinations.iter().map(|destination| destination.url).collect();
        let answers = client.ask(environment, &urls)?;
        let (reached, asked) = (self.origin.take(), self.proxy.take()?);
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
