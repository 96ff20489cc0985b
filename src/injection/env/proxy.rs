//! Decides the three pairs of proxy variables of a container.

use super::assignments::NewVariable;
use super::own::OwnPair;
use super::place::without_itself;
use super::{Assignments, OwnVariables, Place, Value};
use crate::injection::names::{HTTP_PROXY, HTTPS_PROXY, NO_PROXY, Pair};
use crate::injection::record::Origin;
use crate::kubernetes::EnvVar;
use crate::settings::{ExistingVariables, ResolvedSettings};
use crate::values::{NoProxyList, Os, no_proxy_entries};

/// The values for the containers of one pod.
pub(crate) struct ProxyVariables {
    http_proxy: Option<Value>,
    https_proxy: Option<Value>,
    no_proxy: Value,
    existing: ExistingVariables,
    os: Os,
}

/// Whether a container gets the policy's http proxy, and whether it gets its https proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct GivenProxies {
    pub http: bool,
    pub https: bool,
}

impl ProxyVariables {
    pub(crate) fn new(settings: &ResolvedSettings, no_proxy: &NoProxyList, os: Os) -> Self {
        ProxyVariables {
            http_proxy: settings.http_proxy.as_ref().map(Value::of_proxy),
            https_proxy: settings.https_proxy.as_ref().map(Value::of_proxy),
            no_proxy: Value::literal(no_proxy.value()),
            existing: settings.existing_variables,
            os,
        }
    }

    /// The policy's own `NO_PROXY`.
    pub(crate) fn no_proxy(&self) -> &str {
        self.no_proxy.text()
    }

    /// Whether the policy's value replaces the value of a container that sets `name`.
    pub(crate) fn overrides(&self, name: &str) -> bool {
        let is_of = |pair: &Pair| pair.upper().eq_ignore_ascii_case(name);
        self.existing == ExistingVariables::Override
            && (is_of(&HTTP_PROXY) && self.http_proxy.is_some()
                || is_of(&HTTPS_PROXY) && self.https_proxy.is_some()
                || is_of(&NO_PROXY) && self.has_no_proxy())
    }

    /// Whether a container that chose its proxy with `ALL_PROXY` is given none.
    pub(crate) fn keeps_all_proxy(&self) -> bool {
        self.existing != ExistingVariables::Override
    }

    /// `NO_PROXY` is set only together with a proxy.
    fn has_no_proxy(&self) -> bool {
        (self.http_proxy.is_some() || self.https_proxy.is_some()) && !self.no_proxy.text().is_empty()
    }

    /// The list of a container that keeps its own `NO_PROXY`; the policy's list if only the kubelet knows the
    /// container's.
    pub(crate) fn kept_no_proxy<'e>(&'e self, env: &'e [EnvVar], own: &OwnVariables) -> &'e str {
        let own = own.no_proxy.indices().next();
        own.and_then(|index| env[index].literal()).unwrap_or(self.no_proxy())
    }

    /// Which proxies a container gets: those that it does not set itself, and none if it has chosen one with
    /// `ALL_PROXY`.
    pub(crate) fn given(&self, own: &OwnVariables) -> GivenProxies {
        let gives = |value: &Option<Value>, pair: OwnPair| {
            let is_own = pair.is_set() || own.all_proxy;
            value.is_some() && (!is_own || self.existing == ExistingVariables::Override)
        };
        GivenProxies {
            http: gives(&self.http_proxy, own.http_proxy),
            https: gives(&self.https_proxy, own.https_proxy),
        }
    }

    /// Sets the URLs of the proxies that are given.
    pub(crate) fn assign_urls(&self, env: &[EnvVar], own: &OwnVariables, given: GivenProxies, out: &mut Assignments) {
        for (pair, own, value, given) in [
            (&HTTP_PROXY, own.http_proxy, &self.http_proxy, given.http),
            (&HTTPS_PROXY, own.https_proxy, &self.https_proxy, given.https),
        ] {
            if let Some(value) = value.as_ref().filter(|_| given) {
                self.assign(pair, env, own, value, out);
            }
        }
    }

    /// Whether `NO_PROXY` is left to the container, because it sets both proxies itself.
    fn keeps_no_proxy(&self, own: &OwnVariables, given: GivenProxies) -> bool {
        let keeps = |pair: OwnPair, given: bool| (pair.is_set() || own.all_proxy) && !given;
        !self.has_no_proxy() || keeps(own.http_proxy, given.http) && keeps(own.https_proxy, given.https)
    }

    /// Whether the policy's value replaces the container's of the entry at `index`.
    pub(crate) fn replaces(&self, index: usize, own: &OwnVariables, given: GivenProxies) -> bool {
        let is_of = |pair: OwnPair| pair.indices().any(|own| own == index);
        self.existing == ExistingVariables::Override
            && (given.http && is_of(own.http_proxy)
                || given.https && is_of(own.https_proxy)
                || is_of(own.no_proxy) && !self.keeps_no_proxy(own, given))
    }

    /// Sets or extends `NO_PROXY`. Returns the resulting list, if the policy sets one.
    pub(crate) fn assign_no_proxy(
        &self,
        place: &Place,
        own: &OwnVariables,
        given: GivenProxies,
        out: &mut Assignments,
        warnings: &mut Vec<String>,
    ) -> Option<Value> {
        if self.keeps_no_proxy(own, given) {
            return None;
        }
        if !own.no_proxy.is_set() || self.existing == ExistingVariables::Override {
            let missing = own.no_proxy.missing(&NO_PROXY, self.os).next().map(|_| place.new_at);
            let first = own.no_proxy.indices().chain(missing).min()?;
            let value = match place.resolved_list(self.no_proxy.text(), first, warnings) {
                Some(text) => Value::literal(&text),
                None => self.no_proxy.clone(),
            };
            if self.fits(&value, warnings) {
                self.override_no_proxy(place, own.no_proxy, first, value.clone(), out);
            }
            Some(value)
        } else if self.existing == ExistingVariables::Merge {
            self.extend_no_proxy(place, own.no_proxy, out, warnings)
        } else {
            None
        }
    }

    /// Sets both names to `value`, the one that stands behind to a reference where the value would mean another list there. `first`
    /// is the entry that the value is for, or in front of which it stands.
    fn override_no_proxy(&self, place: &Place, own: OwnPair, first: usize, value: Value, out: &mut Assignments) {
        let env = place.env;
        let missing = || own.missing(&NO_PROXY, self.os);
        let is_own = own.indices().any(|index| index == first);
        let first_name = if is_own {
            Some(&*env[first].name)
        } else {
            missing().next()
        };
        let value_at = |at: usize| match first_name {
            Some(name) if at != first && place.means_another(value.text(), value.text(), first, at) => {
                Value::literal(&format!("$({name})"))
            }
            _ => value.clone(),
        };
        for index in own.by_name() {
            out.set(env, index, value_at(index), Origin::Overridden);
        }
        for name in missing() {
            out.add(name, value_at(place.new_at));
        }
    }

    /// Adds the policy's entries to the container's own list, in both names of the pair. `None` if the container's
    /// value cannot be extended because it is `*`, is empty, or is known to the kubelet only.
    fn extend_no_proxy(
        &self,
        place: &Place,
        own: OwnPair,
        out: &mut Assignments,
        warnings: &mut Vec<String>,
    ) -> Option<Value> {
        let env = place.env;
        let own_text = |index: usize| {
            env[index]
                .literal()
                .filter(|text| no_proxy_entries(text).next().is_some())
        };
        let texts = own.indices().map(own_text).collect::<Option<Vec<&str>>>()?;
        let earliest = own.indices().min()?;
        let missing = own.missing(&NO_PROXY, self.os).next();
        let is_new_in_front = missing.is_some() && place.new_at <= earliest;
        let first = if is_new_in_front { place.new_at } else { earliest };
        let resolved = place.resolved_list(self.no_proxy.text(), first, warnings);
        let policys = resolved.as_deref().unwrap_or(self.no_proxy.text());
        let text = merged(&texts, policys)?;
        let value = Value::literal(&text);
        if !self.fits(&value, warnings) {
            return None;
        }
        let by_reference = || Value::literal(&format!("$({})", env[earliest].name));
        for index in own.by_name() {
            let own = env[index].literal().unwrap_or_default();
            let means_another =
                index != earliest && own != text && place.means_another(&text, policys, earliest, index);
            let value = if means_another { by_reference() } else { value.clone() };
            let origin = if value.text().starts_with(own) {
                Origin::Extended { own_bytes: own.len() }
            } else {
                Origin::Replaced {
                    original: own.to_owned(),
                }
            };
            out.set(env, index, value, origin);
        }
        if let Some(name) = missing {
            let means_another = place.means_another(&text, policys, earliest, place.new_at);
            let rewritten = || place.rewritten_list(&text, earliest, place.new_at);
            let (value, at_the_end) = match (means_another, is_new_in_front) {
                (false, _) => (value.clone(), false),
                (true, false) => (by_reference(), false),
                (true, true) => match rewritten().filter(|list| self.os.fits(name, list)) {
                    Some(list) => (Value::literal(&list), false),
                    None => {
                        warnings.extend(place.warn_of_the_end(name, &text));
                        (by_reference(), true)
                    }
                },
            };
            out.new.push(NewVariable {
                name,
                value,
                at_the_end,
            });
        }
        Some(value)
    }

    fn fits(&self, value: &Value, warnings: &mut Vec<String>) -> bool {
        let fits = self.os.fits(NO_PROXY.upper(), value.text());
        if !fits {
            warnings.push(
                "NO_PROXY is left as it is; its new value would be longer than the operating system allows".to_owned(),
            );
        }
        fits
    }

    /// Sets every name of the pair to `value`.
    fn assign(&self, pair: &'static Pair, env: &[EnvVar], own: OwnPair, value: &Value, out: &mut Assignments) {
        for index in own.by_name() {
            out.set(env, index, value.clone(), Origin::Overridden);
        }
        for name in own.missing(pair, self.os) {
            out.add(name, value.clone());
        }
    }
}

/// The entries of the given lists, then the policy's, each once; `None` if one of them is `*`, which matches
/// everything.
fn merged(texts: &[&str], policys: &str) -> Option<String> {
    let mut merged = NoProxyList::default();
    merged.reserve(policys.len());
    texts.iter().for_each(|text| merged.push_value(text));
    if merged.is_everything() {
        return None;
    }
    let own = merged.len();
    merged.push_value(policys);
    if let Some(list) = without_itself(merged.value()) {
        return Some(list);
    }
    if merged.len() == own && texts.iter().all(|text| *text == texts[0]) {
        // Nothing is missing, so the value stays as it is written.
        return Some(texts[0].to_owned());
    }
    Some(merged.value().to_owned())
}
