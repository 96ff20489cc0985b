//! Decides what changes in a pod, and edits it.
//!
//! [`PodPlan`] has what all containers of the pod are to get. [`plan_container`] decides what this means for one
//! container, and does not touch the text. [`apply`] writes the result, and decides nothing.

mod apply;
mod container_plan;
mod env;
mod names;
mod pod_plan;
mod record;
mod report;
mod trusted_ca;
mod warnings;

use std::borrow::Cow;

use crate::json::{Edits, Problem};
use crate::kubernetes::{Container, MAX_ANNOTATION_BYTES, Pod};
use crate::pod_options::{INJECTED, PodOptions};
use crate::settings::{ResolvedSettings, TrustedCa};
use crate::values::Os;

use apply::{AnnotationChanges, annotation_bytes, apply_to_annotations, apply_to_container, apply_to_volumes};
use container_plan::plan_container;
use env::Additions;
use pod_plan::{PodPlan, check_exclusions};
use record::{Claims, Digest, RecordWriter, written_claims};
use trusted_ca::{CurrentVolume, VolumePlan, WantedCa, annotation_change, ca_variables, foreign_volume};

pub(crate) use record::Record;
pub(crate) use report::{Report, Verdict};
pub(crate) use warnings::Warnings;

/// The maximum number of bytes by which an object may grow. API servers store no object over 1.5 MiB (etcd's limit),
/// but a small request could make the policy write many times its size: a long list for each of many containers.
const MAX_ADDED_BYTES: usize = 4 * 1024 * 1024;

/// The maximum length of the `NO_PROXY` lists of an object's containers together, in bytes: as much as API servers store of one
/// object. Each list takes time and memory.
const MAX_LIST_BYTES: usize = 3 * 512 * 1024;

/// What to inject, and why.
pub(crate) struct Injection<'s, 'a> {
    /// The text of the request.
    pub text: &'a str,
    /// `None` if nothing is to be injected, and everything that was injected is to be removed.
    pub settings: Option<&'s ResolvedSettings<'a>>,
    pub options: &'s PodOptions<'s>,
    /// What the policy set before.
    pub record: Option<&'s Record<'s>>,
    /// Whether the pod is only compared with what it would be if it were re-created.
    pub report: bool,
}

/// The result of an injection.
pub(crate) struct Outcome<'a> {
    pub edits: Edits<'a>,
    /// How the pod differs from what it would be if it were re-created.
    pub report: Report,
    pub warnings: Warnings,
}

/// How the containers planned so far use the CA's volume.
#[derive(Default)]
struct VolumeUse {
    /// Whether one has the CA.
    for_ca: bool,
    /// Whether one mounts it, for the CA or for something of its own.
    at_all: bool,
}

/// The state while one container after the other is planned.
struct Progress<'a> {
    outcome: Outcome<'a>,
    record: RecordWriter,
    /// What was added to the `env` of the last container to which nothing else happened.
    additions: Option<Additions>,
    volume_use: VolumeUse,
    /// How many bytes of `NO_PROXY` were given.
    list_bytes: usize,
}

impl<'s, 'a> Injection<'s, 'a> {
    /// Injects into a pod or a template.
    ///
    /// # Errors
    /// The pod would grow beyond what can be stored, or would take too long.
    pub(crate) fn pod(&self, pod: &Pod<'a>) -> Result<Outcome<'a>, Problem> {
        let os = pod.spec.os()?;
        let wanted = self.settings.and_then(|settings| WantedCa::new(settings, os));
        let current = self.current_volume(pod, wanted.as_ref());
        let mut warnings = Warnings::default();
        check_exclusions(pod, self.options, &mut warnings);
        if wanted.is_some() && !current.is_free() {
            warnings.add(foreign_volume());
        }
        let wanted = wanted.filter(|_| current.is_free());
        if wanted.is_some()
            && let Some(outcome) = self.try_pod(pod, os, wanted.as_ref(), current, warnings.clone())?
        {
            return Ok(outcome);
        }
        if wanted.is_some() {
            warnings.add(
                "no container gets the trusted CA, because with the CA and its record the annotations of the pod would exceed \
                 256 KiB; shorten the annotations",
            );
        }
        let outcome = self.try_pod(pod, os, None, current, warnings)?;
        Ok(outcome.unwrap_or_else(|| self.outcome(Warnings::default())))
    }

    /// Injects into containers that are added to a running pod. They get the CA if the pod already has its volume.
    pub(crate) fn ephemeral_containers(&self, pod: &Pod<'a>, added: &[Container<'a>]) -> Result<Outcome<'a>, Problem> {
        let os = pod.spec.os()?;
        let wanted = self.settings.and_then(|settings| WantedCa::new(settings, os));
        let current = self.current_volume(pod, wanted.as_ref());
        let mut warnings = Warnings::default();
        if wanted.is_some() && !current.is_free() {
            warnings.add(foreign_volume());
        }
        let is_there = matches!(current, CurrentVolume::Ours { emptied: false, .. });
        let plan = self.plan(os, wanted.is_some() && is_there, &mut warnings);
        let mut progress = self.progress(warnings);
        for container in added {
            self.container(&plan, pod, container, None, &mut progress)?;
        }
        Ok(progress.outcome)
    }

    fn current_volume(&self, pod: &Pod, wanted: Option<&WantedCa>) -> CurrentVolume {
        let wanted = wanted.map(|wanted| (wanted.trusted_ca, &*wanted.volume));
        CurrentVolume::find(self.text, pod, wanted, self.volume_claim())
    }

    fn volume_claim(&self) -> Option<Digest> {
        self.record.and_then(|record| record.volume)
    }

    fn plan(&self, os: Os, with_ca: bool, warnings: &mut Warnings) -> PodPlan<'s> {
        let mut plan = PodPlan::nothing(self.text, os, self.report);
        if let Some(settings) = self.settings {
            plan.add_settings(settings, self.options, warnings);
            plan.trusted_ca = with_ca.then(|| ca_variables(settings, self.options, warnings));
        }
        plan
    }

    fn outcome(&self, warnings: Warnings) -> Outcome<'a> {
        Outcome {
            edits: Edits::new(self.text),
            report: Report::new(self.record.is_some()),
            warnings,
        }
    }

    fn progress(&self, warnings: Warnings) -> Progress<'a> {
        Progress {
            outcome: self.outcome(warnings),
            record: RecordWriter::default(),
            additions: None,
            volume_use: VolumeUse::default(),
            list_bytes: 0,
        }
    }

    /// Injects into a pod that is to have the CA `wanted`; `None` if the pod's annotations have no room for the CA.
    /// Without a CA, the record is left out if there is no room for it.
    fn try_pod(
        &self,
        pod: &Pod<'a>,
        os: Os,
        wanted: Option<&WantedCa>,
        current: CurrentVolume,
        mut warnings: Warnings,
    ) -> Result<Option<Outcome<'a>>, Problem> {
        let plan = self.plan(os, wanted.is_some(), &mut warnings);
        let mut progress = self.progress(warnings);
        for container in pod.spec.all_containers() {
            let claims = self.record.and_then(|record| record.claims(&container.name));
            self.container(&plan, pod, container, claims, &mut progress)?;
        }
        let Progress {
            mut outcome,
            record,
            volume_use,
            ..
        } = progress;
        let wanted = wanted.filter(|_| volume_use.for_ca);
        let digest = wanted.map(|wanted| Digest::new(&wanted.volume));
        let volume = VolumePlan::new(current, digest, self.volume_claim(), volume_use.at_all);
        let ca_change = annotation_change(pod, current, volume, wanted);
        let mut changes: AnnotationChanges = ca_change.into_iter().collect();
        if self.report {
            report_ca(current, volume, wanted, &changes, &mut outcome.report);
        }
        self.change_record(record.text(volume.claim(digest)), &mut changes);
        let annotations = &pod.metadata.annotations;
        let has_room = annotation_bytes(annotations, &changes) <= MAX_ANNOTATION_BYTES;
        if !has_room && wanted.is_some() {
            return Ok(None);
        }
        if !has_room && changes.iter().any(|(key, value)| *key == INJECTED && value.is_some()) {
            changes.retain(|(key, _)| *key != INJECTED);
            self.change_record(None, &mut changes);
            outcome.warnings.add(format!(
                "annotation {INJECTED} is left out, because the annotations of the pod would exceed 256 KiB: a later configuration \
                 cannot update the values that are set now; shorten the annotations"
            ));
        }
        let written = wanted.map_or("", |wanted| &wanted.volume);
        apply_to_volumes(&mut outcome.edits, pod.spec.volumes_slot(), volume, written);
        apply_to_annotations(&mut outcome.edits, pod, changes)?;
        Ok(Some(outcome))
    }

    /// Injects into one container.
    fn container(
        &self,
        plan: &PodPlan,
        pod: &Pod,
        container: &Container,
        claims: Option<&Claims>,
        progress: &mut Progress,
    ) -> Result<(), Problem> {
        let decided = plan_container(plan, container, claims);
        let Progress {
            outcome,
            record,
            additions,
            volume_use,
            list_bytes,
        } = progress;
        for warning in &decided.warnings {
            outcome
                .warnings
                .add(format!("container {}: {warning}", container.shown_name()));
        }
        if self.report {
            let difference = decided.env.difference(&container.env);
            outcome
                .report
                .add(container.shown_name(), claims.is_some(), difference, decided.mount);
        }
        let additions = decided.env.additions(&container.env, additions);
        apply_to_container(&mut outcome.edits, container, &decided, additions);
        let claims = match additions {
            Some(additions) => Cow::Borrowed(&*additions.claims),
            None => Cow::Owned(written_claims(&decided.env.claims(&container.env))),
        };
        record.add(&container.name, &claims, decided.mount.claim());
        volume_use.for_ca |= decided.mount.has_ca();
        volume_use.at_all |= decided.mount.uses_volume(container);
        if !decided.is_excluded {
            *list_bytes += plan.proxies.as_ref().map_or(0, |proxies| proxies.no_proxy().len());
        }
        if outcome.edits.added_bytes() > MAX_ADDED_BYTES {
            let reason = format!(
                "the pod would grow by more than {MAX_ADDED_BYTES} bytes, which is more than the API server stores; split the pod"
            );
            return Err(Problem::new(pod.span.start, reason));
        }
        if *list_bytes > MAX_LIST_BYTES {
            let reason =
                "the pod has too many containers for a NO_PROXY of this length; shorten noProxy, or split the pod";
            return Err(Problem::new(pod.span.start, reason));
        }
        Ok(())
    }

    /// Adds the new text of the record to the changes, if it is new.
    fn change_record(&self, record: Option<String>, changes: &mut AnnotationChanges) {
        match record {
            Some(record) if self.options.record == Some(&record) => {}
            Some(record) => changes.push((INJECTED, Some(record))),
            // A text that is not a record does not belong to the policy.
            None if self.record.is_some() => changes.push((INJECTED, None)),
            None => {}
        }
    }
}

/// Reports a volume, or a bundle in the annotation, that is out of date.
fn report_ca(
    current: CurrentVolume,
    volume: VolumePlan,
    wanted: Option<&WantedCa>,
    changes: &AnnotationChanges,
    report: &mut Report,
) {
    let CurrentVolume::Ours { emptied, .. } = current else {
        return;
    };
    match wanted.map(|wanted| wanted.trusted_ca) {
        Some(TrustedCa::ClusterTrustBundle(_)) if emptied => report.lacks_cluster_trust_bundles(),
        Some(_) if matches!(volume, VolumePlan::Write(_)) || !changes.is_empty() => report.trusted_ca_out_of_date(),
        _ => {}
    }
}
