//! How the CA gets into a pod, and out of it again.

use std::ops::Range;

use super::{AnnotationChanges, Injection};
use crate::metadata::{Annotation, Annotations};
use crate::pod::{Container, Pod};
use crate::record::{Digest, canonical};
use crate::resolved_settings::ResolvedSettings;
use crate::trusted_ca::{TrustedCa, TrustedCaUse};
use crate::trusted_ca_volume::{self, MAX_ANNOTATION_BYTES, Mounted};
use crate::value::Value;

/// About as many bytes as a container's line in the record has at most, its name and values of its own aside.
const RECORD_BYTES_PER_CONTAINER: usize = 600;

/// The CA of a pod.
pub(super) struct PodTrust<'s, 'a> {
    /// What the pod is due.
    pub due: Option<&'s TrustedCa<'a>>,
    /// Whether the volume that is there is the policy's by the record.
    pub claimed: bool,
}

/// What becomes of the CA's mount in a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MountChange {
    Kept,
    Added,
    Removed,
}

/// What becomes of the CA's volume in all containers.
#[derive(Default)]
pub(super) struct Mounts {
    /// How many have the CA.
    pub trusting: usize,
    /// How many mount the volume, for the CA or for something of their own.
    pub any: usize,
}

impl<'s, 'a> Injection<'s, 'a> {
    /// What the pod is due of the CA, if the volume can be there.
    pub(super) fn trust(&mut self, pod: &Pod) -> PodTrust<'s, 'a> {
        let there = pod
            .spec
            .trusted_ca_volume
            .as_ref()
            .map(|place| &self.text[place.clone()]);
        let there_now = there.map(canonical);
        let claim = self.record.and_then(|record| record.volume);
        let claimed = claim.is_some() && there_now.as_deref().map(Digest::of) == claim;
        let due = self
            .settings
            .and_then(|settings| settings.trusted_ca.as_ref())
            .filter(|_| !pod.spec.windows);
        let free = |trusted_ca: &TrustedCa| {
            there.is_none_or(|there| {
                claimed
                    || trusted_ca_volume::projects_annotation(there)
                    || there_now.as_deref() == Some(&trusted_ca_volume::volume(trusted_ca))
            })
        };
        if due.is_some_and(|trusted_ca| !free(trusted_ca)) {
            let name = trusted_ca_volume::NAME;
            self.warn(format!(
                "no container gets the trusted CA: the pod has a volume of its own named {name}"
            ));
            return PodTrust { due: None, claimed };
        }
        PodTrust { due, claimed }
    }

    /// Whether the pod's annotations can take a bundle as well.
    pub(super) fn has_room_for(&mut self, trusted_ca: &TrustedCa, pod: &Pod) -> bool {
        let TrustedCa::Bundle(bundle) = trusted_ca else {
            return true;
        };
        let names = pod.spec.containers.iter().map(|container| container.name.len());
        let record = names.map(|name| name + RECORD_BYTES_PER_CONTAINER).sum::<usize>();
        let annotations = &pod.metadata.annotations;
        let old_record = annotations.bytes - annotations.bytes_beside(Annotation::Injected);
        let others = annotations.bytes_beside(Annotation::TrustedCa) - old_record;
        let room = others + trusted_ca_volume::ANNOTATION.len() + bundle.pem.len() + record <= MAX_ANNOTATION_BYTES;
        if !room {
            self.warn("no container gets the trusted CA: with it the pod's annotations would exceed 256 KiB");
        }
        room
    }

    /// What `trustedCaUse`, or the pod's annotation in its stead, sets.
    pub(super) fn trusted_ca_variables(
        &mut self,
        settings: &ResolvedSettings,
        annotations: &Annotations,
    ) -> Vec<(&'static str, Value)> {
        let mut trusted_ca_use = settings.trusted_ca_use;
        if let Some(choice) = annotations.get(Annotation::TrustedCaUse) {
            let from_config_map = matches!(settings.trusted_ca, Some(TrustedCa::ConfigMap(_)));
            match TrustedCaUse::parse(choice) {
                Some(TrustedCaUse::Append) if from_config_map => self.warn(
                    "annotation http-proxy.kubewarden.io/trusted-ca-use is ignored, a CA from a ConfigMap cannot be \
                     appended; write Replace or Mount",
                ),
                Some(choice) => trusted_ca_use = choice,
                None => self.warn(
                    "annotation http-proxy.kubewarden.io/trusted-ca-use is ignored; write Append, Replace or Mount",
                ),
            }
        }
        let variables = trusted_ca_volume::variables(trusted_ca_use).iter();
        variables
            .map(|(name, value)| (*name, Value::literal((*value).to_owned())))
            .collect()
    }

    /// Mounts the CA's volume in a container that is due it (not where it is `excluded`), or takes the mount that `claim`
    /// fits away. Gives the digest of the one that is the policy's then.
    pub(super) fn mount(
        &mut self,
        container: &Container,
        trust: &PodTrust,
        excluded: bool,
        claim: Option<Digest>,
        mounts: &mut Mounts,
    ) -> (Option<MountChange>, Option<Digest>) {
        let due = trust.due.is_some() && !excluded;
        let list = container.volume_mounts.as_ref();
        let mounted = trusted_ca_volume::mounted(container);
        let claim = claim.filter(|claim| match mounted {
            Mounted::Volume(index) => {
                let place = container.mounts[index].place.clone();
                Digest::of(&canonical(&self.text[place])) == *claim
            }
            _ => false,
        });
        let change = match mounted {
            Mounted::Volume(_) if due => Some(MountChange::Kept),
            Mounted::Nothing if due => {
                let mount = trusted_ca_volume::MOUNT;
                self.edits
                    .add_item(self.text, &container.place, "volumeMounts", list, mount);
                Some(MountChange::Added)
            }
            Mounted::Other if due => {
                self.warn(format!(
                    "container {} does not get the trusted CA: something is mounted at, above or below {}",
                    container.shown_name(),
                    trusted_ca_volume::MOUNT_PATH
                ));
                None
            }
            Mounted::Volume(index) if claim.is_some() => {
                if let Some(list) = list {
                    self.edits.remove_item(self.text, list, &container.mounts[index].place);
                }
                Some(MountChange::Removed)
            }
            _ => None,
        };
        let there = container
            .mounts
            .iter()
            .filter(|mount| mount.name == trusted_ca_volume::NAME);
        let left = there.count() - usize::from(change == Some(MountChange::Removed));
        let has_it = matches!(change, Some(MountChange::Kept | MountChange::Added));
        mounts.trusting += usize::from(has_it);
        mounts.any += usize::from(has_it || left > 0);
        let claim = match change {
            Some(MountChange::Added) => Some(Digest::of(trusted_ca_volume::MOUNT)),
            Some(MountChange::Removed) => None,
            Some(MountChange::Kept) | None => claim,
        };
        (change, claim)
    }

    /// Puts the CA's volume into the pod, or takes it away. Gives the digest of the one that is the policy's then.
    pub(super) fn volume(
        &mut self,
        pod: &Pod,
        trust: &PodTrust,
        mounts: &Mounts,
        changes: &mut AnnotationChanges,
    ) -> Option<Digest> {
        match trust.due {
            Some(trusted_ca) if mounts.trusting > 0 => return self.carry(pod, trusted_ca, trust.claimed, changes),
            _ if !trust.claimed => return None,
            // A mount of someone else's needs it.
            _ if mounts.any > 0 => return self.record.and_then(|record| record.volume),
            _ => {}
        }
        if let (Some(list), Some(volume)) = (&pod.spec.volumes, &pod.spec.trusted_ca_volume) {
            self.edits.remove_item(self.text, list, volume);
            self.drop_annotation_of(volume, changes);
        }
        None
    }

    /// Puts the CA into the pod: the volume, and the annotation that the volume projects. Gives the volume's digest, unless it
    /// is the pod's own and as it is to be.
    fn carry(
        &mut self,
        pod: &Pod,
        trusted_ca: &TrustedCa,
        claimed: bool,
        changes: &mut AnnotationChanges,
    ) -> Option<Digest> {
        let volume = trusted_ca_volume::volume(trusted_ca);
        let digest = Digest::of(&volume);
        let there = pod.spec.trusted_ca_volume.as_ref();
        let volume_stays = there.is_some_and(|place| canonical(&self.text[place.clone()]) == volume);
        let mut changed = !volume_stays;
        match there {
            Some(_) if volume_stays => {}
            Some(place) => {
                self.edits.replace(place.clone(), volume);
                if matches!(trusted_ca, TrustedCa::ConfigMap(_)) {
                    self.drop_annotation_of(place, changes);
                }
            }
            None => {
                let list = pod.spec.volumes.as_ref();
                self.edits
                    .add_item(self.text, &pod.spec.place, "volumes", list, &volume);
            }
        }
        if let TrustedCa::Bundle(bundle) = trusted_ca
            && pod.metadata.annotations.get(Annotation::TrustedCa) != Some(&bundle.pem)
        {
            changed = true;
            changes.push((Annotation::TrustedCa, Some(bundle.pem.clone())));
        }
        if let Some(report) = &mut self.report
            && changed
            && there.is_some()
        {
            report.trusted_ca_out_of_date();
        }
        (claimed || !volume_stays).then_some(digest)
    }

    /// Takes the bundle out of the annotations, with the volume that projects it.
    fn drop_annotation_of(&self, volume: &Range<usize>, changes: &mut AnnotationChanges) {
        if trusted_ca_volume::projects_annotation(&self.text[volume.clone()]) {
            changes.push((Annotation::TrustedCa, None));
        }
    }
}
