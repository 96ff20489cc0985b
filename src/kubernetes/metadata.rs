//! The metadata of an object.

use crate::kubernetes::annotations::Annotations;
use crate::kubernetes::labels::Labels;
use json::{Problem, Reader, Span};

/// The annotation that the kubelet sets on the mirror pod of a static pod.
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-config-mirror>
const MIRROR: &str = "kubernetes.io/config.mirror";

/// The parts of an object's metadata that decisions need.
#[derive(Default)]
pub(crate) struct Metadata<'a> {
    /// Where the metadata are, if the field is there.
    pub span: Option<Span>,
    pub annotations: Annotations<'a>,
    pub labels: Labels<'a>,
    /// Whether the object has a `deletionTimestamp`.
    pub terminating: bool,
    /// Whether a controller owns this object, and would undo changes to it.
    pub controlled: bool,
}

impl<'a> Metadata<'a> {
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut metadata = Metadata::default();
        let (span, _) = reader.spanned(|reader| {
            reader.object(|reader, field| {
                match field {
                    "annotations" => metadata.annotations = Annotations::read(reader)?,
                    "labels" => metadata.labels = Labels::read(reader)?,
                    "deletionTimestamp" => metadata.terminating = reader.string()?.is_some(),
                    "ownerReferences" => metadata.controlled = has_controller(reader)?,
                    _ => reader.skip()?,
                }
                Ok(())
            })
        })?;
        metadata.span = Some(span);
        Ok(metadata)
    }

    /// Whether the pod is the mirror pod of a static pod. Only its node can change that.
    pub(crate) fn is_mirror(&self) -> bool {
        self.annotations.get(MIRROR).is_some()
    }
}

fn has_controller(owners: &mut Reader) -> Result<bool, Problem> {
    let mut controlled = false;
    owners.array(|owner| {
        let mut is_controller = false;
        owner.object(|reader, field| {
            match field {
                "controller" => is_controller = reader.boolean()? == Some(true),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        controlled |= is_controller;
        Ok(())
    })?;
    Ok(controlled)
}
