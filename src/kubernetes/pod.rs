//! A pod, and where it is in the request.

use std::cell::OnceCell;

use crate::kubernetes::container::Container;
use crate::kubernetes::container::{ContainerKind, has_windows_options};
use crate::kubernetes::labels::{Labels, once};
use crate::kubernetes::metadata::Metadata;
use crate::kubernetes::node_selection::NodeSelection;
use crate::kubernetes::volumes::Volume;
use json::{Problem, Reader, Slot, Span};
use values::Os;

/// A pod, or a pod template.
#[derive(Default)]
pub(crate) struct Pod<'a> {
    pub span: Span,
    pub metadata: Metadata<'a>,
    /// Whether its containers have finished for good.
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase>
    pub finished: bool,
    /// Where `spec` is, if the field is there.
    spec_reader: Option<Reader<'a>>,
    spec: OnceCell<Result<Box<PodSpec<'a>>, Problem>>,
}

/// Annotations, each with its value, of pods whose spec is hardly ever needed.
pub(crate) type LazilyRead = [(&'static str, &'static str)];

impl<'a> Pod<'a> {
    /// Reads a pod. Its spec is read with it, unless it has one of the annotations `lazily`.
    pub(crate) fn read(reader: &mut Reader<'a>, lazily: &LazilyRead) -> Result<Self, Problem> {
        let mut pod = Pod::default();
        (pod.span, _) = reader.spanned(|reader| {
            reader.object(|reader, field| {
                match field {
                    "metadata" => pod.metadata = Metadata::read(reader)?,
                    "spec" => pod.read_spec(reader, lazily)?,
                    "status" => pod.finished = is_finished(reader)?,
                    _ => reader.skip()?,
                }
                Ok(())
            })
        })?;
        Ok(pod)
    }

    /// API servers send the metadata first, so most specs need not be skipped before they are read.
    fn read_spec(&mut self, reader: &mut Reader<'a>, lazily: &LazilyRead) -> Result<(), Problem> {
        let start = *reader;
        self.spec_reader = Some(start);
        self.spec = OnceCell::new();
        let annotations = &self.metadata.annotations;
        if !lazily.iter().any(|(key, value)| annotations.get(key) == Some(value)) {
            let spec = self.spec.get_or_init(|| PodSpec::read(reader));
            if spec.is_ok() {
                return Ok(());
            }
            *reader = start;
        }
        reader.skip()
    }

    /// The spec; an empty one if the pod has none.
    pub(crate) fn spec(&self) -> Result<&PodSpec<'a>, Problem> {
        let read = || {
            self.spec_reader
                .map_or_else(|| Ok(Box::default()), |mut reader| PodSpec::read(&mut reader))
        };
        once(&self.spec, read).map(|spec| &**spec)
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
                    "containers" => spec.containers = Container::read_list(reader, ContainerKind::Container)?,
                    "initContainers" => spec.init_containers = Container::read_list(reader, ContainerKind::Init)?,
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

    /// The operating system of the pod's nodes.
    ///
    /// A pod that is pinned to Linux is a Linux pod. Otherwise any sign of Windows counts, because `os.name` is rarely set, and the
    /// pods of a DaemonSet lose their node affinity to its controller.
    pub(crate) fn os(&self) -> Result<Os, Problem> {
        let is_pinned = |word: &str| {
            let labels = ["kubernetes.io/os", "beta.kubernetes.io/os"];
            let mut pinned = labels.iter().map(|label| self.node.is_pinned(label, word));
            pinned.try_fold(false, |any, pinned| Ok(any || pinned?))
        };
        if self.os == Some(Os::Linux) || is_pinned("linux")? {
            return Ok(Os::Linux);
        }
        let has_options = || self.windows_options || self.all_containers().any(|container| container.windows_options);
        let is_windows = self.os == Some(Os::Windows) || is_pinned("windows")? || has_options();
        Ok(if is_windows { Os::Windows } else { Os::Linux })
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
