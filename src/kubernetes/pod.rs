//! A pod, and where it is in the request.

use super::container::has_windows_options;
use super::labels::Labels;
use super::node_selection::NodeSelection;
use super::{Container, Metadata, Volume};
use crate::json::{Problem, Reader, Slot, Span};
use crate::values::Os;

/// A pod, or a pod template.
#[derive(Default)]
pub(crate) struct Pod<'a> {
    pub span: Span,
    pub metadata: Metadata<'a>,
    /// Whether the pod concerns who had it read.
    pub concerns: bool,
    /// Empty for a pod that concerns nobody.
    pub spec: Box<PodSpec<'a>>,
    /// Whether its containers have finished for good.
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase>
    pub finished: bool,
}

impl<'a> Pod<'a> {
    /// Reads a pod. `concerns` decides from its metadata whether its spec is needed.
    pub(crate) fn read(reader: &mut Reader<'a>, concerns: fn(&Metadata) -> bool) -> Result<Box<Self>, Problem> {
        let mut pod = Box::<Pod>::default();
        let mut spec_reader = None;
        // The spec, if the metadata were known when it was read. API servers send the metadata first.
        let mut spec: Option<Result<Box<PodSpec>, Problem>> = None;
        let mut metadata_known = false;
        let (span, _) = reader.spanned(|reader| {
            reader.object(|reader, field| {
                match field {
                    "metadata" => {
                        pod.metadata = Metadata::read(reader)?;
                        pod.concerns = concerns(&pod.metadata);
                        metadata_known = true;
                    }
                    "spec" => {
                        let start = *reader;
                        spec = (metadata_known && pod.concerns).then(|| PodSpec::read(reader));
                        if !matches!(spec, Some(Ok(_))) {
                            *reader = start;
                            reader.skip()?;
                        }
                        spec_reader = Some(start);
                    }
                    "status" => pod.finished = is_finished(reader)?,
                    _ => reader.skip()?,
                }
                Ok(())
            })
        })?;
        pod.span = span;
        if !metadata_known {
            pod.concerns = concerns(&pod.metadata);
        }
        if pod.concerns {
            let read_now = || spec_reader.map(|mut reader| PodSpec::read(&mut reader));
            pod.spec = spec.or_else(read_now).transpose()?.unwrap_or_default();
        }
        Ok(pod)
    }
}

fn is_finished(status: &mut Reader) -> Result<bool, Problem> {
    let mut finished = false;
    status.object(|reader, field| {
        match field {
            "phase" => finished = matches!(reader.string()?.as_deref(), Some("Succeeded" | "Failed")),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(finished)
}

/// The spec of a pod.
#[derive(Default)]
pub(crate) struct PodSpec<'a> {
    span: Span,
    /// `os.name`. `windows_options` says whether `securityContext.windowsOptions` is set for the pod or a container.
    os: Option<Os>,
    windows_options: bool,
    pub node: NodeSelection<'a>,
    /// Where `volumes` is, if the field is there.
    pub volumes_span: Option<Span>,
    pub volumes: Vec<Volume<'a>>,
    containers: Vec<Container<'a>>,
    init_containers: Vec<Container<'a>>,
}

impl<'a> PodSpec<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Box<Self>, Problem> {
        let mut spec = Box::<PodSpec>::default();
        let (span, _) = reader.spanned(|reader| {
            reader.object(|reader, field| {
                match field {
                    "affinity" => spec.node.affinity = reader.present()?,
                    "containers" => spec.containers = Container::read_list(reader)?,
                    "initContainers" => spec.init_containers = Container::read_list(reader)?,
                    "nodeSelector" => spec.node.node_selector = Labels::read(reader)?,
                    "os" => spec.os = read_os(reader)?,
                    "securityContext" => spec.windows_options = has_windows_options(reader)?,
                    "volumes" => {
                        let (span, volumes) = reader.spanned(Volume::read_list)?;
                        (spec.volumes_span, spec.volumes) = (Some(span), volumes);
                    }
                    _ => reader.skip()?,
                }
                Ok(())
            })
        })?;
        spec.span = span;
        Ok(spec)
    }

    /// `containers`, then `initContainers`, including native sidecars.
    pub(crate) fn all_containers(&self) -> impl Iterator<Item = &Container<'a>> {
        self.containers.iter().chain(&self.init_containers)
    }

    pub(crate) fn volumes_slot(&self) -> Slot {
        Slot {
            object: self.span,
            key: "volumes",
            value: self.volumes_span,
        }
    }

    /// The operating system of the pod's nodes. `os.name` is rarely set, and the pods of a DaemonSet lose their node affinity
    /// to its controller, so any sign of Windows counts.
    pub(crate) fn os(&self) -> Result<Os, Problem> {
        if let Some(os) = self.os {
            return Ok(os);
        }
        let windows = self.windows_options
            || self.all_containers().any(|container| container.windows_options)
            || self.node.is_pinned("kubernetes.io/os", "windows")?
            || self.node.is_pinned("beta.kubernetes.io/os", "windows")?;
        Ok(if windows { Os::Windows } else { Os::Linux })
    }
}

fn read_os(reader: &mut Reader) -> Result<Option<Os>, Problem> {
    let mut os = None;
    reader.object(|reader, field| {
        match field {
            "name" => {
                os = match reader.string()?.as_deref() {
                    Some("windows") => Some(Os::Windows),
                    Some("linux") => Some(Os::Linux),
                    _ => None,
                }
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(os)
}
