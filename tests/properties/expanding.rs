//! What containers see once the kubelet has expanded their variables.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::VARIABLES;
use testkit::generators::config;
use testkit::generators::pods::owners_pod;
use testkit::generators::settings::any_settings;
use testkit::json::Json;
use testkit::kubelet::{Environment, environment, references};
use testkit::oracles::{containers_mut, stored};

use crate::answers::{inject, inject_and_warn, report};

/// What Kubernetes sets in every container.
const SERVICES: [(&str, &str); 1] = [("KUBERNETES_SERVICE_HOST", "10.96.0.1")];

/// A container before and after.
struct Both {
    before: (Value, Environment),
    after: (Value, Environment),
}

fn read(container: &mut Value) -> (Value, Environment) {
    let env = container["env"].take();
    let environment = environment(&env, &SERVICES);
    (env, environment)
}

/// The entries that set a name.
fn entries<'e>(env: &'e Value, name: &str) -> Vec<&'e Value> {
    let all = env.as_array().into_iter().flatten();
    all.filter(|entry| entry["name"] == name).collect()
}

/// The entries of a list, or a URL. A variable that the list refers to may refer to the list in turn. The kubelet cannot expand that, and
/// one name of the pair has entries twice, or the reference as an entry, where the other has neither.
fn entries_of(value: &str) -> BTreeSet<&str> {
    let entries = value.split(',').map(str::trim);
    entries
        .filter(|entry| !["", "$(NO_PROXY)", "$(no_proxy)"].contains(entry))
        .collect()
}

impl Both {
    /// The names that are set otherwise than before.
    fn changed(&self) -> BTreeSet<&str> {
        let (before, after) = (&self.before.0, &self.after.0);
        let names = after.as_array().into_iter().flatten();
        let names = names.filter_map(|entry| entry["name"].as_str());
        names
            .filter(|name| entries(before, name) != entries(after, name))
            .collect()
    }

    /// These names, and all whose value refers to one of them, directly or not.
    fn touched_by<'e>(&'e self, mut names: BTreeSet<&'e str>) -> BTreeSet<&'e str> {
        loop {
            let all = self.after.0.as_array().into_iter().flatten();
            let refers = |entry: &&Value| {
                let value = entry["value"].as_str().unwrap_or_default();
                names.iter().any(|name| value.contains(&format!("$({name})")))
            };
            let more: BTreeSet<&str> = all.filter(refers).filter_map(|entry| entry["name"].as_str()).collect();
            if more.is_subset(&names) {
                return names;
            }
            names.extend(more);
        }
    }

    /// Whether a variable's own value refers to the variable, directly or not. The kubelet cannot expand such a reference.
    fn is_circular(&self, name: &str) -> bool {
        let mut reached = BTreeSet::from([name.to_owned()]);
        loop {
            let reads = reached.iter().flat_map(|name| entries(&self.after.0, name));
            let values = reads.filter_map(|entry| entry["value"].as_str());
            let more: BTreeSet<String> = values.flat_map(references).collect();
            if more.contains(name) {
                return true;
            }
            if more.is_subset(&reached) {
                return false;
            }
            reached.extend(more);
        }
    }

    /// The entries of lists that are no longer in them, of the names that the container sets itself. References that had no value may
    /// have one now.
    fn lost(&self, sets: impl Fn(&str) -> bool) -> BTreeSet<&str> {
        let (before, after) = (&self.before.1.variables, &self.after.1.variables);
        let pairs = ["NO_PROXY", "no_proxy"]
            .into_iter()
            .filter(|name| sets(name))
            .filter_map(|name| before.get(name).zip(after.get(name)));
        let lost = pairs.flat_map(|(before, after)| &entries_of(before) - &entries_of(after));
        lost.filter(|entry| !entry.contains("$(")).collect()
    }

    /// `is_unresolved` says whether a warning tells of a reference that does not resolve.
    fn check(&self, is_unresolved: bool) -> Result<(), String> {
        let changed = self.changed();
        let (before, after) = (&self.before.1, &self.after.1);
        for pair in VARIABLES.chunks(2) {
            let is_changed = pair.iter().any(|name| changed.contains(name));
            let values: BTreeSet<_> = pair
                .iter()
                .map(|name| after.variables.get(*name).map(|value| entries_of(value)))
                .collect();
            if is_changed && values.len() > 1 && !(is_unresolved && pair.contains(&"NO_PROXY")) {
                return Err(format!("{pair:?} are {values:?}"));
            }
        }
        let touched = self.touched_by(changed.clone());
        for (name, value) in before.variables.iter().filter(|(name, _)| !touched.contains(&***name)) {
            if after.variables.get(name) != Some(value) {
                return Err(format!("{name} was {value}, and is {:?}", after.variables.get(name)));
            }
        }
        let is_new = |name: &str| !before.variables.contains_key(name) && changed.contains(name);
        let is_own = |variable: &str| !changed.contains(variable) && !self.is_circular(variable);
        let mut unresolved = after.unresolved.iter();
        match unresolved.find(|(variable, name)| is_own(variable) && is_new(name)) {
            Some((variable, name)) if !is_unresolved => Err(format!("{variable}: $({name}) is unchanged")),
            _ => Ok(()),
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn pairs_agree_references_resolve_and_own_values_stay(owners in owners_pod(), settings in any_settings()) {
        // To Windows both names of a pair are one.
        prop_assume!(!owners.to_string().contains("windows"));
        let (after, warnings) = inject_and_warn(&owners, &settings);
        let (mut before, mut after) = (stored(owners.0.clone()), stored(after));
        for (before, after) in containers_mut(&mut before).zip(containers_mut(&mut after)) {
            let name = after["name"].clone();
            let both = Both { before: read(before), after: read(after) };
            let of_container = format!("container {}: ", name.as_str().unwrap());
            let is_unresolved = |warning: &String| warning.starts_with(&of_container) && warning.contains("cannot be resolved");
            let outcome = both.check(warnings.iter().any(is_unresolved));
            prop_assert!(outcome.is_ok(), "{}: {}\n{:?}\n{:?}", name, outcome.unwrap_err(), Json(both.before.0), Json(both.after.0));
        }
    }
}

/// Entries that set, extend and refer to each other's variables; `A` alone has `valueFrom`.
const ENTRIES: [&str; 13] = [
    "NO_PROXY=x",
    "NO_PROXY=$(B),x",
    "NO_PROXY=$(NO_PROXY),z",
    "no_proxy=y",
    "no_proxy=$(NO_PROXY),y",
    "no_proxy=$(A)",
    "HTTP_PROXY=$(A)",
    "A",
    "A=1",
    "A=$(no_proxy)",
    "B=$(A)",
    "B=$(HTTPS_PROXY)",
    "JAVA_TOOL_OPTIONS=$(NO_PROXY)",
];

/// Entries in which a list refers to a list, directly or through another variable.
const LISTS: [&str; 8] = [
    "NO_PROXY=w",
    "NO_PROXY=$(E),y",
    "NO_PROXY=$(NO_PROXY),z",
    "no_proxy=x",
    "no_proxy=$(E),v",
    "E=$(NO_PROXY)",
    "E=$(no_proxy)",
    "OPTS=$(NO_PROXY)",
];

/// Every list of up to `length` of the entries, each once.
fn every_list(entries: &[&'static str], length: usize) -> Vec<Vec<&'static str>> {
    let mut lists = vec![Vec::new()];
    for length in 0..length {
        let longest = lists.clone().into_iter().filter(|list| list.len() == length);
        for list in longest {
            let others = entries.iter().copied().filter(|entry| !list.contains(entry));
            lists.extend(others.map(|entry| [&list[..], &[entry]].concat()));
        }
    }
    lists
}

fn entry(text: &str) -> Value {
    match text.split_once('=') {
        Some((name, value)) => json!({"name": name, "value": value}),
        None => json!({"name": text, "valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}}}),
    }
}

/// What becomes of a container with these entries and, if `from` is one, with an `envFrom` that sets it: a fault, if there is one.
fn fault_of(list: &[&str], from: Option<&str>, settings: &Value) -> Option<String> {
    let env: Vec<Value> = list.iter().map(|text| entry(text)).collect();
    let env_from = from.map(|_| json!({"configMapRef": {"name": "c"}}));
    let container = json!({"name": "app", "env": env, "envFrom": Vec::from_iter(env_from)});
    let mut owners = json!({"spec": {"containers": [container]}});
    let (mut after, warnings) = inject_and_warn(&owners, settings);
    if inject(&after, settings) != after {
        return Some("a second run changes it".to_owned());
    }
    if let Some(finding) = report(&after, settings) {
        return Some(format!("it is reported: {finding}"));
    }
    // To references, a variable of envFrom is one that stands before all others.
    let with_env_from = |container: &mut Value| {
        let from = from.map(entry).into_iter();
        let all = container["env"].as_array().into_iter().flatten().cloned();
        container["env"] = from.chain(all).collect();
        read(container)
    };
    let both = Both {
        before: containers_mut(&mut owners).next().map(with_env_from)?,
        after: containers_mut(&mut after).next().map(with_env_from)?,
    };
    let is_unresolved = warnings.iter().any(|warning| warning.contains("cannot be resolved"));
    if let Err(fault) = both.check(is_unresolved) {
        return Some(fault);
    }
    let lost = both.lost(|name| list.iter().any(|entry| entry.starts_with(&format!("{name}="))));
    let is_merged = settings["existingVariables"] == "Merge" && !is_unresolved;
    (is_merged && !lost.is_empty()).then(|| format!("{lost:?} are lost: {:?}", both.after.1.variables))
}

/// Random pods rarely have short lists in which every entry matters to the others.
#[test]
fn pairs_agree_references_resolve_and_own_values_stay_in_every_short_list() {
    let (of_variables, of_lists) = (every_list(&ENTRIES, 3), every_list(&LISTS, 4));
    // Where a list refers to a name that envFrom may set and does not, nothing else can refer to it either.
    let without_options = every_list(&LISTS[..7], 4);
    assert_eq!(of_variables.len(), 1 + 13 + 13 * 12 + 13 * 12 * 11);
    assert_eq!(of_lists.len(), 1 + 8 + 8 * 7 + 8 * 7 * 6 + 8 * 7 * 6 * 5);
    for (lists, no_proxy, existing, from) in [
        (&of_variables, "a", "Merge", None),
        (&of_variables, "$(A)", "Merge", None),
        (&of_variables, "$(B)", "Override", None),
        (&of_lists, "a", "Merge", None),
        (&of_lists, "a", "Merge", Some("NO_PROXY=f")),
        (&without_options, "a", "Merge", Some("no_proxy=f")),
        (&of_lists, "$(E)", "Merge", None),
        (&of_lists, "$(E)", "Override", Some("NO_PROXY=f")),
    ] {
        let settings = json!({"httpsProxy": "http://p:80", "noProxyDefaults": false, "noProxy": [no_proxy], "runtimes": {"java": true},
                              "existingVariables": existing});
        for list in lists {
            let fault = fault_of(list, from, &settings);
            assert_eq!(fault, None, "{existing} {no_proxy} {from:?}: {list:?}");
        }
    }
}
