//! What references mean, as the kubelet sees them.
//!
//! The kubelet processes `env` in order. It expands `$(NAME)` from the entries before it, or else from the variables of
//! services; otherwise it leaves the text as it is (`makeEnvironmentVariables` of
//! <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go>). So a reference means one thing before an entry that sets the variable, and another one after it.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::injection::at::At;
use crate::injection::env::authors::AuthorsEnv;

/// What following a reference costs, in bytes.
const STEP: usize = 8;

/// What any container may cost, in bytes, however little its author wrote.
const LEAST_BUDGET: usize = 1024;

/// The author's variables, with what references to them mean at each place.
///
/// An entry refers to earlier ones only, so what it costs to write out an entry follows from those before it. Costs are worked out
/// before anything is written, and writing is paid from a budget of twice the bytes that the author wrote. So neither the
/// time nor the memory for references grows faster than the request.
pub(super) struct View<'e> {
    pub env: &'e AuthorsEnv<'e>,
    /// Entries whose value is replaced: nothing of it remains.
    replaced: Vec<At>,
    by_name: OnceCell<HashMap<&'e str, Vec<At>>>,
    /// The costs of the entries from a place on.
    costs: RefCell<Option<(At, Rc<[Cost]>)>>,
    /// How many bytes may still be written; `None` before the first.
    budget: Cell<Option<usize>>,
}

/// What it costs to write out an entry.
#[derive(Clone, Copy)]
enum Cost {
    /// This many bytes.
    Text(usize),
    /// It cannot be written: only the kubelet knows this entry.
    Hidden(At),
}

/// How to write a reference so that it stands for the variable's last value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    /// As a reference: the variable is set in front, or not at all.
    AsReference,
    /// As this text: the variable is set later, to a literal value.
    As(String),
    /// Not possible: this entry comes later, and only the kubelet knows it.
    Hidden(At),
    /// Not possible: it would exceed the budget.
    TooMuch,
}

/// A part of a value.
enum Piece<'t> {
    Text(&'t str),
    /// `$(NAME)`
    Reference(&'t str),
}

impl<'e> View<'e> {
    pub(super) fn new(env: &'e AuthorsEnv<'e>, replaced: Vec<At>) -> Self {
        View {
            env,
            replaced,
            by_name: OnceCell::new(),
            costs: RefCell::new(None),
            budget: Cell::new(None),
        }
    }

    /// Whether the value of an entry is replaced.
    pub(super) fn is_replaced(&self, at: At) -> bool {
        self.replaced.contains(&at)
    }

    /// The text of an entry; `None` if only the kubelet knows it.
    fn text(&self, at: At) -> Option<&'e str> {
        if self.is_replaced(at) {
            Some("")
        } else {
            self.env.text(at)
        }
    }

    /// The last entry before `before` that sets `name`.
    pub(super) fn last_before(&self, name: &str, before: At) -> Option<At> {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name: HashMap<&str, Vec<At>> = HashMap::new();
            for at in self.env.authors() {
                by_name.entry(self.env.name(at)).or_default().push(at);
            }
            by_name
        });
        let all = by_name.get(name)?;
        let earlier = all.partition_point(|at| *at < before);
        earlier.checked_sub(1).map(|last| all[last])
    }

    /// Whether a reference to `name` means the same before two places.
    pub(super) fn means_the_same(&self, name: &str, one: At, other: At) -> bool {
        self.last_before(name, one) == self.last_before(name, other)
    }

    /// How to write a reference to `name` before `at`.
    pub(super) fn resolve(&self, name: &str, at: At) -> Resolved {
        let end = self.env.end();
        let last = self.last_before(name, end).filter(|last| *last >= at);
        let Some(last) = last else {
            return Resolved::AsReference;
        };
        match self.costs(at)[last.0 - at.0] {
            Cost::Hidden(hidden) => Resolved::Hidden(hidden),
            Cost::Text(bytes) => match self.written(self.text(last).unwrap_or_default(), last, at, bytes) {
                Some(text) => Resolved::As(text),
                None => Resolved::TooMuch,
            },
        }
    }

    /// Rewrites a value from place `from` so that it means the same at the earlier place `to`.
    ///
    /// # Errors
    /// It refers to a value that only the kubelet knows, or would exceed the budget.
    pub(super) fn rewrite(&self, value: &str, from: At, to: At) -> Result<String, Resolved> {
        match self.cost(value, from, to, &self.costs(to)) {
            Cost::Hidden(hidden) => Err(Resolved::Hidden(hidden)),
            Cost::Text(bytes) => self.written(value, from, to, bytes).ok_or(Resolved::TooMuch),
        }
    }

    /// Why a reference to `name` from place `from` could not be written out at the earlier place `to`: what it stands for is hidden,
    /// or too much. `None` if it means the same there.
    pub(super) fn fault(&self, name: &str, from: At, to: At) -> Option<Resolved> {
        let at = self.later(name, from, to)?;
        match self.costs(to)[at.0 - to.0] {
            Cost::Hidden(hidden) => Some(Resolved::Hidden(hidden)),
            Cost::Text(_) => Some(Resolved::TooMuch),
        }
    }

    /// What it costs to write out, at `to`, each entry from there on.
    fn costs(&self, to: At) -> Rc<[Cost]> {
        if let Some((at, costs)) = &*self.costs.borrow()
            && *at == to
        {
            return Rc::clone(costs);
        }
        let mut costs = Vec::with_capacity(self.env.end().0 - to.0);
        for at in (to.0..self.env.end().0).map(At) {
            let cost = match self.text(at) {
                Some(text) => self.cost(text, at, to, &costs),
                None => Cost::Hidden(at),
            };
            costs.push(cost);
        }
        let costs: Rc<[Cost]> = costs.into();
        *self.costs.borrow_mut() = Some((to, Rc::clone(&costs)));
        costs
    }

    /// What it costs to write out, at `to`, a value that stands at `from`. `costs` are those of the entries between.
    fn cost(&self, value: &str, from: At, to: At, costs: &[Cost]) -> Cost {
        let mut bytes: usize = 0;
        for piece in pieces(value) {
            let more = match piece {
                Piece::Text(text) => text.len(),
                Piece::Reference(name) => match self.later(name, from, to) {
                    None => "$()".len() + name.len(),
                    Some(at) => match costs[at.0 - to.0] {
                        Cost::Text(bytes) => bytes.saturating_add(STEP),
                        hidden @ Cost::Hidden(_) => return hidden,
                    },
                },
            };
            bytes = bytes.saturating_add(more);
        }
        Cost::Text(bytes)
    }

    /// The entry between `to` and `from` that a reference before `from` stands for, if it does not stand for the same before `to`.
    fn later(&self, name: &str, from: At, to: At) -> Option<At> {
        self.last_before(name, from).filter(|at| *at >= to)
    }

    /// Writes out a value, if the budget allows that.
    fn written(&self, value: &str, from: At, to: At, cost: usize) -> Option<String> {
        self.pay(cost.saturating_add(STEP))?;
        let mut written = String::with_capacity(cost);
        // The texts that are open, each with its place. A chain of references may be long, so they are not on the stack.
        let mut open = vec![(pieces(value), from)];
        while let Some((rest, from)) = open.last_mut() {
            match rest.next() {
                None => drop(open.pop()),
                Some(Piece::Text(text)) => written.push_str(text),
                Some(Piece::Reference(name)) => match self.later(name, *from, to) {
                    None => written.extend(["$(", name, ")"]),
                    Some(at) => open.push((pieces(self.text(at).unwrap_or_default()), at)),
                },
            }
        }
        Some(written)
    }

    /// Takes `bytes` from the budget, if there are enough left.
    fn pay(&self, bytes: usize) -> Option<()> {
        let authors_bytes = || {
            let bytes = |at| self.env.name(at).len() + self.env.text(at).map_or(0, str::len);
            self.env.authors().map(bytes).sum::<usize>()
        };
        let budget = self.budget.get().unwrap_or_else(|| 2 * authors_bytes() + LEAST_BUDGET);
        let left = budget.checked_sub(bytes);
        self.budget.set(Some(left.unwrap_or(budget)));
        left.map(drop)
    }
}

/// Splits a value into texts and references, as the kubelet does. `$$` is an escaped `$`, and stays so.
fn pieces<'t>(value: &'t str) -> impl Iterator<Item = Piece<'t>> + use<'t> {
    let mut rest = value;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = 0;
        loop {
            let Some(dollar) = rest[end..].find('$') else {
                return Some(Piece::Text(std::mem::take(&mut rest)));
            };
            let dollar = end + dollar;
            let behind = &rest[dollar + 1..];
            if behind.starts_with('$') {
                end = dollar + 2;
                continue;
            }
            let Some(opened) = behind.strip_prefix('(') else {
                end = dollar + 1;
                continue;
            };
            // Looked for once: where none is closed, none follows.
            let Some((name, after)) = opened.split_once(')') else {
                return Some(Piece::Text(std::mem::take(&mut rest)));
            };
            if dollar > 0 {
                let text;
                (text, rest) = rest.split_at(dollar);
                return Some(Piece::Text(text));
            }
            rest = after;
            return Some(Piece::Reference(name));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::injection::env::testing::env;

    fn resolve(entries: &[&str], name: &str, at: usize) -> Resolved {
        let current = env(entries);
        let authors = AuthorsEnv::new(&current, &[], &[]);
        View::new(&authors, Vec::new()).resolve(name, At(at))
    }

    #[test]
    fn a_reference_to_a_later_variable_is_written_as_its_value() {
        let entries = ["A=1", "B=$(A)", "C=$(B)-$$(B)-$X", "D", "A=2"];
        let as_text = |text: &str| Resolved::As(text.to_owned());
        for (name, at, expected) in [
            ("A", 5, Resolved::AsReference),
            ("A", 1, as_text("2")),
            ("B", 2, Resolved::AsReference),
            ("B", 1, as_text("$(A)")),
            ("B", 0, as_text("1")),
            ("C", 0, as_text("1-$$(B)-$X")),
            ("D", 0, Resolved::Hidden(At(3))),
            ("D", 4, Resolved::AsReference),
            ("KUBERNETES_SERVICE_HOST", 0, Resolved::AsReference),
        ] {
            assert_eq!(resolve(&entries, name, at), expected, "{name} at {at}");
        }
    }

    #[test]
    fn a_chain_of_literals_is_written_however_long_it_is() {
        let chain: Vec<String> = (0..1000).map(|n| format!("V{}=$(V{n})", n + 1)).collect();
        let mut all = vec!["V0=x"];
        all.extend(chain.iter().map(String::as_str));
        assert_eq!(resolve(&all, "V1000", 0), Resolved::As("x".to_owned()));
    }

    #[test]
    fn the_entry_that_hides_a_value_is_found_through_references() {
        assert_eq!(resolve(&["A", "B=$(A)", "C=$(B)"], "C", 0), Resolved::Hidden(At(0)));
    }

    #[test]
    fn values_that_exceed_the_budget_are_not_written() {
        for start in ["V0=x", "V0="] {
            let chain: Vec<String> = (0..60).map(|n| format!("V{}=$(V{n})$(V{n})", n + 1)).collect();
            let mut all = vec![start];
            all.extend(chain.iter().map(String::as_str));
            assert_eq!(resolve(&all, "V60", 0), Resolved::TooMuch);
        }
        assert_eq!(
            resolve(&["V0=x", "V1=$(V0)$(V0)"], "V1", 0),
            Resolved::As("xx".to_owned())
        );
    }

    #[test]
    fn copies_are_paid_from_one_budget() {
        let long = format!("B={}", "x".repeat(10_000));
        let current = env(&[&long]);
        let authors = AuthorsEnv::new(&current, &[], &[]);
        let view = View::new(&authors, Vec::new());
        let copies = std::iter::repeat_with(|| view.resolve("B", At(0)));
        assert_eq!(
            copies
                .take_while(|resolved| matches!(resolved, Resolved::As(_)))
                .take(10)
                .count(),
            2
        );
    }

    #[test]
    fn a_value_is_split_as_the_kubelet_splits_it() {
        for value in [
            "",
            "$",
            "$$",
            "a$(A)b$(B)",
            "$(A",
            "$$(A)$$$(B)",
            "$(A$(B)",
            "$$$$(A)é$",
        ] {
            let joined: String = pieces(value)
                .map(|piece| match piece {
                    Piece::Text(text) => text.to_owned(),
                    Piece::Reference(name) => format!("$({name})"),
                })
                .collect();
            assert_eq!(joined, value);
            let names = pieces(value).filter_map(|piece| match piece {
                Piece::Reference(name) => Some(name),
                Piece::Text(_) => None,
            });
            assert!(names.eq(crate::kubernetes::references(value)), "{value}");
        }
    }
}
