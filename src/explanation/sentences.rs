//! The words for reasons.

use crate::injection::{ContainerPlan, Reason};
use crate::kubernetes::NoSubject;
use crate::pod_options::{EXCLUDE_CONTAINERS, PROFILE};
use crate::settings::{Condition, ProfileBecause};

/// Why an object as a whole is unchanged.
pub(super) fn of_object(reason: Reason) -> String {
    match reason {
        Reason::NoSubject(reason) => of_no_subject(reason).to_owned(),
        Reason::Terminating => "it is being deleted".to_owned(),
        Reason::Mirror => "it is the mirror pod of a static pod, which only its node can change".to_owned(),
        Reason::OptedOut(key) => {
            let value = if key.ends_with("/inject") { "false" } else { "true" };
            format!("the pod has the annotation {key}: \"{value}\"")
        }
        Reason::Disabled => "the settings have enabled: false".to_owned(),
        Reason::DisabledByProfile => "the profile has enabled: false".to_owned(),
        Reason::UnknownProfile => format!("annotation {PROFILE}: there is no such profile for its namespace"),
        Reason::Finished => "its containers have finished".to_owned(),
        Reason::Ephemeral => "ephemeral containers are never re-created".to_owned(),
        // The others are about parts of an object.
        _ => String::new(),
    }
}

fn of_no_subject(reason: NoSubject) -> &'static str {
    match reason {
        NoSubject::Operation => "the operation is neither CREATE nor UPDATE",
        NoSubject::Kind => "objects of this kind have no pod that the policy changes",
        NoSubject::SubResource => "the subresource has no effect on the environment of containers",
        NoSubject::PodUpdate => "the environment of a pod cannot change after the pod has been created",
        NoSubject::JobTemplate => "the template of a Job cannot change after the Job has been created",
        NoSubject::TemplateUnchanged => "the update does not change the template, so it must not roll out the workload",
        NoSubject::Terminating => "it is being deleted",
        NoSubject::Controlled => "another workload controls it, and would undo the change",
        NoSubject::NoTemplate => "it has no pod template",
    }
}

/// Why a container or a part of it is unchanged. `part` is the name of a variable, or that of the trusted CA.
pub(super) fn of_part(reason: Reason, part: &str, container: &ContainerPlan) -> String {
    let name = |at| container.authors.name(at);
    match reason {
        Reason::ExcludedBySettings(index) => format!("excludeContainers[{index}]"),
        Reason::ExcludedByDefault(index) => format!("excludeContainers[{index}] (default)"),
        Reason::ExcludedByPod => format!("annotation {EXCLUDE_CONTAINERS}"),
        Reason::NoSuchProxy if part.to_ascii_lowercase().starts_with("https") => {
            "the settings have no proxy for https".to_owned()
        }
        Reason::NoSuchProxy => "the settings have no proxy for http".to_owned(),
        Reason::NoProxy => "the settings have no proxy".to_owned(),
        Reason::NoEntries => "the settings have no noProxy entries".to_owned(),
        Reason::RuntimeOff => "runtimes has it off".to_owned(),
        Reason::Own(at) | Reason::AllProxy(at) => format!("the container sets {}", name(at)),
        Reason::ProxyEnvFrom { source, pattern } => {
            let source = container.container.env_from.get(source);
            let from = source.map_or("", |source| &source.name);
            format!("envFrom {from} sets the proxies: proxyEnvFrom[{pattern}]")
        }
        Reason::BothUrls => "the container chose both proxies itself".to_owned(),
        Reason::OwnEverything(at) => format!("the container sets {} to *", name(at)),
        Reason::OwnEmpty(at) => format!("the container sets {} to an empty list", name(at)),
        Reason::Hidden(at) => format!("the container sets {} with valueFrom", name(at)),
        Reason::EnvFrom => format!("envFrom may set {part}, and env would hide that"),
        Reason::Same => "the container has the value already".to_owned(),
        Reason::TooLong => "the value would be longer than the operating system allows".to_owned(),
        Reason::ListTooLongForWindows => "NO_PROXY would be longer than Windows allows".to_owned(),
        Reason::NothingGiven => "the container gets no proxy from the policy".to_owned(),
        Reason::NotForJava => "Java cannot use the proxy: its URL is https, or comes from a Secret".to_owned(),
        Reason::TooLongForJava => "JDK 8 would ignore a value of 1,024 bytes or more".to_owned(),
        other => of_trusted_ca(other).map_or_else(|| of_object(other), str::to_owned),
    }
}

/// Why a container has no trusted CA, or a use of it.
fn of_trusted_ca(reason: Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::NoCa => "the settings have no trusted CA",
        Reason::Windows => "Windows pods get no trusted CA",
        Reason::ForeignVolume => "the pod has another volume named http-proxy-trusted-ca",
        Reason::NoRoom => "the annotations of the pod would exceed 256 KiB",
        Reason::MountInTheWay => "the container mounts a volume at, above or below /etc/http-proxy/trusted-ca",
        Reason::DeviceInTheWay => "the container has a block device at, above or below /etc/http-proxy/trusted-ca",
        Reason::NoVolumeYet => "the running pod has no volume with the trusted CA",
        Reason::OnlyMounted => "trustedCaUse is Mount",
        Reason::OptionalReplace => "the bundle is optional, so Replace could break all TLS",
        Reason::NoTrustStore => "the source of the trusted CA has no PKCS#12 store",
        Reason::NotReplaced => "a trust store goes with trustedCaUse: Replace alone",
        _ => return None,
    })
}

/// What chose the settings of a pod.
pub(super) fn of_choice(because: ProfileBecause) -> String {
    match because {
        ProfileBecause::Annotation => format!("annotation {PROFILE}"),
        ProfileBecause::Matches(Condition::Namespace(index)) => format!("match.namespaces[{index}]"),
        ProfileBecause::Matches(Condition::PodSelector) => "match.podSelector".to_owned(),
        ProfileBecause::Matches(Condition::NodeSelector) => "match.nodeSelector".to_owned(),
        ProfileBecause::Record => "the pod's record".to_owned(),
        ProfileBecause::TopLevel => "no profile matches".to_owned(),
    }
}
