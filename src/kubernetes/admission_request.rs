//! The admission request, and the pod in it.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::kubernetes::container::Container;
use crate::kubernetes::metadata::Metadata;
use crate::kubernetes::pod::LazilyRead;
use crate::kubernetes::pod::Pod;
use json::{Problem, Reader, Span, same};

/// The parts of an `AdmissionRequest` that decisions need.
/// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request>
#[derive(Default)]
pub(crate) struct AdmissionRequest<'a> {
    /// Where the request starts in the payload.
    at: usize,
    group: Cow<'a, str>,
    kind: Cow<'a, str>,
    operation: Cow<'a, str>,
    sub_resource: Cow<'a, str>,
    /// The namespace of the object.
    pub namespace: Cow<'a, str>,
    object: Option<Reader<'a>>,
    /// Where the object is in the payload.
    pub object_span: Span,
    /// The object, if it was already known to be a Pod when it was read.
    pod: Option<Result<Pod<'a>, Problem>>,
    old_object: Option<Reader<'a>>,
}

/// The pod that a request is about.
pub(crate) enum Subject<'a> {
    /// A Pod that is about to be created.
    Pod(Pod<'a>),
    /// The template of a workload.
    Template(Pod<'a>),
    /// Containers that are added to a running Pod. Nothing else in the Pod changes.
    EphemeralContainers { pod: Pod<'a>, added: Vec<Container<'a>> },
}

/// Why a request is about no pod that may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSubject {
    /// Neither `CREATE` nor `UPDATE`.
    Operation,
    /// A kind without a pod, or the kind of another group.
    Kind,
    /// A subresource other than `pods/ephemeralcontainers`.
    SubResource,
    /// A pod's environment cannot change after the pod has been created.
    PodUpdate,
    /// The template of a Job cannot change, even by a webhook.
    JobTemplate,
    /// The update does not change the template, so it must not roll the workload.
    TemplateUnchanged,
    /// The workload is being deleted.
    Terminating,
    /// A controller owns the workload, and would undo any change.
    Controlled,
    /// The workload has no template.
    NoTemplate,
}

impl<'a> Subject<'a> {
    pub(crate) fn pod(&self) -> &Pod<'a> {
        match self {
            Subject::Pod(pod) | Subject::Template(pod) | Subject::EphemeralContainers { pod, .. } => pod,
        }
    }

    pub(crate) fn is_ephemeral(&self) -> bool {
        matches!(self, Subject::EphemeralContainers { .. })
    }
}

impl<'a> AdmissionRequest<'a> {
    /// Reads a request. The specs of pods with one of the annotations `lazily` are read when they are asked for.
    pub(crate) fn read(reader: &mut Reader<'a>, lazily: &LazilyRead) -> Result<Self, Problem> {
        let mut request = AdmissionRequest {
            at: reader.position(),
            ..AdmissionRequest::default()
        };
        reader.object(|reader, field| {
            match field {
                "kind" => request.read_kind(reader)?,
                "operation" => request.operation = reader.string()?.unwrap_or_default(),
                "subResource" => request.sub_resource = reader.string()?.unwrap_or_default(),
                "namespace" => request.namespace = reader.string()?.unwrap_or_default(),
                "object" => request.read_object(reader, lazily)?,
                "oldObject" => request.old_object = reader.present()?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        if request.kind.is_empty() || request.operation.is_empty() {
            return Err(Problem::new(
                request.at,
                "must be an AdmissionRequest, with kind and operation",
            ));
        }
        Ok(request)
    }

    fn read_kind(&mut self, reader: &mut Reader<'a>) -> Result<(), Problem> {
        (self.group, self.kind) = Default::default();
        reader.object(|reader, field| {
            match field {
                "group" => self.group = reader.string()?.unwrap_or_default(),
                "kind" => self.kind = reader.string()?.unwrap_or_default(),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(())
    }

    /// API servers send the kind first, so a Pod is read at once, instead of skipped and read later.
    fn read_object(&mut self, reader: &mut Reader<'a>, lazily: &LazilyRead) -> Result<(), Problem> {
        let object = *reader;
        self.pod = None;
        if self.group.is_empty() && self.kind == "Pod" && reader.is_object() {
            let pod = Pod::read(reader, lazily);
            if pod.is_err() {
                *reader = object;
                reader.skip()?;
            }
            self.pod = Some(pod);
        } else {
            reader.skip()?;
        }
        self.object_span = Span {
            start: object.position(),
            end: reader.position(),
        };
        self.object = (!object.is_null()).then_some(object);
        Ok(())
    }

    /// The pod that the request is about, or why there is none that may be changed.
    ///
    /// The group and kind decide, never the resource: the audit scanner's requests have the kind in `resource`.
    ///
    /// # Errors
    /// The object does not have the shape that the Kubernetes API defines.
    pub(crate) fn subject(&mut self, lazily: &LazilyRead) -> Result<Result<Subject<'a>, NoSubject>, Problem> {
        let update = match &*self.operation {
            "CREATE" => false,
            "UPDATE" => true,
            _ => return Ok(Err(NoSubject::Operation)),
        };
        let Some(path) = template_path(&self.group, &self.kind) else {
            return Ok(Err(NoSubject::Kind));
        };
        let object = self.object.ok_or_else(|| Problem::new(self.at, "has no object"))?;
        if !path.is_empty() {
            return self.template(object, path, update, lazily);
        }
        match (&*self.sub_resource, self.old_object) {
            ("", _) if !update => {
                let pod = self
                    .pod
                    .take()
                    .unwrap_or_else(|| Pod::read(&mut object.clone(), lazily))?;
                Ok(Ok(Subject::Pod(pod)))
            }
            ("ephemeralcontainers", Some(old_object)) if update => {
                Ok(Ok(ephemeral_containers(object, old_object, lazily)?))
            }
            ("", _) => Ok(Err(NoSubject::PodUpdate)),
            _ => Ok(Err(NoSubject::SubResource)),
        }
    }

    /// The template of a workload, unless it must not change.
    fn template(
        &self,
        object: Reader<'a>,
        path: &[&str],
        update: bool,
        lazily: &LazilyRead,
    ) -> Result<Result<Subject<'a>, NoSubject>, Problem> {
        if !self.sub_resource.is_empty() {
            return Ok(Err(NoSubject::SubResource));
        }
        if update && self.kind == "Job" {
            return Ok(Err(NoSubject::JobTemplate));
        }
        let Some(mut template) = object.descend(path)? else {
            return Ok(Err(NoSubject::NoTemplate));
        };
        if update
            && let Some(old_object) = self.old_object
            && let Some(mut old_template) = old_object.descend(path)?
            && same(template.clone().skipped_text()?, old_template.skipped_text()?)
        {
            return Ok(Err(NoSubject::TemplateUnchanged));
        }
        if let Some(mut metadata) = object.descend(&["metadata"])? {
            let metadata = Metadata::read(&mut metadata)?;
            if metadata.terminating {
                return Ok(Err(NoSubject::Terminating));
            }
            if metadata.controlled {
                return Ok(Err(NoSubject::Controlled));
            }
        }
        Ok(Ok(Subject::Template(Pod::read(&mut template, lazily)?)))
    }
}

/// At `pods/ephemeralcontainers` the API server drops every change except that of the list, so everything else is read
/// from the old object.
fn ephemeral_containers<'a>(
    object: Reader<'a>,
    mut old_object: Reader<'a>,
    lazily: &LazilyRead,
) -> Result<Subject<'a>, Problem> {
    let old = Container::read_ephemeral(old_object)?;
    let old: HashSet<&str> = old.iter().map(|container| &*container.name).collect();
    let mut added = Container::read_ephemeral(object)?;
    added.retain(|container| !old.contains(&*container.name));
    let pod = Pod::read(&mut old_object, lazily)?;
    Ok(Subject::EphemeralContainers { pod, added })
}

/// Where the pod template is in an object of this kind; for a Pod, the object itself.
fn template_path(group: &str, kind: &str) -> Option<&'static [&'static str]> {
    Some(match (group, kind) {
        ("", "Pod") => &[],
        ("", "PodTemplate") => &["template"],
        ("", "ReplicationController")
        | ("apps", "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet")
        | ("batch", "Job") => &["spec", "template"],
        ("batch", "CronJob") => &["spec", "jobTemplate", "spec", "template"],
        _ => return None,
    })
}
