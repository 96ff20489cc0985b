//! The admission request, and the pod in it.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{Container, Metadata, Pod};
use crate::json::{Problem, Reader, Span, same};

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
    pod: Option<Result<Box<Pod<'a>>, Problem>>,
    old_object: Option<Reader<'a>>,
}

/// The pod that a request is about.
pub(crate) enum Subject<'a> {
    /// A Pod that is about to be created, or the template of a workload.
    Pod(Box<Pod<'a>>),
    /// Containers that are added to a running Pod. Nothing else in the Pod changes.
    EphemeralContainers {
        pod: Box<Pod<'a>>,
        added: Vec<Container<'a>>,
    },
}

impl<'a> Subject<'a> {
    pub(crate) fn pod(&self) -> &Pod<'a> {
        match self {
            Subject::Pod(pod) | Subject::EphemeralContainers { pod, .. } => pod,
        }
    }
}

impl<'a> AdmissionRequest<'a> {
    /// Reads a request. `concerns` decides from a pod's metadata whether its spec has to be read.
    pub(crate) fn read(reader: &mut Reader<'a>, concerns: fn(&Metadata) -> bool) -> Result<Self, Problem> {
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
                "object" => request.read_object(reader, concerns)?,
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
    fn read_object(&mut self, reader: &mut Reader<'a>, concerns: fn(&Metadata) -> bool) -> Result<(), Problem> {
        let object = *reader;
        self.pod = None;
        if self.is_pod() && reader.is_object() {
            let pod = Pod::read(reader, concerns);
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

    fn is_pod(&self) -> bool {
        self.group.is_empty() && self.kind == "Pod"
    }

    /// The pod that the request is about; `None` for a request that creates or changes neither a pod nor a template.
    ///
    /// The group and kind decide, never the resource: the audit scanner's requests have the kind in `resource`.
    pub(crate) fn subject(&mut self, concerns: fn(&Metadata) -> bool) -> Result<Option<Subject<'a>>, Problem> {
        let update = match &*self.operation {
            "CREATE" => false,
            "UPDATE" => true,
            _ => return Ok(None),
        };
        let Some(path) = template_path(&self.group, &self.kind) else {
            return Ok(None);
        };
        let object = self.object.ok_or_else(|| Problem::new(self.at, "has no object"))?;
        if !path.is_empty() {
            return Ok(self.template(object, path, update, concerns)?.map(Subject::Pod));
        }
        match (&*self.sub_resource, self.old_object) {
            ("", _) if !update => {
                let pod = self.pod.take();
                let pod = pod.unwrap_or_else(|| Pod::read(&mut object.clone(), concerns))?;
                Ok(Some(Subject::Pod(pod)))
            }
            ("ephemeralcontainers", Some(old_object)) if update => {
                Ok(Some(ephemeral_containers(object, old_object, concerns)?))
            }
            _ => Ok(None),
        }
    }

    /// The template of a workload, unless it must not change.
    fn template(
        &self,
        object: Reader<'a>,
        path: &[&str],
        update: bool,
        concerns: fn(&Metadata) -> bool,
    ) -> Result<Option<Box<Pod<'a>>>, Problem> {
        // A Job's template is immutable, even for a webhook.
        if !self.sub_resource.is_empty() || update && self.kind == "Job" {
            return Ok(None);
        }
        let Some(mut template) = object.descend(path)? else {
            return Ok(None);
        };
        if update && let Some(old_object) = self.old_object {
            // An update that does not change the template must not roll the workload.
            if let Some(mut old_template) = old_object.descend(path)?
                && same(template.clone().skipped_text()?, old_template.skipped_text()?)
            {
                return Ok(None);
            }
        }
        if let Some(mut metadata) = object.descend(&["metadata"])? {
            let metadata = Metadata::read(&mut metadata)?;
            if metadata.terminating || metadata.controlled {
                return Ok(None);
            }
        }
        Pod::read(&mut template, concerns).map(Some)
    }
}

/// At `pods/ephemeralcontainers` the API server drops every change except that of the list, so everything else is read
/// from the old object.
fn ephemeral_containers<'a>(
    object: Reader<'a>,
    mut old_object: Reader<'a>,
    concerns: fn(&Metadata) -> bool,
) -> Result<Subject<'a>, Problem> {
    let old = Container::read_ephemeral(old_object)?;
    let old: HashSet<&str> = old.iter().map(|container| &*container.name).collect();
    let mut added = Container::read_ephemeral(object)?;
    added.retain(|container| !old.contains(&*container.name));
    let pod = Pod::read(&mut old_object, concerns)?;
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
