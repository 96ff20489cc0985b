//! Writes the plans into the pod.

use crate::injection::container_plan::ContainerPlan;
use crate::injection::env::{Change, Written};
use crate::injection::trusted_ca::{MOUNT_PATH, MountPlan, NAME, VolumePlan};
use crate::kubernetes::{Annotation, Annotations, Pod, mount_json};
use json::{Edits, Problem, Slot, Span, push_quoted, quoted};

/// The annotations to change, each with its new value, or `None` to remove it.
pub(super) type AnnotationChanges = Vec<(&'static str, Option<String>)>;

/// Changes a container's `env` and mounts.
pub(super) fn apply_to_container(edits: &mut Edits, plan: &ContainerPlan, env: &Written) {
    let container = plan.container;
    match env.change(edits.text()) {
        Change::Nothing => {}
        Change::Append(items) => edits.push(container.env_slot(), items),
        Change::Replace(list) => edits.set(container.env_slot(), list),
    }
    if plan.mount == MountPlan::Add {
        edits.push(container.mounts_slot(), mount_json(NAME, MOUNT_PATH));
    }
    if let (Some(index), Some(list)) = (plan.mount.removed(), container.mounts_slot().value) {
        edits.remove_item(list, container.mounts[index].span);
    }
}

/// Changes the CA's volume; `volume` is its JSON.
pub(super) fn apply_to_volumes(edits: &mut Edits, slot: Slot, plan: VolumePlan, volume: &str) {
    match (plan, slot.value) {
        (VolumePlan::Leave(_), _) | (VolumePlan::Remove(_), None) => {}
        (VolumePlan::Write(Some(span)), _) => edits.replace(span, volume.to_owned()),
        (VolumePlan::Write(None), _) => edits.push(slot, volume.to_owned()),
        (VolumePlan::Remove(span), Some(list)) => edits.remove_item(list, span),
    }
}

/// How many bytes the keys and values of all annotations have once they are changed.
pub(super) fn annotation_bytes(annotations: &Annotations, changes: &AnnotationChanges) -> usize {
    let mut bytes = annotations.bytes();
    for (key, value) in changes {
        bytes -= annotations.find(key).map_or(0, Annotation::bytes);
        bytes += value.as_ref().map_or(0, |value| key.len() + value.len());
    }
    bytes
}

/// Changes the annotations of a pod.
pub(super) fn apply_to_annotations(edits: &mut Edits, pod: &Pod, changes: AnnotationChanges) -> Result<(), Problem> {
    let annotations = &pod.metadata.annotations;
    let mut removed = Vec::new();
    let mut added = String::new();
    for (key, value) in changes {
        match (annotations.find(key), value) {
            (Some(annotation), Some(value)) => edits.replace(annotation.span, quoted(&value)),
            (Some(_), None) => removed.push(key),
            (None, Some(value)) => {
                let comma = if added.is_empty() { "" } else { "," };
                added.reserve(key.len() + value.len() + value.len() / 32 + 8);
                added.extend([comma, "\"", key, "\":"]);
                push_quoted(&mut added, &value);
            }
            (None, None) => {}
        }
    }
    if let Some(span) = annotations.span.filter(|_| !removed.is_empty()) {
        return edits.exchange_members(span, &removed, &added);
    }
    if !added.is_empty() {
        let path: [(&str, Option<Span>); 2] = [("metadata", pod.metadata.span), ("annotations", annotations.span)];
        edits.add_members(pod.span, &path, &added);
    }
    Ok(())
}
