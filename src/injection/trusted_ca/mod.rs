//! How the trusted CA gets into a pod: as an annotation that a volume projects, without a ConfigMap in each namespace; or
//! from a ConfigMap or ClusterTrustBundle that something else keeps.

mod mount;
mod variables;
mod volume;
mod wanted;

pub(super) use mount::MountPlan;
pub(super) use variables::{CaVariables, ca_variables};
pub(super) use volume::{CurrentVolume, NAME, VolumePlan};
pub(super) use wanted::{WantedCa, annotation_change, foreign_volume};

/// Where containers have the volume.
pub(super) const MOUNT_PATH: &str = "/etc/http-proxy/trusted-ca";
