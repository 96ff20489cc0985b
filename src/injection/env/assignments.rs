//! What the policy sets in a container, before the places of new variables are decided.

use super::Value;
use crate::injection::names::is_proxy_variable;
use crate::injection::record::Origin;
use crate::kubernetes::{EnvVar, references};

pub(crate) struct Assignments {
    /// New values for the author's entries.
    pub set: Vec<Assignment>,
    /// Variables that the container does not set, in order.
    pub new: Vec<NewVariable>,
}

/// A new value for an entry.
pub(crate) struct Assignment {
    /// The index of the author's entry.
    pub index: usize,
    pub value: Value,
    /// What remains of the author's value.
    pub origin: Origin,
}

/// A variable to add.
pub(crate) struct NewVariable {
    pub name: &'static str,
    pub value: Value,
    /// Whether it must come after all of the author's entries, because of the variables that it refers to.
    pub at_the_end: bool,
}

impl Default for Assignments {
    fn default() -> Self {
        Assignments {
            set: Vec::new(),
            // Most containers get the six variables.
            new: Vec::with_capacity(8),
        }
    }
}

impl Assignments {
    /// Sets an entry. An entry that already has the value remains the author's.
    pub(crate) fn set(&mut self, env: &[EnvVar], index: usize, value: Value, origin: Origin) {
        if !value.is_set_by(&env[index]) {
            self.set.push(Assignment { index, value, origin });
        }
    }

    /// Adds a variable.
    pub(crate) fn add(&mut self, name: &'static str, value: Value) {
        let at_the_end = false;
        self.new.push(NewVariable {
            name,
            value,
            at_the_end,
        });
    }

    /// Adds a variable if the container does not set it.
    pub(crate) fn add_missing(&mut self, env: &[EnvVar], name: &'static str, value: &Value) {
        if env.iter().all(|own| own.name != name) {
            self.add(name, value.clone());
        }
    }

    /// Puts new variables behind those that they refer to. Of the six, the lists come last, so only others can be behind
    /// a variable that refers to them.
    pub(crate) fn sort_new(&mut self) {
        let names = self.new.iter().map(|variable| variable.name);
        let others: Vec<&str> = names.filter(|name| !is_proxy_variable(name)).collect();
        let refers = |variable: &NewVariable| references(variable.value.text()).any(|name| others.contains(&name));
        let (behind, front): (Vec<_>, Vec<_>) = self.new.drain(..).partition(refers);
        self.new.extend(front.into_iter().chain(behind));
    }
}
