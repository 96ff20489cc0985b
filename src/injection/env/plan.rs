//! What is planned for the variables of a container.

use crate::injection::at::At;
use crate::injection::env::authors::{AuthorsEnv, Whose};
use crate::injection::env::value::Value;
use crate::injection::reason::{Caveat, Reason};
use crate::injection::record::Origin;

/// What happens to one variable, or to the two names of a pair.
pub(crate) enum Plan {
    /// Nothing, for this reason.
    Leave(Reason),
    /// It is set where the container has none.
    Set(Vec<Entry>),
    /// The container's value is extended.
    Extend(Vec<Entry>),
    /// The container's value is replaced.
    Replace(Vec<Entry>),
}

/// An entry of `env` that the policy sets.
pub(crate) struct Entry {
    pub slot: Slot,
    pub value: Value,
    /// What remains of the author's value.
    pub origin: Origin,
}

/// Where an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// An entry of the container's.
    At(At),
    /// Among the new entries, which stand together.
    New(&'static str),
    /// Behind all entries, because of the variables that it refers to.
    Last(&'static str),
}

/// Everything that is planned for the variables of a container.
pub(crate) struct EnvPlan {
    pub http_proxy: Plan,
    pub https_proxy: Plan,
    pub no_proxy: Plan,
    pub node: Plan,
    pub java: Plan,
    /// The variables of the trusted CA.
    pub trusted_ca: Vec<(&'static str, Plan)>,
    /// The place of the new entries.
    pub new_at: At,
    pub caveats: Vec<Caveat>,
}

impl Plan {
    /// The entries to set.
    pub(crate) fn entries(&self) -> &[Entry] {
        match self {
            Plan::Leave(_) => &[],
            Plan::Set(entries) | Plan::Extend(entries) | Plan::Replace(entries) => entries,
        }
    }
}

impl From<Result<Plan, Reason>> for Plan {
    fn from(plan: Result<Plan, Reason>) -> Self {
        match plan {
            Err(reason) => Plan::Leave(reason),
            Ok(Plan::Set(entries) | Plan::Extend(entries) | Plan::Replace(entries)) if entries.is_empty() => {
                Plan::Leave(Reason::Same)
            }
            Ok(plan) => plan,
        }
    }
}

impl EnvPlan {
    /// A plan that sets nothing.
    pub(crate) fn leave(reason: Reason, env: &AuthorsEnv) -> Self {
        EnvPlan {
            http_proxy: Plan::Leave(reason),
            https_proxy: Plan::Leave(reason),
            no_proxy: Plan::Leave(reason),
            node: Plan::Leave(reason),
            java: Plan::Leave(reason),
            trusted_ca: Vec::new(),
            new_at: env.end(),
            caveats: Vec::new(),
        }
    }

    /// All plans: the pairs in the order in which their variables are added, then Node, Java and the CA.
    pub(crate) fn plans(&self) -> impl Iterator<Item = &Plan> {
        let fixed = [
            &self.http_proxy,
            &self.https_proxy,
            &self.no_proxy,
            &self.node,
            &self.java,
        ];
        fixed.into_iter().chain(self.trusted_ca.iter().map(|(_, plan)| plan))
    }
}

impl Entry {
    /// A new variable.
    pub(super) fn new(name: &'static str, value: Value) -> Self {
        Entry {
            slot: Slot::New(name),
            value,
            origin: Origin::Added,
        }
    }

    /// A new value for an entry of the container's; `None` if it has that value already, and so stays the author's.
    pub(super) fn at(env: &AuthorsEnv, at: At, value: Value, origin: Origin) -> Option<Self> {
        let has_value = match env.whose(at) {
            Whose::Restored(text) => value.is_literal(text),
            Whose::Lost => false,
            _ => value.is_set_by(&env.current[at.0]),
        };
        (!has_value).then_some(Entry {
            slot: Slot::At(at),
            value,
            origin,
        })
    }
}
