//! What changes in a container's `env`, and the list that comes of it.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::json::Reader;
use crate::own_env::OwnEnv;
use crate::pod::{EnvValue, EnvVar, references};
use crate::record::{Claim, Own};
use crate::value::Value;
use crate::variables;

/// Changes of the container's own variables.
#[derive(Default)]
pub struct EnvChanges<'v> {
    /// New values for variables that are there.
    pub set: Vec<Set<'v>>,
    /// New variables for behind the container's own, in order.
    pub behind: Vec<(&'static str, Cow<'v, Value>)>,
    /// New variables for in front of the container's own, because one of these refers to one of the six.
    pub in_front: Vec<(&'static str, Cow<'v, Value>)>,
    /// Variables whose new value would have been too long, and so stayed as they were.
    pub too_long: Vec<&'static str>,
}

/// A new value for a variable that the container sets.
pub struct Set<'v> {
    /// Which one.
    pub index: usize,
    pub value: Cow<'v, Value>,
    /// What is left of its own value.
    pub own: Own,
}

impl<'v> EnvChanges<'v> {
    /// New variables, in the order in which they stand.
    pub fn new_variables(&self) -> impl Iterator<Item = &(&'static str, Cow<'v, Value>)> {
        self.in_front.iter().chain(&self.behind)
    }

    /// Adds a variable that the container does not set itself.
    pub fn add_missing(&mut self, env: &[EnvVar], name: &'static str, value: &'v Value) {
        if env.iter().all(|own| own.name != name) {
            self.behind.push((name, Cow::Borrowed(value)));
        }
    }

    /// Gives back to the container what it had and no change concerns any more.
    pub fn restore(&mut self, own: &OwnEnv) {
        for index in &own.restored {
            if self.set.iter().all(|set| set.index != *index) {
                let text = own.variables[*index].literal().unwrap_or_default();
                self.set.push(Set {
                    index: *index,
                    value: Cow::Owned(Value::literal(text.to_owned())),
                    // All of it: that is no claim.
                    own: Own::Part(text.len()),
                });
            }
        }
    }

    /// What of the list is the policy's once it is changed.
    pub fn claims<'c>(&'c self, own: &'c OwnEnv) -> Vec<Claim<'c>> {
        let new = self.new_variables().map(|(name, value)| Claim {
            name,
            digest: value.digest(),
            own: Own::Nothing,
        });
        let set = self.set.iter().map(|set| Claim {
            name: &own.variables[set.index].name,
            digest: set.value.digest(),
            own: set.own.clone(),
        });
        let all_own = |set: &Set| set.own == Own::Part(set.value.text().len());
        let set = self
            .set
            .iter()
            .zip(set)
            .filter(|(set, _)| !all_own(set))
            .map(|(_, claim)| claim);
        new.chain(set).collect()
    }

    /// The changed list; `None` if it is the one that is there.
    pub fn list(&self, text: &str, there: &[EnvVar], own: &OwnEnv) -> Option<String> {
        let new = self.new_variables().map(|(_, value)| value.json().len() + 64);
        let set = self.set.iter().map(|set| set.value.json().len() + 64);
        let old = there.iter().map(|variable| variable.place.len() + 1);
        let mut list = List::new(text, new.chain(set).chain(old).sum::<usize>() + 2);
        if self.stays_in_order(there, own) {
            let mut new = self.new_variables();
            let mut own_ones = own.places.iter().enumerate().peekable();
            for (place, variable) in there.iter().enumerate() {
                if let Some((index, _)) = own_ones.next_if(|(_, own)| **own == place) {
                    self.push_own(&mut list, variable, index);
                } else if let Some((name, value)) = new.next() {
                    if value.is_set_by(variable) {
                        list.push(variable);
                    } else {
                        list.push_new(name, value);
                    }
                }
            }
        } else {
            list.changed = true;
            self.in_front
                .iter()
                .for_each(|(name, value)| list.push_new(name, value));
            for (index, place) in own.places.iter().enumerate() {
                self.push_own(&mut list, &there[*place], index);
            }
            self.behind.iter().for_each(|(name, value)| list.push_new(name, value));
        }
        list.out.push(']');
        list.changed.then_some(list.out)
    }

    fn push_own<'t>(&self, list: &mut List<'t>, variable: &EnvVar, index: usize) {
        match self.set.iter().find(|set| set.index == index) {
            Some(set) if !set.value.is_set_by(variable) => list.push_with(variable, &set.value),
            _ => list.push(variable),
        }
    }

    /// Whether the policy's variables are there, under the right names, where they can be.
    ///
    /// That is as [`EnvChanges`] says, or in front of variables which someone has put behind them since.
    fn stays_in_order(&self, there: &[EnvVar], own: &OwnEnv) -> bool {
        let policys = there.len() - own.places.len();
        if policys == 0 || policys != self.in_front.len() + self.behind.len() {
            return policys == self.in_front.len() + self.behind.len();
        }
        // own.places is sorted: what it leaves out is the policy's.
        let mut own_ones = own.places.iter().peekable();
        let places = (0..there.len()).filter(|place| own_ones.next_if_eq(&place).is_none());
        let places: Vec<usize> = places.collect();
        let named_so = |(place, (name, _)): (&usize, &(&str, Cow<Value>))| there[*place].name == *name;
        let (in_front, behind) = places.split_at(self.in_front.len());
        let refers_to_one = |variable: &EnvVar| variable.references().any(variables::is_proxy_name);
        let in_a_row = |places: &[usize]| places.windows(2).all(|pair| pair[1] == pair[0] + 1);
        places.iter().zip(self.new_variables()).all(named_so)
            && in_a_row(in_front)
            && in_a_row(behind)
            && in_front.last().is_none_or(|last| {
                own.places
                    .iter()
                    .zip(&*own.variables)
                    .all(|(place, variable)| place > last || !refers_to_one(variable))
            })
            && behind.first().is_none_or(|first| {
                let behind_it = &own.variables[own.places.partition_point(|place| place < first)..];
                let names: HashSet<&str> = behind_it.iter().map(|variable| &*variable.name).collect();
                let refers_to_them = |value: &Value| references(value.text()).any(|name| names.contains(name));
                // Earlier settings may have put them in front of one that refers to them, which is replaced now.
                !behind_it.iter().any(refers_to_one)
                    && (names.is_empty() || !self.behind.iter().any(|(_, value)| refers_to_them(value)))
            })
    }
}

/// A list in the making.
struct List<'t> {
    text: &'t str,
    out: String,
    changed: bool,
}

impl<'t> List<'t> {
    fn new(text: &'t str, bytes: usize) -> Self {
        let mut out = String::with_capacity(bytes);
        out.push('[');
        List {
            text,
            out,
            changed: false,
        }
    }

    /// An item that stays as it is.
    fn push(&mut self, variable: &EnvVar) {
        self.push_item(&[&self.text[variable.place.clone()]]);
    }

    /// An item with a new value; its other fields stay.
    fn push_with(&mut self, variable: &EnvVar, value: &Value) {
        match &variable.value {
            EnvValue::Literal { place: Some(place), .. } if value.key() == "value" => {
                let (in_front, behind) = (variable.place.start..place.start, place.end..variable.place.end);
                self.push_item(&[&self.text[in_front], value.json(), &self.text[behind]]);
            }
            _ => {
                let item = Reader::at(self.text, variable.place.start);
                // An entry that was read is an object.
                let mut members = item.members_without(&["value", "valueFrom"]).unwrap_or_default();
                members.push(["\"", value.key(), "\":", value.json()].concat());
                self.push_item(&["{", &members.join(","), "}"]);
            }
        }
        self.changed = true;
    }

    /// An item for a name that needs no escapes.
    fn push_new(&mut self, name: &str, value: &Value) {
        self.push_item(&["{\"name\":\"", name, "\",\"", value.key(), "\":", value.json(), "}"]);
        self.changed = true;
    }

    fn push_item(&mut self, parts: &[&str]) {
        if self.out.len() > 1 {
            self.out.push(',');
        }
        parts.iter().for_each(|part| self.out.push_str(part));
    }
}
