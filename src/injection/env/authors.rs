//! Whose each entry of a container's `env` is.

use crate::injection::at::At;
use crate::injection::names::{ALL_PROXY, Kind};
use crate::injection::record::{Claim, Origin};
use crate::kubernetes::{EnvValue, EnvVar, references};
use json::canonical;
use values::Digest;
use values::Os;

/// Whose an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose<'e> {
    /// The author's, as it stands.
    Authors,
    /// The author's; the policy set its value, and this is what it was before.
    Restored(&'e str),
    /// The author's; the policy overrode its value, and does so again.
    Lost,
    /// The policy added it.
    Policys,
    /// In a report: it was added after the policy had processed the pod.
    Later,
}

/// The current `env` of a container, and whose its entries are.
pub(crate) struct AuthorsEnv<'e> {
    pub current: &'e [EnvVar<'e>],
    /// For each entry; empty if all are the author's.
    whose: Vec<Whose<'e>>,
    /// The entries that match a claim.
    claimed: Vec<At>,
}

impl<'e> AuthorsEnv<'e> {
    /// Tells by the claims whose each entry is. `overridden` are the names, in any case, whose value the settings replace.
    pub(crate) fn new(current: &'e [EnvVar<'e>], claims: &'e [Claim<'e>], overridden: &[&'static str]) -> Self {
        let mut env = AuthorsEnv {
            current,
            whose: Vec::new(),
            claimed: Vec::new(),
        };
        if claims.is_empty() || current.is_empty() {
            return env;
        }
        env.whose = vec![Whose::Authors; current.len()];
        for claim in claims {
            // If several entries have the same name, the policy set the last one, unless more were added later.
            let fits = |variable: &EnvVar| variable.name == claim.name && digest(variable) == claim.digest;
            if let Some(index) = current.iter().rposition(fits) {
                env.claimed.push(At(index));
                let is_overridden = overridden.iter().any(|name| name.eq_ignore_ascii_case(claim.name));
                env.whose[index] = whose(&current[index], claim, is_overridden);
            }
        }
        env
    }

    /// Behind the last entry.
    pub(crate) fn end(&self) -> At {
        At(self.current.len())
    }

    pub(crate) fn whose(&self, at: At) -> Whose<'e> {
        self.whose.get(at.0).copied().unwrap_or(Whose::Authors)
    }

    pub(crate) fn name(&self, at: At) -> &'e str {
        &self.current[at.0].name
    }

    /// The author's value of an entry of the author's; `None` if only the kubelet knows it, or it is lost.
    pub(crate) fn text(&self, at: At) -> Option<&'e str> {
        match self.whose(at) {
            Whose::Restored(text) => Some(text),
            Whose::Lost => None,
            Whose::Authors | Whose::Policys | Whose::Later => self.current[at.0].literal(),
        }
    }

    /// The places of the author's entries, in order.
    pub(crate) fn authors(&self) -> impl DoubleEndedIterator<Item = At> {
        (0..self.current.len())
            .map(At)
            .filter(|at| !matches!(self.whose(*at), Whose::Policys | Whose::Later))
    }

    /// The places of the entries that the policy added, in order.
    pub(crate) fn injected(&self) -> impl DoubleEndedIterator<Item = At> {
        (0..self.whose.len())
            .map(At)
            .filter(|at| self.whose(*at) == Whose::Policys)
    }

    /// The places of the entries that the policy added or set, in order.
    #[cfg(any(not(target_family = "wasm"), feature = "library"))]
    pub(crate) fn changed(&self) -> impl Iterator<Item = At> {
        (0..self.whose.len())
            .map(At)
            .filter(|at| matches!(self.whose(*at), Whose::Policys | Whose::Restored(_)))
    }

    /// The last entry of the author's that sets `name`, which is the one that counts.
    pub(crate) fn last(&self, name: &str, os: Os) -> Option<At> {
        self.authors().rfind(|at| os.same_name(self.name(*at), name))
    }

    /// Marks the entries that were added after the policy had processed the pod, for example by another webhook: if the pod is
    /// re-created, the policy does not see them. These are entries after what the policy added at the end, other entries of a
    /// name that it set, and, where a container that sets `ALL_PROXY` is given no proxy (`keeps_all_proxy`), that variable next to a
    /// proxy. Returns those whose names the policy can also set.
    pub(crate) fn mark_later(&mut self, os: Os, keeps_all_proxy: bool) -> Vec<At> {
        let end = self.end_of_what_the_policy_saw();
        let is_of_a_proxy = |at: &At| matches!(Kind::of(self.name(*at)), Some(Kind::Proxy | Kind::NoProxy));
        let gave_a_proxy = keeps_all_proxy && self.claimed.iter().any(is_of_a_proxy);
        let chooses_proxy = |at: At| gave_a_proxy && is_all_proxy(self.name(at)) && self.text(at) != Some("");
        // There are no more than claims: looked for once, not for each entry.
        let injected: Vec<At> = self.injected().collect();
        let is_later = |at: At| {
            let sets_the_same = |other: &At| os.same_name(self.name(*other), self.name(at));
            let mut earlier = self.claimed.iter().filter(|claimed| **claimed < at);
            let mut added = injected.iter();
            at >= end
                || chooses_proxy(at)
                || !self.claimed.contains(&at) && (earlier.any(sets_the_same) || added.any(sets_the_same))
        };
        let later: Vec<At> = match self.whose.is_empty() {
            true => Vec::new(),
            false => self.authors().filter(|at| is_later(*at)).collect(),
        };
        for at in &later {
            self.whose[at.0] = Whose::Later;
        }
        let is_known = |at: &At| Kind::of(self.name(*at)).is_some() || is_all_proxy(self.name(*at));
        later.into_iter().filter(is_known).collect()
    }

    /// The place after what the policy added at the end. Variables that it added before a reference do not show what was
    /// after that.
    fn end_of_what_the_policy_saw(&self) -> At {
        let Some(last_added) = self.injected().next_back() else {
            return self.end();
        };
        let behind = self.authors().find(|at| *at > last_added);
        let injected: Vec<&str> = self.injected().map(|at| self.name(at)).collect();
        let refers_to_added = |at: At| {
            let added = |name: &str| injected.contains(&name);
            references(self.text(at).unwrap_or_default()).any(added)
        };
        match behind {
            Some(first) if refers_to_added(first) => self.end(),
            _ => At(last_added.0 + 1),
        }
    }
}

fn is_all_proxy(name: &str) -> bool {
    name.eq_ignore_ascii_case(ALL_PROXY.upper())
}

/// Whose an entry is that a claim fits.
fn whose<'e>(variable: &'e EnvVar, claim: &'e Claim, overridden_again: bool) -> Whose<'e> {
    match (&claim.origin, variable.literal()) {
        (Origin::Overridden, _) if overridden_again => Whose::Lost,
        (Origin::Added | Origin::Overridden, _) => Whose::Policys,
        (Origin::Replaced { original }, _) => Whose::Restored(original),
        (Origin::Extended { own_bytes }, Some(value)) => {
            let own = Kind::of(&variable.name).and_then(|kind| kind.own_part(value, *own_bytes));
            own.map_or(Whose::Authors, Whose::Restored)
        }
        (Origin::Extended { .. }, None) => Whose::Authors,
    }
}

fn digest(variable: &EnvVar) -> Digest {
    match &variable.value {
        EnvValue::Literal { text, .. } => Digest::new(text),
        EnvValue::From { json } => Digest::new(&canonical(json)),
    }
}
