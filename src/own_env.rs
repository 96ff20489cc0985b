//! A container's variables without what the policy put there.

use std::borrow::Cow;

use crate::pod::{EnvValue, EnvVar};
use crate::record::{Claim, Digest, Own, canonical};
use crate::runtimes::JAVA_TOOL_OPTIONS;

/// The container's own variables, as far as they are known.
pub struct OwnEnv<'e, 'a> {
    pub variables: Cow<'e, [EnvVar<'a>]>,
    /// Which of the variables there each of them is.
    pub places: Vec<usize>,
    /// Those, by index, of which the value there is not the own one.
    pub restored: Vec<usize>,
}

impl<'e, 'a> OwnEnv<'e, 'a> {
    /// Takes what a record claims away from the variables that are there. `replaces` tells of a name whether the policy gives
    /// it a value in place of the container's.
    pub fn new(there: &'e [EnvVar<'a>], claims: &[Claim], replaces: impl Fn(&str) -> bool) -> Self {
        let mut own = OwnEnv {
            variables: Cow::Borrowed(there),
            places: (0..there.len()).collect(),
            restored: Vec::new(),
        };
        if claims.is_empty() {
            return own;
        }
        // Of several entries of one name the last one was set, unless someone put more behind it.
        let fits = |variable: &EnvVar, claim: &Claim| variable.name == claim.name && digest(variable) == claim.digest;
        let last = |claim: &Claim| there.iter().rposition(|variable| fits(variable, claim));
        let claims: Vec<_> = claims.iter().map(|claim| (last(claim), claim)).collect();
        let mut variables = Vec::with_capacity(there.len());
        own.places.clear();
        for (place, variable) in there.iter().enumerate() {
            let text = match claims.iter().find(|(last, _)| *last == Some(place)) {
                Some((_, claim)) => match (&claim.own, variable.literal()) {
                    (Own::Nothing, _) => continue,
                    // There, an entry goes on standing in for the container's.
                    (Own::Place, _) if replaces(claim.name) => Some(""),
                    (Own::Place, _) => continue,
                    (Own::Was(text), _) => Some(text.as_str()),
                    (Own::Part(bytes), Some(value)) => own_part(&variable.name, value, *bytes),
                    (Own::Part(_), None) => None,
                },
                None => None,
            };
            let mut variable = variable.clone();
            if let Some(text) = text {
                own.restored.push(variables.len());
                let place = match variable.value {
                    EnvValue::Literal { place, .. } => place,
                    EnvValue::From { .. } => None,
                };
                let text = Cow::Owned(text.to_owned());
                variable.value = EnvValue::Literal { text, place };
            }
            own.places.push(place);
            variables.push(variable);
        }
        own.variables = Cow::Owned(variables);
        own
    }
}

fn own_part<'v>(name: &str, value: &'v str, bytes: usize) -> Option<&'v str> {
    if name.eq_ignore_ascii_case(JAVA_TOOL_OPTIONS) {
        value.get(value.len().checked_sub(bytes)?..)
    } else {
        value.get(..bytes)
    }
}

fn digest(variable: &EnvVar) -> Digest {
    match &variable.value {
        EnvValue::Literal { text, .. } => Digest::of(text),
        EnvValue::From { json } => Digest::of(&canonical(json)),
    }
}
