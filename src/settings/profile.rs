//! Profiles, and the pods that they are for.

use std::borrow::Cow;

use super::fields::SettingsField;
use super::http_proxy_config::HttpProxyConfig;
use crate::json::{Field, Problem, Reader};
use crate::kubernetes::{LabelSelector, Pod, label_key, label_value};
use crate::values::glob_matches;

/// The fields of a profile, in the order of the documentation.
const FIELDS: [&str; 13] = [
    "name",
    "match",
    "httpProxy",
    "httpsProxy",
    "noProxy",
    "trustedCa",
    "enabled",
    "httpProxyFrom",
    "httpsProxyFrom",
    "noProxyDefaults",
    "trustedCaFrom",
    "trustedCaUse",
    "runtimes",
];

/// Labels of nodes, and their values.
type NodeLabels<'a> = Vec<(String, Cow<'a, str>)>;

/// A profile. Its name and conditions are read for every request, the other fields only for pods to which it applies.
pub(super) struct Profile<'a> {
    /// The profile as a whole.
    pub document: Reader<'a>,
    pub name: Field<Cow<'a, str>>,
    conditions: Conditions<'a>,
}

/// The conditions of `match`, all of which must hold.
#[derive(Default)]
struct Conditions<'a> {
    /// `namespaces`: patterns, `*` for any characters.
    namespaces: Field<Vec<Cow<'a, str>>>,
    /// `podSelector`
    pod_selector: Field<LabelSelector<'a>>,
    /// `nodeSelector`: labels of nodes, and the values to which the pod must be pinned.
    node_selector: Field<NodeLabels<'a>>,
}

impl<'a> Profile<'a> {
    /// Reads the profile at `reader`, except for its [`config`](Profile::config).
    pub(super) fn read(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Self, Problem> {
        let at = reader.position();
        let document = *reader;
        let mut name = Field::Absent;
        let mut conditions = Field::Absent;
        let object = reader.checked_object(problems, |reader, field, problems| {
            match field {
                "name" => name = reader.field(problems, |reader, _| read_name(reader))?,
                "match" => conditions = reader.field(problems, Conditions::read)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        if object.is_none() {
            return Err(Problem::new(at, "must not be null; remove it"));
        }
        if name.is_absent() {
            problems.push(Problem::new(at, "must have a name"));
        }
        if conditions.is_absent() {
            let reason = "must have match, with namespaces, podSelector or nodeSelector";
            problems.push(Problem::new(at, reason));
        }
        let conditions = conditions.value().unwrap_or_default();
        Ok(Profile {
            document,
            name,
            conditions,
        })
    }

    /// Its name, if it has a valid one.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_ref().value().map(|name| &**name)
    }

    /// Reads the fields for the profile's pods.
    pub(super) fn config(&self, problems: &mut Vec<Problem>) -> HttpProxyConfig<'a> {
        let mut config = HttpProxyConfig::default();
        let outcome = self
            .document
            .clone()
            .checked_object(problems, |reader, field, problems| {
                match SettingsField::of_name(field) {
                    _ if matches!(field, "name" | "match") => reader.skip(),
                    Some(SettingsField::Config(field)) => config.read_field(field, reader, problems),
                    Some(SettingsField::General(_) | SettingsField::Profiles) => {
                        let reason = "not a field of a profile; set it at the top level, for all pods";
                        Err(Problem::new(reader.position(), reason))
                    }
                    None => Err(Problem::unknown_field(reader.position(), field, &FIELDS)),
                }
            });
        problems.extend(outcome.err());
        config
    }

    /// Whether the profile is for a pod in `namespace`.
    pub(super) fn matches(&self, namespace: &str, pod: &Pod) -> Result<bool, Problem> {
        if !self.is_for_namespace(namespace) {
            return Ok(false);
        }
        if let Field::Is(selector) = &self.conditions.pod_selector
            && !selector.matches(&pod.metadata.labels)?
        {
            return Ok(false);
        }
        if let Field::Is(labels) = &self.conditions.node_selector {
            for (label, value) in labels {
                if !pod.spec.node.is_pinned(label, value)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Whether the profile is for pods of a namespace, whatever its other conditions say.
    pub(super) fn is_for_namespace(&self, namespace: &str) -> bool {
        match &self.conditions.namespaces {
            Field::Is(patterns) => patterns.iter().any(|pattern| glob_matches(pattern, namespace)),
            Field::Absent | Field::Wrong => true,
        }
    }
}

impl<'a> Conditions<'a> {
    fn read(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Option<Self>, Problem> {
        let at = reader.position();
        let mut conditions = Conditions::default();
        let object = reader.checked_object(problems, |reader, field, problems| {
            match field {
                "namespaces" => conditions.namespaces = reader.field(problems, read_namespaces)?,
                "podSelector" => conditions.pod_selector = reader.field(problems, LabelSelector::read)?,
                "nodeSelector" => conditions.node_selector = reader.field(problems, read_node_selector)?,
                _ => {
                    let known = ["namespaces", "podSelector", "nodeSelector"];
                    return Err(Problem::unknown_field(reader.position(), field, &known));
                }
            }
            Ok(())
        })?;
        let none = conditions.namespaces.is_absent()
            && conditions.pod_selector.is_absent()
            && conditions.node_selector.is_absent();
        if object.is_some() && none {
            return Err(Problem::new(at, "must have namespaces, podSelector or nodeSelector"));
        }
        Ok(object.map(|_| conditions))
    }
}

fn read_namespaces<'a>(
    reader: &mut Reader<'a>,
    problems: &mut Vec<Problem>,
) -> Result<Option<Vec<Cow<'a, str>>>, Problem> {
    let at = reader.position();
    let mut patterns = Vec::new();
    let mut is_empty = true;
    let list = reader.checked_array(problems, |reader, _| {
        is_empty = false;
        let at = reader.position();
        let pattern = reader.string()?.filter(|pattern| is_namespace_pattern(pattern));
        let reason = "must be the name of a namespace; * stands for any characters";
        patterns.push(pattern.ok_or_else(|| Problem::new(at, reason))?);
        Ok(())
    })?;
    if list.is_some() && is_empty {
        return Err(Problem::new(at, "must not be empty; name a namespace, or remove it"));
    }
    Ok(list.map(|_| patterns))
}

fn read_node_selector<'a>(
    reader: &mut Reader<'a>,
    problems: &mut Vec<Problem>,
) -> Result<Option<NodeLabels<'a>>, Problem> {
    let at = reader.position();
    let mut labels = Vec::new();
    let mut is_empty = true;
    let map = reader.checked_object(problems, |reader, key, _| {
        is_empty = false;
        let key = label_key(key.to_owned().into(), reader.position())?.into_owned();
        labels.push((key, label_value(reader)?));
        Ok(())
    })?;
    if map.is_some() && is_empty {
        return Err(Problem::new(
            at,
            "must not be empty; name a label of nodes, or remove it",
        ));
    }
    Ok(map.map(|_| labels))
}

/// Whether a namespace can match: names of namespaces have lower-case letters, digits and hyphens only.
fn is_namespace_pattern(pattern: &str) -> bool {
    let known = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'*');
    !pattern.is_empty() && pattern.bytes().all(known)
}

fn read_name<'a>(reader: &mut Reader<'a>) -> Result<Option<Cow<'a, str>>, Problem> {
    let at = reader.position();
    if reader.is_null() {
        reader.skip()?;
        return Ok(None);
    }
    let reason = "must be a name: up to 63 letters, digits, -, _ and ., starting and ending with a letter or digit";
    label_value(reader)
        .ok()
        .filter(|name| !name.is_empty())
        .map(Some)
        .ok_or_else(|| Problem::new(at, reason))
}
