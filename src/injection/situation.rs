//! What is known of a pod before anything is planned.

use values::Digest;

use crate::injection::reason::Reason;
use crate::injection::record::Record;
use crate::pod_options::PodOptions;
use crate::settings::{Mode, ProfileBecause, ResolvedSettings};

/// The settings that apply to a pod.
pub(crate) struct Applied<'s> {
    pub settings: ResolvedSettings<'s>,
    /// The name of the profile that they come from.
    pub profile: Option<String>,
    pub because: ProfileBecause,
    /// The fingerprint of what decides which profile applies to a pod.
    pub profiles: Digest,
}

/// What to inject, and why.
pub(crate) struct Injection<'p> {
    /// The text of the request.
    pub text: &'p str,
    /// The settings, or why nothing is injected: then everything that was injected is removed.
    pub applied: Result<&'p Applied<'p>, Reason>,
    pub options: &'p PodOptions<'p>,
    /// What the policy set before.
    pub record: Option<&'p Record<'p>>,
    /// Whether the pod is a template, whose record is unchanged if nothing else changes.
    pub is_template: bool,
    /// Whether containers are added to a running pod.
    pub is_ephemeral: bool,
    /// With [`Mode::Report`] the pod is only compared with what it would be if it were re-created.
    pub mode: Mode,
}

impl Injection<'_> {
    /// The digest of the CA's volume in the record.
    pub(crate) fn volume_claim(&self) -> Option<Digest> {
        self.record.and_then(|record| record.volume)
    }
}
