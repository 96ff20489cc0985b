//! What decisions need of a pod, and where it stands in the request.

use std::borrow::Cow;
use std::ops::Range;

use crate::json::Reader;
use crate::labels::Labels;
use crate::metadata::Metadata;
use crate::node_selection::NodeSelection;
use crate::problem::{Problem, presentable};
use crate::trusted_ca_volume;

/// A pod, or a pod template.
#[derive(Default)]
pub struct Pod<'a> {
    pub place: Range<usize>,
    pub metadata: Metadata<'a>,
    /// Empty for a pod that is left alone.
    pub spec: PodSpec<'a>,
    /// Whether the containers have run to their end for good.
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase>
    pub finished: bool,
}

impl<'a> Pod<'a> {
    /// Reads the pod in front of `reader`.
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut pod = Pod::default();
        let (place, _) = reader.placed(|reader| {
            reader.object(|reader, field| {
                match field {
                    "metadata" => pod.metadata = Metadata::read(reader)?,
                    // Fields arrive in alphabetical order, so here it is known what the metadata say.
                    "spec" if pod.metadata.may_change() => pod.spec = PodSpec::read(reader)?,
                    "status" => pod.finished = is_finished(reader)?,
                    _ => reader.skip()?,
                }
                Ok(())
            })
        })?;
        pod.place = place;
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
pub struct PodSpec<'a> {
    pub place: Range<usize>,
    pub windows: bool,
    pub node: NodeSelection<'a>,
    /// Where `volumes` is, if it is there.
    pub volumes: Option<Range<usize>>,
    /// Where the volume is that has the name of the policy's.
    pub trusted_ca_volume: Option<Range<usize>>,
    /// `containers` and `initContainers`.
    pub containers: Vec<Container<'a>>,
}

impl<'a> PodSpec<'a> {
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut spec = PodSpec::default();
        let (place, _) = reader.placed(|reader| {
            reader.object(|reader, field| {
                match field {
                    "containers" | "initContainers" => Container::read_list(reader, &mut spec.containers)?,
                    "os" => {
                        spec.windows |= is_windows(*reader, "name")?;
                        reader.skip()?;
                    }
                    "volumes" => {
                        let (place, volume) = reader.placed(find_trusted_ca_volume)?;
                        (spec.volumes, spec.trusted_ca_volume) = (Some(place), volume);
                    }
                    "nodeSelector" => {
                        spec.windows |= is_windows(*reader, "kubernetes.io/os")?;
                        spec.node.node_selector = Labels::read(reader)?;
                    }
                    "affinity" => spec.node.affinity = reader.present()?,
                    _ => reader.skip()?,
                }
                Ok(())
            })
        })?;
        spec.place = place;
        Ok(spec)
    }
}

/// Whether the member of the object in front of `reader` names that operating system.
fn is_windows(reader: Reader, member: &str) -> Result<bool, Problem> {
    let name = reader.descend(&[member])?.map_or(Ok(None), |mut name| name.string())?;
    Ok(name.as_deref() == Some("windows"))
}

fn find_trusted_ca_volume(reader: &mut Reader) -> Result<Option<Range<usize>>, Problem> {
    let mut found = None;
    reader.array(|reader| {
        let mut named_so = false;
        let place = required(reader, |reader, field| {
            match field {
                "name" => named_so = reader.string()?.as_deref() == Some(trusted_ca_volume::NAME),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        if named_so {
            found = Some(place);
        }
        Ok(())
    })?;
    Ok(found)
}

/// A container of any kind.
pub struct Container<'a> {
    pub name: Cow<'a, str>,
    pub place: Range<usize>,
    pub env: Env<'a>,
    /// Whether variables come from a ConfigMap or a Secret as a whole (`envFrom`).
    pub env_from: bool,
    /// Where `volumeMounts` is, if it is there.
    pub volume_mounts: Option<Range<usize>>,
    pub mounts: Vec<VolumeMount<'a>>,
}

/// An entry of `volumeMounts`.
#[derive(Default)]
pub struct VolumeMount<'a> {
    pub place: Range<usize>,
    pub name: Cow<'a, str>,
    pub mount_path: Cow<'a, str>,
    /// Whether it mounts a part of the volume only.
    pub partial: bool,
}

/// A container's `env`.
#[derive(Default)]
pub struct Env<'a> {
    /// Where the list is, or the `null` in its stead.
    pub place: Option<Range<usize>>,
    pub variables: Vec<EnvVar<'a>>,
}

/// An entry of `env`.
#[derive(Clone)]
pub struct EnvVar<'a> {
    pub place: Range<usize>,
    pub name: Cow<'a, str>,
    pub value: EnvValue<'a>,
}

/// What an entry of `env` sets a variable to.
#[derive(Clone)]
pub enum EnvValue<'a> {
    /// `value`; an entry without one sets the empty value.
    Literal {
        text: Cow<'a, str>,
        /// Where `value` is, if it is there.
        place: Option<Range<usize>>,
    },
    /// `valueFrom`, known to the kubelet only.
    From { json: &'a str },
}

impl<'a> Container<'a> {
    /// Its name in a message.
    pub fn shown_name(&self) -> &str {
        presentable(&self.name)
    }

    /// Reads `spec.ephemeralContainers` of the Pod in front of `reader`, and nothing else of it.
    pub fn read_ephemeral(reader: Reader<'a>) -> Result<Vec<Self>, Problem> {
        let mut containers = Vec::new();
        if let Some(mut list) = reader.descend(&["spec", "ephemeralContainers"])? {
            Container::read_list(&mut list, &mut containers)?;
        }
        Ok(containers)
    }

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
        let mut env_from = false;
        let mut volume_mounts = None;
        let mut mounts = Vec::new();
        let place = required(reader, |reader, field| {
            match field {
                "name" => name = reader.string()?.unwrap_or_default(),
                "env" => env = Env::read(reader)?,
                "envFrom" => {
                    reader.array(|reader| {
                        env_from = true;
                        reader.skip()?;
                        Ok(())
                    })?;
                }
                "volumeMounts" => {
                    let (place, _) = reader.placed(|reader| {
                        reader.array(|reader| {
                            mounts.push(VolumeMount::read(reader)?);
                            Ok(())
                        })
                    })?;
                    volume_mounts = Some(place);
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(Container {
            name,
            place,
            env,
            env_from,
            volume_mounts,
            mounts,
        })
    }
}

impl<'a> VolumeMount<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut mount = VolumeMount::default();
        mount.place = required(reader, |reader, field| {
            match field {
                "name" => mount.name = reader.string()?.unwrap_or_default(),
                "subPath" | "subPathExpr" => mount.partial |= reader.string()?.is_some_and(|path| !path.is_empty()),
                "mountPath" => mount.mount_path = reader.string()?.unwrap_or_default(),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(mount)
    }
}

impl<'a> Env<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut variables = Vec::new();
        let (place, _) = reader.placed(|reader| {
            reader.array(|reader| {
                variables.push(EnvVar::read(reader)?);
                Ok(())
            })
        })?;
        Ok(Env {
            place: Some(place),
            variables,
        })
    }
}

impl<'a> EnvVar<'a> {
    /// What `value` says; `None` for `valueFrom`.
    pub fn literal(&self) -> Option<&str> {
        match &self.value {
            EnvValue::Literal { text, .. } => Some(text),
            EnvValue::From { .. } => None,
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
        let mut from = None;
        let place = required(reader, |reader, field| {
            match field {
                "name" => name = reader.string()?.unwrap_or_default(),
                "value" => {
                    let (place, value) = reader.placed(Reader::string)?;
                    (text, text_place) = (value, Some(place));
                }
                "valueFrom" => {
                    let mut value = *reader;
                    if reader.is_object() || reader.is_null() {
                        from = reader.present()?.map(|_| value.skipped_text()).transpose()?;
                    } else {
                        return Err(Problem::new(reader.position(), "must be an object"));
                    }
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let value = match from {
            Some(json) => EnvValue::From { json },
            None => EnvValue::Literal {
                text: text.unwrap_or_default(),
                place: text_place,
            },
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
            } else if let Some(opened) = rest.strip_prefix('(') {
                // Without a closing bracket no later reference is closed either.
                let (name, behind) = opened.split_once(')')?;
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
