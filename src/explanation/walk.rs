//! From the plans to the explanation.

use crate::explanation::sentences::{of_choice, of_object, of_part};
use crate::explanation::{
    ChosenProfile, ContainerExplanation, Explanation, Outcome, PartExplanation, VariableExplanation,
};
use crate::injection::plans::{
    Change, HTTP_PROXY, HTTPS_PROXY, JAVA_TOOL_OPTIONS, MountPlan, NO_PROXY, NODE_USE_ENV_PROXY, Plan, Slot, Whose,
    Written,
};
use crate::injection::{Applied, ContainerPlan, Planned, Reason};
use crate::policy::Decision;
use values::Os;

/// The name of the CA in reasons.
const TRUSTED_CA: &str = "the trusted CA";

/// The decision in words.
pub(super) fn explanation(decision: Decision) -> Explanation {
    match decision {
        Decision::Nothing { reason, .. } => Explanation::of_whole(of_object(reason)),
        Decision::Planned(decided) => Explanation {
            reason: decided.applied.err().map(of_object),
            profile: decided.applied.ok().map(chosen_profile),
            containers: containers(&decided.planned),
            no_proxy: no_proxy(&decided.planned),
        },
    }
}

fn chosen_profile(applied: &Applied) -> ChosenProfile {
    ChosenProfile {
        name: applied.profile.clone(),
        because: of_choice(applied.because),
    }
}

fn no_proxy(planned: &Planned) -> String {
    let list = planned.pod.proxies.no_proxy.as_ref();
    list.map(|list| list.value.text().to_owned()).unwrap_or_default()
}

fn containers(planned: &Planned) -> Vec<ContainerExplanation> {
    let mut containers: Vec<&ContainerPlan> = planned.containers.iter().collect();
    // As they run.
    containers.sort_by_key(|plan| plan.container.kind);
    containers
        .into_iter()
        .map(|plan| container(plan, planned.pod.os, planned.pod.text))
        .collect()
}

fn container(plan: &ContainerPlan, os: Os, text: &str) -> ContainerExplanation {
    let env = &plan.env;
    let change = Written::new(&plan.authors, env).change(text);
    let is_unchanged =
        matches!(change, Change::Nothing) && plan.mount != MountPlan::Add && plan.mount.removed().is_none();
    let mut variables = of_proxies(plan, os);
    variables.extend(of_runtimes_and_ca(plan, os));
    variables.extend(no_longer_set(plan, &variables, os));
    ContainerExplanation {
        name: plan.container.name.to_string(),
        kind: plan.container.kind.word(),
        outcome: if is_unchanged {
            Outcome::Unchanged
        } else {
            Outcome::Changed
        },
        reason: plan
            .excluded
            .or_else(|| common_reason(plan))
            .map(|reason| of_part(reason, "", plan)),
        variables,
        trusted_ca: trusted_ca(plan),
        os,
        is_excluded: matches!(
            plan.excluded,
            Some(
                Reason::ExcludedBySettings(_)
                    | Reason::ExcludedByDefault(_)
                    | Reason::ExcludedByPod
                    | Reason::UnknownProfile
            )
        ),
    }
}

/// What happens to the variables of the proxies.
fn of_proxies(plan: &ContainerPlan, os: Os) -> Vec<VariableExplanation> {
    let env = &plan.env;
    let mut variables = Vec::new();
    let pairs = [
        (HTTP_PROXY.names(), &env.http_proxy),
        (HTTPS_PROXY.names(), &env.https_proxy),
        (NO_PROXY.names(), &env.no_proxy),
    ];
    for (names, pair) in pairs {
        for name in names {
            let is_set = os != Os::Windows || *name == names[0];
            variables.push(if is_set {
                variable(plan, name, pair, os)
            } else {
                upper_case_only(name)
            });
        }
    }
    variables
}

/// What happens to the variables of runtimes and of the CA, without those that are off.
fn of_runtimes_and_ca(plan: &ContainerPlan, os: Os) -> Vec<VariableExplanation> {
    let env = &plan.env;
    let mut variables = Vec::new();
    let runtimes = [(NODE_USE_ENV_PROXY, &env.node), (JAVA_TOOL_OPTIONS, &env.java)];
    let of_ca = env.trusted_ca.iter().map(|(name, plan)| (*name, plan));
    for (name, single) in runtimes.into_iter().chain(of_ca) {
        let explained = variable(plan, name, single, os);
        let is_off = matches!(single, Plan::Leave(reason) if *reason == Reason::RuntimeOff || plan.excluded.is_some());
        if !is_off || explained.outcome == Outcome::Removed || explained.outcome == Outcome::Replaced {
            variables.push(explained);
        }
    }
    variables
}

/// The reason for a container that chose its proxies itself.
fn common_reason(plan: &ContainerPlan) -> Option<Reason> {
    let is_left = plan.env.plans().all(|plan| matches!(plan, Plan::Leave(_)));
    match &plan.env.no_proxy {
        Plan::Leave(reason @ Reason::BothUrls) if is_left => Some(*reason),
        _ => None,
    }
}

/// What happens to one name.
fn variable(container: &ContainerPlan, name: &str, plan: &Plan, os: Os) -> VariableExplanation {
    let authors = &container.authors;
    let own = authors.last(name, os);
    let of_entry = plan.entries().iter().find(|entry| match entry.slot {
        Slot::At(at) => Some(at) == own,
        Slot::New(new) | Slot::Last(new) => new == name,
    });
    let was_removed = || authors.injected().any(|at| is_same(authors.name(at), name, os));
    let (outcome, reason) = match (plan, of_entry) {
        (Plan::Extend(_), Some(_)) => (Outcome::Extended, None),
        (Plan::Replace(_), Some(entry)) if matches!(entry.slot, Slot::At(_)) => (Outcome::Replaced, None),
        (Plan::Set(_) | Plan::Replace(_), Some(_)) => (Outcome::Set, None),
        (Plan::Leave(reason), _) => {
            let outcome = match own.map(|at| authors.whose(at)) {
                Some(Whose::Restored(_)) => Outcome::Replaced,
                Some(_) => Outcome::Kept,
                None if was_removed() => Outcome::Removed,
                None => Outcome::NotSet,
            };
            (outcome, Some(*reason))
        }
        (_, None) => (Outcome::Kept, Some(Reason::Same)),
    };
    VariableExplanation {
        name: name.to_owned(),
        outcome,
        reason: reason.map(|reason| of_part(reason, name, container)),
    }
}

/// The lower-case name of a pair on Windows.
fn upper_case_only(name: &str) -> VariableExplanation {
    VariableExplanation {
        name: name.to_owned(),
        outcome: Outcome::NotSet,
        reason: Some("a Windows pod, where environment names ignore case".to_owned()),
    }
}

/// Whether two names are of one variable.
fn is_same(name: &str, other: &str, os: Os) -> bool {
    name == other || os == Os::Windows && name.eq_ignore_ascii_case(other)
}

/// Other variables that the policy set before, and sets no longer.
fn no_longer_set(container: &ContainerPlan, explained: &[VariableExplanation], os: Os) -> Vec<VariableExplanation> {
    let authors = &container.authors;
    let changed = authors.changed().map(|at| (authors.name(at), authors.whose(at)));
    let others = changed.filter(|(name, _)| explained.iter().all(|variable| !is_same(&variable.name, name, os)));
    let explain = |(name, whose): (&str, Whose)| VariableExplanation {
        name: name.to_owned(),
        outcome: if whose == Whose::Policys {
            Outcome::Removed
        } else {
            Outcome::Replaced
        },
        reason: Some("the settings no longer set it".to_owned()),
    };
    others.map(explain).collect()
}

fn trusted_ca(container: &ContainerPlan) -> PartExplanation {
    let (outcome, reason) = match container.mount {
        MountPlan::Leave(reason, None) => (Outcome::NotSet, Some(reason)),
        MountPlan::Leave(reason, Some(_)) => (Outcome::Removed, Some(reason)),
        MountPlan::Keep(_) | MountPlan::Covered(_) | MountPlan::Add => (Outcome::Set, None),
    };
    PartExplanation {
        outcome,
        reason: reason.map(|reason| of_part(reason, TRUSTED_CA, container)),
    }
}
