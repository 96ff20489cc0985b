//! Where new variables go, and what references mean there.

use std::collections::HashSet;

use super::definitions::{Definitions, Resolved};
use crate::injection::names::{NO_PROXY, is_proxy_variable};
use crate::json::presentable;
use crate::kubernetes::{EnvVar, references};
use crate::values::{NoProxyList, no_proxy_entries};

/// The container's variables, and where new ones go between them.
pub(crate) struct Place<'e> {
    pub(super) env: &'e [EnvVar<'e>],
    pub(super) definitions: Definitions<'e>,
    /// Says whether a variable other than the six may be added.
    is_new: &'e dyn Fn(&str) -> bool,
    /// New variables go in front of this entry: the first that refers to one of them. If there is none, they go after
    /// all entries.
    pub new_at: usize,
}

impl<'e> Place<'e> {
    /// `is_new` says whether a variable other than the six may be added, behind the six; `is_replaced` whether the value
    /// of an entry is replaced.
    pub(crate) fn new(
        env: &'e [EnvVar<'e>],
        is_new: &'e dyn Fn(&str) -> bool,
        is_replaced: &'e dyn Fn(usize) -> bool,
    ) -> Self {
        let refers = |variable: &EnvVar| {
            variable
                .references()
                .any(|name| is_proxy_variable(name) || is_new(name))
        };
        let first = env
            .iter()
            .enumerate()
            .position(|(index, variable)| refers(variable) && !is_replaced(index));
        Place {
            env,
            definitions: Definitions::new(env, is_replaced),
            is_new,
            new_at: first.unwrap_or(env.len()),
        }
    }

    pub(crate) fn env(&self) -> &'e [EnvVar<'e>] {
        self.env
    }

    /// The list with each reference replaced by its value if it would not resolve in front of `at`; `None` if nothing
    /// changes. Where a value refers to the list in turn, that adds nothing. References that cannot be replaced go to
    /// `warnings`.
    pub(crate) fn resolved_list(&self, list: &str, at: usize, warnings: &mut Vec<String>) -> Option<String> {
        if at == self.env.len() {
            return None;
        }
        let mut resolved = NoProxyList::default();
        let mut changed = false;
        for entry in no_proxy_entries(list) {
            let name = entry.strip_prefix("$(").and_then(|opened| opened.strip_suffix(')'));
            match name.map(|name| (name, self.definitions.resolve(name, at))) {
                Some((_, Resolved::As(value))) => {
                    changed = true;
                    resolved.push_value(without_itself(&value).as_deref().unwrap_or(&value));
                }
                Some((name, Resolved::Unknown)) => {
                    let name = presentable(name);
                    warnings.push(format!(
                        "{entry} in NO_PROXY does not resolve, because {name} is defined later in env, with valueFrom; move it to the start of env"
                    ));
                    resolved.push(entry);
                }
                Some((_, Resolved::AsReference)) | None => resolved.push(entry),
            }
        }
        changed.then(|| resolved.value().to_owned())
    }

    /// Rewrites a list from index `from` so that it means the same at the earlier index `to`; `None` if that is not
    /// possible, because it refers to a value that only the kubelet knows, or to itself within an entry.
    pub(super) fn rewritten_list(&self, list: &str, from: usize, to: usize) -> Option<String> {
        let mut rewritten = NoProxyList::default();
        rewritten.push_value(&self.definitions.rewrite(list, from, to)?);
        let list = without_itself(rewritten.value()).unwrap_or_else(|| rewritten.value().to_owned());
        let refers_to_itself = references(&list).any(|name| NO_PROXY.has(name));
        (!refers_to_itself).then_some(list)
    }

    /// The warning that a value refers to `name`, which must go to the end, because the list cannot be rewritten.
    pub(super) fn warn_of_the_end(&self, name: &str, list: &str) -> Option<String> {
        let refers = |variable: &EnvVar| variable.references().any(|reference| reference == name);
        if !self.env.iter().any(refers) {
            return None;
        }
        let is_unknown = |name: &&str| self.definitions.resolve(name, self.new_at) == Resolved::Unknown;
        let unknown = references(list).find(is_unknown).map(presentable);
        Some(match unknown {
            Some(unknown) => format!(
                "$({name}) does not resolve, because the list refers to {unknown}, which is defined later in env, with valueFrom; move \
                 {unknown} to the start of env"
            ),
            None => {
                format!("$({name}) does not resolve, because the list refers to itself; remove one of the references")
            }
        })
    }

    /// Whether the container does not set a variable that it may get.
    fn may_get(&self, name: &str) -> bool {
        let may_be_added = is_proxy_variable(name) || (self.is_new)(name);
        may_be_added && self.definitions.last_before(name, self.env.len()).is_none()
    }

    /// Whether a list means different things in front of entries `one` and `other`. References of the policy that only
    /// the kubelet could resolve do not count: the user gets a warning about them.
    pub(super) fn means_another(&self, list: &str, policys: &str, one: usize, other: usize) -> bool {
        let before = |name: &str, at| self.definitions.last_before(name, at);
        let of_policy: HashSet<&str> = references(policys).collect();
        let is_unknown = |name: &str| {
            of_policy.contains(name) && self.definitions.resolve(name, one.min(other)) == Resolved::Unknown
        };
        let new_is_between = (one < self.new_at) != (other < self.new_at);
        references(list).any(|name| {
            NO_PROXY.has(name)
                || before(name, one) != before(name, other) && !is_unknown(name)
                || new_is_between && self.may_get(name)
        })
    }
}

/// A list without the entries that refer to it, as in `no_proxy=$(NO_PROXY)`: what they stand for is in the list anyway.
/// `None` if it has none.
pub(super) fn without_itself(list: &str) -> Option<String> {
    let refers = |entry: &str| matches!(entry, "$(NO_PROXY)" | "$(no_proxy)");
    if !no_proxy_entries(list).any(refers) {
        return None;
    }
    let others: Vec<&str> = no_proxy_entries(list).filter(|entry| !refers(entry)).collect();
    Some(others.join(","))
}
