//! A container of a pod.

use std::borrow::Cow;

use super::list::read_list;
use super::{EnvVar, VolumeMount};
use crate::json::{Problem, Reader, Slot, Span, presentable};

/// The parts of a container of any kind that decisions need.
#[derive(Default)]
pub(crate) struct Container<'a> {
    pub name: Cow<'a, str>,
    pub span: Span,
    /// Where `env` is, if the field is there.
    pub env_span: Option<Span>,
    pub env: Vec<EnvVar<'a>>,
    /// Whether variables come from a ConfigMap or a Secret as a whole (`envFrom`).
    pub env_from: bool,
    /// Where `volumeMounts` is, if the field is there.
    pub mounts_span: Option<Span>,
    pub mounts: Vec<VolumeMount<'a>>,
    /// Whether it has `securityContext.windowsOptions`.
    pub windows_options: bool,
}

impl<'a> Container<'a> {
    pub(super) fn read_list(reader: &mut Reader<'a>) -> Result<Vec<Self>, Problem> {
        read_list(reader, Container::read)
    }

    /// The ephemeral containers of the Pod at `pod`.
    pub(super) fn read_ephemeral(pod: Reader<'a>) -> Result<Vec<Self>, Problem> {
        match pod.descend(&["spec", "ephemeralContainers"])? {
            Some(mut list) => Container::read_list(&mut list),
            None => Ok(Vec::new()),
        }
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut container = Container::default();
        container.span = reader.required_object(|reader, field| {
            match field {
                "name" => container.name = reader.string()?.unwrap_or_default(),
                "env" => {
                    let (span, env) = reader.spanned(EnvVar::read_list)?;
                    (container.env_span, container.env) = (Some(span), env);
                }
                "envFrom" => container.env_from = has_items(reader)?,
                "volumeMounts" => {
                    let (span, mounts) = reader.spanned(VolumeMount::read_list)?;
                    (container.mounts_span, container.mounts) = (Some(span), mounts);
                }
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

fn has_items(list: &mut Reader) -> Result<bool, Problem> {
    let mut any = false;
    list.array(|reader| {
        any = true;
        reader.skip()
    })?;
    Ok(any)
}

/// Whether the `securityContext` of a container or a pod has settings for Windows.
pub(super) fn has_windows_options(security_context: &mut Reader) -> Result<bool, Problem> {
    let mut any = false;
    security_context.object(|reader, field| {
        if field == "windowsOptions" {
            any = !reader.is_null();
        }
        reader.skip()
    })?;
    Ok(any)
}
