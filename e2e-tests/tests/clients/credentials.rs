//! Which client authenticates to a proxy that demands a user and a password, which the policy gave to its pod.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, bail};
use host::policy::Policy;
use serde_json::{Value, json};

use crate::client::{self, Client, Environment};
use crate::image::{self, Roots};
use crate::matrix::{Column, Matrix};
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
    kubernetes R       R      R       R      R
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
    column: Column,
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
        column: Column {
            name: "settings",
            title: "`httpProxy`",
        },
        source: Source::Settings,
        password: SPECIAL,
        is_right: true,
    },
    Way {
        column: Column {
            name: "secret",
            title: "`httpProxyFrom`",
        },
        source: Source::Secret,
        password: SPECIAL,
        is_right: true,
    },
    Way {
        column: Column {
            name: "percent",
            title: "`httpProxyFrom`, `pass%40word`",
        },
        source: Source::Secret,
        password: "pass%40word",
        is_right: true,
    },
    Way {
        column: Column {
            name: "letter",
            title: "`httpProxyFrom`, `passé`",
        },
        source: Source::Secret,
        password: "passé",
        is_right: true,
    },
    Way {
        column: Column {
            name: "wrong",
            title: "`httpProxyFrom`, a wrong password",
        },
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
        format!("{scheme}@{}", self.column.name)
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
#[derive(Clone, Copy)]
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
    let mut matrix = Matrix::new(WAYS.iter().map(|way| way.column).collect(), EXPECTED)?;
    sandbox::set_up(&[("proxy.test", PROXY.ip())], [SERVER.ip()])?;
    image::set_up()?;
    let all = client::tunnelling();
    let clients = client::installed(all.iter().copied())?;
    let server = WebServer::start(SERVER, &[OUTSIDE])?;
    image::store(Roots::HashedDirectory, &server.root)?;
    let bundle = std::fs::read_to_string(&server.root)?;
    let users: Vec<(String, String)> = WAYS.iter().flat_map(users).collect();
    let mut squid = Squid::start(PROXY, &users, (OUTSIDE, SERVER.ip()))?;
    let policy = Policy::load()?;

    for way in WAYS {
        let pod = pod::admit(&policy, &way.settings())?;
        image::mount_volumes(&pod, &|name, key| {
            (name == "bundle" && key == "roots.pem").then(|| bundle.clone())
        })?;
        let secret = |name: &str, key: &str| (name == "proxy").then(|| way.url(key));
        let environment = pod::environment(&pod, &secret)?;
        for (client, _) in &clients {
            let outcome = ask(client, &environment, way, &mut squid)
                .with_context(|| format!("{} with {}", client.name, way.column.name))?;
            matrix.add(client, outcome);
        }
    }
    matrix.check(&clients)?;
    if clients.len() < all.len() {
        eprintln!("docs/credentials.md is left as it is, since clients are missing");
        return Ok(());
    }
    let proxy = squid::version()?;
    let versions = clients.iter().map(|(_, version)| version).chain([&proxy]);
    page::publish("credentials.md", &matrix.table(&clients, cell), versions)
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

fn cell(_: &Client, column: usize, outcome: Outcome) -> String {
    let words = match outcome {
        Outcome::Authenticated => "passes",
        Outcome::AuthenticatedToHttpProxy => "passes †",
        Outcome::Refused => "is refused",
        Outcome::NotAsked => "asks no proxy",
    };
    let has_failed = matches!(outcome, Outcome::Refused | Outcome::NotAsked);
    if WAYS[column].is_right && has_failed {
        format!("**{words}**")
    } else {
        words.to_owned()
    }
}

impl From<Outcome> for char {
    fn from(outcome: Outcome) -> char {
        match outcome {
            Outcome::Authenticated => 'A',
            Outcome::AuthenticatedToHttpProxy => 'H',
            Outcome::Refused => 'R',
            Outcome::NotAsked => '-',
        }
    }
}
