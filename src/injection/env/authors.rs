//! A container's variables as the pod's author wrote them.

use std::borrow::Cow;

use crate::injection::names::{Kind, is_proxy_variable};
use crate::injection::record::{Claim, Digest, Origin};
use crate::json::canonical;
use crate::kubernetes::{EnvValue, EnvVar};
use crate::values::Os;

/// The current `env` without what a record claims for the policy.
pub(crate) struct AuthorsEnv<'e, 'a> {
    current: &'e [EnvVar<'a>],
    pub variables: Cow<'e, [EnvVar<'a>]>,
    /// The index in the current list of each of the variables; `None` if each has the same index there.
    indices: Option<Vec<usize>>,
    /// The variables whose current value was set by the policy.
    pub restored: Vec<usize>,
    /// The indices of the current entries that the policy added.
    pub added_by_policy: Vec<usize>,
    /// The indices of the current entries that match a claim.
    claimed: Vec<usize>,
}

impl<'e, 'a> AuthorsEnv<'e, 'a> {
    /// Removes what the claims name from the current list. `overrides` says whether the policy replaces the container's
    /// value of a name.
    pub(crate) fn new(current: &'e [EnvVar<'a>], claims: &[Claim], overrides: impl Fn(&str) -> bool) -> Self {
        let mut authors = AuthorsEnv {
            current,
            variables: Cow::Borrowed(current),
            indices: None,
            restored: Vec::new(),
            added_by_policy: Vec::new(),
            claimed: Vec::new(),
        };
        if claims.is_empty() {
            return authors;
        }
        // If several entries have the same name, the policy set the last one, unless more were added later.
        let fits = |variable: &EnvVar, claim: &Claim| variable.name == claim.name && digest(variable) == claim.digest;
        let last = |claim: &Claim| current.iter().rposition(|variable| fits(variable, claim));
        let claims: Vec<_> = claims.iter().map(|claim| (last(claim), claim)).collect();
        let mut variables = Vec::with_capacity(current.len());
        let mut indices = Vec::with_capacity(current.len());
        for (index, variable) in current.iter().enumerate() {
            let claim = claims.iter().find(|(last, _)| *last == Some(index));
            if let Some((_, claim)) = claim {
                authors.claimed.push(index);
                match authors_value(variable, claim, overrides(claim.name)) {
                    None => {
                        authors.added_by_policy.push(index);
                        continue;
                    }
                    Some(restored) => {
                        if restored.literal() != variable.literal() {
                            authors.restored.push(variables.len());
                        }
                        variables.push(restored);
                    }
                }
            } else {
                variables.push(variable.clone());
            }
            indices.push(index);
        }
        authors.variables = Cow::Owned(variables);
        authors.indices = Some(indices);
        authors
    }

    /// The index in the current list of one of the variables.
    pub(crate) fn current_index(&self, index: usize) -> usize {
        self.indices.as_ref().map_or(index, |indices| indices[index])
    }

    /// Removes what was added to the list after the policy saw it, for example by another webhook: if the pod is
    /// re-created, the policy does not see it. `keeps_all_proxy` says whether a container that sets `ALL_PROXY` is given no proxy.
    /// Returns the entries that set the same variables as the policy.
    pub(crate) fn remove_later_additions(&mut self, os: Os, keeps_all_proxy: bool) -> Vec<Cow<'e, str>> {
        let Some(indices) = &self.indices else {
            return Vec::new();
        };
        let end_of_own = self.end_of_what_the_policy_saw(indices);
        let sets = |claimed: &usize, name: &str| os.same_name(&self.current[*claimed].name, name);
        let is_claimed_earlier = |index: usize, name: &str| {
            let mut claimed = self.claimed.iter().take_while(|claimed| **claimed < index);
            claimed.any(|claimed| sets(claimed, name))
        };
        // The policy adds no variable that the container sets.
        let is_added = |name: &str| self.added_by_policy.iter().any(|added| sets(added, name));
        // A container that chose its proxy by ALL_PROXY is given neither another one nor NO_PROXY.
        let claimed = self.claimed.iter();
        let gave_a_proxy = claimed
            .map(|index| Kind::of(&self.current[*index].name))
            .any(|kind| matches!(kind, Some(Kind::Proxy | Kind::NoProxy)));
        let chooses_proxy = |variable: &EnvVar| is_all_proxy(&variable.name) && variable.literal() != Some("");
        let is_later = |at: usize, index: usize, variable: &EnvVar| {
            at >= end_of_own
                || !self.claimed.contains(&index)
                    && (is_claimed_earlier(index, &variable.name) || is_added(&variable.name))
                || keeps_all_proxy && gave_a_proxy && chooses_proxy(variable)
        };
        let all = std::iter::zip(indices, &*self.variables).enumerate();
        let later: Vec<usize> = all
            .filter(|(at, (index, variable))| is_later(*at, **index, variable))
            .map(|(at, _)| at)
            .collect();
        if later.is_empty() {
            return Vec::new();
        }
        let mut later = later.into_iter().peekable();
        let mut kept = AuthorsEnv::empty(self.current);
        let mut names = Vec::new();
        for (at, (index, variable)) in std::iter::zip(indices, &*self.variables).enumerate() {
            if later.next_if_eq(&at).is_some() {
                if Kind::of(&variable.name).is_some() || is_all_proxy(&variable.name) {
                    names.push(variable.name.clone().into_owned().into());
                }
                continue;
            }
            if self.restored.contains(&at) {
                kept.restored.push(kept.variables.len());
            }
            kept.variables.to_mut().push(variable.clone());
            kept.indices.get_or_insert_default().push(*index);
        }
        kept.added_by_policy = std::mem::take(&mut self.added_by_policy);
        kept.claimed = std::mem::take(&mut self.claimed);
        *self = kept;
        names
    }

    fn empty(current: &'e [EnvVar<'a>]) -> Self {
        AuthorsEnv {
            current,
            variables: Cow::Owned(Vec::new()),
            indices: Some(Vec::new()),
            restored: Vec::new(),
            added_by_policy: Vec::new(),
            claimed: Vec::new(),
        }
    }

    /// How many of the variables were there when the policy saw the list: those in front of what it added at the end.
    /// Variables that it added in front of a reference do not show what was after that.
    fn end_of_what_the_policy_saw(&self, indices: &[usize]) -> usize {
        let Some(last_added) = self.added_by_policy.last() else {
            return self.variables.len();
        };
        let after = indices.partition_point(|index| index < last_added);
        let refers_to_added = |variable: &EnvVar| {
            let added = |name: &str| {
                self.added_by_policy
                    .iter()
                    .any(|index| self.current[*index].name == name)
            };
            variable.references().any(|name| is_proxy_variable(name) || added(name))
        };
        match self.variables.get(after) {
            Some(first) if refers_to_added(first) => self.variables.len(),
            _ => after,
        }
    }
}

/// The author's value of a claimed entry; `None` if the author has no such entry.
fn authors_value<'a>(variable: &EnvVar<'a>, claim: &Claim, overridden_again: bool) -> Option<EnvVar<'a>> {
    let text = match (&claim.origin, variable.literal()) {
        (Origin::Added, _) => return None,
        // The entry goes on standing in for the container's, whose value is lost.
        (Origin::Overridden, _) if overridden_again => {
            let value = EnvValue::From { json: "null" };
            return Some(EnvVar {
                value,
                ..variable.clone()
            });
        }
        (Origin::Overridden, _) => return None,
        (Origin::Replaced { original }, _) => original,
        (Origin::Extended { own_bytes }, Some(value)) => {
            let kind = Kind::of(&variable.name);
            match kind.and_then(|kind| kind.own_part(value, *own_bytes)) {
                Some(own) => own,
                None => return Some(variable.clone()),
            }
        }
        (Origin::Extended { .. }, None) => return Some(variable.clone()),
    };
    let span = match variable.value {
        EnvValue::Literal { span, .. } => span,
        EnvValue::From { .. } => None,
    };
    Some(EnvVar {
        value: EnvValue::Literal {
            text: Cow::Owned(text.to_owned()),
            span,
        },
        ..variable.clone()
    })
}

fn is_all_proxy(name: &str) -> bool {
    name.eq_ignore_ascii_case("ALL_PROXY")
}

fn digest(variable: &EnvVar) -> Digest {
    match &variable.value {
        EnvValue::Literal { text, .. } => Digest::new(text),
        EnvValue::From { json } => Digest::new(&canonical(json)),
    }
}
