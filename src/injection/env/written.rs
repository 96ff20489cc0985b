//! The `env` that comes of a plan: as JSON, as claims of the record, and as the difference from the current one.

use std::collections::HashSet;

use crate::injection::at::At;
use crate::injection::env::authors::{AuthorsEnv, Whose};
use crate::injection::env::plan::{Entry, EnvPlan, Plan, Slot};
use crate::injection::env::value::Value;
use crate::injection::record::{Claim, Origin};
use crate::kubernetes::{EnvValue, EnvVar, references};
use json::{Reader, Span};

/// The variables that a container is to have, in order.
pub(crate) struct Written<'p> {
    current: &'p [EnvVar<'p>],
    variables: Vec<Variable<'p>>,
    /// The entries that the plan sets in place, in its order.
    set: Vec<&'p Entry>,
    /// The current entries that are omitted.
    removed: Vec<At>,
}

/// One variable of the list.
struct Variable<'p> {
    /// The entry of the current list.
    current: Option<At>,
    content: Content<'p>,
}

enum Content<'p> {
    /// An entry of the author's, unchanged.
    Own,
    /// An entry of the author's, with the value from before the policy set it.
    Restored(&'p str),
    /// An entry of the author's with a new value.
    Set(&'p Entry),
    /// An entry of the policy's.
    New(&'static str, &'p Value),
}

/// What changes in the text of `env`.
pub(crate) enum Change {
    Nothing,
    /// These entries, separated by commas, are added at the end.
    Append(String),
    /// The list is replaced.
    Replace(String),
}

/// How the current and the new list differ: the names of variables.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference<'p> {
    pub missing: Vec<&'p str>,
    pub out_of_date: Vec<&'p str>,
    pub no_longer_set: Vec<&'p str>,
}

/// The new entries of a plan.
struct NewEntries<'p> {
    /// Those that stand together.
    together: Vec<(&'static str, &'p Value)>,
    /// Those after all others.
    last: Vec<(&'static str, &'p Value)>,
}

impl<'p> Written<'p> {
    /// Joins the author's variables and the plan. New variables go to their place, unless they can stay where they are.
    pub(crate) fn new(env: &AuthorsEnv<'p>, plan: &'p EnvPlan) -> Self {
        let mut new = NewEntries {
            together: Vec::with_capacity(8),
            last: Vec::new(),
        };
        let mut set = Vec::new();
        for entry in plan.plans().flat_map(Plan::entries) {
            match entry.slot {
                Slot::At(_) => set.push(entry),
                Slot::New(name) => new.together.push((name, &entry.value)),
                Slot::Last(name) => new.last.push((name, &entry.value)),
            }
        }
        if plan.new_at < env.end() {
            new.sort();
        }
        let new_at = new.in_place(env, plan.new_at).unwrap_or(plan.new_at);
        let mut written = Written {
            current: env.current,
            variables: Vec::with_capacity(env.current.len() + new.together.len() + new.last.len()),
            set,
            removed: env.injected().collect(),
        };
        let mut authors = env.authors().peekable();
        while let Some(at) = authors.next_if(|at| *at < new_at) {
            written.push_authors(env, at);
        }
        new.together
            .iter()
            .for_each(|(name, value)| written.push_new(name, value));
        authors.for_each(|at| written.push_authors(env, at));
        new.last.iter().for_each(|(name, value)| written.push_new(name, value));
        written
    }

    fn push_authors(&mut self, env: &AuthorsEnv<'p>, at: At) {
        // Few are set, at most one for each name.
        let set = self.set.iter().find(|entry| entry.slot == Slot::At(at));
        let content = match (set, env.whose(at)) {
            (Some(entry), _) => Content::Set(entry),
            (None, Whose::Restored(text)) => Content::Restored(text),
            (None, _) => Content::Own,
        };
        self.variables.push(Variable {
            current: Some(at),
            content,
        });
    }

    /// Adds an entry of the policy's, and uses the current one of that name, if there is one.
    fn push_new(&mut self, name: &'static str, value: &'p Value) {
        let found = self.removed.iter().rposition(|at| self.current[at.0].name == name);
        self.variables.push(Variable {
            current: found.map(|found| self.removed.remove(found)),
            content: Content::New(name, value),
        });
    }

    /// The policy's claims on the list: first what it added, then what it set, in the order of the plans.
    pub(crate) fn claims(&self) -> Vec<Claim<'p>> {
        let added = self.variables.iter().filter_map(|variable| match variable.content {
            Content::New(name, value) => Some(Claim {
                name,
                digest: value.digest(),
                origin: Origin::Added,
            }),
            _ => None,
        });
        let mut claims: Vec<Claim> = added.collect();
        claims.extend(self.set.iter().filter_map(|entry| match entry.slot {
            Slot::At(at) => Some(Claim {
                name: &self.current[at.0].name,
                digest: entry.value.digest(),
                origin: entry.origin.clone(),
            }),
            _ => None,
        }));
        claims
    }

    /// What changes in `text`, the text of the request.
    pub(crate) fn change(&self, text: &str) -> Change {
        let is_current = |(index, variable): (usize, &Variable)| {
            variable.current == Some(At(index)) && variable.is_as_written(self.current)
        };
        let kept = self.current.len().min(self.variables.len());
        let (own, added) = self.variables.split_at(kept);
        let is_kept = self.removed.is_empty() && kept == self.current.len();
        if !is_kept || !own.iter().enumerate().all(is_current) {
            return Change::Replace(self.list(text));
        }
        if added.is_empty() {
            return Change::Nothing;
        }
        let mut items = String::with_capacity(bytes(added, 0));
        for variable in added {
            items.push_str(if items.is_empty() { "" } else { "," });
            variable.write(text, self.current, &mut items);
        }
        Change::Append(items)
    }

    fn list(&self, text: &str) -> String {
        let current: usize = self.current.iter().map(|variable| variable.span.len() + 1).sum();
        let mut list = String::with_capacity(bytes(&self.variables, current + 2));
        list.push('[');
        for (index, variable) in self.variables.iter().enumerate() {
            list.push_str(if index == 0 { "" } else { "," });
            variable.write(text, self.current, &mut list);
        }
        list.push(']');
        list
    }

    /// The list, an entry as `NAME=value`, or `NAME` for `valueFrom`.
    #[cfg(test)]
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |variable: &Variable| {
            let current = variable.current.map(|at| &self.current[at.0]);
            let name = current.map(|current| current.name.to_string()).unwrap_or_default();
            match (&variable.content, current.and_then(EnvVar::literal)) {
                (Content::New(name, value), _) => format!("{name}={}", value.text()),
                (Content::Set(entry), _) => format!("{name}={}", entry.value.text()),
                (Content::Restored(text), _) => format!("{name}={text}"),
                (Content::Own, Some(text)) => format!("{name}={text}"),
                (Content::Own, None) => name,
            }
        };
        self.variables.iter().map(line).collect()
    }

    /// How the current list differs from this one.
    pub(crate) fn difference(&self) -> Difference<'p> {
        let mut difference = Difference::default();
        for variable in &self.variables {
            match (variable.current, &variable.content) {
                (Some(_), _) if variable.is_as_written(self.current) => {}
                (Some(at), _) => difference.out_of_date.push(&self.current[at.0].name),
                (None, Content::New(name, _)) => difference.missing.push(name),
                (None, _) => {}
            }
        }
        difference.no_longer_set = self.removed.iter().map(|at| &*self.current[at.0].name).collect();
        difference
    }
}

/// About how many bytes the variables have as JSON, `current` bytes of which are in the current list.
fn bytes(variables: &[Variable], current: usize) -> usize {
    current + variables.iter().map(Variable::new_bytes).sum::<usize>()
}

impl NewEntries<'_> {
    /// Puts new variables after those that they refer to. Only values of the settings refer to others.
    fn sort(&mut self) {
        let is_of_pair = |name: &str| name.to_ascii_uppercase().ends_with("_PROXY");
        let names = self.together.iter().map(|(name, _)| *name);
        let others: Vec<&str> = names.filter(|name| !is_of_pair(name)).collect();
        let refers = |value: &Value| references(value.text()).any(|name| others.contains(&name));
        let (behind, in_front): (Vec<_>, Vec<_>) = self.together.drain(..).partition(|(_, value)| refers(value));
        self.together.extend(in_front.into_iter().chain(behind));
    }

    /// The place where new variables are already, if they can stay there. They can if all of them are there, in order and without a
    /// gap, and no variable between that place and `new_at` refers to them or is one that they refer to. So entries that were added to
    /// the list later do not move them.
    fn in_place(&self, env: &AuthorsEnv, new_at: At) -> Option<At> {
        let there: Vec<At> = env.injected().collect();
        let at = At(there.last()?.0 + 1);
        let in_order = there.len() == self.together.len()
            && there.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1)
            && std::iter::zip(&there, &self.together).all(|(at, (name, _))| env.name(*at) == *name);
        if !in_order || !self.last.is_empty() || at > new_at {
            return None;
        }
        let between = || env.authors().filter(|between| (at..new_at).contains(between));
        let names: HashSet<&str> = between().map(|at| env.name(at)).collect();
        let refers_to_own = |value: &Value| references(value.text()).any(|name| names.contains(name));
        // Earlier settings may have put them before a reference that is now overridden.
        let is_new = |name: &str| self.together.iter().any(|(new, _)| *new == name);
        let refers_to_new = |at: At| references(env.text(at).unwrap_or_default()).any(is_new);
        let must_move = between().any(refers_to_new)
            || !names.is_empty() && self.together.iter().any(|(_, value)| refers_to_own(value));
        (!must_move).then_some(at)
    }
}

impl Variable<'_> {
    /// Whether the current entry already has its value.
    fn is_as_written(&self, current: &[EnvVar]) -> bool {
        let current = self.current.map(|at| &current[at.0]);
        match (&self.content, current) {
            (_, None) => false,
            (Content::Own, Some(_)) => true,
            (Content::Restored(text), Some(current)) => current.literal() == Some(text),
            (Content::Set(entry), Some(current)) => entry.value.is_set_by(current),
            (Content::New(_, value), Some(current)) => value.is_set_by(current),
        }
    }

    /// About how many bytes of it are not in the current list.
    fn new_bytes(&self) -> usize {
        let own = match &self.content {
            Content::Own => return 0,
            Content::Restored(text) => text.len(),
            Content::Set(entry) => entry.value.member().len(),
            Content::New(_, value) => value.member().len(),
        };
        // The name, and the signs around it.
        own + 48
    }

    fn write(&self, text: &str, current: &[EnvVar], out: &mut String) {
        let entry = self.current.map(|at| &current[at.0]);
        match (&self.content, entry) {
            (_, Some(entry)) if self.is_as_written(current) => out.push_str(entry.span.of(text)),
            (Content::Restored(own), Some(entry)) => push_with_value(text, entry, &Value::literal(own), out),
            (Content::Set(set), Some(entry)) => push_with_value(text, entry, &set.value, out),
            (Content::New(name, value), _) => out.extend(["{\"name\":\"", name, "\",", value.member(), "}"]),
            // The author's variables are all in the current list.
            (Content::Own | Content::Restored(_) | Content::Set(_), _) => {}
        }
    }
}

/// Writes an entry with a new value. Its other fields are kept.
fn push_with_value(text: &str, variable: &EnvVar, value: &Value, out: &mut String) {
    if let (EnvValue::Literal { span: Some(span), .. }, "value") = (&variable.value, value.key()) {
        let part = |start, end| Span { start, end }.of(text);
        out.push_str(part(variable.span.start, span.start));
        out.push_str(value.json());
        out.push_str(part(span.end, variable.span.end));
        return;
    }
    // An entry that was read is an object.
    let members = Reader::at(text, variable.span.start).member_spans().unwrap_or_default();
    out.push('{');
    for (key, member) in members {
        if !matches!(&*key, "value" | "valueFrom") {
            out.extend([member.of(text), ","]);
        }
    }
    out.extend([value.member(), "}"]);
}
