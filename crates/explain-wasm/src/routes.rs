//! The tester of `NO_PROXY`: which clients go to a destination through the proxy, from a container as the policy leaves it, and what
//! decides. The survey judges by the same code.

mod destination;
#[cfg(test)]
mod tests;

use clients::{Because, Client, Destination, Judgement, Need, Networks, Proxied, Way};
use explain::answer::Native;
use explain::cluster::ObjectExplanation;
use explain::workload::pod_in;
use http_proxy_policy::explanation::Os;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::page::{self, Answer};
use crate::state::State;

/// More containers are no reading matter.
const MOST_CONTAINERS: usize = 100;

/// What the tester asks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Asked {
    pub state: State,
    /// A host, with or without a port, or a URL.
    pub destination: String,
    /// A name of [`Routes::containers`]; empty, or none of them: the first.
    #[serde(default)]
    pub container: String,
}

/// The answer to a destination.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Routes {
    /// Why there is no answer.
    pub problem: Option<String>,
    /// The containers of the changed objects.
    pub containers: Vec<String>,
    /// The one whose variables count.
    pub container: String,
    /// The destination as clients request it: `http://api.shop:80`.
    pub destination: String,
    /// What is to be said about all clients.
    pub notes: Vec<String>,
    pub clients: Vec<Route>,
}

/// The way of a client.
#[derive(Debug, PartialEq, Serialize)]
pub struct Route {
    pub client: &'static str,
    pub version: &'static str,
    pub way: Shown,
    pub why: String,
}

/// The way, as the page groups them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Shown {
    Direct,
    Proxy,
    /// The client fails: at an entry, whatever the destination is, or because it cannot ask a proxy for this one.
    Fails,
    /// Directly: the client has no proxy, whatever the list says.
    NoProxy,
}

/// A container of a changed object.
struct Container {
    name: String,
    value: Value,
    is_windows: bool,
}

/// Answers a question of the tester.
pub fn answer(asked: Asked) -> Routes {
    let mut routes = Routes::default();
    if let Err(problem) = fill(&mut routes, &asked) {
        routes.problem = Some(problem);
    }
    routes
}

fn fill(routes: &mut Routes, asked: &Asked) -> Result<(), String> {
    let explained = page::explained(&mut Answer::default(), &asked.state, &Native);
    let explained = explained.map_err(|_| "There is no answer yet: correct the problems first.")?;
    let mut containers: Vec<Container> = explained.iter().flat_map(containers).take(MOST_CONTAINERS).collect();
    routes.containers = containers.iter().map(|container| container.name.clone()).collect();
    let chosen = routes.containers.iter().position(|name| *name == asked.container);
    if containers.is_empty() {
        return Err("The policy changes no pod here, so no container gets a proxy to test.".to_owned());
    }
    let container = containers.swap_remove(chosen.unwrap_or(0));
    let destination = destination::parse(&asked.destination)?;
    routes.destination = destination::shown(&destination);
    if references(&container.value) && destination.host.parse::<std::net::IpAddr>().is_ok() {
        routes.notes.push(
            "Entries that refer to variables, such as $(KUBERNETES_SERVICE_HOST), have no value here and match nothing."
                .to_owned(),
        );
    }
    routes.clients = ways(&container, &destination);
    routes.container = container.name;
    Ok(())
}

/// The containers of an object that the policy changes.
fn containers(explanation: &ObjectExplanation) -> Vec<Container> {
    let after = explanation.change.as_ref();
    let after = after.and_then(|change| serde_json::from_str::<Value>(change.after.get()).ok());
    let Some(pod) = after.as_ref().and_then(pod_in) else {
        return Vec::new();
    };
    let lists = ["containers", "initContainers"].into_iter();
    let all = lists.flat_map(|list| pod["spec"][list].as_array().into_iter().flatten());
    let container = |value: &Value| {
        let name = value["name"].as_str()?;
        let own = explanation.containers.iter().find(|own| own.name == name);
        Some(Container {
            name: format!("{name} of {}", explanation.object),
            value: value.clone(),
            is_windows: own.is_some_and(|own| own.os == Os::Windows),
        })
    };
    all.filter_map(container).collect()
}

/// Whether the list of the container refers to variables that only a cluster has.
fn references(container: &Value) -> bool {
    let variables = container["env"].as_array().into_iter().flatten();
    let is_list = |variable: &&Value| {
        variable["name"]
            .as_str()
            .is_some_and(|name| name.eq_ignore_ascii_case("no_proxy"))
    };
    let mut lists = variables
        .filter(is_list)
        .filter_map(|variable| variable["value"].as_str());
    lists.any(|list| list.contains("$("))
}

fn ways(container: &Container, destination: &Destination) -> Vec<Route> {
    let ways = survey::ways(&container.value, container.is_windows, destination);
    // An entry that others read as meant for the destination. At others, clients may fail.
    let entry = ways
        .iter()
        .filter_map(|way| way.judgement.as_ref())
        .find_map(|judgement| judgement.entry().filter(|_| judgement.way == Way::Direct))
        .map(str::to_owned);
    let route = |survey::ClientWay { client, judgement }: &survey::ClientWay| {
        let (way, why) = match judgement {
            None => (Shown::NoProxy, without_proxy(client)),
            Some(judgement) => (
                match judgement.way {
                    Way::Direct => Shown::Direct,
                    Way::Proxy => Shown::Proxy,
                    Way::Fails => Shown::Fails,
                },
                reason(client, judgement, entry.as_deref()),
            ),
        };
        Route {
            client: &client.name,
            version: &client.version,
            way,
            why,
        }
    };
    ways.iter().map(route).collect()
}

fn without_proxy(client: &Client) -> String {
    match client.needs {
        Some(Need::RuntimesJava) => "it reads JAVA_TOOL_OPTIONS, which has no proxy here (runtimes.java)",
        Some(Need::RuntimesNode) => "it needs NODE_USE_ENV_PROXY, which is not set here (runtimes.node)",
        _ => "the container has no proxy variable that it reads",
    }
    .to_owned()
}

fn reason(client: &Client, judgement: &Judgement, entry: Option<&str>) -> String {
    let why = match (&judgement.because, entry) {
        (Because::Entry(entry), _) => entry.clone(),
        (Because::NoEntry | Because::IgnoresNoProxy, _) if judgement.way == Way::Fails => match client.rules.proxied {
            Proxied::AllButIpv6Addresses => "it cannot ask a proxy for an IPv6 address".to_owned(),
            _ => "it cannot use a proxy".to_owned(),
        },
        (Because::NeverProxied, _) => "it never asks a proxy for this destination".to_owned(),
        (Because::IgnoresNoProxy, _) => "it does not read NO_PROXY".to_owned(),
        (Because::NoEntry, None) => "no entry matches".to_owned(),
        (Because::NoEntry, Some(entry)) => unread(client, entry),
    };
    match &client.needs {
        Some(Need::Code(code)) => format!("{why} (if its program asks for a proxy: {code})"),
        _ => why,
    }
}

/// Why an entry that decides for other clients does not count for this one.
fn unread(client: &Client, entry: &str) -> String {
    let is_network = entry.contains('/');
    match client.rules.ipv4_networks {
        Networks::None if is_network => format!("{entry} does not count: it reads no networks"),
        Networks::Octets if is_network => format!("{entry} does not count: it reads only networks that end at a dot"),
        _ => format!("{entry} does not match: it reads this form otherwise"),
    }
}
