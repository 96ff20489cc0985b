//! Which clients would send a request to the proxy that go to the destination themselves today.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use clients::{Client, Destination, Judgement, List, Need, Scheme, Variables, Way, measured};

use crate::environment::{EnvValue, Environment};

/// Which runtimes the settings give the proxy to, and how the pod's system names variables.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Setup {
    pub(crate) java: bool,
    pub(crate) node: bool,
    pub(crate) is_windows: bool,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// No client goes another way than today.
    Same { through_proxy: bool },
    /// Every client that would use the proxy, and does not today.
    AllProxied,
    /// Some of them, by name, and the entry that covers it for others.
    SomeProxied(Vec<&'static str>, Option<String>),
    /// Only those, by name, that ask the proxy of the other scheme: the proxy of the destination's own scheme is unchanged, or there is none.
    ByOtherScheme(Vec<&'static str>),
}

/// Compares the ways before and after the change, for the clients that have been run. A client that reads no `NO_PROXY` is not asked: it goes through the proxy to every
/// destination, which is a matter of that client and not of the destination.
pub(crate) fn effect(before: &Environment, after: &Environment, destination: &Destination, setup: Setup) -> Effect {
    let mut direct_today = 0;
    let mut through_proxy = false;
    let mut proxied = Vec::new();
    let mut is_own_scheme_proxied = false;
    let mut covering = None;
    let [texts_before, texts_after] = [before, after].map(|environment| texts(environment, setup));
    let before = Side::new(before, &texts_before);
    let after = Side::new(after, &texts_after);
    for client in measured().filter(|client| client.rules.reads_no_proxy && setup.has(client)) {
        let judgement = after.judgement(client, destination, setup);
        let way_after = judgement.as_ref().map(|judgement| judgement.way);
        through_proxy |= way_after == Some(Way::Proxy);
        let today = before.judgement(client, destination, setup);
        let today = today.map(|judgement| judgement.way);
        let is_proxied_today = today == Some(Way::Proxy);
        // Without a proxy for it, or where it fails whatever the destination is, this destination is not the cause.
        if is_proxied_today || way_after.is_none() || way_after == Some(Way::Fails) {
            continue;
        }
        direct_today += 1;
        if way_after == Some(Way::Proxy) {
            proxied.push(client.name.as_str());
            is_own_scheme_proxied |= reads_own_scheme(client, destination.scheme);
        } else if covering.is_none() {
            covering = judgement.and_then(|judgement| Some(judgement.entry()?.to_owned()));
        }
    }
    match proxied.len() {
        0 => Effect::Same { through_proxy },
        _ if !is_own_scheme_proxied => Effect::ByOtherScheme(proxied),
        count if count == direct_today => Effect::AllProxied,
        _ => Effect::SomeProxied(proxied, covering),
    }
}

impl Setup {
    /// Whether a client has what it needs in addition to the variables.
    pub(crate) fn has(self, client: &Client) -> bool {
        match client.needs {
            Some(Need::RuntimesJava) => self.java,
            Some(Need::RuntimesNode) => self.node,
            _ => true,
        }
    }
}

/// The names of the proxy that a client asks for a scheme.
fn proxies(client: &'static Client, scheme: Scheme) -> &'static [String] {
    match scheme {
        Scheme::Http => &variables(client).http,
        Scheme::Https => &variables(client).https,
    }
}

/// Whether a client asks the proxy of the scheme itself. gRPC asks that of https for everything, and Ruby that of http.
fn reads_own_scheme(client: &'static Client, scheme: Scheme) -> bool {
    let own = match scheme {
        Scheme::Http => "http_proxy",
        Scheme::Https => "https_proxy",
    };
    proxies(client, scheme)
        .iter()
        .any(|name| name.eq_ignore_ascii_case(own))
}

/// The variables that decide for a client.
fn variables(client: &'static Client) -> &'static Variables {
    // The policy makes Java's options of the same list.
    if client.needs == Some(Need::RuntimesJava) {
        &JAVA
    } else {
        &client.variables
    }
}

/// The way of a client; `None` if it has no proxy for the scheme.
pub(crate) fn judgement(
    client: &'static Client,
    environment: &Environment,
    destination: &Destination,
    setup: Setup,
) -> Option<Judgement> {
    Side::new(environment, &texts(environment, setup)).judgement(client, destination, setup)
}

/// The lists of an environment, by the names by which clients read them.
type Texts = BTreeMap<&'static [String], String>;

fn texts(environment: &Environment, setup: Setup) -> Texts {
    let names = measured().map(|client| &*variables(client).no_proxy);
    let names: BTreeSet<&'static [String]> = names.collect();
    let text = |names: &[String]| match environment.first(names, setup.is_windows) {
        Some(EnvValue::Text(text)) => environment.expand(text),
        // What cannot be seen is taken as empty: that names a destination too many, not one too few.
        _ => String::new(),
    };
    names.into_iter().map(|names| (names, text(names))).collect()
}

/// An environment, and its lists. A long list takes most of the time, so that each text is read once for all clients.
struct Side<'s> {
    environment: &'s Environment<'s>,
    texts: &'s Texts,
    lists: BTreeMap<&'s str, List<'s>>,
}

impl<'s> Side<'s> {
    fn new(environment: &'s Environment<'s>, texts: &'s Texts) -> Self {
        let lists = texts.values().map(|text| (&**text, List::new(text)));
        Side {
            environment,
            texts,
            lists: lists.collect(),
        }
    }

    /// The way of a client; `None` if it has no proxy for the scheme.
    fn judgement(&self, client: &'static Client, destination: &Destination, setup: Setup) -> Option<Judgement> {
        self.environment
            .first(proxies(client, destination.scheme), setup.is_windows)?;
        let text = self.texts.get(&*variables(client).no_proxy)?;
        Some(self.lists.get(&**text)?.judge(client, destination))
    }
}

static JAVA: LazyLock<Variables> = LazyLock::new(|| Variables {
    http: vec!["HTTP_PROXY".to_owned()],
    https: vec!["HTTPS_PROXY".to_owned()],
    no_proxy: vec!["NO_PROXY".to_owned()],
});
