//! What the settings give to the containers of a pod, before a container's own variables are looked at.

use crate::injection::env::value::Value;
use crate::injection::names::{HTTP_PROXY, HTTPS_PROXY, NO_PROXY};
use crate::injection::reason::Reason;
use crate::settings::{ExistingVariables, Proxy, ResolvedSettings};
use std::borrow::Cow;
use values::{NoProxyList, Os};

/// The values of the three pairs, each or why there is none.
pub(crate) struct Proxies<'p> {
    pub http: Result<Value, Reason>,
    pub https: Result<Value, Reason>,
    pub no_proxy: Result<PolicyList<'p>, Reason>,
    pub existing: ExistingVariables,
    pub os: Os,
}

/// The policy's `NO_PROXY`.
pub(crate) struct PolicyList<'p> {
    pub entries: Cow<'p, NoProxyList>,
    pub value: Value,
}

impl<'p> Proxies<'p> {
    /// The values of the settings, with the list `no_proxy`.
    pub(crate) fn new(settings: &ResolvedSettings, no_proxy: Cow<'p, NoProxyList>, os: Os) -> Self {
        let proxy = |proxy: &Option<Proxy>| {
            let value = Value::of_proxy(proxy.as_ref().ok_or(Reason::NoSuchProxy)?);
            // Settings are checked for Linux.
            let fits = os == Os::Linux || os.fits(HTTPS_PROXY.upper(), value.text());
            if fits { Ok(value) } else { Err(Reason::TooLong) }
        };
        let (http, https) = (proxy(&settings.http_proxy), proxy(&settings.https_proxy));
        let has_proxy = http.is_ok() || https.is_ok();
        Proxies {
            no_proxy: match no_proxy.value() {
                _ if !has_proxy => Err(Reason::NoProxy),
                "" => Err(Reason::NoEntries),
                list => Ok(PolicyList {
                    value: Value::literal(list),
                    entries: no_proxy,
                }),
            },
            http,
            https,
            existing: settings.existing_variables,
            os,
        }
    }

    /// No proxy, for one reason.
    pub(crate) fn none(reason: Reason, os: Os) -> Self {
        Proxies {
            http: Err(reason),
            https: Err(reason),
            no_proxy: Err(reason),
            existing: ExistingVariables::Merge,
            os,
        }
    }

    /// The names, in upper case, whose value the policy replaces where a container sets it.
    pub(crate) fn overridden(&self) -> Vec<&'static str> {
        if self.existing != ExistingVariables::Override {
            return Vec::new();
        }
        let pairs = [
            (self.http.is_ok(), &HTTP_PROXY),
            (self.https.is_ok(), &HTTPS_PROXY),
            (self.no_proxy.is_ok(), &NO_PROXY),
        ];
        let set = pairs.into_iter().filter(|(is_set, _)| *is_set);
        set.map(|(_, pair)| pair.upper()).collect()
    }
}
