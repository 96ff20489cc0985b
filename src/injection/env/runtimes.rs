//! Decides the variables of runtimes that ignore the proxy variables: Java's options, and the switch that makes Node read them.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::injection::at::At;
use crate::injection::env::authors::AuthorsEnv;
use crate::injection::env::java_options::{JavaOptions, for_java, sets_proxy, sets_trust_store};
use crate::injection::env::list::{resolved_list, unresolved_in};
use crate::injection::env::place::Place;
use crate::injection::env::plan::{Entry, Plan};
use crate::injection::env::references::View;
use crate::injection::env::value::Value;
use crate::injection::names::{JAVA_TOOL_OPTIONS, NODE_USE_ENV_PROXY};
use crate::injection::reason::{Caveat, Reason};
use crate::injection::record::Origin;
use crate::settings::ResolvedSettings;
use values::{NoProxyList, Os, ProxyUrl, in_cluster_entries};

/// What the containers of one pod get for their runtimes.
pub(crate) struct Runtimes<'s> {
    node: bool,
    java: bool,
    /// Whether the settings have a proxy.
    has_proxy: bool,
    /// The proxies that Java can use.
    http_proxy: Option<&'s ProxyUrl<'s>>,
    https_proxy: Option<&'s ProxyUrl<'s>>,
    /// The in-cluster entries of `NO_PROXY`.
    in_cluster: HashSet<Cow<'static, str>>,
    os: Os,
}

/// Which of the policy's proxies a container gets.
#[derive(Clone, Copy)]
pub(super) struct Given {
    pub http: bool,
    pub https: bool,
}

/// What Java gets in a container, before the text of its options.
pub(super) struct Java<'s> {
    /// The entry that sets the options.
    pub own: Option<At>,
    http: Option<&'s ProxyUrl<'s>>,
    https: Option<&'s ProxyUrl<'s>>,
    trust_store: &'s str,
}

impl<'s> Runtimes<'s> {
    pub(crate) fn new(settings: &'s ResolvedSettings, os: Os) -> Self {
        let in_cluster = settings.in_cluster.as_deref().filter(|_| settings.java);
        Runtimes {
            node: settings.node,
            java: settings.java,
            has_proxy: settings.http_proxy.is_some() || settings.https_proxy.is_some(),
            http_proxy: settings.http_proxy.as_ref().and_then(for_java),
            https_proxy: settings.https_proxy.as_ref().and_then(for_java),
            in_cluster: in_cluster
                .into_iter()
                .flat_map(in_cluster_entries)
                .map(|entry| entry.into_owned().text)
                .collect(),
            os,
        }
    }

    /// No runtime gets anything.
    pub(crate) fn none(os: Os) -> Self {
        Runtimes {
            node: false,
            java: false,
            has_proxy: false,
            http_proxy: None,
            https_proxy: None,
            in_cluster: HashSet::new(),
            os,
        }
    }

    /// Node's switch, for a container that gets a proxy.
    pub(super) fn node(&self, env: &AuthorsEnv, given: Given) -> Result<Plan, Reason> {
        if !self.node {
            return Err(Reason::RuntimeOff);
        }
        if !given.http && !given.https {
            return Err(Reason::NothingGiven);
        }
        match env.last(NODE_USE_ENV_PROXY, self.os) {
            Some(at) => Err(Reason::Own(at)),
            None => Ok(Plan::Set(vec![Entry::new(NODE_USE_ENV_PROXY, Value::literal("1"))])),
        }
    }

    /// What Java is to get. `trust_store` are the options for the CA, or why there are none; `env_from` says whether the container has
    /// variables from ConfigMaps or Secrets.
    pub(super) fn java(
        &self,
        env: &AuthorsEnv<'s>,
        given: Given,
        trust_store: Result<&'s str, Reason>,
        env_from: bool,
    ) -> Result<Java<'s>, Reason> {
        if !self.java {
            return Err(Reason::RuntimeOff);
        }
        let proxies = match (given.http, given.https) {
            (false, false) => Err(Reason::NothingGiven),
            _ => {
                let http = self.http_proxy.filter(|_| given.http);
                let https = self.https_proxy.filter(|_| given.https);
                if http.is_some() || https.is_some() {
                    Ok((http, https))
                } else {
                    Err(Reason::NotForJava)
                }
            }
        };
        if let (Err(of_proxies), Err(of_trust_store)) = (&proxies, trust_store) {
            return Err(if self.has_proxy { *of_proxies } else { of_trust_store });
        }
        let own = env.last(JAVA_TOOL_OPTIONS, self.os);
        let text = match own {
            Some(at) => env.text(at).ok_or(Reason::Hidden(at))?,
            None if env_from => return Err(Reason::EnvFrom),
            None => "",
        };
        let (http, https) = proxies.unwrap_or_default();
        let java = Java {
            own,
            http: http.filter(|_| !sets_proxy(text, "http")),
            https: https.filter(|_| !sets_proxy(text, "https")),
            trust_store: trust_store.ok().filter(|_| !sets_trust_store(text)).unwrap_or_default(),
        };
        match own {
            Some(at) if java.http.is_none() && java.https.is_none() && java.trust_store.is_empty() => {
                Err(Reason::Own(at))
            }
            _ => Ok(java),
        }
    }

    /// Puts the options before the container's own. `no_proxy` is the container's list.
    pub(super) fn java_plan(
        &self,
        java: &Java,
        view: &View,
        place: &Place,
        no_proxy: &NoProxyList,
        caveats: &mut Vec<Caveat>,
    ) -> Result<Plan, Reason> {
        let env = view.env;
        let own = java.own.and_then(|at| env.text(at)).unwrap_or_default();
        // Java has no pattern for a reference to the list, so none needs to be dropped here.
        let (resolved, unresolved) = resolved_list(view, no_proxy, java.own.unwrap_or(place.at), &|_| false);
        // One warning for each reference is enough.
        let mut known: HashSet<&str> = caveats.iter().filter_map(Caveat::reference).collect();
        let new = unresolved.into_iter().filter(|(name, _)| known.insert(name));
        let new: Vec<Caveat> = new
            .map(|(name, fault)| unresolved_in(JAVA_TOOL_OPTIONS, name, view, &fault))
            .collect();
        caveats.extend(new);
        let options = JavaOptions {
            http: java.http,
            https: java.https,
            no_proxy: resolved.as_ref().unwrap_or(no_proxy),
            in_cluster: &self.in_cluster,
            trust_store: java.trust_store,
        };
        let (options, dropped) = options.text(own.len()).ok_or(Reason::TooLongForJava)?;
        if dropped > 0 {
            caveats.push(Caveat::LeftOutOfJava(dropped));
        }
        let Some(at) = java.own else {
            return Ok(Plan::Set(vec![Entry::new(JAVA_TOOL_OPTIONS, Value::literal(&options))]));
        };
        if own.starts_with(&options) {
            return Err(Reason::Same);
        }
        let space = if own.is_empty() { "" } else { " " };
        let value = Value::literal(&[&options, space, own].concat());
        let entry = Entry::at(env, at, value, Origin::Extended { own_bytes: own.len() });
        Ok(Plan::Extend(entry.into_iter().collect()))
    }
}
