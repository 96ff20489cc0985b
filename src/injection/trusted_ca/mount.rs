//! Decides the CA's mount in a container.

use crate::injection::reason::Reason;
use crate::injection::trusted_ca::MOUNT_PATH;
use crate::injection::trusted_ca::volume::NAME;
use crate::kubernetes::{Container, VolumeMount, mount_json};
use crate::settings::Mode;
use json::canonical;
use values::Digest;

/// What to do with the mount of the CA's volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MountPlan {
    /// Nothing, for this reason; the policy's earlier mount, if it has this index, is removed.
    Leave(Reason, Option<usize>),
    /// The mount is already there; with its digest if the record claims it.
    Keep(Option<Digest>),
    /// As [`MountPlan::Keep`], but something was mounted over it later.
    Covered(Option<Digest>),
    /// The mount is added.
    Add,
}

impl MountPlan {
    /// Decides for a container that is to have the CA, or is not for a reason. In [`Mode::Report`], mounts that were added over the
    /// policy's mount later do not matter: if the pod is re-created, the policy does not see them.
    pub(crate) fn new(
        text: &str,
        container: &Container,
        wanted: Result<(), Reason>,
        claim: Option<Digest>,
        mode: Mode,
    ) -> Self {
        let fits = |mount: &VolumeMount| claim == Some(mount_digest(text, mount));
        let claimed = claim.and_then(|_| {
            container
                .mounts
                .iter()
                .position(|mount| mount.name == NAME && fits(mount))
        });
        if let Err(reason) = wanted {
            return MountPlan::Leave(reason, claimed);
        }
        let claim = claim.filter(|_| claimed.is_some());
        let is_there = container.mounts.iter().any(is_injected);
        let in_the_way = |mount: &VolumeMount| overlaps(&mount.mount_path) && !is_injected(mount);
        match in_the_way_of(container, in_the_way) {
            Some(_) if mode == Mode::Report && claimed.is_some() => MountPlan::Covered(claim),
            Some(reason) => MountPlan::Leave(reason, claimed),
            None if is_there => MountPlan::Keep(claim),
            None => MountPlan::Add,
        }
    }

    /// Whether the container has the CA.
    pub(crate) fn has_ca(self) -> bool {
        matches!(self, MountPlan::Keep(_) | MountPlan::Covered(_) | MountPlan::Add)
    }

    /// Why the container does not have the CA.
    pub(crate) fn reason(self) -> Option<Reason> {
        match self {
            MountPlan::Leave(reason, _) => Some(reason),
            _ => None,
        }
    }

    /// The mount to remove, by index.
    pub(crate) fn removed(self) -> Option<usize> {
        match self {
            MountPlan::Leave(_, removed) => removed,
            _ => None,
        }
    }

    /// What the record is to say about the mount.
    pub(crate) fn claim(self) -> Option<Digest> {
        match self {
            MountPlan::Keep(claim) | MountPlan::Covered(claim) => claim,
            MountPlan::Add => Some(mount_claim()),
            MountPlan::Leave(..) => None,
        }
    }

    /// Whether the container still mounts the volume afterwards, for the CA or for its own use.
    pub(crate) fn uses_volume(self, container: &Container) -> bool {
        let mut others = container.mounts.iter().enumerate();
        self.has_ca() || others.any(|(index, mount)| mount.name == NAME && self.removed() != Some(index))
    }
}

/// What the container has at the path of the CA.
fn in_the_way_of(container: &Container, mount: impl Fn(&VolumeMount) -> bool) -> Option<Reason> {
    if container.mounts.iter().any(mount) {
        Some(Reason::MountInTheWay)
    } else if container.device_paths.iter().any(|path| overlaps(path)) {
        Some(Reason::DeviceInTheWay)
    } else {
        None
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
fn is_injected(mount: &VolumeMount) -> bool {
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

    const BLOCKED: MountPlan = MountPlan::Leave(Reason::MountInTheWay, None);

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
        MountPlan::new("", &container, Ok(()), None, Mode::Inject)
    }

    #[test]
    fn a_mount_is_in_the_way_at_above_or_below_the_path() {
        for (name, path, expected) in [
            ("tmp", "/tmp", MountPlan::Add),
            ("root", "/", MountPlan::Add),
            ("etc", "/etc/http", MountPlan::Add),
            ("etc", "/etc/http-proxy/trusted-ca-2", MountPlan::Add),
            ("etc", "/etc", BLOCKED),
            ("etc", "/etc/http-proxy/", BLOCKED),
            ("own", PATH, BLOCKED),
            ("own", "/etc//http-proxy/./trusted-ca/", BLOCKED),
            ("own", "/etc/x/../http-proxy/trusted-ca", BLOCKED),
            ("own", "/etc/http-proxy/trusted-ca/ca.crt", BLOCKED),
            (NAME, PATH, MountPlan::Keep(None)),
            (NAME, "/etc/x/../http-proxy/trusted-ca", MountPlan::Keep(None)),
            (NAME, "/elsewhere", MountPlan::Add),
        ] {
            assert_eq!(plan(vec![mount(name, path, false)]), expected, "{name} {path}");
        }
        assert_eq!(plan(vec![mount(NAME, PATH, true)]), BLOCKED);
        assert_eq!(
            plan(vec![mount(NAME, PATH, false), mount("own", "/etc", false)]),
            BLOCKED
        );
    }
    #[test]
    fn a_block_device_is_in_the_way_as_a_mount_is() {
        for (path, expected) in [
            ("/dev/xvda", MountPlan::Add),
            (PATH, MountPlan::Leave(Reason::DeviceInTheWay, None)),
            ("/etc/http-proxy", MountPlan::Leave(Reason::DeviceInTheWay, None)),
        ] {
            let container = Container {
                device_paths: vec![path.into()],
                ..Container::default()
            };
            assert_eq!(
                MountPlan::new("", &container, Ok(()), None, Mode::Inject),
                expected,
                "{path}"
            );
        }
    }
}
