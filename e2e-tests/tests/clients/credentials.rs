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
/// https. A: it authenticates to each, H: to both as the user of the http proxy, S: to both as the user of the https proxy,
/// R: the proxies refuse it, -: it uses none.
const EXPECTED: &str = "
    CLIENT           settings secret percent letter wrong
    curl             A        A      A       A      R
    wget             A        A      A       A      R
    git              A        A      R       A      R
    apt              A        A      A       A      R
    dnf              A        A      A       A      R
    kubectl          A        A      A       A      R
    helm             A        A      A       A      R
    containerd       A        A      A       A      R
    urllib           A        A      A       A      R
    requests         A        A      A       R      R
    httpx            A        A      A       A      R
    aiohttp          A        A      A       R      R
    boto3            A        A      A       -      R
    pip              A        A      A       R      R
    uv               A        A      A       A      R
    kubernetes       R        R      R       R      R
    grpcio           S        S      S       S      R
    Ruby             H        H      H       H      R
    Node             A        A      A       A      R
    Node http        A        A      A       A      R
    undici           A        A      A       A      R
    axios            R        R      R       R      R
    axios, switch    A        A      A       A      R
    axios 1.7        R        R      R       R      R
    got              A        A      A       A      R
    node-fetch       A        A      A       A      R
    grpc-js          S        S      S       S      R
    Deno             A        A      A       A      R
    Bun              A        A      A       A      R
    Go               A        A      A       A      R
    Go 1.27          A        A      A       A      R
    grpc-go          S        S      S       S      R
    reqwest          A        A      A       A      R
    LWP              A        A      A       A      R
    HTTP::Tiny       A        A      A       A      R
    PHP curl         A        A      A       A      R
    Guzzle           A        A      A       A      R
    R                A        A      A       A      R
    .NET             H        H      H       H      R
    Java             R        -      -       -      -
    Java HttpClient  R        -      -       -      -
    Apache 4         R        -      -       -      -
    Apache 5         R        -      -       -      -
    OkHttp           R        -      -       -      -
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
    AuthenticatedForHttp,
    AuthenticatedForHttps,
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
    let all = client::with_credentials();
    let clients = client::installed(all.iter().copied())?;
    let server = WebServer::start(SERVER, &[OUTSIDE])?;
    image::store(Roots::HashedDirectory, &server.root)?;
    let bundle = std::fs::read_to_string(&server.root)?;
    let users: Vec<(String, String)> = WAYS.iter().flat_map(users).collect();
    let mut squid = Squid::start(PROXY, &users, (OUTSIDE, SERVER.ip()))?;
    let policy = Policy::load()?;

    for way in WAYS {
        let pod = pod::admit(&policy, &way.settings())?;
        let config_map = |name: &str, key: &str| {
            let is_bundle = name == "bundle" && key == "roots.pem";
            is_bundle.then(|| bundle.clone().into_bytes())
        };
        image::mount_volumes(&pod, &config_map, None)?;
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
        eprintln!("docs/credentials.md is unchanged, because clients are missing");
        return Ok(());
    }
    let proxy = squid::version()?;
    let mut versions: Vec<&String> = clients.iter().map(|(_, version)| version).chain([&proxy]).collect();
    // axios takes part twice, with the switch and without.
    versions.dedup();
    page::publish("credentials.md", &matrix.tables(&clients, cell), versions.into_iter())
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
            let mut of_this = log.iter().filter(|request| request.destination == **destination);
            // The password is asked for first, by some clients.
            of_this.any(|request| !request.is_refused() || (answer.is_err() && !way.is_right))
        })
    })?;
    let mut fates = Vec::new();
    for (destination, answer) in asked {
        let of_this = || log.iter().filter(|request| request.destination == *destination);
        let passed = of_this().find(|request| !request.is_refused());
        fates.push(match (answer, passed) {
            // What the client makes of the server's answer and certificate is another matter.
            (_, Some(request)) => Fate::Passed(&request.user),
            (Err(_), None) if of_this().next().is_none() => Fate::NotAsked,
            (Err(_), None) => Fate::Refused,
            _ => bail!("{answer:?}, but the log of the proxy has {log:?}"),
        });
    }
    let [http, https] = SCHEMES.map(|scheme| way.user(scheme));
    match fates[..] {
        [Fate::Passed(one), Fate::Passed(other)] if one == http && other == https => Ok(Outcome::Authenticated),
        [Fate::Passed(one), Fate::Passed(other)] if one == http && other == http => Ok(Outcome::AuthenticatedForHttp),
        [Fate::Passed(one), Fate::Passed(other)] if one == https && other == https => {
            Ok(Outcome::AuthenticatedForHttps)
        }
        [Fate::Refused, Fate::Refused] => Ok(Outcome::Refused),
        [Fate::NotAsked, Fate::NotAsked] => Ok(Outcome::NotAsked),
        _ => bail!("http and https differ: {fates:?}"),
    }
}

fn cell(_: &Client, column: usize, outcome: Outcome) -> String {
    let words = match outcome {
        Outcome::Authenticated => "passes",
        Outcome::AuthenticatedForHttp => "passes †",
        Outcome::AuthenticatedForHttps => "passes ‡",
        Outcome::Refused => "is refused",
        Outcome::NotAsked => "uses no proxy",
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
            Outcome::AuthenticatedForHttp => 'H',
            Outcome::AuthenticatedForHttps => 'S',
            Outcome::Refused => 'R',
            Outcome::NotAsked => '-',
        }
    }
}
