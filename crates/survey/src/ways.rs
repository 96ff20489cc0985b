//! Which ways clients take from one container, without a cluster around it.

use clients::{Client, Destination, Judgement, measured};
use serde_json::Value;

use crate::dump::Dump;
use crate::environment::Environment;
use crate::judge::{Setup, judgement};

/// The way of a client.
pub struct ClientWay {
    pub client: &'static Client,
    /// `None`: the container gives the client no proxy for the destination.
    pub judgement: Option<Judgement>,
}

/// The way of each client that has been run, in the order of the tables, from a container as the policy leaves it. A runtime that needs
/// more than the variables has a proxy if the container has what it needs.
pub fn ways(container: &Value, is_windows: bool, destination: &Destination) -> Vec<ClientWay> {
    let dump = Dump::default();
    let environment = Environment::new(container, "", &dump);
    let has = |name, part| environment.text(name).is_some_and(|value| value.contains(part));
    let setup = Setup {
        java: has("JAVA_TOOL_OPTIONS", "-Dhttp.proxyHost="),
        node: has("NODE_USE_ENV_PROXY", "1"),
        is_windows,
    };
    let way = |client| ClientWay {
        client,
        judgement: judgement(client, &environment, destination, setup).filter(|_| setup.has(client)),
    };
    measured().map(way).collect()
}
