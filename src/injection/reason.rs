//! Why the policy leaves something alone. Reasons are data: whoever shows them writes the sentences.

use crate::injection::at::At;
use crate::kubernetes::NoSubject;

/// Why an object, a container or a variable is unchanged. Each is made in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    // The object
    /// It is about no pod that may be changed.
    NoSubject(NoSubject),
    /// It is being deleted.
    Terminating,
    /// It is the mirror pod of a static pod.
    Mirror,
    /// An annotation opts it out: this key.
    OptedOut(&'static str),
    /// `enabled: false` at the top level.
    Disabled,
    /// The pod names a profile that it cannot have.
    UnknownProfile,
    /// `enabled: false` in the profile.
    DisabledByProfile,
    /// In a report: its containers have finished for good.
    Finished,
    /// In a report: ephemeral containers are never re-created.
    Ephemeral,

    // The container
    /// `excludeContainers[…]`
    ExcludedBySettings(usize),
    /// `excludeContainers[…]` of the default, where the settings omit the field.
    ExcludedByDefault(usize),
    /// The pod's annotation excludes it.
    ExcludedByPod,

    // What the settings lack
    /// No proxy for this scheme.
    NoSuchProxy,
    /// No proxy at all, so `NO_PROXY` has no use.
    NoProxy,
    /// `NO_PROXY` would be empty.
    NoEntries,
    /// `runtimes` has it off.
    RuntimeOff,
    /// No CA.
    NoCa,

    // What the container sets itself
    /// This entry.
    Own(At),
    /// `ALL_PROXY`, in this entry.
    AllProxy(At),
    /// An entry of `envFrom` that `proxyEnvFrom[pattern]` names.
    ProxyEnvFrom { source: usize, pattern: usize },
    /// Both proxies, so the list is the container's too.
    BothUrls,
    /// A list that holds `*`, in this entry.
    OwnEverything(At),
    /// An empty list, in this entry.
    OwnEmpty(At),
    /// A value that only the kubelet knows, in this entry.
    Hidden(At),
    /// `envFrom` may set the variable.
    EnvFrom,
    /// The container's value is what the policy would set.
    Same,

    // What stands in the way
    /// The new value would be longer than the operating system allows.
    TooLong,
    /// `NO_PROXY` would be longer than Windows allows, so the pod gets no proxy at all.
    ListTooLongForWindows,
    /// The container gets none of the policy's proxies.
    NothingGiven,
    /// Java cannot use the proxy: its URL comes from a Secret or is `https`.
    NotForJava,
    /// JDK 8 would ignore the longer value.
    TooLongForJava,

    // The trusted CA
    /// Windows pods get none.
    Windows,
    /// The pod has a volume of the same name that is not the policy's.
    ForeignVolume,
    /// The annotations of the pod have no room for it.
    NoRoom,
    /// The container mounts a volume at, above or below its path.
    MountInTheWay,
    /// The container has a block device at, above or below its path.
    DeviceInTheWay,
    /// The running pod has no volume for an ephemeral container.
    NoVolumeYet,
    /// `Mount` sets no variables.
    OnlyMounted,
    /// `Replace` would break all TLS where the optional bundle is missing.
    OptionalReplace,
    /// The source has no PKCS#12 store.
    NoTrustStore,
    /// Java replaces its roots, so its trust store goes with `Replace` alone.
    NotReplaced,
}

/// What a plan cannot do although it goes ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caveat {
    /// A reference to `name` in an entry of `NO_PROXY` does not resolve in this variable.
    Unresolved {
        variable: &'static str,
        name: String,
        because: Because,
    },
    /// A new variable must stand at the end, although others refer to it.
    AtTheEnd { name: &'static str, because: Because },
    /// The container's own list has an entry with white space in it.
    WhiteSpace(At),
    /// This many entries of `NO_PROXY` are omitted of Java's options.
    LeftOutOfJava(usize),
    /// In a report: a later webhook set this variable.
    SetLater(String),
}

impl Caveat {
    /// The name in the reference that does not resolve, if it is about one.
    pub(crate) fn reference(&self) -> Option<&str> {
        match self {
            Caveat::Unresolved { name, .. } => Some(name),
            _ => None,
        }
    }
}

/// Why a reference cannot be written as its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Because {
    /// A variable of this name is set later, to a value that only the kubelet knows.
    Hidden(String),
    /// Its value would be longer than the container's variables allow.
    Budget,
    /// It refers to the list itself.
    Itself,
}
