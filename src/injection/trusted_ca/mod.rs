//! How the trusted CA gets into a pod: as an annotation that a volume projects, without a ConfigMap in each namespace; or
//! from a ConfigMap or ClusterTrustBundle that something else keeps.

mod mount;
mod variables;
mod volume;

pub(super) use mount::MountPlan;
pub(super) use variables::{CaVariables, ca_variables};
pub(super) use volume::{ANNOTATION, CurrentVolume, NAME, VolumePlan, volume_json};

/// Where containers have the volume.
pub(super) const MOUNT_PATH: &str = "/etc/http-proxy/trusted-ca";
