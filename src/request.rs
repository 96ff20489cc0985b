//! The admission request, and which pod in it is to be changed.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::json::{Reader, same};
use crate::metadata::Metadata;
use crate::pod::{Container, Pod};
use crate::problem::Problem;

/// The parts of an `AdmissionRequest` that decisions need.
/// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request>
#[derive(Default)]
pub struct AdmissionRequest<'a> {
    /// The payload.
    pub text: &'a str,
    at: usize,
    group: Cow<'a, str>,
    kind: Cow<'a, str>,
    operation: Cow<'a, str>,
    sub_resource: Cow<'a, str>,
    /// Where the object is, or is to be.
    pub namespace: Cow<'a, str>,
    object: Option<Reader<'a>>,
    /// Where the object is in the payload.
    pub object_place: Range<usize>,
    /// The object, if it was known to be a Pod when it was read.
    pod: Option<Result<Pod<'a>, Problem>>,
    old_object: Option<Reader<'a>>,
}

/// What of a request the policy may change.
pub struct Target<'a> {
    /// A Pod about to be created, a workload's template, or the Pod to which containers are added.
    pub pod: Pod<'a>,
    /// The ephemeral containers that are new, where these alone may change.
    pub ephemeral_containers: Option<Vec<Container<'a>>>,
}

impl<'a> AdmissionRequest<'a> {
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut request = AdmissionRequest {
            text: reader.text(),
            at: reader.position(),
            ..AdmissionRequest::default()
        };
        reader.object(|reader, field| {
            match field {
                "kind" => {
                    reader.object(|reader, field| {
                        match field {
                            "group" => request.group = reader.string()?.unwrap_or_default(),
                            "kind" => request.kind = reader.string()?.unwrap_or_default(),
                            _ => reader.skip()?,
                        }
                        Ok(())
                    })?;
                }
                "operation" => request.operation = reader.string()?.unwrap_or_default(),
                "subResource" => request.sub_resource = reader.string()?.unwrap_or_default(),
                "namespace" => request.namespace = reader.string()?.unwrap_or_default(),
                "object" => {
                    let object = *reader;
                    // Kind comes before object, so that a Pod is read on the way.
                    if request.is_of_pod() {
                        let pod = Pod::read(reader);
                        if pod.is_err() {
                            *reader = object;
                            reader.skip()?;
                        }
                        request.pod = Some(pod);
                    } else {
                        reader.skip()?;
                    }
                    request.object_place = object.position()..reader.position();
                    request.object = (!object.is_null()).then_some(object);
                }
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

    fn is_of_pod(&self) -> bool {
        self.group.is_empty() && self.kind == "Pod"
    }

    /// Finds what may change; `None` where the request is not the policy's business.
    ///
    /// Told by group and kind, never by resource: the audit scanner's requests have the kind in `resource`.
    pub fn target(&mut self) -> Result<Option<Target<'a>>, Problem> {
        let Some(path) = template_path(&self.group, &self.kind) else {
            return Ok(None);
        };
        let create = self.operation == "CREATE";
        let update = self.operation == "UPDATE";
        if !create && !update {
            return Ok(None);
        }
        let object = self.object.ok_or_else(|| Problem::new(self.at, "has no object"))?;
        let target = if !path.is_empty() {
            self.template(object, path, update)?.map(Target::whole)
        } else {
            match (self.sub_resource.as_ref(), self.old_object) {
                ("", _) if create => {
                    let pod = self.pod.take().unwrap_or_else(|| Pod::read(&mut object.clone()))?;
                    Some(Target::whole(pod))
                }
                ("ephemeralcontainers", Some(old_object)) if update => Some(Target::ephemeral(object, old_object)?),
                _ => None,
            }
        };
        Ok(target.filter(|target| target.pod.metadata.may_change()))
    }

    /// The template of a workload, unless it must not change.
    fn template(&self, object: Reader<'a>, path: &[&str], update: bool) -> Result<Option<Pod<'a>>, Problem> {
        // A Job's template is immutable, even for a webhook.
        if !self.sub_resource.is_empty() || update && self.kind == "Job" {
            return Ok(None);
        }
        let Some(mut template) = object.descend(path)? else {
            return Ok(None);
        };
        if update && let Some(old_object) = self.old_object {
            // An update that leaves the template alone must not roll the workload.
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
        Pod::read(&mut template).map(Some)
    }
}

impl<'a> Target<'a> {
    fn whole(pod: Pod<'a>) -> Self {
        Target {
            pod,
            ephemeral_containers: None,
        }
    }

    /// At `pods/ephemeralcontainers` the API server drops every change but that of the list, so all else is read from the
    /// old object.
    fn ephemeral(object: Reader<'a>, mut old_object: Reader<'a>) -> Result<Self, Problem> {
        let old = Container::read_ephemeral(old_object)?;
        let old: HashSet<&str> = old.iter().map(|container| &*container.name).collect();
        let mut new = Container::read_ephemeral(object)?;
        new.retain(|container| !old.contains(&*container.name));
        Ok(Target {
            pod: Pod::read(&mut old_object)?,
            ephemeral_containers: Some(new),
        })
    }
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
