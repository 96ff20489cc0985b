//! Destinations in the cluster, or in private networks, that would go to the proxy.

use std::net::IpAddr;

use clients::{Destination, Scheme};

use super::{Context, Findings, Pair, finding, wording};
use crate::environment::{Environment, Host};
use crate::judge::{Effect, Setup, effect};
use crate::location::{AddressOf, Location, is_private};
use crate::places::{Place, places};
use crate::protocol::Protocol;
use crate::report::{Finding, Kind, Severity};
use crate::scan::Found;
use crate::secrets::looks_like_a_token;
use crate::subjects::Subject;
use crate::suggestions;

/// Programs that use no HTTP proxy: what their configuration files name, they connect to themselves.
const OWN_CONNECTIONS: [&str; 6] = ["nginx", "openresty", "haproxy", "envoy", "varnish", "proxyv2"];

/// A container with its environments.
struct Container<'c> {
    subject: &'c Subject,
    pair: &'c Pair<'c>,
    context: &'c Context<'c>,
    before: Environment<'c>,
    after: Environment<'c>,
    setup: Setup,
}

/// A destination in a place, resolved.
struct Resolved {
    host: String,
    port: Option<u16>,
    /// As it is shown: scheme, host and port.
    shown: String,
    is_own_node: bool,
}

pub(super) fn add(subject: &Subject, pair: &Pair, context: &Context, findings: &mut Findings) {
    let Some(settings) = context.settings_of(subject) else {
        return;
    };
    let namespace = subject.namespace();
    let setup = Setup {
        java: settings.java,
        node: settings.node,
        is_windows: pair.is_windows(),
    };
    let container = Container {
        subject,
        pair,
        context,
        before: Environment::new(pair.before, namespace, context.dump),
        after: Environment::new(pair.after, namespace, context.dump),
        setup,
    };
    let connects_itself = {
        let image = pair.before["image"].as_str().unwrap_or_default();
        OWN_CONNECTIONS.iter().any(|name| image.contains(name))
    };
    for place in places(&subject.before, pair.before, namespace, context.dump) {
        if place.is_file && connects_itself {
            continue;
        }
        for found in &place.destinations {
            container.add(&place, found, findings);
        }
    }
}

impl Container<'_> {
    fn add(&self, place: &Place, found: &Found, findings: &mut Findings) {
        let protocol = Protocol::of(found, place.variable.as_deref());
        let resolved = self.resolved(found);
        let host = resolved.as_ref().map(|resolved| &*resolved.host);
        let location = host.and_then(|host| self.context.locator.locate(host, self.subject.namespace()));
        let totals = &mut findings.destinations;
        let (scheme, location) = match (protocol, location) {
            (Protocol::Other, _) => {
                totals.not_affected += 1;
                return;
            }
            (Protocol::Http(_), None) => {
                totals.through_proxy += 1;
                return;
            }
            // A word with a colon and a number: only what the cluster knows is a destination.
            (Protocol::Unknown, None) => return,
            (Protocol::Http(scheme), Some(location)) => (scheme, location),
            (Protocol::Unknown, Some(location)) => (Scheme::Http, location),
        };
        let Some(resolved) = resolved.filter(|resolved| self.is_credible(place, found, resolved, &location)) else {
            return;
        };
        let port = resolved.port.unwrap_or(scheme.default_port());
        let destination = Destination::new(scheme, &resolved.host, port);
        let effect = effect(&self.before, &self.after, &destination, self.setup);
        let by_busybox = place.calls_wget && self.is_busybox();
        if let Effect::Same { through_proxy } = effect
            && !by_busybox
        {
            totals.add_same(through_proxy);
        }
        let Some(mut found) = self.judged(effect, by_busybox, found.scheme.is_none(), scheme, &location, &resolved)
        else {
            return;
        };
        found.place = Some(place.name.clone());
        found.value = Some(resolved.shown.clone());
        found.notes.extend(self.notes(&location, port));
        let severity = found.severity;
        if findings.add(found) {
            findings.destinations.add_found(severity);
        }
    }

    /// What an effect on a destination means; nothing if the container loses nothing.
    fn judged(
        &self,
        effect: Effect,
        by_busybox: bool,
        is_bare: bool,
        scheme: Scheme,
        location: &Location,
        resolved: &Resolved,
    ) -> Option<Finding> {
        let is_unknown = matches!(location, Location::UnknownName { .. });
        Some(match effect {
            Effect::Same { .. } if by_busybox => self.of_busybox(),
            Effect::Same { .. } => return None,
            Effect::SomeProxied(..) if is_bare => return None,
            Effect::SomeProxied(..) | Effect::ByOtherScheme(_) if is_unknown => return None,
            Effect::SomeProxied(names, entry) => {
                let others = entry.as_deref().unwrap_or("The client itself");
                let why = format!(
                    "{others} covers it for other clients; {} would send",
                    wording::enumerated(&names)
                );
                self.of_some(location, &why, resolved)
            }
            Effect::ByOtherScheme(names) => {
                let (own, other) = match scheme {
                    Scheme::Http => ("http", "https"),
                    Scheme::Https => ("https", "http"),
                };
                let names = wording::enumerated(&names);
                let why = format!("The policy sets no proxy of {own} here, but one of {other}: {names} would send");
                self.of_some(location, &why, resolved)
            }
            Effect::AllProxied => self.of_all(location, resolved, is_bare),
        })
    }

    /// Replaces references, and omits what is not shown.
    fn resolved(&self, found: &Found) -> Option<Resolved> {
        let named = self.before.host(&found.host);
        let is_own_node = named == Host::OwnNode;
        let (host, shown_host) = match named {
            Host::Text(host) => (host.clone(), host),
            Host::OwnNode => {
                let address = self.context.settings_of(self.subject)?.own_node?;
                (address.to_string(), found.host.clone())
            }
            Host::Unknown => return None,
        };
        let port = match found.port.as_deref() {
            None => None,
            Some(port) => match self.before.expand(port).parse::<u16>() {
                Ok(port) => Some(port),
                Err(_) => return None,
            },
        };
        let scheme = found.scheme.as_deref().map(|scheme| match scheme {
            "grpc" => String::new(),
            scheme => format!("{scheme}://"),
        });
        let shown_host = if shown_host.contains(':') {
            format!("[{shown_host}]")
        } else {
            shown_host
        };
        let port_text = port.map(|port| format!(":{port}")).unwrap_or_default();
        let shown = format!("{}{shown_host}{port_text}", scheme.unwrap_or_default());
        Some(Resolved {
            is_own_node,
            host,
            port,
            shown,
        })
    }

    /// Whether this is a destination that may be named. Only what the input knows is, where it could be a part of a secret.
    fn is_credible(&self, place: &Place, found: &Found, resolved: &Resolved, location: &Location) -> bool {
        let is_bare = found.scheme.is_none();
        let may_be_secret = place.may_be_secret || found.may_be_secret;
        match location {
            Location::UnknownName { .. } => {
                !is_bare && !may_be_secret && !place.is_file && !looks_like_a_token(&resolved.host)
            }
            // `postgres:17` is an image, not a destination.
            Location::Short(name) if is_bare => {
                let service = self.context.dump.services.get(&name.key());
                service.is_some_and(|service| resolved.port.is_some_and(|port| service.ports.contains(&port)))
            }
            Location::Full { .. } => !may_be_secret,
            Location::ThisHost if is_bare => false,
            _ => true,
        }
    }

    fn of_all(&self, location: &Location, resolved: &Resolved, is_bare: bool) -> Finding {
        let kind = match location {
            Location::Short(_) | Location::UnknownName { .. } | Location::Node => Kind::ShortServiceName,
            Location::Full { .. } => Kind::ServiceName,
            Location::ThisHost | Location::Address(..) => Kind::PrivateAddress,
        };
        let is_unknown = matches!(location, Location::UnknownName { .. });
        let is_public = match location {
            Location::Address(address, AddressOf::OutsideOfService(_) | AddressOf::OutsideOfNode(_)) => {
                !is_private(*address)
            }
            _ => false,
        };
        let severity = if is_bare || is_unknown || is_public {
            Severity::Check
        } else {
            Severity::Breaks
        };
        let mut found = finding(self.subject, Some(self.pair.name), kind, severity);
        let advice = suggestions::advice(location, &resolved.host, resolved.port, self.context.dump);
        let would = if is_bare {
            "if its protocol is HTTP or gRPC, requests would go to the proxy"
        } else if is_public {
            "requests would go to the proxy, which may reach it from outside"
        } else {
            "every client that reads the variables would send these requests to the proxy"
        };
        let what = wording::described(location);
        found.why = format!("{what}. No entry of NO_PROXY covers it: {would}");
        found.entry = advice.entry.clone();
        found.full_name = advice.full_name.clone();
        found.fix = match location {
            Location::Address(IpAddr::V6(_), AddressOf::Node(_)) if resolved.is_own_node => {
                "Add the IPv6 address of each node to noProxy".to_owned()
            }
            _ => advice.sentence(),
        };
        found.source = advice
            .entry
            .map(|_| format!("{}, called by {}", wording::source(location), self.subject.object));
        found
    }

    fn of_some(&self, location: &Location, why: &str, resolved: &Resolved) -> Finding {
        let mut found = finding(self.subject, Some(self.pair.name), Kind::ClientLimit, Severity::Check);
        let advice = suggestions::advice(location, &resolved.host, resolved.port, self.context.dump);
        found.why = format!("{}. {why} these requests to the proxy", wording::described(location));
        let exact = match location {
            Location::Address(address, _) => format!("add {address}"),
            Location::Short(name) => format!("call {}", name.full()),
            _ => advice
                .sentence()
                .replacen("Add ", "add ", 1)
                .replacen("Look ", "look ", 1),
        };
        found.fix = format!("If the container uses one of them, {exact}");
        found
    }

    /// BusyBox's wget reads no `NO_PROXY`.
    fn of_busybox(&self) -> Finding {
        let mut found = finding(self.subject, Some(self.pair.name), Kind::ClientLimit, Severity::Check);
        found.why =
            "BusyBox's wget reads no NO_PROXY: it would send these requests to the proxy, whatever the list says"
                .to_owned();
        found.fix = "Use curl, or wget -Y off".to_owned();
        found
    }

    fn is_busybox(&self) -> bool {
        let image = self.pair.before["image"].as_str().unwrap_or_default();
        image.contains("busybox") || image.contains("alpine")
    }

    fn notes(&self, location: &Location, port: u16) -> Vec<String> {
        let mut notes = Vec::new();
        let dns_policy = &self.subject.before["spec"]["dnsPolicy"];
        let is_on_node = self.subject.before["spec"]["hostNetwork"] == true && *dns_policy != "ClusterFirstWithHostNet";
        if let Location::Short(name) = location {
            if is_on_node {
                notes.push("on the node's network, with the node's DNS".to_owned());
            }
            let Some(service) = self.context.dump.services.get(&name.key()) else {
                return notes;
            };
            if let Some(external) = &service.external_name {
                notes.push(format!(
                    "the Service stands for {external}, which is not in the cluster"
                ));
            } else if !service.ports.is_empty() && !service.ports.contains(&port) && !service.is_headless {
                let ports: Vec<String> = service.ports.iter().map(ToString::to_string).collect();
                notes.push(format!("the Service has no port {port}, only {}", ports.join(", ")));
            }
            notes.extend(suggestions::public_suffix_note(name));
        }
        notes
    }
}
