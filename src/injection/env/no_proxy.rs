//! Decides `NO_PROXY`.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::injection::at::At;
use crate::injection::env::authors::AuthorsEnv;
use crate::injection::env::list::{
    OwnList, because, has_white_space, reference, resolved_list, unresolved_in, without,
};
use crate::injection::env::own::Own;
use crate::injection::env::place::Place;
use crate::injection::env::plan::{Entry, Plan, Slot};
use crate::injection::env::proxies::{PolicyList, Proxies};
use crate::injection::env::references::{Resolved, View};
use crate::injection::env::urls::Urls;
use crate::injection::env::value::Value;
use crate::injection::names::NO_PROXY;
use crate::injection::reason::{Because, Caveat, Reason};
use crate::injection::record::Origin;
use crate::kubernetes::references;
use crate::settings::ExistingVariables;
use values::{MAX_VARIABLE_BYTES, NoProxyList, no_proxy_entries, referred};

/// How a container gets the policy's entries.
pub(super) enum Way<'e> {
    /// It has no list.
    Set,
    /// Its list is replaced.
    Replace,
    /// They are added to its list.
    Extend(OwnList<'e>),
}

/// Decides whether a container gets the policy's entries, and how. Here is every reason why it keeps its own `NO_PROXY`.
pub(super) fn way<'e>(proxies: &Proxies, env: &AuthorsEnv<'e>, own: &Own, urls: &Urls) -> Result<Way<'e>, Reason> {
    proxies.no_proxy.as_ref().map_err(|reason| *reason)?;
    if urls.are_the_containers() {
        return Err(Reason::BothUrls);
    }
    match (proxies.existing, own.first()) {
        (_, None) => Ok(Way::Set),
        (ExistingVariables::Override, Some(_)) => Ok(Way::Replace),
        (ExistingVariables::Keep, Some(at)) => Err(Reason::Own(at)),
        (ExistingVariables::Merge, Some(_)) => extensible(env, own).map(Way::Extend),
    }
}

/// The container's list, if it can be extended.
fn extensible<'e>(env: &AuthorsEnv<'e>, own: &Own) -> Result<OwnList<'e>, Reason> {
    let mut list = OwnList {
        texts: Vec::with_capacity(own.entries.len()),
        entries: NoProxyList::default(),
    };
    for at in own.entries.iter().copied() {
        let text = env.text(at).ok_or(Reason::Hidden(at))?;
        // No system starts a container with such a variable, so its entries need not be looked at.
        if text.len() >= MAX_VARIABLE_BYTES {
            return Err(Reason::TooLong);
        }
        if list.entries.push_value(text) == 0 {
            return Err(Reason::OwnEmpty(at));
        }
        if list.entries.is_everything() {
            return Err(Reason::OwnEverything(at));
        }
        list.texts.push(text);
    }
    Ok(list)
}

/// The two names of a container's list, and the place where the list's references mean what they say.
pub(super) struct Lists<'l, 'e> {
    view: &'l View<'e>,
    place: &'l Place,
    own: &'l Own,
    proxies: &'l Proxies<'l>,
    /// Whether the container has variables from ConfigMaps or Secrets.
    env_from: bool,
    /// Names of variables to which entries refer, and which cannot be written out.
    unresolved: HashSet<String>,
    pub caveats: Vec<Caveat>,
}

/// What is decided for the list.
pub(super) struct Decided<'l> {
    pub plan: Plan,
    /// The list that the container has then, if the policy sets it.
    pub list: Option<Cow<'l, NoProxyList>>,
}

impl<'l, 'e> Lists<'l, 'e> {
    pub(super) fn new(
        view: &'l View<'e>,
        place: &'l Place,
        own: &'l Own,
        proxies: &'l Proxies<'l>,
        env_from: bool,
    ) -> Self {
        Lists {
            view,
            place,
            own,
            proxies,
            env_from,
            unresolved: HashSet::new(),
            caveats: Vec::new(),
        }
    }

    /// Sets, replaces or extends the list.
    pub(super) fn decide(&mut self, way: Result<Way, Reason>) -> Decided<'l> {
        let decided = match (way, &self.proxies.no_proxy) {
            (Err(reason), _) => Err(reason),
            (Ok(_), Err(reason)) => Err(*reason),
            (Ok(Way::Set), Ok(policy_list)) => self.set(policy_list).map(|(entries, list)| (Plan::Set(entries), list)),
            (Ok(Way::Replace), Ok(policy_list)) => self
                .set(policy_list)
                .map(|(entries, list)| (Plan::Replace(entries), list)),
            (Ok(Way::Extend(own)), Ok(policy_list)) => self
                .extend(own, policy_list)
                .map(|(entries, list)| (Plan::Extend(entries), Cow::Owned(list))),
        };
        match decided {
            Ok((plan, list)) => Decided {
                plan: Ok(plan).into(),
                list: Some(list),
            },
            Err(reason) => Decided {
                plan: Plan::Leave(reason),
                list: None,
            },
        }
    }

    /// Sets both names to the policy's list.
    fn set(&mut self, policy_list: &'l PolicyList) -> Result<(Vec<Entry>, Cow<'l, NoProxyList>), Reason> {
        let env = self.view.env;
        let new = self.own.missing.first().map(|_| self.place.at);
        let home = self.own.entries.iter().copied().chain(new).min().ok_or(Reason::Same)?;
        let (list, value) = match self.resolved(&policy_list.entries, home) {
            Some(list) => (Cow::Owned(list), None),
            None => (Cow::Borrowed(&*policy_list.entries), Some(&policy_list.value)),
        };
        let value = value.cloned().unwrap_or_else(|| Value::literal(list.value()));
        self.check_length(&value)?;
        let first = match self.own.entries.contains(&home) {
            true => env.name(home),
            false => self.own.missing[0],
        };
        // Elsewhere the list may mean something else.
        let value_at = |at: At| match at != home && self.means_another(list.value(), home, at) {
            true => Value::literal(&reference(first)),
            false => value.clone(),
        };
        let mut entries = Vec::with_capacity(2);
        let of_own = self.own.by_name();
        entries.extend(of_own.filter_map(|at| Entry::at(env, at, value_at(at), Origin::Overridden)));
        entries.extend(
            self.own
                .missing
                .iter()
                .map(|name| Entry::new(name, value_at(self.place.at))),
        );
        Ok((entries, list))
    }

    /// Adds the policy's entries to the container's list, in both names.
    fn extend(&mut self, mut own: OwnList, policy_list: &PolicyList) -> Result<(Vec<Entry>, NoProxyList), Reason> {
        let env = self.view.env;
        let earliest = self.own.entries.iter().copied().min().ok_or(Reason::Same)?;
        let missing = self.own.missing.first().copied();
        let new_in_front = missing.is_some() && self.place.at <= earliest;
        let home = if new_in_front { self.place.at } else { earliest };
        let resolved = self.resolved(&policy_list.entries, home);
        let has_white_space = own.has_white_space();
        let is_rewritten = self.bring_together(&mut own, earliest);
        let policy_list = resolved.as_ref().unwrap_or(&policy_list.entries);
        let is_new = own.merge(policy_list, &|entry| self.is_itself(entry, earliest)) || is_rewritten;
        let text = if is_new { own.entries.value() } else { own.texts[0] };
        let list = Value::literal(text);
        self.check_length(&list)?;
        if has_white_space {
            self.warn_of_white_space();
        }
        let by_reference = || Value::literal(&reference(env.name(earliest)));
        let mut entries = Vec::with_capacity(2);
        for at in self.own.by_name() {
            let as_written = env.text(at).unwrap_or_default();
            let elsewhere = at != earliest && as_written != text && self.means_another(text, earliest, at);
            let value = if elsewhere { by_reference() } else { list.clone() };
            let origin = match value.text().starts_with(as_written) {
                true => Origin::Extended {
                    own_bytes: as_written.len(),
                },
                false => Origin::Replaced {
                    original: as_written.to_owned(),
                },
            };
            entries.extend(Entry::at(env, at, value, origin));
        }
        if let Some(name) = missing {
            let entry = if !self.means_another(text, earliest, self.place.at) {
                Entry::new(name, list.clone())
            } else if !new_in_front {
                Entry::new(name, by_reference())
            } else {
                self.in_front(name, text, earliest)
            };
            entries.push(entry);
        }
        Ok((entries, own.entries))
    }

    /// Rewrites the entries of the name that the container sets last so that they mean the same at `earliest`, where the list of both
    /// names stands. Returns whether any changes. What only the kubelet knows stays a reference.
    fn bring_together(&mut self, own: &mut OwnList, earliest: At) -> bool {
        if own.texts.len() == 1 || !own.texts.iter().any(|text| text.contains("$(")) {
            return false;
        }
        let mut is_rewritten = false;
        own.entries = NoProxyList::default();
        for (at, text) in std::iter::zip(&self.own.entries, &own.texts) {
            for entry in no_proxy_entries(text) {
                let is_moved = *at > earliest && references(entry).next().is_some();
                let moved = if is_moved {
                    self.moved(entry, *at, earliest)
                } else {
                    None
                };
                is_rewritten |= moved.as_ref().is_some_and(|moved| moved != entry);
                own.entries.push_value(moved.as_deref().unwrap_or(entry));
            }
        }
        is_rewritten
    }

    /// An entry from place `from`, written so that it means the same at `to`; `None` if it cannot be, of which a warning tells.
    fn moved(&mut self, entry: &str, from: At, to: At) -> Option<String> {
        if self.is_itself(entry, from) {
            return Some(String::new());
        }
        let fault = match self.view.rewrite(entry, from, to) {
            Ok(written) => return Some(written),
            Err(fault) => fault,
        };
        // Where one reference is hidden, the others could be written out.
        let is_hidden = |fault: &Resolved| matches!(fault, Resolved::Hidden(_));
        for name in references(entry) {
            let of_name = self.view.fault(name, from, to);
            self.warn_of_unresolved(name, of_name.filter(|of_name| is_hidden(of_name) == is_hidden(&fault)));
        }
        None
    }

    /// Warns of a reference that cannot be written out, unless a warning tells of it.
    fn warn_of_unresolved(&mut self, name: &str, fault: Option<Resolved>) {
        if let Some(fault) = fault
            && !self.unresolved.contains(name)
        {
            self.unresolved.insert(name.to_owned());
            self.caveats
                .push(unresolved_in(NO_PROXY.upper(), name, self.view, &fault));
        }
    }

    /// Whether an entry that stands before `at` refers to the list: what it stands for is in there anyway. A name of the list may
    /// stand for other entries there: for those of an entry that sets the same name again later, or of `envFrom`.
    fn is_itself(&self, entry: &str, at: At) -> bool {
        let own = &self.own.entries;
        let name = referred(entry).filter(|name| NO_PROXY.has(name));
        name.is_some_and(|name| match self.view.last_before(name, at) {
            Some(before) => own.contains(&before),
            None => !self.env_from || own.is_empty(),
        })
    }

    /// The new name before the container's own list, which means something else there: it is rewritten, or the new name
    /// goes to the end.
    fn in_front(&mut self, name: &'static str, text: &str, earliest: At) -> Entry {
        let (view, at) = (self.view, self.place.at);
        let rewritten = view.rewrite(text, earliest, at);
        let (list, fault) = match &rewritten {
            Ok(rewritten) => (without(rewritten, &|entry| self.is_itself(entry, at)), None),
            Err(unresolved) => (text.to_owned(), Some(because(view, unresolved))),
        };
        let is_undefined = |name: &str| NO_PROXY.has(name) && view.last_before(name, at).is_none();
        let because = match fault {
            Some(because) => because,
            None if references(&list).any(is_undefined) => Because::Itself,
            None if !self.proxies.os.fits(name, &list) => Because::Budget,
            None => return Entry::new(name, Value::literal(&list)),
        };
        let refers = |text: &str| references(text).any(|other| other == name);
        // What the list itself means by this name comes from `envFrom`.
        let is_meant = self.env_from && refers(&list);
        if !is_meant
            && view
                .env
                .authors()
                .any(|at| refers(view.env.text(at).unwrap_or_default()))
        {
            self.caveats.push(Caveat::AtTheEnd { name, because });
        }
        Entry {
            slot: Slot::Last(name),
            value: Value::literal(&reference(view.env.name(earliest))),
            origin: Origin::Added,
        }
    }

    /// The policy's list with each reference replaced by its value if it would not resolve before `at`; `None` if nothing
    /// changes.
    fn resolved(&mut self, list: &NoProxyList, at: At) -> Option<NoProxyList> {
        let (resolved, unresolved) = resolved_list(self.view, list, at, &|entry| self.is_itself(entry, at));
        for (name, fault) in unresolved {
            self.warn_of_unresolved(name, Some(fault));
        }
        resolved
    }

    fn check_length(&self, list: &Value) -> Result<(), Reason> {
        let fits = self.proxies.os.fits(NO_PROXY.upper(), list.text());
        if fits { Ok(()) } else { Err(Reason::TooLong) }
    }

    fn warn_of_white_space(&mut self) {
        let text = |at: &At| self.view.env.text(*at).unwrap_or_default();
        let mut own = self.own.entries.iter().copied();
        let found = own.find(|at| no_proxy_entries(text(at)).any(has_white_space));
        self.caveats.extend(found.map(Caveat::WhiteSpace));
    }

    /// Whether a list means different things before two places. References that only the kubelet could resolve do not count:
    /// a warning tells of them.
    fn means_another(&self, list: &str, one: At, other: At) -> bool {
        let new_is_between = self.place.is_between(one, other);
        references(list).any(|name| {
            NO_PROXY.has(name)
                || !self.view.means_the_same(name, one, other) && !self.unresolved.contains(name)
                || new_is_between && self.place.adds(name)
        })
    }
}
