use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::rules::Rules;

/// A client: a program or library that requests URLs.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Client {
    /// What tables call it, in a word or two: "curl", "requests". Unique.
    pub name: String,
    /// Its full name with the version to which the rules belong: "Python 3.11 urllib". What Debian provides has no patch level.
    pub version: String,
    /// How the rules are known.
    pub evidence: Evidence,
    /// What it takes until the client uses a proxy at all; `None`: nothing, the variables are enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Need>,
    /// The variables that it reads.
    pub variables: Variables,
    /// How it reads the list.
    pub rules: Rules,
}

/// How the rules of a client are known.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Evidence {
    /// `make test-clients` runs the client.
    Measured,
    /// Somebody read its source code: the repository, the file, and the release.
    Source(String),
}

/// What it takes until a client uses a proxy at all. Without it, the client goes directly to every destination, regardless of `NO_PROXY`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Need {
    /// `runtimes.java` of the settings: the JDK reads system properties, not variables. The rules are those of the options that the policy
    /// makes of the list.
    RuntimesJava,
    /// `runtimes.node` of the settings, which sets `NODE_USE_ENV_PROXY=1`.
    RuntimesNode,
    /// The program itself must ask for it: the code or option that does, as a programmer writes it.
    Code(String),
}

/// The variables that a client reads, for each pair: the first that is set counts. A pair that is empty is not read.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Variables {
    /// The proxy for http destinations.
    pub http: Vec<String>,
    /// The proxy for https destinations.
    pub https: Vec<String>,
    /// The list of what bypasses the proxy.
    pub no_proxy: Vec<String>,
}

static MEASURED: LazyLock<Vec<Client>> = LazyLock::new(|| read(include_str!("../measured.json")));
static FROM_SOURCE: LazyLock<Vec<Client>> = LazyLock::new(|| read(include_str!("../from_source.json")));
static OLDER: LazyLock<Vec<Client>> = LazyLock::new(|| read(include_str!("../older.json")));

/// The files are part of the crate, and its tests read them.
fn read(file: &str) -> Vec<Client> {
    serde_json::from_str(file).expect("the crate's own file")
}

/// The clients that people run today, measured ones first, in the order of the tables.
pub fn clients() -> impl Iterator<Item = &'static Client> {
    measured().chain(FROM_SOURCE.iter())
}

/// The clients that have been run, without those whose rules are only read from their source.
pub fn measured() -> impl Iterator<Item = &'static Client> {
    MEASURED.iter()
}

/// Releases with a defect that later ones no longer have.
pub fn older_releases() -> impl Iterator<Item = &'static Client> {
    OLDER.iter()
}

/// The client of this name, older releases included.
pub fn client(name: &str) -> Option<&'static Client> {
    clients().chain(older_releases()).find(|client| client.name == name)
}
