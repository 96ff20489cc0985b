//! What decisions need of an object's metadata, annotations above all.

use std::borrow::Cow;
use std::ops::Range;

use crate::json::Reader;
use crate::labels::Labels;
use crate::problem::Problem;
use crate::record;
use crate::trusted_ca_volume;

/// The metadata of any object.
#[derive(Default)]
pub struct Metadata<'a> {
    /// Where the metadata are, if they are there.
    pub place: Option<Range<usize>>,
    pub annotations: Annotations<'a>,
    pub labels: Labels<'a>,
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
                    "labels" => metadata.labels = Labels::read(reader)?,
                    "deletionTimestamp" => metadata.terminating = reader.string()?.is_some(),
                    "ownerReferences" => {
                        reader.array(|reader| {
                            reader.object(|reader, field| {
                                match field {
                                    "controller" => metadata.controlled |= reader.boolean()? == Some(true),
                                    _ => reader.skip()?,
                                }
                                Ok(())
                            })?;
                            Ok(())
                        })?;
                    }
                    _ => reader.skip()?,
                }
                Ok(())
            })
        })?;
        metadata.place = Some(place);
        Ok(metadata)
    }

    /// Whether the policy can have something to change in a pod with these metadata: not where it goes away or is the
    /// image of a static pod, which nothing can change, nor where it opts out and has nothing of the policy's.
    pub fn may_change(&self) -> bool {
        let annotations = &self.annotations;
        !self.terminating
            && annotations.get(Annotation::Mirror).is_none()
            && (!annotations.opt_out() || annotations.get(Annotation::Injected).is_some())
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Annotation {
    /// `kubernetes.azure.com/no-http-proxy-vars`: `"true"` opts a pod out, as in AKS.
    NoHttpProxyVars,
    /// `http-proxy.kubewarden.io/inject`: `"false"` opts a pod out.
    Inject,
    /// `http-proxy.kubewarden.io/exclude-containers`: names between commas.
    ExcludeContainers,
    /// `http-proxy.kubewarden.io/no-proxy`: more `NO_PROXY` entries, between commas.
    NoProxy,
    /// `http-proxy.kubewarden.io/profile`: the name of the profile to apply.
    Profile,
    /// `http-proxy.kubewarden.io/trusted-ca`: the CA bundle that a volume of the pod projects; the policy's.
    TrustedCa,
    /// `http-proxy.kubewarden.io/trusted-ca-use`: `Append`, `Replace` or `Mount`.
    TrustedCaUse,
    /// `http-proxy.kubewarden.io/injected`: the record of what is the policy's.
    Injected,
    /// `kubernetes.io/config.mirror`: set by the kubelet on the image of a static pod.
    Mirror,
}

const KEYS: [(Annotation, &str); 9] = [
    (Annotation::NoHttpProxyVars, "kubernetes.azure.com/no-http-proxy-vars"),
    (Annotation::Inject, "http-proxy.kubewarden.io/inject"),
    (
        Annotation::ExcludeContainers,
        "http-proxy.kubewarden.io/exclude-containers",
    ),
    (Annotation::NoProxy, "http-proxy.kubewarden.io/no-proxy"),
    (Annotation::Profile, "http-proxy.kubewarden.io/profile"),
    (Annotation::TrustedCa, trusted_ca_volume::ANNOTATION),
    (Annotation::TrustedCaUse, "http-proxy.kubewarden.io/trusted-ca-use"),
    (Annotation::Injected, record::ANNOTATION),
    (Annotation::Mirror, "kubernetes.io/config.mirror"),
];

impl Annotation {
    fn of_key(key: &str) -> Option<Self> {
        KEYS.iter()
            .find(|(_, known)| *known == key)
            .map(|(annotation, _)| *annotation)
    }

    pub fn key(self) -> &'static str {
        KEYS.iter()
            .find(|(annotation, _)| *annotation == self)
            .map_or("", |(_, key)| key)
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

    /// [`Annotations::bytes`] of all but one.
    pub fn bytes_beside(&self, annotation: Annotation) -> usize {
        let one = self
            .get(annotation)
            .map_or(0, |value| annotation.key().len() + value.len());
        self.bytes - one
    }

    /// Whether the pod says that it wants nothing.
    pub fn opt_out(&self) -> bool {
        self.get(Annotation::NoHttpProxyVars) == Some("true") || self.get(Annotation::Inject) == Some("false")
    }
}
