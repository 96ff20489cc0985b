//! How the trusted CA gets into a pod: from an annotation that a volume projects, without a ConfigMap in each
//! namespace; or from a ConfigMap or ClusterTrustBundle that is maintained elsewhere.

mod mount;
mod variables;
mod volume;
mod wanted;

pub(super) use mount::MountPlan;
pub(super) use variables::{CaVariables, ca_variables};
pub(super) use volume::{CurrentVolume, NAME, VolumePlan};
pub(super) use wanted::{WantedCa, annotation_change, foreign_volume};

/// Where containers mount the volume.
pub(super) const MOUNT_PATH: &str = "/etc/http-proxy/trusted-ca";
