use std::cell::OnceCell;

use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::destination::Destination;
use crate::entry::Entry;
use crate::rules::{Everything, Proxied, Rules};

/// Which way a client takes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Way {
    /// To the destination itself.
    Direct,
    /// Through the proxy.
    Proxy,
    /// Nowhere: the client fails before it connects to anything.
    Fails,
}

/// Which way a client takes, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    pub way: Way,
    pub because: Because,
}

/// What decides on the way.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Because {
    /// An entry of the list, as it stands there: the first that covers the destination, or the first at which the client fails.
    Entry(String),
    /// The client itself: it never requests this destination through a proxy ([`Rules::never_proxied`]).
    NeverProxied,
    /// No entry covers the destination.
    NoEntry,
    /// The client does not read `NO_PROXY` ([`Rules::reads_no_proxy`]).
    IgnoresNoProxy,
}

impl Judgement {
    /// The entry that decides, if one does.
    pub fn entry(&self) -> Option<&str> {
        match &self.because {
            Because::Entry(entry) => Some(entry),
            _ => None,
        }
    }
}

/// Which way a client takes to a destination, with a proxy for its scheme and this value of `NO_PROXY`, as the container sees it: references
/// like `$(NODE_IP)` are expanded. A client that [needs](Client::needs) more than variables is judged as one that has it. What the policy omits
/// of Java's options for want of room (JDK 8's limit) is not known here.
pub fn judge(client: &Client, no_proxy: &str, destination: &Destination) -> Judgement {
    List::new(no_proxy).judge(client, destination)
}

/// A value of `NO_PROXY`, which is read once for all clients that split it in the same way.
pub struct List<'l> {
    text: &'l str,
    /// By whether spaces separate entries, and whether entries are trimmed.
    entries: [[OnceCell<Entries<'l>>; 2]; 2],
}

type Entries<'l> = Vec<(&'l str, Entry<'l>)>;

impl<'l> List<'l> {
    pub fn new(text: &'l str) -> Self {
        List {
            text,
            entries: Default::default(),
        }
    }

    /// As [`judge`].
    pub fn judge(&self, client: &Client, destination: &Destination) -> Judgement {
        let rules = &client.rules;
        let judgement = |way, because| Judgement { way, because };
        if is_never_proxied(rules, destination) {
            return judgement(Way::Direct, Because::NeverProxied);
        }
        if !rules.reads_no_proxy {
            return judgement(way_to_the_proxy(rules, destination), Because::IgnoresNoProxy);
        }
        let entries = self.entries[usize::from(rules.splits_at_spaces)][usize::from(rules.trims)]
            .get_or_init(|| entries(self.text, rules));
        let decided = |way, text: &str| judgement(way, Because::Entry(text.to_owned()));
        if let Some((text, _)) = entries.iter().find(|(_, entry)| entry.breaks(rules)) {
            return decided(Way::Fails, text);
        }
        let everything = match rules.everything {
            Everything::Never => false,
            Everything::Alone => entries.len() == 1,
            Everything::Anywhere => true,
        };
        let covering = entries.iter().find(|(_, entry)| match entry {
            Entry::Everything => everything,
            entry => entry.covers(destination, rules),
        });
        match covering {
            Some((text, _)) => decided(Way::Direct, text),
            None => judgement(way_to_the_proxy(rules, destination), Because::NoEntry),
        }
    }
}

fn way_to_the_proxy(rules: &Rules, destination: &Destination) -> Way {
    let is_ipv6_address = destination.address().is_some_and(|address| address.is_ipv6());
    match rules.proxied {
        Proxied::Everything => Way::Proxy,
        Proxied::AllButIpv6Addresses if !is_ipv6_address => Way::Proxy,
        Proxied::AllButIpv6Addresses | Proxied::Nothing => Way::Fails,
    }
}

/// The entries of a list, as the client splits it.
fn entries<'l>(no_proxy: &'l str, rules: &Rules) -> Entries<'l> {
    let separators: &[char] = if rules.splits_at_spaces {
        &[',', ' ', '\t']
    } else {
        &[',']
    };
    let entries = no_proxy.split(separators);
    let entries = entries.map(|entry| if rules.trims { entry.trim() } else { entry });
    let entries = entries.filter(|entry| !entry.is_empty());
    entries.map(|entry| (entry, Entry::new(entry))).collect()
}

fn is_never_proxied(rules: &Rules, destination: &Destination) -> bool {
    rules.never_proxied.iter().any(|entry| match Entry::new(entry) {
        Entry::Network(network) => destination.address().is_some_and(|address| network.contains(&address)),
        _ => *entry == destination.host,
    })
}
