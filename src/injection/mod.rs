//! Decides what changes in a pod, and edits it.
//!
//! [`PodPlan`] holds what every container of the pod should get. [`ContainerPlan`] holds what happens to one container, with the
//! [`Reason`] where nothing does. Nothing is written before everything is decided; then [`apply`] and [`record`] write it.

mod advice;
mod apply;
mod at;
mod container_plan;
mod env;
mod made_by;
mod names;
#[cfg(any(not(target_family = "wasm"), feature = "library"))]
pub(crate) mod plans;
mod pod_plan;
mod reason;
mod record;
mod report;
mod situation;
mod trusted_ca;
mod warnings;

use crate::kubernetes::{Container, MAX_ANNOTATION_BYTES, Pod, PodSpec};
use crate::pod_options::INJECTED;
use crate::settings::{Mode, TrustedCa};
use json::{Edits, Problem};

use advice::add_advice;
use apply::{AnnotationChanges, annotation_bytes, apply_to_annotations, apply_to_container, apply_to_volumes};
use env::Written;
use record::{RecordWriter, same_claims, written_claims};
use trusted_ca::{CurrentVolume, VolumePlan, annotation_change};
use values::Digest;

pub(crate) use container_plan::ContainerPlan;
pub(crate) use made_by::config_digest;
pub(crate) use pod_plan::PodPlan;
pub(crate) use reason::Reason;
pub(crate) use record::Record;
pub(crate) use report::{Report, Verdict};
pub(crate) use situation::{Applied, Injection};
pub(crate) use warnings::Warnings;

/// The maximum number of bytes by which an object may grow. API servers store no object over 1.5 MiB (etcd's limit),
/// but a small request could make the policy write many times its size: a long list for each of many containers.
const MAX_ADDED_BYTES: usize = 4 * 1024 * 1024;

/// The maximum length of the `NO_PROXY` lists of an object's containers together, in bytes: as much as API servers store of one
/// object. Each list takes time and memory.
const MAX_LIST_BYTES: usize = 3 * 512 * 1024;

/// The plans for a pod and its containers.
pub(crate) struct Planned<'p> {
    pub pod: PodPlan<'p>,
    pub containers: Vec<ContainerPlan<'p>>,
}

/// The result of an injection.
pub(crate) struct Outcome<'a> {
    pub edits: Edits<'a>,
    /// How the pod differs from what it would be if it were re-created.
    pub report: Report,
    pub warnings: Warnings,
}

/// How the containers use the CA's volume.
#[derive(Default)]
struct VolumeUse {
    /// Whether one has the CA.
    for_ca: bool,
    /// Whether one mounts it, for the CA or for something else.
    at_all: bool,
}

impl<'p> Injection<'p> {
    /// Injects into a pod or a template.
    ///
    /// # Errors
    /// The pod would grow beyond what can be stored, or would take too long.
    pub(crate) fn pod(&self, pod: &Pod, spec: &'p PodSpec<'p>) -> Result<(Planned<'p>, Outcome<'p>), Problem> {
        let planned = self.plan(pod, spec, spec.all_containers(), None)?;
        if let Some(outcome) = self.write(pod, spec, &planned)? {
            return Ok((planned, outcome));
        }
        let planned = self.plan(pod, spec, spec.all_containers(), Some(Reason::NoRoom))?;
        let outcome = self.write(pod, spec, &planned)?;
        let outcome = outcome.unwrap_or_else(|| self.outcome(&planned));
        Ok((planned, outcome))
    }

    /// Injects into containers that are added to a running pod. They get the CA if the pod already has its volume.
    ///
    /// # Errors
    /// As for [`Injection::pod`].
    pub(crate) fn ephemeral_containers(
        &self,
        pod: &Pod,
        spec: &'p PodSpec<'p>,
        added: &'p [Container<'p>],
    ) -> Result<(Planned<'p>, Outcome<'p>), Problem> {
        let mut planned = self.plan(pod, spec, added.iter(), None)?;
        let is_there = matches!(planned.pod.volume, CurrentVolume::Ours { emptied: false, .. });
        if planned.pod.trusted_ca.is_ok() && !is_there {
            planned = self.plan(pod, spec, added.iter(), Some(Reason::NoVolumeYet))?;
        }
        let mut outcome = self.outcome(&planned);
        for container in &planned.containers {
            apply_to_container(
                &mut outcome.edits,
                container,
                &Written::new(&container.authors, &container.env),
            );
            check_growth(pod, &outcome.edits)?;
        }
        Ok((planned, outcome))
    }

    /// Plans a pod and its `containers`. `no_ca` is a reason to leave the CA out.
    fn plan(
        &self,
        pod: &Pod,
        spec: &'p PodSpec<'p>,
        containers: impl Iterator<Item = &'p Container<'p>>,
        no_ca: Option<Reason>,
    ) -> Result<Planned<'p>, Problem> {
        let os = spec.os()?;
        let plan = PodPlan::new(self, spec, os, no_ca);
        let mut planned = Vec::with_capacity(4);
        let mut list_bytes = 0;
        for container in containers {
            let claims = self.record.and_then(|record| record.claims(&container.name));
            let container = ContainerPlan::new(&plan, container, claims, self.mode);
            if container.excluded.is_none() {
                list_bytes += plan.list_bytes;
            }
            if list_bytes > MAX_LIST_BYTES {
                let reason =
                    "the pod has too many containers for a NO_PROXY list this long; shorten noProxy, or split the pod";
                return Err(Problem::new(pod.span.start, reason));
            }
            planned.push(container);
        }
        Ok(Planned {
            pod: plan,
            containers: planned,
        })
    }

    /// An outcome without changes.
    fn outcome(&self, planned: &Planned) -> Outcome<'p> {
        let mut warnings = planned.pod.warnings.clone();
        for plan in &planned.containers {
            add_advice(&mut warnings, plan);
        }
        let made_by = self.record.and_then(|record| record.made_by);
        Outcome {
            edits: Edits::new(self.text),
            report: Report::new(self.record.is_some(), made_by == Some(planned.pod.made_by)),
            warnings,
        }
    }

    /// Writes the plans of a pod; `None` if the pod's annotations have no room for the CA. Without a CA, the record is omitted if
    /// there is no room for it.
    fn write(&self, pod: &Pod, spec: &PodSpec, planned: &Planned<'p>) -> Result<Option<Outcome<'p>>, Problem> {
        let plan = &planned.pod;
        let mut outcome = self.outcome(planned);
        let mut record = RecordWriter::default();
        let mut volume_use = VolumeUse::default();
        for container in &planned.containers {
            self.write_container(container, &mut outcome, &mut record, &mut volume_use);
            check_growth(pod, &outcome.edits)?;
        }
        let wanted = plan.trusted_ca.as_ref().ok().filter(|_| volume_use.for_ca);
        let digest = wanted.map(|wanted| Digest::new(&wanted.volume));
        let volume = VolumePlan::new(plan.volume, digest, self.volume_claim(), volume_use.at_all);
        let mut changes: AnnotationChanges = annotation_change(pod, plan.volume, volume, wanted)
            .into_iter()
            .collect();
        if self.mode == Mode::Report {
            let source = wanted.map(|wanted| wanted.trusted_ca);
            report_ca(plan.volume, volume, source, &changes, &mut outcome.report);
        }
        self.change_record(record.text(plan.made_by, volume.claim(digest)), &mut changes);
        let annotations = &pod.metadata.annotations;
        let has_room = annotation_bytes(annotations, &changes) <= MAX_ANNOTATION_BYTES;
        if !has_room && wanted.is_some() {
            return Ok(None);
        }
        if !has_room && changes.iter().any(|(key, value)| *key == INJECTED && value.is_some()) {
            changes.retain(|(key, _)| *key != INJECTED);
            self.change_record(None, &mut changes);
            outcome.warnings.add(format!(
                "annotation {INJECTED} is omitted, because the annotations of the pod would exceed 256 KiB: a later configuration \
                 cannot update the values that are set now; shorten the annotations"
            ));
        }
        let written = wanted.map_or("", |wanted| &wanted.volume);
        apply_to_volumes(&mut outcome.edits, spec.volumes_slot(), volume, written);
        apply_to_annotations(&mut outcome.edits, pod, changes)?;
        Ok(Some(outcome))
    }

    fn write_container(
        &self,
        plan: &ContainerPlan,
        outcome: &mut Outcome,
        record: &mut RecordWriter,
        volume_use: &mut VolumeUse,
    ) {
        let env = Written::new(&plan.authors, &plan.env);
        if self.mode == Mode::Report {
            let name = plan.container.shown_name();
            outcome.report.add(name, plan.is_recorded, env.difference(), plan.mount);
        }
        apply_to_container(&mut outcome.edits, plan, &env);
        record.add(&plan.container.name, &written_claims(&env.claims()), plan.mount.claim());
        // In a report, containers that came later do not count.
        if self.mode == Mode::Inject || self.record.is_none() || plan.is_recorded {
            volume_use.for_ca |= plan.mount.has_ca();
            volume_use.at_all |= plan.mount.uses_volume(plan.container);
        }
    }

    /// Adds the new text of the record to the changes, if it is new.
    fn change_record(&self, record: Option<String>, changes: &mut AnnotationChanges) {
        match (record, self.options.record) {
            (Some(record), Some(current)) if current == record => {}
            // A template is rolled out by any change, so nothing but what gives its pods other values may change it.
            (Some(record), Some(current))
                if self.is_template && self.record.is_some() && same_claims(&record, current) => {}
            (Some(record), _) => changes.push((INJECTED, Some(record))),
            // A text that is not a record does not belong to the policy.
            (None, _) if self.record.is_some() => changes.push((INJECTED, None)),
            (None, _) => {}
        }
    }
}

fn check_growth(pod: &Pod, edits: &Edits) -> Result<(), Problem> {
    if edits.added_bytes() <= MAX_ADDED_BYTES {
        return Ok(());
    }
    let reason = format!(
        "the variables would make the pod larger than the API server can store ({MAX_ADDED_BYTES} bytes); shorten noProxy, or split the pod"
    );
    Err(Problem::new(pod.span.start, reason))
}

/// Reports a volume, or a bundle in the annotation, that is out of date.
fn report_ca(
    current: CurrentVolume,
    volume: VolumePlan,
    wanted: Option<&TrustedCa>,
    changes: &AnnotationChanges,
    report: &mut Report,
) {
    let CurrentVolume::Ours { emptied, .. } = current else {
        return;
    };
    match wanted {
        Some(TrustedCa::ClusterTrustBundle(_)) if emptied => report.lacks_cluster_trust_bundles(),
        Some(_) if matches!(volume, VolumePlan::Write(_)) || !changes.is_empty() => report.trusted_ca_out_of_date(),
        _ => {}
    }
}
