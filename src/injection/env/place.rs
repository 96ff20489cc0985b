//! Where new variables go.

use crate::injection::at::At;
use crate::injection::env::authors::AuthorsEnv;
use crate::injection::env::references::View;
use crate::kubernetes::references;

/// The place of new variables: before the first entry that refers to one of them, and after all entries if none does.
pub(super) struct Place {
    pub at: At,
    /// The names of the variables that are added.
    added: Vec<&'static str>,
}

impl Place {
    pub(super) fn find(view: &View, added: Vec<&'static str>) -> Self {
        let env: &AuthorsEnv = view.env;
        let refers = |at: &At| {
            let text = env.text(*at).unwrap_or_default();
            references(text).any(|name| added.contains(&name)) && !view.is_replaced(*at)
        };
        Place {
            at: env.authors().find(refers).unwrap_or(env.end()),
            added,
        }
    }

    /// Whether a variable of this name is added.
    pub(super) fn adds(&self, name: &str) -> bool {
        self.added.contains(&name)
    }

    /// Whether the new variables are between the two places.
    pub(super) fn is_between(&self, one: At, other: At) -> bool {
        (one < self.at) != (other < self.at)
    }
}
