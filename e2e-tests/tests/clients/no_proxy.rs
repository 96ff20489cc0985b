//! Which way the clients take with the same NO_PROXY: straight to the destination, or through the proxy.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, bail, ensure};
use clients::{Destination as Judged, Evidence, Way, judge, older_releases};
use host::policy::Policy;
use serde_json::{Value, json};

use crate::client::{self, CLIENTS, Client, Environment, OLDER};
use crate::destination::{Destination, INSIDE, List, destinations};
use crate::origin::Origin;
use crate::proxy::Proxy;
use crate::{observations, page, pod, rules, sandbox, tables, variables};

const PROXY: (&str, SocketAddr) = (
    "proxy.test",
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 200, 0, 1)), 3128),
);

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
    "ended.test",
    "bare.test.",
    "whole.test.",
    "10.1.2.4:8080",
    "Capital.TEST",
    ".shop",
];

/// Of which the older releases are asked: what fails with the defaults may not do so without them.
const OLDER_LISTS: [List; 2] = [List::Shared, List::NoDefaults];

impl List {
    /// What a pod's container has in its environment with this list.
    fn environment(self, policy: &Policy) -> Result<Environment> {
        let (no_proxy, own): (&[&str], _) = match &self {
            List::Shared => (LIST, None),
            List::Alone(entry) => (std::slice::from_ref(entry), None),
            List::Own(entries) => (&[], Some(*entries)),
            List::NoDefaults => (&["alone.test"], None),
        };
        let mut settings = settings(no_proxy);
        settings["noProxyDefaults"] = (self != List::NoDefaults).into();
        pod::environment(&pod::admit_with_no_proxy(policy, &settings, own)?, &|_, _| None)
    }
}

fn settings(no_proxy: &[&str]) -> Value {
    json!({
        "httpProxy": "http://proxy.test:3128/",
        "noProxy": no_proxy,
        "expandCidrs": 8,
        "runtimes": {"java": true, "node": true},
    })
}

/// The way that a client took to the URL of a row.
pub type Taken = BTreeMap<(&'static str, &'static str), Way>;

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
        origin: Origin::start(&[80, 443, 8080, 8081])?,
        proxy: Proxy::start(PROXY.1)?,
    };
    let mut taken = Taken::new();
    let mut lists = Vec::new();
    for list in destinations
        .iter()
        .map(|destination| destination.list)
        .collect::<BTreeSet<_>>()
    {
        let environment = list.environment(&policy)?;
        let of_list: Vec<&Destination> = destinations.iter().filter(|one| one.list == list).collect();
        let older = older.iter().filter(|_| OLDER_LISTS.contains(&list));
        for (client, _) in clients.iter().chain(older) {
            for (destination, way) in of_list.iter().zip(servers.ask(client, &environment, &of_list)?) {
                taken.insert((destination.url, client.name), way);
            }
        }
        let no_proxy = environment.get("NO_PROXY").or_else(|| environment.get("no_proxy"));
        lists.push((no_proxy.context("no NO_PROXY")?.clone(), of_list));
    }
    drop(servers);
    let variables = variables::measure(&clients)?;
    let measured: Vec<clients::Client> = clients
        .iter()
        .map(|(client, version)| clients::Client {
            name: client.name.to_owned(),
            version: version.clone(),
            evidence: Evidence::Measured,
            needs: client.need(),
            variables: variables[client.name].clone(),
            rules: rules::rules(&|url| taken[&(url, client.name)]),
        })
        .collect();
    if clients.len() < CLIENTS.len() || older.len() < OLDER.len() {
        eprintln!("docs/clients.md and crates/clients are unchanged, because clients are missing");
        return ensure_judged(&measured, &lists, &taken);
    }
    observations::publish(&measured, &lists, &taken)?;
    ensure_judged(&measured, &lists, &taken)?;
    let mut versions: Vec<&String> = measured.iter().map(|client| &client.version).collect();
    // A client may be there twice, with the switch and without.
    versions.dedup_by(|one, other| one == other);
    page::publish(
        "clients.md",
        &tables::page(&measured, &older, &destinations, &taken),
        versions.into_iter(),
    )
}

/// A list, and the rows of the table that are about it.
pub type Lists<'a> = [(String, Vec<&'a Destination>)];

/// The rules say what each client did.
fn ensure_judged(measured: &[clients::Client], lists: &Lists, taken: &Taken) -> Result<()> {
    let mut wrong = String::new();
    let mut clients: Vec<&clients::Client> = measured.iter().collect();
    for older in older_releases() {
        clients.push(older);
    }
    for (no_proxy, destinations) in lists {
        for destination in destinations {
            for client in &clients {
                let of_client =
                    |((url, name), _): &(&(&str, &str), &Way)| *url == destination.url && *name == client.name;
                let Some((_, &way)) = taken.iter().find(of_client) else {
                    continue;
                };
                let judgement = judge(client, no_proxy, &judged(destination)?);
                if judgement.way != way {
                    wrong += &format!(
                        "{}, {}: {way:?}, judged {judgement:?}\n",
                        client.version, destination.url
                    );
                }
            }
        }
    }
    ensure!(wrong.is_empty(), "the rules say otherwise:\n{wrong}");
    Ok(())
}

/// The destination, with the IP address that makes a difference.
fn judged(destination: &Destination) -> Result<Judged> {
    let mut judged = Judged::parse(destination.url).context(destination.url)?;
    if judged.host == INSIDE.0 {
        judged.addresses.push(INSIDE.1);
    }
    Ok(judged)
}

/// No default is without a row.
fn ensure_defaults_are_covered(policy: &Policy, destinations: &[Destination]) -> Result<()> {
    let pod = pod::admit(policy, &settings(&[]))?;
    let variables = pod["spec"]["containers"][0]["env"].as_array().context("no variables")?;
    let list = variables.iter().find(|variable| variable["name"] == "NO_PROXY");
    let list = list.and_then(|list| list["value"].as_str()).context("no NO_PROXY")?;
    let rows: BTreeSet<&str> = destinations.iter().filter_map(Destination::default_entry).collect();
    let defaults: BTreeSet<&str> = list.split(',').collect();
    ensure!(
        rows == defaults,
        "the table has {rows:?}, but the defaults are {defaults:?}"
    );
    Ok(())
}

impl Servers {
    /// The way that a client takes to each destination.
    fn ask(&mut self, client: &Client, environment: &Environment, destinations: &[&Destination]) -> Result<Vec<Way>> {
        let urls: Vec<&str> = destinations.iter().map(|destination| destination.url).collect();
        let answers = client.ask(environment, &urls)?;
        let (reached, asked) = (self.origin.take(), self.proxy.take()?);
        let ways = destinations.iter().zip(answers).map(|(destination, answer)| {
            let direct = destination.addresses.iter().any(|address| reached.contains(address));
            // Some clients drop the trailing dot of a name before they ask.
            let proxied = asked.contains(&destination.host_and_port)
                || asked.contains(&destination.host_and_port.replace(".:", ":"));
            match (direct, proxied, &answer) {
                (true, false, _) => Ok(Way::Direct),
                (false, true, _) => Ok(Way::Proxy),
                (false, false, Err(_)) => Ok(Way::Fails),
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
    let mut addresses = BTreeSet::from([variables::PROXIES]);
    for destination in destinations {
        let (host, _) = destination.host_and_port.rsplit_once(':').context("no port")?;
        for address in &destination.addresses {
            addresses.insert(address.ip());
            hosts.push((host, address.ip()));
        }
    }
    sandbox::set_up(&hosts, addresses)
}
