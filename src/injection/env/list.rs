//! Puts lists of `NO_PROXY` together.

use crate::injection::at::At;
use crate::injection::env::references::{Resolved, View};
use crate::injection::reason::{Because, Caveat};
use values::{Destination, Listed, NoProxyList, no_proxy_entries, referred};

/// A container's own list.
pub(super) struct OwnList<'e> {
    /// The values in merging order.
    pub texts: Vec<&'e str>,
    /// The entries of all of them.
    pub entries: NoProxyList,
}

impl OwnList<'_> {
    /// Whether an entry has white space in it.
    pub(super) fn has_white_space(&self) -> bool {
        let mut entries = self.entries.entries();
        entries.any(|entry| entry.destination.is_none() && has_white_space(entry.text))
    }

    /// Adds the policy's entries that are missing, and drops those that refer to the list. Returns whether the list is another one
    /// than the container's.
    pub(super) fn merge(&mut self, policy_list: &NoProxyList, is_itself: &dyn Fn(&str) -> bool) -> bool {
        let OwnList { texts, entries } = self;
        let of_own = entries.count();
        policy_list.entries().for_each(|entry| entries.push_listed(entry));
        if entries.entries().any(|entry| is_itself(entry.text)) {
            *entries = NoProxyList::from(&*without(entries.value(), is_itself));
            return true;
        }
        // Where nothing is missing, the value stays as written. A * takes the place of all entries.
        entries.count() != of_own || entries.is_everything() || texts.iter().any(|text| *text != texts[0])
    }
}

pub(super) fn has_white_space(entry: &str) -> bool {
    entry.contains(char::is_whitespace)
}

/// The list with each reference replaced by its value if it would not resolve before `at`, or `None` if nothing changes; and
/// the names of those that cannot be replaced. Where a value refers to the list in turn, as `is_itself` says, that adds nothing.
pub(super) fn resolved_list<'l>(
    view: &View,
    list: &'l NoProxyList,
    at: At,
    is_itself: &dyn Fn(&str) -> bool,
) -> (Option<NoProxyList>, Vec<(&'l str, Resolved)>) {
    if at == view.env.end() {
        return (None, Vec::new());
    }
    let (mut values, mut unresolved) = (Vec::new(), Vec::new());
    for entry in list.entries() {
        let Some(name) = reference_of(entry) else { continue };
        match view.resolve(name, at) {
            Resolved::AsReference => {}
            Resolved::As(value) => values.push((entry, value)),
            fault => unresolved.push((name, fault)),
        }
    }
    if values.is_empty() {
        return (None, unresolved);
    }
    let mut values = values.into_iter().peekable();
    let mut resolved = NoProxyList::default();
    for entry in list.entries() {
        match values.next_if(|(replaced, _)| *replaced == entry) {
            Some((_, value)) => {
                resolved.push_value(&without(&value, is_itself));
            }
            None => resolved.push_listed(entry),
        }
    }
    (Some(resolved), unresolved)
}

/// What to say of a reference to `name` that stays one in a variable.
pub(super) fn unresolved_in(variable: &'static str, name: &str, view: &View, resolved: &Resolved) -> Caveat {
    Caveat::Unresolved {
        variable,
        name: name.to_owned(),
        because: because(view, resolved),
    }
}

pub(super) fn because(view: &View, unresolved: &Resolved) -> Because {
    match unresolved {
        Resolved::Hidden(at) => Because::Hidden(view.env.name(*at).to_owned()),
        _ => Because::Budget,
    }
}

pub(super) fn reference(name: &str) -> String {
    ["$(", name, ")"].concat()
}

/// The name of a variable that an entry consists of. No destination that has another type is a reference.
fn reference_of<'l>(entry: Listed<'l>) -> Option<&'l str> {
    let may_refer = matches!(entry.destination, Some(Destination::Reference) | None);
    referred(entry.text).filter(|_| may_refer)
}

/// A list without the entries that refer to it, as in `no_proxy=$(NO_PROXY)`.
pub(super) fn without(list: &str, is_itself: &dyn Fn(&str) -> bool) -> String {
    if !no_proxy_entries(list).any(is_itself) {
        return list.to_owned();
    }
    let others: Vec<&str> = no_proxy_entries(list).filter(|entry| !is_itself(entry)).collect();
    others.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_lacks_nothing_is_not_new() {
        for (own, policy_list, list, is_new) in [
            (&["a,,A,b"][..], "B,a", "a,b", false),
            (&["a"], "b", "a,b", true),
            (&["a", "b"], "a", "a,b", true),
            (&["a"], "*", "*", true),
            (&["a,$(NO_PROXY)"], "a", "a", true),
        ] {
            let mut entries = NoProxyList::default();
            for text in own {
                entries.push_value(text);
            }
            let mut own = OwnList {
                texts: own.to_vec(),
                entries,
            };
            let new = own.merge(&policy_list.into(), &|entry| entry == "$(NO_PROXY)");
            assert_eq!((own.entries.value(), new), (list, is_new), "{list} {policy_list}");
        }
    }
}
