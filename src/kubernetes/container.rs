//! A container of a pod.

use std::borrow::Cow;

use crate::kubernetes::env::EnvVar;
use crate::kubernetes::list::read_list;
use crate::kubernetes::volumes::VolumeMount;
use json::{Problem, Reader, Slot, Span, presentable};

/// The kinds of containers, in the order in which they run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ContainerKind {
    Init,
    #[default]
    Container,
    Ephemeral,
}

impl ContainerKind {
    #[cfg(any(not(target_family = "wasm"), feature = "library"))]
    pub(crate) fn word(self) -> &'static str {
        match self {
            ContainerKind::Init => "initContainer",
            ContainerKind::Container => "container",
            ContainerKind::Ephemeral => "ephemeralContainer",
        }
    }
}

/// The parts of a container of any kind that decisions need.
#[derive(Default)]
pub(crate) struct Container<'a> {
    pub kind: ContainerKind,
    pub name: Cow<'a, str>,
    pub span: Span,
    /// Where `env` is, if the field is there.
    pub env_span: Option<Span>,
    pub env: Vec<EnvVar<'a>>,
    /// The ConfigMaps and Secrets that set variables as a whole.
    pub env_from: Vec<EnvFrom<'a>>,
    /// Where `volumeMounts` is, if the field is there.
    pub mounts_span: Option<Span>,
    pub mounts: Vec<VolumeMount<'a>>,
    /// The paths of its block devices (`volumeDevices`).
    pub device_paths: Vec<Cow<'a, str>>,
    /// Whether `securityContext.windowsOptions` says anything.
    pub windows_options: bool,
}

/// An entry of `envFrom`.
#[derive(Default)]
pub(crate) struct EnvFrom<'a> {
    /// The name of the ConfigMap or Secret.
    pub name: Cow<'a, str>,
    /// Whether it prefixes the names of the variables.
    pub has_prefix: bool,
}

impl<'a> Container<'a> {
    pub(super) fn read_list(reader: &mut Reader<'a>, kind: ContainerKind) -> Result<Vec<Self>, Problem> {
        read_list(reader, |reader| Container::read(reader, kind))
    }

    /// The ephemeral containers of the Pod at `pod`.
    pub(super) fn read_ephemeral(pod: Reader<'a>) -> Result<Vec<Self>, Problem> {
        match pod.descend(&["spec", "ephemeralContainers"])? {
            Some(mut list) => Container::read_list(&mut list, ContainerKind::Ephemeral),
            None => Ok(Vec::new()),
        }
    }

    fn read(reader: &mut Reader<'a>, kind: ContainerKind) -> Result<Self, Problem> {
        let mut container = Container {
            kind,
            ..Container::default()
        };
        container.span = reader.required_object(|reader, field| {
            match field {
                "name" => container.name = reader.string()?.unwrap_or_default(),
                "env" => {
                    let (span, env) = reader.spanned(EnvVar::read_list)?;
                    (container.env_span, container.env) = (Some(span), env);
                }
                "envFrom" => container.env_from = read_list(reader, EnvFrom::read)?,
                "volumeMounts" => {
                    let (span, mounts) = reader.spanned(VolumeMount::read_list)?;
                    (container.mounts_span, container.mounts) = (Some(span), mounts);
                }
                "volumeDevices" => container.device_paths = read_list(reader, device_path)?,
                "securityContext" => container.windows_options = has_windows_options(reader)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(container)
    }

    /// Its name in a message.
    pub(crate) fn shown_name(&self) -> &str {
        presentable(&self.name)
    }

    pub(crate) fn env_slot(&self) -> Slot {
        Slot {
            object: self.span,
            key: "env",
            value: self.env_span,
        }
    }

    pub(crate) fn mounts_slot(&self) -> Slot {
        Slot {
            object: self.span,
            key: "volumeMounts",
            value: self.mounts_span,
        }
    }
}

impl<'a> EnvFrom<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut source = EnvFrom::default();
        reader.required_object(|reader, field| {
            match field {
                "configMapRef" | "secretRef" => {
                    reader.object(|reader, field| {
                        match field {
                            "name" => source.name = reader.string()?.unwrap_or_default(),
                            _ => reader.skip()?,
                        }
                        Ok(())
                    })?;
                }
                "prefix" => source.has_prefix = reader.string()?.is_some_and(|prefix| !prefix.is_empty()),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(source)
    }
}

fn device_path<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, str>, Problem> {
    let mut path = Cow::Borrowed("");
    reader.required_object(|reader, field| {
        match field {
            "devicePath" => path = reader.string()?.unwrap_or_default(),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(path)
}

/// Whether the `securityContext` of a container or a pod has settings for Windows. An empty object has none.
pub(super) fn has_windows_options(security_context: &mut Reader) -> Result<bool, Problem> {
    let mut any = false;
    security_context.object(|reader, field| {
        if field != "windowsOptions" || !reader.is_object() {
            return reader.skip();
        }
        any = false;
        reader.object(|reader, _| {
            any |= !reader.is_null();
            reader.skip()
        })?;
        Ok(())
    })?;
    Ok(any)
}
