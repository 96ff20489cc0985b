//! What is judged: the groups of pods, and the pods that workloads without any would create.

use std::collections::BTreeSet;

use anyhow::Result;
use explain::answer::{Native, Verdict};
use explain::cluster::{Cluster, ObjectExplanation};
use explain::kinds::Role;
use explain::object::Place;
use explain::workload;
use serde_json::Value;

use crate::dump::{Dump, Workload};
use crate::report::Object;

/// Pods of one owner that differ in nothing that counts, before and after the policy.
pub(crate) struct Subject {
    /// The owner; the pod itself where it has none.
    pub(crate) object: Object,
    /// One of the pods: `edge/opted-out-5f-x`; the owner's name where there is none.
    pub(crate) example: String,
    /// 0 for a workload that has no pod.
    pub(crate) pods: usize,
    pub(crate) explanation: ObjectExplanation,
    pub(crate) before: Value,
    pub(crate) after: Value,
}

impl Subject {
    pub(crate) fn namespace(&self) -> &str {
        &self.object.namespace
    }

    /// The name of the profile that applies.
    pub(crate) fn profile(&self) -> Option<&str> {
        self.explanation.profile.as_ref()?.name.as_deref()
    }
}

/// Hands over all subjects, or those of some owners, one by one: together they would take much memory.
pub(crate) fn each(
    dump: &Dump,
    cluster: &Cluster,
    only: Option<&BTreeSet<Object>>,
    take: &mut dyn FnMut(&Subject),
) -> Result<()> {
    let is_wanted = |object: &Object| only.is_none_or(|only| only.contains(object));
    let mut with_pods = BTreeSet::new();
    for group in &dump.pods.groups {
        let pod = group.object();
        let object = owner(dump, &pod);
        with_pods.insert(object.clone());
        with_pods.extend(controller(&pod));
        if is_wanted(&object) {
            take(&of_pod(dump, cluster, object, &pod, group.count)?);
        }
    }
    for (object, workload) in &dump.workloads {
        if with_pods.contains(object) || workload.is_replaced || !is_wanted(object) {
            continue;
        }
        let workload = workload.object();
        if !dump.owners.stand_for(&workload)
            && let Some(subject) = of_workload(cluster, object, &workload)?
        {
            take(&subject);
        }
    }
    Ok(())
}

/// The workload that created a pod: of an operator's pod, the StatefulSet that the operator made.
fn controller(pod: &Value) -> Option<Object> {
    let mut owners = pod["metadata"]["ownerReferences"].as_array()?.iter();
    let owner = owners.find(|owner| owner["controller"] == true)?;
    Some(Object {
        kind: owner["kind"].as_str()?.to_owned(),
        name: owner["name"].as_str()?.to_owned(),
        ..Object::of(pod)
    })
}

/// Whom a pod belongs to: the Deployment, not its ReplicaSet. Of a static pod, the node is no owner that anyone wrote.
fn owner(dump: &Dump, pod: &Value) -> Object {
    let own = Object::of(pod);
    match dump.owners.top(pod).filter(|owner| owner.kind != "Node") {
        Some(owner) => Object {
            kind: owner.kind,
            name: owner.name,
            ..own
        },
        None => own,
    }
}

fn of_pod(dump: &Dump, cluster: &Cluster, object: Object, pod: &Value, pods: usize) -> Result<Subject> {
    let example = format!("{}/{}", object.namespace, Object::of(pod).name);
    let mut explained = cluster.explain(pod, &Place::default(), &Native)?;
    let explanation = explained.remove(0);
    // Where rules send the workload and not its pods, the workload's template decides.
    if explanation.verdict == Verdict::NotSent
        && let Some(workload) = workload(dump, &object, pod)
        && let Some(subject) = of_workload(cluster, &object, &workload.object())?
        && subject.explanation.sent
    {
        return Ok(Subject {
            example,
            pods,
            ..subject
        });
    }
    let after = after(&explanation, pod)?;
    Ok(Subject {
        object,
        example,
        pods,
        explanation,
        before: pod.clone(),
        after,
    })
}

fn workload<'d>(dump: &'d Dump, object: &Object, pod: &Value) -> Option<&'d Workload> {
    dump.workloads
        .get(object)
        .or_else(|| dump.workloads.get(&controller(pod)?))
}

fn after(explanation: &ObjectExplanation, before: &Value) -> Result<Value> {
    Ok(match &explanation.change {
        Some(change) => serde_json::from_str(change.after.get())?,
        None => before.clone(),
    })
}

/// The pod that a workload creates; of the explanations of the workload and of that pod, the one that changes something.
fn of_workload(cluster: &Cluster, object: &Object, workload: &Value) -> Result<Option<Subject>> {
    let Role::Workload(kind) = Role::of(workload) else {
        return Ok(None);
    };
    let Some(before) = workload::pod(kind, workload) else {
        return Ok(None);
    };
    let mut explained = cluster.explain(workload, &Place::default(), &Native)?;
    let chosen = explained
        .iter()
        .position(|explanation| explanation.verdict == Verdict::Changed)
        .or_else(|| explained.iter().position(|explanation| explanation.sent))
        .unwrap_or(explained.len().saturating_sub(1));
    if explained.is_empty() {
        return Ok(None);
    }
    let explanation = explained.swap_remove(chosen);
    let after = match &explanation.change {
        Some(_) if explanation.object.kind != "Pod" => {
            workload::pod(kind, &after(&explanation, workload)?).unwrap_or_else(|| before.clone())
        }
        _ => after(&explanation, &before)?,
    };
    Ok(Some(Subject {
        object: object.clone(),
        example: format!("{}/{}", object.namespace, object.name),
        pods: 0,
        explanation,
        before,
        after,
    }))
}
