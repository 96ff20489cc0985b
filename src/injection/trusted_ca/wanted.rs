//! The CA that a pod is to have.

use super::volume::{ANNOTATION, NAME, volume_json};
use super::{CurrentVolume, VolumePlan};
use crate::kubernetes::Pod;
use crate::settings::{ResolvedSettings, TrustedCa};
use crate::values::Os;

/// The CA that a pod is to have.
pub(in crate::injection) struct WantedCa<'s, 'a> {
    pub trusted_ca: &'s TrustedCa<'a>,
    /// Its volume, as JSON.
    pub volume: String,
}

impl<'s, 'a> WantedCa<'s, 'a> {
    /// The CA of the settings, for a pod of this operating system. Windows has no place for it.
    pub(in crate::injection) fn new(settings: &'s ResolvedSettings<'a>, os: Os) -> Option<Self> {
        let trusted_ca = settings.trusted_ca.as_ref().filter(|_| os == Os::Linux)?;
        let volume = volume_json(trusted_ca);
        Some(WantedCa { trusted_ca, volume })
    }
}

/// Decides the annotation that holds the bundle: its key, with the new value, or `None` to remove it.
pub(in crate::injection) fn annotation_change(
    pod: &Pod,
    current: CurrentVolume,
    volume: VolumePlan,
    wanted: Option<&WantedCa>,
) -> Option<(&'static str, Option<String>)> {
    let projected = matches!(
        current,
        CurrentVolume::Ours {
            projects_annotation: true,
            ..
        }
    );
    match wanted.map(|wanted| wanted.trusted_ca) {
        Some(TrustedCa::Bundle(bundle)) => {
            let is_there = pod.metadata.annotations.get(ANNOTATION) == Some(&bundle.pem);
            (!is_there).then(|| (ANNOTATION, Some(bundle.pem.clone())))
        }
        _ if projected && !matches!(volume, VolumePlan::Leave(_)) => Some((ANNOTATION, None)),
        _ => None,
    }
}

/// The warning that the pod has a volume of its own with the name of the policy's volume.
pub(in crate::injection) fn foreign_volume() -> String {
    format!("no container gets the trusted CA: the pod already has a volume named {NAME}; rename that volume")
}
