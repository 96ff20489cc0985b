//! What decisions need of an object's metadata, annotations above all.

use std::borrow::Cow;
use std::ops::Range;

use crate::json::{Problem, Reader};
use crate::trusted_ca_volume;

/// The metadata of any object.
#[derive(Default)]
pub struct Metadata<'a> {
    /// Where the metadata are, if they are there.
    pub place: Option<Range<usize>>,
    pub annotations: Annotations<'a>,
    /// Whether the object has a `deletionTimestamp`.
    pub terminating: bool,
    /// Whether another object controls this one, and would undo changes to it.
    pub controlled: bool,
}

impl<'a> Metadata<'a> {
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut metadata = Metadata::default();
        let (place, _) = reader.placed(|reader| {
            reader.object(|reader, field| {
                match field {
                    "annotations" => metadata.annotations = Annotations::read(reader)?,
                    "deletionTimestamp" => metadata.terminating = reader.string()?.is_some(),
                    "ownerReferences" => {
                        reader.array(|reader| {
                            reader.object(|reader, field| {
                                match field {
                                    "controller" => metadata.controlled |= reader.boolean()? == Some(true),
                                    _ => drop(reader.skip()),
                                }
                                Ok(())
                            })?;
                            Ok(())
                        })?;
                    }
                    _ => drop(reader.skip()),
                }
                Ok(())
            })
        })?;
        metadata.place = Some(place);
        Ok(metadata)
    }

    /// Whether a pod with these metadata is to be given nothing: it goes away, is the image of a static pod, which
    /// nothing can change, or opts out.
    pub fn leave_alone(&self) -> bool {
        self.terminating || self.annotations.get(Annotation::Mirror).is_some() || self.annotations.opt_out()
    }
}

/// The annotations of a pod.
#[derive(Default)]
pub struct Annotations<'a> {
    /// Where they are, if they are there.
    pub place: Option<Range<usize>>,
    /// Those that the policy reads, and where their values are.
    known: Vec<(Annotation, Cow<'a, str>, Range<usize>)>,
    /// How many bytes the keys and values of all have together, which Kubernetes limits.
    pub bytes: usize,
}

/// An annotation that the policy reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Annotation {
    /// `kubernetes.azure.com/no-http-proxy-vars`: `"true"` opts a pod out, as in AKS.
    NoHttpProxyVars,
    /// `http-proxy.kubewarden.io/inject`: `"false"` opts a pod out.
    Inject,
    /// `http-proxy.kubewarden.io/exclude-containers`: names between commas.
    ExcludeContainers,
    /// `http-proxy.kubewarden.io/no-proxy`: more `NO_PROXY` entries, between commas.
    NoProxy,
    /// `http-proxy.kubewarden.io/trusted-ca`: the CA bundle that a volume of the pod projects; the policy's.
    TrustedCa,
    /// `http-proxy.kubewarden.io/trusted-ca-use`: `Append`, `Replace` or `Mount`.
    TrustedCaUse,
    /// `kubernetes.io/config.mirror`: set by the kubelet on the image of a static pod.
    Mirror,
}

impl Annotation {
    fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "kubernetes.azure.com/no-http-proxy-vars" => Annotation::NoHttpProxyVars,
            "http-proxy.kubewarden.io/inject" => Annotation::Inject,
            "http-proxy.kubewarden.io/exclude-containers" => Annotation::ExcludeContainers,
            "http-proxy.kubewarden.io/no-proxy" => Annotation::NoProxy,
            trusted_ca_volume::ANNOTATION => Annotation::TrustedCa,
            "http-proxy.kubewarden.io/trusted-ca-use" => Annotation::TrustedCaUse,
            "kubernetes.io/config.mirror" => Annotation::Mirror,
            _ => return None,
        })
    }
}

impl<'a> Annotations<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut annotations = Annotations::default();
        let (place, _) = reader.placed(|reader| {
            reader.object(|reader, key| {
                let (place, value) = reader.placed(Reader::string)?;
                let value = value.unwrap_or_default();
                annotations.bytes += key.len() + value.len();
                if let Some(known) = Annotation::of_key(key) {
                    annotations.known.push((known, value, place));
                }
                Ok(())
            })
        })?;
        annotations.place = Some(place);
        Ok(annotations)
    }

    pub fn get(&self, annotation: Annotation) -> Option<&str> {
        self.find(annotation).map(|(value, _)| value)
    }

    /// An annotation's value and its place.
    pub fn find(&self, annotation: Annotation) -> Option<(&str, &Range<usize>)> {
        let (_, value, place) = self.known.iter().rev().find(|(known, ..)| *known == annotation)?;
        Some((value, place))
    }

    /// Whether the pod says that it wants nothing.
    fn opt_out(&self) -> bool {
        self.get(Annotation::NoHttpProxyVars) == Some("true") || self.get(Annotation::Inject) == Some("false")
    }
}
