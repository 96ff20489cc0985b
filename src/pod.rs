//! What decisions need of a pod, and where it stands in the request.

use std::borrow::Cow;
use std::ops::Range;

use crate::json::{Problem, Reader};

/// The metadata of any object.
#[derive(Default)]
pub struct Metadata<'a> {
    pub annotations: Annotations<'a>,
    /// Whether the object has a `deletionTimestamp`.
    pub terminating: bool,
    /// Whether another object controls this one, and would undo changes to it.
    pub controlled: bool,
}

impl<'a> Metadata<'a> {
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut metadata = Metadata::default();
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
        })?;
        Ok(metadata)
    }

    /// Whether a pod with these metadata is to be given nothing: it goes away, is the image of a static pod, which
    /// nothing can change, or opts out.
    pub fn leave_alone(&self) -> bool {
        self.terminating || self.annotations.get(Annotation::Mirror).is_some() || self.annotations.opt_out()
    }
}

/// The annotations that the policy reads.
#[derive(Default)]
pub struct Annotations<'a>(Vec<(Annotation, Cow<'a, str>)>);

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
            "kubernetes.io/config.mirror" => Annotation::Mirror,
            _ => return None,
        })
    }
}

impl<'a> Annotations<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut annotations = Vec::new();
        reader.object(|reader, key| {
            match Annotation::of_key(key) {
                Some(known) => annotations.extend(reader.string()?.map(|value| (known, value))),
                None => drop(reader.skip()),
            }
            Ok(())
        })?;
        Ok(Annotations(annotations))
    }

    pub fn get(&self, annotation: Annotation) -> Option<&str> {
        let (_, value) = self.0.iter().rev().find(|(known, _)| *known == annotation)?;
        Some(value)
    }

    /// Whether the pod says that it wants nothing.
    fn opt_out(&self) -> bool {
        self.get(Annotation::NoHttpProxyVars) == Some("true") || self.get(Annotation::Inject) == Some("false")
    }
}

/// A pod, or a pod template.
#[derive(Default)]
pub struct Pod<'a> {
    pub metadata: Metadata<'a>,
    /// Empty for a pod that is left alone.
    pub spec: PodSpec<'a>,
}

impl<'a> Pod<'a> {
    /// Reads the pod in front of `reader`.
    pub fn read(mut reader: Reader<'a>) -> Result<Self, Problem> {
        let mut pod = Pod::default();
        reader.object(|reader, field| {
            match field {
                "metadata" => pod.metadata = Metadata::read(reader)?,
                // Fields arrive in alphabetical order, so here it is known what the metadata say.
                "spec" if !pod.metadata.leave_alone() => pod.spec = PodSpec::read(reader)?,
                _ => drop(reader.skip()),
            }
            Ok(())
        })?;
        Ok(pod)
    }
}

/// The spec of a pod.
#[derive(Default)]
pub struct PodSpec<'a> {
    pub windows: bool,
    /// `containers` and `initContainers`.
    pub containers: Vec<Container<'a>>,
    pub ephemeral_containers: Vec<Container<'a>>,
}

impl<'a> PodSpec<'a> {
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut spec = PodSpec::default();
        reader.object(|reader, field| {
            match field {
                "containers" | "initContainers" => Container::read_list(reader, &mut spec.containers)?,
                "ephemeralContainers" => Container::read_list(reader, &mut spec.ephemeral_containers)?,
                "os" => spec.windows |= is_windows(reader, "name")?,
                "nodeSelector" => spec.windows |= is_windows(reader, "kubernetes.io/os")?,
                _ => drop(reader.skip()),
            }
            Ok(())
        })?;
        Ok(spec)
    }
}

fn is_windows(reader: &mut Reader, key: &str) -> Result<bool, Problem> {
    let mut windows = false;
    reader.object(|reader, field| {
        if field == key {
            windows = reader.string()?.as_deref() == Some("windows");
        } else {
            reader.skip();
        }
        Ok(())
    })?;
    Ok(windows)
}

/// A container of any kind.
pub struct Container<'a> {
    pub name: Cow<'a, str>,
    pub place: Range<usize>,
    pub env: Env<'a>,
}

/// A container's `env`.
#[derive(Default)]
pub struct Env<'a> {
    /// Where the list is, or the `null` in its stead.
    pub place: Option<Range<usize>>,
    pub variables: Vec<EnvVar<'a>>,
}

/// An entry of `env`.
pub struct EnvVar<'a> {
    pub place: Range<usize>,
    pub name: Cow<'a, str>,
    pub value: EnvValue<'a>,
}

/// What an entry of `env` sets a variable to.
pub enum EnvValue<'a> {
    /// `value`; an entry without one sets the empty value.
    Literal {
        text: Cow<'a, str>,
        /// Where `value` is, if it is there.
        place: Option<Range<usize>>,
    },
    /// `valueFrom`, known to the kubelet only.
    From,
}

impl<'a> Container<'a> {
    fn read_list(reader: &mut Reader<'a>, containers: &mut Vec<Self>) -> Result<(), Problem> {
        reader.array(|reader| {
            containers.push(Container::read(reader)?);
            Ok(())
        })?;
        Ok(())
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut name = Cow::Borrowed("");
        let mut env = Env::default();
        let place = required(reader, |reader, field| {
            match field {
                "name" => name = reader.string()?.unwrap_or_default(),
                "env" => env = Env::read(reader)?,
                _ => drop(reader.skip()),
            }
            Ok(())
        })?;
        Ok(Container { name, place, env })
    }
}

impl<'a> Env<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let start = reader.position();
        let mut variables = Vec::new();
        let list = reader.array(|reader| {
            variables.push(EnvVar::read(reader)?);
            Ok(())
        })?;
        let null = start..start + "null".len();
        Ok(Env {
            place: Some(list.unwrap_or(null)),
            variables,
        })
    }
}

impl<'a> EnvVar<'a> {
    /// What `value` says; `None` for `valueFrom`.
    pub fn literal(&self) -> Option<&str> {
        match &self.value {
            EnvValue::Literal { text, .. } => Some(text),
            EnvValue::From => None,
        }
    }

    /// The names that the value refers to, as in `$(NAME)`.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        references(self.literal().unwrap_or_default())
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut name = Cow::Borrowed("");
        let mut text = None;
        let mut text_place = None;
        let mut from = false;
        let place = required(reader, |reader, field| {
            match field {
                "name" => name = reader.string()?.unwrap_or_default(),
                "value" => {
                    let mut value = *reader;
                    text = value.string()?;
                    text_place = Some(reader.skip());
                }
                "valueFrom" => {
                    from = reader
                        .object(|reader, _| {
                            reader.skip();
                            Ok(())
                        })?
                        .is_some()
                }
                _ => drop(reader.skip()),
            }
            Ok(())
        })?;
        let value = if from {
            EnvValue::From
        } else {
            EnvValue::Literal {
                text: text.unwrap_or_default(),
                place: text_place,
            }
        };
        Ok(EnvVar { place, name, value })
    }
}

/// The names that a value refers to, as in `$(NAME)`: the kubelet expands them from the variables in front of it.
/// `$$` is an escaped `$` and starts no reference.
/// <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>
pub fn references(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = value;
    std::iter::from_fn(move || {
        loop {
            rest = &rest[rest.find('$')? + 1..];
            if let Some(escaped) = rest.strip_prefix('$') {
                rest = escaped;
            } else if let Some((name, behind)) = rest.strip_prefix('(').and_then(|opened| opened.split_once(')')) {
                rest = behind;
                return Some(name);
            }
        }
    })
}

/// An object that must not be `null`.
fn required<'a>(
    reader: &mut Reader<'a>,
    member: impl FnMut(&mut Reader<'a>, &str) -> Result<(), Problem>,
) -> Result<Range<usize>, Problem> {
    let at = reader.position();
    reader
        .object(member)?
        .ok_or_else(|| Problem::new(at, "must be an object"))
}
