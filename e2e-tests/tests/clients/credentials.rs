//! Which client authenticates to a proxy that demands a user and a password, which the policy gave to its pod.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, bail, ensure};
use e2e_tests::host::Policy;
use serde_json::{Value, json};

use crate::client::{self, CLIENTS, Client, Environment};
use crate::image::{self, Roots};
use crate::proxy::host_and_port;
use crate::squid::{self, Squid};
use crate::web_server::WebServer;
use crate::{page, pod, sandbox};

/// What the clients do, a row for each client and a column for each way to give it the URLs of the proxies for http and
/// https. A: it authenticates to each and gets what it asks for, H: the same, but to the http proxy for https as well,
/// R: the proxies refuse it, -: it asks none.
const EXPECTED: &str = "
    CLIENT    settings secret percent letter wrong
    curl      A        A      A       A      R
    wget      A        A      A       A      R
    git       A        A      R       A      R
    urllib    A        A      A       A      R
    requests  A        A      A       R      R
    httpx     A        A      A       A      R
    Ruby      H        H      H       H      R
    Node      A        A      A       A      R
    undici    A        A      A       A      R
    Go        A        A      A       A      R
    reqwest   A        A      A       A      R
    LWP       A        A      A       A      R
    Java      R        -      -       -      -
";

/// A way to give the URL, a column of the table.
struct Way {
    name: &'static str,
    title: &'static str,
    source: Source,
    password: &'static str,
    /// Whether it is the password that the proxy knows.
    is_right: bool,
}

enum Source {
    Settings,
    Secret,
}

/// All that has a meaning in a URL, and a `$` and a reference, which Kubernetes would take for its own.
const SPECIAL: &str = "p@s:s/w?o#r%d $$(KUBERNETES_SERVICE_HOST)";

const WAYS: &[Way] = &[
    Way {
        name: "settings",
        title: "`httpProxy`",
        source: Source::Settings,
        password: SPECIAL,
        is_right: true,
    },
    Way {
        name: "secret",
        title: "`httpProxyFrom`",
        source: Source::Secret,
        password: SPECIAL,
        is_right: true,
    },
    Way {
        name: "percent",
        title: "`httpProxyFrom`, `pass%40word`",
        source: Source::Secret,
        password: "pass%40word",
        is_right: true,
    },
    Way {
        name: "letter",
        title: "`httpProxyFrom`, `passé`",
        source: Source::Secret,
        password: "passé",
        is_right: true,
    },
    Way {
        name: "wrong",
        title: "`httpProxyFrom`, a wrong password",
        source: Source::Secret,
        password: "password",
        is_right: false,
    },
];

/// There is a proxy for each: the same squid, for another user.
const SCHEMES: [&str; 2] = ["http", "https"];

const PROXY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 200, 0, 1)), 3128);
const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 200, 0, 2)), 443);
/// The proxy alone can look it up, so that there is no other way.
const OUTSIDE: &str = "outside.test";

impl Way {
    fn user(&self, scheme: &str) -> String {
        format!("{scheme}@{}", self.name)
    }

    /// The URL of the proxy for `scheme`.
    fn url(&self, scheme: &str) -> String {
        let (user, password) = (encode(&self.user(scheme)), encode(self.password));
        format!("http://{user}:{password}@proxy.test:{}/", PROXY.port())
    }

    fn settings(&self) -> Value {
        let mut settings = json!({
            "runtimes": {"java": true, "node": true},
            "trustedCaFrom": {"configMapKeyRef": {"name": "bundle", "key": "roots.pem"}},
        });
        for scheme in SCHEMES {
            match self.source {
                Source::Settings => settings[format!("{scheme}Proxy")] = self.url(scheme).into(),
                Source::Secret => {
                    settings[format!("{scheme}ProxyFrom")] = json!({"secretKeyRef": {"name": "proxy", "key": scheme}});
                }
            }
        }
        settings
    }
}

/// Percent-encodes what a URL does not allow in a user name or a password. It allows `$` and parentheses.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' | b'$' | b'(' | b')' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// What becomes of the requests of a client, for http and for https.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Authenticated,
    AuthenticatedToHttpProxy,
    Refused,
    NotAsked,
}

/// What becomes of one request.
#[derive(Debug)]
enum Fate<'a> {
    /// The proxy let it pass, for this user.
    Passed(&'a str),
    Refused,
    /// The proxy did not hear of it.
    NotAsked,
}

pub fn run() -> Result<()> {
    let expected = expected()?;
    sandbox::set_up(&[("proxy.test", PROXY.ip())], [SERVER.ip()])?;
    image::set_up()?;
    let clients = client::installed(CLIENTS)?;
    let server = WebServer::start(SERVER, &[OUTSIDE])?;
    image::store(Roots::HashedDirectory, &server.root)?;
    let bundle = std::fs::read_to_string(&server.root)?;
    let users: Vec<(String, String)> = WAYS.iter().flat_map(users).collect();
    let mut squid = Squid::start(PROXY, &users, (OUTSIDE, SERVER.ip()))?;
    let policy = Policy::load()?;

    let mut found = Found::new();
    for way in WAYS {
        let pod = pod::admit(&policy, &way.settings())?;
        image::mount_volumes(&pod, &|name, key| {
            (name == "bundle" && key == "roots.pem").then(|| bundle.clone())
        })?;
        let secret = |name: &str, key: &str| (name == "proxy").then(|| way.url(key));
        let environment = pod::environment(&pod, &secret)?;
        for (client, _) in &clients {
            let outcome = ask(client, &environment, way, &mut squid)
                .with_context(|| format!("{} with {}", client.name, way.name))?;
            found.insert((client.name, way.name), outcome);
        }
    }
    check(&clients, &expected, &found)?;
    if clients.len() < CLIENTS.len() {
        eprintln!("docs/credentials.md is left as it is, since clients are missing");
        return Ok(());
    }
    let proxy = format!("The proxy: {}.", squid::version()?);
    page::publish("credentials.md", &[table(&clients, &found), proxy].join("\n"))
}

/// The users of the proxy, with their passwords.
fn users(way: &Way) -> [(String, String); 2] {
    let password = if way.is_right { way.password } else { "another" };
    SCHEMES.map(|scheme| (way.user(scheme), password.to_owned()))
}

/// Asks for the destination, by http and by https. The client's own words and the log of the proxy are to agree.
fn ask(client: &Client, environment: &Environment, way: &Way, squid: &mut Squid) -> Result<Outcome> {
    let urls = SCHEMES.map(|scheme| format!("{scheme}://{OUTSIDE}/"));
    let destinations = [host_and_port(&urls[0])?, host_and_port(&urls[1])?];
    let answers = client.ask(environment, &urls.each_ref().map(String::as_str))?;
    let asked: Vec<(&String, &Result<(), String>)> = destinations.iter().zip(&answers).collect();
    let log = squid.take(|log| {
        asked.iter().all(|(destination, answer)| {
            log.iter()
                .any(|request| request.destination == **destination && (answer.is_err() || request.status == 200))
        })
    })?;
    let mut fates = Vec::new();
    for (destination, answer) in asked {
        let of_this = || log.iter().filter(|request| request.destination == *destination);
        let passed = of_this().find(|request| request.status == 200);
        fates.push(match (answer, passed) {
            (Ok(()), Some(request)) => Fate::Passed(&request.user),
            (Err(_), None) if of_this().next().is_none() => Fate::NotAsked,
            (Err(_), None) if of_this().all(|request| request.status == 407) => Fate::Refused,
            _ => bail!("{answer:?}, but the log of the proxy has {log:?}"),
        });
    }
    let [http, https] = SCHEMES.map(|scheme| way.user(scheme));
    match fates[..] {
        [Fate::Passed(one), Fate::Passed(other)] if one == http && other == https => Ok(Outcome::Authenticated),
        [Fate::Passed(one), Fate::Passed(other)] if one == http && other == http => {
            Ok(Outcome::AuthenticatedToHttpProxy)
        }
        [Fate::Refused, Fate::Refused] => Ok(Outcome::Refused),
        [Fate::NotAsked, Fate::NotAsked] => Ok(Outcome::NotAsked),
        _ => bail!("http and https differ: {fates:?}"),
    }
}

type Found = BTreeMap<(&'static str, &'static str), Outcome>;

fn check(clients: &[(&Client, String)], expected: &BTreeMap<&str, Vec<Outcome>>, found: &Found) -> Result<()> {
    let mut surprises = String::new();
    for (client, version) in clients {
        let expected = expected
            .get(client.name)
            .with_context(|| format!("no row for {}", client.name))?;
        for (way, expected) in WAYS.iter().zip(expected) {
            let outcome = found[&(client.name, way.name)];
            if outcome != *expected {
                surprises += &format!("{version}, {}: {outcome}, not {expected}\n", way.name);
            }
        }
    }
    ensure!(surprises.is_empty(), "EXPECTED says otherwise:\n{surprises}");
    Ok(())
}

fn table(clients: &[(&Client, String)], found: &Found) -> String {
    let mut table = "| Client |".to_owned();
    for way in WAYS {
        table += &format!(" {} |", way.title);
    }
    table += &format!("\n|{}\n", " --- |".repeat(1 + WAYS.len()));
    for (client, version) in clients {
        table += &format!("| {version} |");
        for way in WAYS {
            let outcome = found[&(client.name, way.name)];
            let has_failed = matches!(outcome, Outcome::Refused | Outcome::NotAsked);
            table += &if way.is_right && has_failed {
                format!(" **{outcome}** |")
            } else {
                format!(" {outcome} |")
            };
        }
        table += "\n";
    }
    table
}

impl Display for Outcome {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Outcome::Authenticated => "passes",
            Outcome::AuthenticatedToHttpProxy => "passes †",
            Outcome::Refused => "is refused",
            Outcome::NotAsked => "asks no proxy",
        })
    }
}

/// The expected outcomes by client, in the order of the ways.
fn expected() -> Result<BTreeMap<&'static str, Vec<Outcome>>> {
    let mut rows = EXPECTED
        .lines()
        .map(|line| line.split_whitespace())
        .filter(|row| row.clone().next().is_some());
    let heading = rows.next().context("an empty table")?.skip(1);
    ensure!(
        heading.eq(WAYS.iter().map(|way| way.name)),
        "the table's columns are not the ways"
    );
    rows.map(|mut row| {
        let client = row.next().context("an empty row")?;
        let outcomes = row.map(|letter| match letter {
            "A" => Ok(Outcome::Authenticated),
            "H" => Ok(Outcome::AuthenticatedToHttpProxy),
            "R" => Ok(Outcome::Refused),
            "-" => Ok(Outcome::NotAsked),
            _ => bail!("A, H, R or -?"),
        });
        let outcomes = outcomes.collect::<Result<Vec<Outcome>>>()?;
        ensure!(
            outcomes.len() == WAYS.len(),
            "{client} has a column too few or too many"
        );
        Ok((client, outcomes))
    })
    .collect()
}
