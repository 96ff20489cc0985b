//! Decides the URLs of the proxies.

use crate::injection::env::authors::AuthorsEnv;
use crate::injection::env::own::{Own, OwnPairs};
use crate::injection::env::plan::{Entry, Plan};
use crate::injection::env::proxies::Proxies;
use crate::injection::env::value::Value;
use crate::injection::reason::Reason;
use crate::injection::record::Origin;
use crate::settings::ExistingVariables;

/// What happens to the two pairs of URLs.
pub(super) struct Urls {
    pub http: Result<Plan, Reason>,
    pub https: Result<Plan, Reason>,
}

impl Urls {
    /// Decides. `env_from` is the reason that an entry of `envFrom` sets the container's proxies, if one does.
    pub(super) fn decide(proxies: &Proxies, env: &AuthorsEnv, own: &OwnPairs, env_from: Option<Reason>) -> Self {
        let elsewhere = own.all_proxy.map(Reason::AllProxy).or(env_from);
        let decide = |wanted: &Result<Value, Reason>, own: &Own| {
            let chosen = own.first().map(Reason::Own).or(elsewhere);
            match (wanted, chosen) {
                (Ok(value), Some(_)) if proxies.existing == ExistingVariables::Override => {
                    Ok(Plan::Replace(entries(env, own, value)))
                }
                (Ok(value), None) => Ok(Plan::Set(entries(env, own, value))),
                (_, Some(reason)) => Err(reason),
                (Err(reason), None) => Err(*reason),
            }
        };
        Urls {
            http: decide(&proxies.http, &own.http),
            https: decide(&proxies.https, &own.https),
        }
    }

    /// Whether the container chose both proxies itself.
    pub(super) fn are_the_containers(&self) -> bool {
        let is_own = |plan: &Result<Plan, Reason>| {
            matches!(
                plan,
                Err(Reason::Own(_) | Reason::AllProxy(_) | Reason::ProxyEnvFrom { .. })
            )
        };
        is_own(&self.http) && is_own(&self.https)
    }
}

/// Both names with the value.
fn entries(env: &AuthorsEnv, own: &Own, value: &Value) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(2);
    entries.extend(
        own.by_name()
            .filter_map(|at| Entry::at(env, at, value.clone(), Origin::Overridden)),
    );
    entries.extend(own.missing.iter().map(|name| Entry::new(name, value.clone())));
    entries
}
