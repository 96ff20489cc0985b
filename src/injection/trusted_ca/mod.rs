//! How the trusted CA gets into a pod: from an annotation that a volume projects, without a ConfigMap in each
//! namespace; or from a ConfigMap, a ClusterTrustBundle or an image that is maintained elsewhere.

mod mount;
mod source;
mod volume;

pub(crate) use mount::MountPlan;
pub(crate) use source::{WantedCa, annotation_change};
pub(crate) use volume::{CurrentVolume, NAME, VolumePlan, volume_json};

/// Where containers mount the volume.
pub(super) const MOUNT_PATH: &str = "/etc/http-proxy/trusted-ca";
