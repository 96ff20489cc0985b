//! Whether an explanation and what the policy really changed agree.

use std::collections::BTreeSet;

use http_proxy_policy::explanation::{ContainerExplanation, Outcome, VariableExplanation};
use serde_json::Value;

use crate::answer::Verdict;
use crate::cluster::ObjectExplanation;
use crate::workload;

/// The lists of containers, with the `kind` that explanations give their containers.
pub const CONTAINER_LISTS: [(&str, &str); 3] = [
    ("initContainers", "initContainer"),
    ("containers", "container"),
    ("ephemeralContainers", "ephemeralContainer"),
];

/// Compares an explanation with the object as it was, and as the policy changed it, if it did. Returns the first thing on which they
/// disagree: `container backend, no_proxy: said to be set, but it is not there`.
pub fn disagreement(explained: &ObjectExplanation, before: &Value, after: Option<&Value>) -> Option<String> {
    let is_changed = explained.verdict == Verdict::Changed;
    if is_changed != after.is_some() {
        let really = if after.is_some() { "changed" } else { "not changed" };
        return Some(format!("said to be {}, but it is {really}", explained.verdict.word()));
    }
    of_containers(&explained.containers, before, after.unwrap_or(before))
}

/// Compares what is said of the containers of an object with its two states. Nothing is said of an object that is decided as a whole.
pub fn of_containers(said: &[ContainerExplanation], before: &Value, after: &Value) -> Option<String> {
    if said.is_empty() {
        return None;
    }
    let (before, after) = (workload::pod_in(before)?, workload::pod_in(after)?);
    for (list, kind) in CONTAINER_LISTS {
        let [before, after] = [before, after].map(|pod| containers(pod, list));
        // The API server forbids ephemeral containers at the creation, and the policy ignores them then.
        let of_kind: Vec<_> = said.iter().filter(|said| said.kind == kind).collect();
        if of_kind.is_empty() && before == after {
            continue;
        }
        for (before, after) in before.iter().zip(after) {
            let name = before["name"].as_str().unwrap_or_default();
            let found = of_kind.iter().find(|container| container.name == name);
            let fault = match found {
                Some(said) => of_container(said, before, after),
                None if before == after => None,
                None => Some(": changed, but not explained".to_owned()),
            };
            if let Some(fault) = fault {
                return Some(format!("container {name}{fault}"));
            }
        }
    }
    None
}

fn containers<'p>(pod: &'p Value, list: &str) -> &'p [Value] {
    pod["spec"][list].as_array().map_or(&[], Vec::as_slice)
}

/// What is wrong about one container, to follow its name.
fn of_container(said: &ContainerExplanation, before: &Value, after: &Value) -> Option<String> {
    let is_changed = before != after;
    if (said.outcome == Outcome::Changed) != is_changed {
        let [word, really] = if is_changed {
            ["unchanged", "changed"]
        } else {
            ["changed", "unchanged"]
        };
        return Some(format!(": said to be {word}, but it is {really}"));
    }
    // Environment names ignore case on Windows, where the policy sets the upper-case ones.
    let is_lower = |variable: &&VariableExplanation| variable.name.ends_with("_proxy");
    let ignores_case = said
        .variables
        .iter()
        .filter(is_lower)
        .all(|lower| lower.outcome == Outcome::NotSet);
    if let Some(name) = unexplained(said, before, after, ignores_case) {
        return Some(format!(", {name}: changed, but not explained"));
    }
    let of_variable = |variable: &VariableExplanation| {
        let name = &variable.name;
        let is = entries(after, name, ignores_case).last();
        // Behind the author's own entry of a name, one of the policy's may have stood.
        let kept =
            entries(before, name, ignores_case).find(|was| variable.outcome == Outcome::Kept && Some(*was) == is);
        let fault = fault(
            variable.outcome,
            kept.or(entries(before, name, ignores_case).last()),
            is,
        )?;
        Some(format!(", {name}: {fault}"))
    };
    let explained = said
        .variables
        .iter()
        .filter(|variable| !(ignores_case && is_lower(variable)));
    explained.into_iter().find_map(of_variable).or_else(|| {
        let [before, after] = [before, after].map(ca_mount);
        let fault = fault(said.trusted_ca.outcome, before, after)?;
        Some(format!(", the trusted CA: {fault}"))
    })
}

/// The first name whose variable is changed, and of which nothing is said.
fn unexplained<'c>(
    said: &ContainerExplanation,
    before: &'c Value,
    after: &'c Value,
    ignores_case: bool,
) -> Option<&'c str> {
    let names: BTreeSet<&str> = names(before).chain(names(after)).collect();
    names.into_iter().find(|name| {
        let is_said = |variable: &VariableExplanation| is_same(&variable.name, name, ignores_case);
        let last = |container| entries(container, name, ignores_case).last();
        !said.variables.iter().any(is_said) && last(before) != last(after)
    })
}

/// What is wrong about an outcome, given what was there before and what is there after.
fn fault(outcome: Outcome, before: Option<&Value>, after: Option<&Value>) -> Option<&'static str> {
    match outcome {
        Outcome::Set if after.is_none() => Some("said to be set, but it is not there"),
        Outcome::Extended if after.is_none() => Some("said to be extended, but it is not there"),
        Outcome::Replaced if before.is_none() || after.is_none() => Some("said to be replaced, but it is not"),
        Outcome::Kept if before != after => Some("said to be kept, but it is changed"),
        Outcome::NotSet if before != after => Some("said not to be set, but it is changed"),
        Outcome::Removed if before.is_none() || before == after => Some("said to be removed, but it is not"),
        Outcome::Changed if before == after => Some("said to be changed, but it is not"),
        Outcome::Unchanged if before != after => Some("said to be unchanged, but it is not"),
        _ => None,
    }
}

fn names(container: &Value) -> impl Iterator<Item = &str> {
    let entries = container["env"].as_array().into_iter().flatten();
    entries.filter_map(|entry| entry["name"].as_str())
}

/// The entries of a name. The last one counts in Kubernetes.
fn entries<'c>(container: &'c Value, name: &str, ignores_case: bool) -> impl Iterator<Item = &'c Value> {
    let entries = container["env"].as_array().into_iter().flatten();
    entries.filter(move |entry| {
        entry["name"]
            .as_str()
            .is_some_and(|other| is_same(other, name, ignores_case))
    })
}

fn is_same(name: &str, other: &str, ignores_case: bool) -> bool {
    name == other || ignores_case && name.eq_ignore_ascii_case(other)
}

fn ca_mount(container: &Value) -> Option<&Value> {
    let mut mounts = container["volumeMounts"].as_array()?.iter();
    mounts.find(|mount| mount["name"] == "http-proxy-trusted-ca" && mount["mountPath"] == "/etc/http-proxy/trusted-ca")
}

#[cfg(test)]
mod tests {
    use http_proxy_policy::explanation::{Os, PartExplanation};
    use serde_json::json;

    use super::*;
    use crate::answer::Native;
    use crate::cluster::Cluster;
    use crate::object::Place;

    fn pod(env: &Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app", "env": env}]}})
    }

    fn explained() -> (ObjectExplanation, Value, Value) {
        let cluster = Cluster::new(json!({"httpProxy": "http://proxy.example.com:3128"}).to_string(), None);
        let pod = pod(&json!([{"name": "https_proxy", "value": "http://own.example.com"}]));
        let explained = cluster.explain(&pod, &Place::default(), &Native).unwrap().remove(0);
        let after = serde_json::from_str(explained.change.as_ref().unwrap().after.get()).unwrap();
        (explained, pod, after)
    }

    #[test]
    fn what_the_policy_did_is_what_is_said() {
        let (explained, before, after) = explained();
        assert_eq!(disagreement(&explained, &before, Some(&after)), None);
    }

    #[test]
    fn a_lie_about_the_object_a_container_or_a_variable_is_found() {
        let (explained, before, after) = explained();
        assert!(
            disagreement(&explained, &before, None)
                .unwrap()
                .starts_with("said to be changed")
        );

        let mut lie = explained.clone();
        lie.containers[0].outcome = Outcome::Unchanged;
        let found = disagreement(&lie, &before, Some(&after)).unwrap();
        assert_eq!(found, "container app: said to be unchanged, but it is changed");

        for (index, outcome, shown) in [
            (
                0,
                Outcome::Kept,
                "container app, HTTP_PROXY: said to be kept, but it is changed",
            ),
            (3, Outcome::Replaced, ""),
            (
                3,
                Outcome::Removed,
                "container app, https_proxy: said to be removed, but it is not",
            ),
        ] {
            let mut lie = explained.clone();
            lie.containers[0].variables[index].outcome = outcome;
            assert_eq!(disagreement(&lie, &before, Some(&after)).unwrap_or_default(), shown);
        }

        let mut lie = explained;
        lie.containers[0].variables.remove(0);
        let found = disagreement(&lie, &before, Some(&after)).unwrap();
        assert_eq!(found, "container app, HTTP_PROXY: changed, but not explained");
    }

    #[test]
    fn each_outcome_says_what_is_there_before_and_after() {
        use Outcome::{Changed, Extended, Kept, NotSet, Removed, Replaced, Set, Unchanged};
        let [a, b] = ["a", "b"].map(Value::from);
        let (none, a, b) = (None, Some(&a), Some(&b));
        for (outcome, agrees, differs) in [
            (Set, vec![(none, a), (a, a), (a, b)], vec![(none, none), (a, none)]),
            (Extended, vec![(none, a), (a, b)], vec![(none, none), (a, none)]),
            (Replaced, vec![(a, b), (a, a)], vec![(none, a), (a, none), (none, none)]),
            (Kept, vec![(a, a), (none, none)], vec![(a, b), (a, none), (none, a)]),
            (NotSet, vec![(a, a), (none, none)], vec![(a, b), (a, none), (none, a)]),
            (Removed, vec![(a, none), (a, b)], vec![(a, a), (none, none), (none, a)]),
            (Changed, vec![(a, b), (a, none), (none, a)], vec![(a, a), (none, none)]),
            (
                Unchanged,
                vec![(a, a), (none, none)],
                vec![(a, b), (a, none), (none, a)],
            ),
        ] {
            for (before, after) in agrees {
                assert_eq!(fault(outcome, before, after), None, "{outcome:?} {before:?} {after:?}");
            }
            for (before, after) in differs {
                let found = fault(outcome, before, after).unwrap_or_default();
                assert!(found.starts_with("said "), "{outcome:?} {before:?} {after:?}: {found}");
            }
        }
    }

    /// What is said of a container `app`.
    fn said(outcome: Outcome, variables: &[(&str, Outcome)], trusted_ca: Outcome) -> ContainerExplanation {
        let variables = variables.iter().map(|(name, outcome)| VariableExplanation {
            name: (*name).to_owned(),
            outcome: *outcome,
            reason: None,
        });
        ContainerExplanation {
            name: "app".to_owned(),
            kind: "container",
            outcome,
            reason: None,
            variables: variables.collect(),
            trusted_ca: PartExplanation {
                outcome: trusted_ca,
                reason: None,
            },
            os: Os::Linux,
            is_excluded: false,
        }
    }

    fn containers_of(env: &[(&str, &str)], mounts: &[(&str, &str)]) -> Value {
        let env: Vec<Value> = env
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        let mounts = mounts
            .iter()
            .map(|(name, path)| json!({"name": name, "mountPath": path}));
        json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [
            {"name": "app", "env": env, "volumeMounts": mounts.collect::<Vec<Value>>()},
        ]}})
    }

    #[test]
    fn names_ignore_case_where_no_lower_case_name_is_set() {
        let upper = [("HTTP_PROXY", Outcome::Set), ("http_proxy", Outcome::NotSet)];
        let both = [("HTTP_PROXY", Outcome::Set), ("http_proxy", Outcome::Set)];
        let other = [("HTTP_PROXY", Outcome::Set), ("NODE_OPTIONS", Outcome::NotSet)];
        let not_set = ", http_proxy: said to be set, but it is not there";
        for (variables, before, after, found) in [
            (&upper[..], &[][..], &[("HTTP_PROXY", "p")][..], None),
            (&upper, &[("Http_Proxy", "own")], &[("Http_Proxy", "p")], None),
            (&both, &[], &[("HTTP_PROXY", "p")], Some(not_set)),
            (
                &both,
                &[],
                &[("HTTP_PROXY", "p"), ("Http_Proxy", "p")],
                Some(", Http_Proxy: changed, but not explained"),
            ),
            (
                &other,
                &[],
                &[("HTTP_PROXY", "p"), ("NODE_OPTIONS", "x")],
                Some(", NODE_OPTIONS: said not to be set, but it is changed"),
            ),
        ] {
            let said = [said(Outcome::Changed, variables, Outcome::NotSet)];
            let [before, after] = [before, after].map(|env| containers_of(env, &[]));
            let expected = found.map(|found| format!("container app{found}"));
            assert_eq!(of_containers(&said, &before, &after), expected);
        }
    }

    #[test]
    fn what_is_kept_may_have_stood_before_the_policy_s_entry() {
        let said = [said(
            Outcome::Changed,
            &[("HTTP_PROXY", Outcome::Kept)],
            Outcome::NotSet,
        )];
        let own = ("HTTP_PROXY", "own");
        let policy = ("HTTP_PROXY", "policy");
        for (before, after, agrees) in [
            (&[own, policy][..], &[own][..], true),
            (&[policy, own], &[own], true),
            (&[own], &[policy], false),
            (&[own, policy], &[("HTTP_PROXY", "other")], false),
        ] {
            let [before, after] = [before, after].map(|env| containers_of(env, &[]));
            assert_eq!(
                of_containers(&said, &before, &after).is_none(),
                agrees,
                "{before} {after}"
            );
        }
    }

    #[test]
    fn the_trusted_ca_is_the_policy_s_mount_at_its_place() {
        let mount = ("http-proxy-trusted-ca", "/etc/http-proxy/trusted-ca");
        let not_there = "container app, the trusted CA: said to be set, but it is not there";
        for (mounts, found) in [
            (&[("data", "/data"), mount][..], None),
            (&[("http-proxy-trusted-ca", "/data")], Some(not_there)),
            (&[("data", "/etc/http-proxy/trusted-ca")], Some(not_there)),
        ] {
            let said = [said(Outcome::Changed, &[], Outcome::Set)];
            let found_there = of_containers(&said, &containers_of(&[], &[]), &containers_of(&[], mounts));
            assert_eq!(found_there.as_deref(), found, "{mounts:?}");
        }
    }

    #[test]
    fn a_container_of_which_nothing_is_said_must_not_change() {
        let pod = |side: &str, init: &str| {
            json!({"apiVersion": "v1", "kind": "Pod", "spec": {
                "containers": [{"name": "app"}, {"name": "side", "image": side}],
                "initContainers": [{"name": "app", "image": init}],
            }})
        };
        let unchanged = [said(Outcome::Unchanged, &[], Outcome::NotSet)];
        let before = pod("a", "a");
        for (after, found) in [
            (pod("a", "a"), None),
            (pod("b", "a"), Some("container side: changed, but not explained")),
            (pod("a", "b"), Some("container app: changed, but not explained")),
        ] {
            assert_eq!(of_containers(&unchanged, &before, &after).as_deref(), found);
        }
        assert_eq!(of_containers(&[], &before, &pod("b", "b")), None);
        let changed = [said(Outcome::Changed, &[], Outcome::NotSet)];
        let found = of_containers(&changed, &before, &before);
        assert_eq!(
            found.as_deref(),
            Some("container app: said to be changed, but it is unchanged")
        );
    }
}
