//! Decides the CA's mount in a container.

use super::{MOUNT_PATH, NAME};
use crate::injection::record::Digest;
use crate::json::canonical;
use crate::kubernetes::{Container, VolumeMount, mount_json};

/// What to do with the mount of the CA's volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MountPlan {
    /// Nothing: the container has none and gets none.
    None,
    /// None, because the container mounts something at, above or below the path.
    Blocked,
    /// As [`MountPlan::Blocked`], and the policy's earlier mount, which has this index, is removed.
    Replaced(usize),
    /// The mount is already there; with its digest if the record claims it.
    Keep(Option<Digest>),
    /// As [`MountPlan::Keep`], but something was mounted over it later.
    Covered(Option<Digest>),
    /// The mount is added.
    Add,
    /// The policy's mount, which has this index, is removed.
    Remove(usize),
}

impl MountPlan {
    /// Decides for a container that is to have the CA if it is `wanted`. In a `report`, mounts that were added over the
    /// policy's mount later do not matter: if the pod is re-created, the policy does not see them.
    pub(crate) fn new(text: &str, container: &Container, wanted: bool, claim: Option<Digest>, report: bool) -> Self {
        let fits = |mount: &VolumeMount| claim == Some(mount_digest(text, mount));
        let claimed = claim.and_then(|_| {
            container
                .mounts
                .iter()
                .position(|mount| mount.name == NAME && fits(mount))
        });
        if !wanted {
            return claimed.map_or(MountPlan::None, MountPlan::Remove);
        }
        let claim = claim.filter(|_| claimed.is_some());
        let is_there = container.mounts.iter().any(is_the_policys);
        let in_the_way = |mount: &VolumeMount| overlaps(&mount.mount_path) && !is_the_policys(mount);
        match (container.mounts.iter().any(in_the_way), claimed) {
            (true, Some(_)) if report => MountPlan::Covered(claim),
            (true, Some(index)) => MountPlan::Replaced(index),
            (true, None) => MountPlan::Blocked,
            (false, _) if is_there => MountPlan::Keep(claim),
            (false, _) => MountPlan::Add,
        }
    }

    /// Whether the container has the CA.
    pub(crate) fn has_ca(self) -> bool {
        matches!(self, MountPlan::Keep(_) | MountPlan::Covered(_) | MountPlan::Add)
    }

    /// The mount to remove, by index.
    pub(crate) fn removed(self) -> Option<usize> {
        match self {
            MountPlan::Remove(index) | MountPlan::Replaced(index) => Some(index),
            _ => None,
        }
    }

    /// What the record is to say about the mount.
    pub(crate) fn claim(self) -> Option<Digest> {
        match self {
            MountPlan::Keep(claim) | MountPlan::Covered(claim) => claim,
            MountPlan::Add => Some(mount_claim()),
            _ => None,
        }
    }

    /// The warning for the user.
    pub(crate) fn warning(self) -> Option<String> {
        match self {
            MountPlan::Blocked | MountPlan::Replaced(_) => Some(format!(
                "does not get the trusted CA, because it mounts a volume at, above or below {MOUNT_PATH}; mount that volume elsewhere"
            )),
            MountPlan::Covered(_) => Some(format!(
                "something was mounted at, above or below {MOUNT_PATH} after the policy had processed the pod"
            )),
            _ => None,
        }
    }

    /// Whether the container still mounts the volume afterwards, for the CA or for something of its own.
    pub(crate) fn uses_volume(self, container: &Container) -> bool {
        let mut others = container.mounts.iter().enumerate();
        self.has_ca() || others.any(|(index, mount)| mount.name == NAME && self.removed() != Some(index))
    }
}

/// The claim on the mount that the policy adds.
fn mount_claim() -> Digest {
    Digest::new(&mount_json(NAME, MOUNT_PATH))
}

fn mount_digest(text: &str, mount: &VolumeMount) -> Digest {
    Digest::new(&canonical(mount.span.of(text)))
}

/// Whether a mount equals the one that the policy adds.
fn is_the_policys(mount: &VolumeMount) -> bool {
    mount.name == NAME && !mount.partial && parts(&mount.mount_path) == parts(MOUNT_PATH)
}

/// Whether a path is at, above or below the one where the CA is mounted. `/` does not count as above.
fn overlaps(path: &str) -> bool {
    let (path, ours) = (parts(path), parts(MOUNT_PATH));
    let common = std::iter::zip(&path, &ours)
        .take_while(|(one, other)| one == other)
        .count();
    !path.is_empty() && (common == path.len() || common == ours.len())
}

/// The parts of a path, resolved as a container runtime resolves them.
fn parts(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/etc/http-proxy/trusted-ca";

    fn mount(volume: &'static str, path: &'static str, partial: bool) -> VolumeMount<'static> {
        VolumeMount {
            name: volume.into(),
            mount_path: path.into(),
            partial,
            ..VolumeMount::default()
        }
    }

    fn plan(mounts: Vec<VolumeMount>) -> MountPlan {
        let container = Container {
            mounts,
            ..Container::default()
        };
        MountPlan::new("", &container, true, None, false)
    }

    #[test]
    fn a_mount_is_in_the_way_at_above_or_below_the_path() {
        for (name, path, expected) in [
            ("tmp", "/tmp", MountPlan::Add),
            ("root", "/", MountPlan::Add),
            ("etc", "/etc/http", MountPlan::Add),
            ("etc", "/etc/http-proxy/trusted-ca-2", MountPlan::Add),
            ("etc", "/etc", MountPlan::Blocked),
            ("etc", "/etc/http-proxy/", MountPlan::Blocked),
            ("own", PATH, MountPlan::Blocked),
            ("own", "/etc//http-proxy/./trusted-ca/", MountPlan::Blocked),
            ("own", "/etc/x/../http-proxy/trusted-ca", MountPlan::Blocked),
            ("own", "/etc/http-proxy/trusted-ca/ca.crt", MountPlan::Blocked),
            (NAME, PATH, MountPlan::Keep(None)),
            (NAME, "/etc/x/../http-proxy/trusted-ca", MountPlan::Keep(None)),
            (NAME, "/elsewhere", MountPlan::Add),
        ] {
            assert_eq!(plan(vec![mount(name, path, false)]), expected, "{name} {path}");
        }
        assert_eq!(plan(vec![mount(NAME, PATH, true)]), MountPlan::Blocked);
        assert_eq!(
            plan(vec![mount(NAME, PATH, false), mount("own", "/etc", false)]),
            MountPlan::Blocked
        );
    }
}
