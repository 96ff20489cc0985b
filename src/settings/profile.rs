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
type NodeLabels<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// A profile, whose parts are read where they are needed: the conditions for each pod that no earlier profile is for, the
/// name for pods that choose a profile, the other fields for the profile's pods.
#[derive(Clone, Copy)]
pub(super) struct Profile<'a>(Reader<'a>);

/// The conditions of `match`, all of which must hold.
#[derive(Default)]
pub(super) struct Conditions<'a> {
    /// `namespaces`: patterns, `*` for any characters.
    namespaces: Field<Vec<Cow<'a, str>>>,
    /// `podSelector`
    pod_selector: Field<LabelSelector<'a>>,
    /// `nodeSelector`: labels of nodes, and the values to which the pod must be pinned.
    node_selector: Field<NodeLabels<'a>>,
}

impl<'a> Profile<'a> {
    /// Moves `reader` past a profile.
    pub(super) fn find(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let profile = *reader;
        reader.skip()?;
        let reason = match profile {
            _ if profile.is_object() => return Ok(Profile(profile)),
            _ if profile.is_null() => "must not be null; remove it",
            _ => "must be an object",
        };
        Err(Problem::new(profile.position(), reason))
    }

    /// Where the profile starts.
    pub(super) fn position(&self) -> usize {
        self.0.position()
    }

    /// Reads the name.
    pub(super) fn name(&self, problems: &mut Vec<Problem>) -> Field<Cow<'a, str>> {
        let read = |reader: &mut Reader<'a>, _: &mut Vec<Problem>| read_name(reader);
        let name = self.member("name", problems, read);
        if name.is_absent() {
            problems.push(Problem::new(self.position(), "must have a name"));
        }
        name
    }

    /// Reads the conditions.
    pub(super) fn conditions(&self, problems: &mut Vec<Problem>) -> Conditions<'a> {
        let conditions = self.member("match", problems, Conditions::read);
        if conditions.is_absent() {
            let reason = "must have match, with namespaces, podSelector or nodeSelector";
            problems.push(Problem::new(self.position(), reason));
        }
        conditions.value().unwrap_or_default()
    }

    /// Reads one member.
    fn member<T>(
        &self,
        name: &str,
        problems: &mut Vec<Problem>,
        read: impl Fn(&mut Reader<'a>, &mut Vec<Problem>) -> Result<Option<T>, Problem>,
    ) -> Field<T> {
        let mut value = Field::Absent;
        let mut reader = self.0;
        let outcome = reader.object(|reader, field| {
            if field == name {
                value = reader.field(problems, &read)?;
                return Ok(());
            }
            reader.skip()
        });
        problems.extend(outcome.err());
        value
    }

    /// Reads the fields for the profile's pods.
    pub(super) fn config(&self, problems: &mut Vec<Problem>) -> HttpProxyConfig<'a> {
        let mut config = HttpProxyConfig::default();
        let mut reader = self.0;
        let outcome = reader.checked_object(problems, |reader, field, problems| {
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
}

impl<'a> Conditions<'a> {
    /// Whether they hold for a pod in `namespace`.
    pub(super) fn hold(&self, namespace: &str, pod: &Pod) -> Result<bool, Problem> {
        if !self.allow_namespace(namespace) {
            return Ok(false);
        }
        if let Field::Is(selector) = &self.pod_selector
            && !selector.matches(&pod.metadata.labels)?
        {
            return Ok(false);
        }
        if let Field::Is(labels) = &self.node_selector {
            for (label, value) in labels {
                if !pod.spec.node.is_pinned(label, value)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Whether they can hold for pods in `namespace`.
    pub(super) fn allow_namespace(&self, namespace: &str) -> bool {
        match &self.namespaces {
            Field::Is(patterns) => patterns.iter().any(|pattern| glob_matches(pattern, namespace)),
            Field::Absent | Field::Wrong => true,
        }
    }

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
    let mut patterns = Vec::with_capacity(1);
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
    let map = reader.checked_map(problems, |reader, key, _| {
        is_empty = false;
        labels.push((label_key(key, reader.position())?, label_value(reader)?));
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
