//! Profiles, and the pods that they are for.

use std::borrow::Cow;

use super::fields::SettingsField;
use super::http_proxy_config::HttpProxyConfig;
use crate::json::{Field, Problem, Reader};
use crate::kubernetes::{NodeSelection, Pod, label_key, label_value, selects};
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

/// A profile, whose fields are read where they are needed: `match` for each pod, the name
/// for pods that choose a profile, the others for the profile's pods.
#[derive(Clone, Copy)]
pub(super) struct Profile<'a>(Reader<'a>);

/// Whether the conditions of `match`, all of which must hold, do so for a pod. The problems in here are the pod's.
#[derive(Default)]
pub(super) struct Conditions {
    /// `namespaces`: patterns, `*` for any characters.
    namespaces: Field<bool>,
    /// `podSelector`
    pod_selector: Field<Result<bool, Problem>>,
    /// `nodeSelector`: labels of nodes, and the values to which the pod must be pinned.
    node_selector: Field<Result<bool, Problem>>,
}

impl<'a> Profile<'a> {
    /// Moves `reader` past a profile, and reads its conditions for a pod in `namespace`.
    pub(super) fn read(
        reader: &mut Reader<'a>,
        namespace: &str,
        pod: &Pod,
        problems: &mut Vec<Problem>,
    ) -> Result<(Self, Conditions), Problem> {
        let profile = Profile(*reader);
        let mut conditions = Field::Absent;
        let object = reader.object(|reader, field| {
            if field == "match" {
                conditions = reader.field(problems, |reader, problems| {
                    Conditions::read(reader, namespace, pod, problems)
                })?;
                return Ok(());
            }
            reader.skip()
        })?;
        if object.is_none() {
            return Err(Problem::new(profile.position(), "must not be null; remove it"));
        }
        if conditions.is_absent() {
            let reason = "must have match, with namespaces, podSelector or nodeSelector";
            problems.push(Problem::new(profile.position(), reason));
        }
        Ok((profile, conditions.value().unwrap_or_default()))
    }

    /// Where the profile starts.
    pub(super) fn position(&self) -> usize {
        self.0.position()
    }

    /// Reads the name.
    pub(super) fn name(&self, problems: &mut Vec<Problem>) -> Field<Cow<'a, str>> {
        let mut name = Field::Absent;
        let mut reader = self.0;
        let outcome = reader.object(|reader, field| {
            if field == "name" {
                name = reader.field(problems, |reader, _| read_name(reader))?;
                return Ok(());
            }
            reader.skip()
        });
        problems.extend(outcome.err());
        if name.is_absent() {
            problems.push(Problem::new(self.position(), "must have a name"));
        }
        name
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

impl Conditions {
    /// Whether all hold.
    pub(super) fn hold(self) -> Result<bool, Problem> {
        if !self.allow_namespace() {
            return Ok(false);
        }
        for condition in [self.pod_selector, self.node_selector] {
            if let Field::Is(outcome) = condition
                && !outcome?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether they can hold for pods of the namespace.
    pub(super) fn allow_namespace(&self) -> bool {
        self.namespaces != Field::Is(false)
    }

    fn read(
        reader: &mut Reader,
        namespace: &str,
        pod: &Pod,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<Self>, Problem> {
        let at = reader.position();
        let mut conditions = Conditions::default();
        let object = reader.checked_object(problems, |reader, field, problems| {
            match field {
                "namespaces" => {
                    let read = |reader: &mut Reader, problems: &mut _| is_among(reader, namespace, problems);
                    conditions.namespaces = reader.field(problems, read)?;
                }
                "podSelector" => {
                    let read = |reader: &mut Reader, problems: &mut _| selects(reader, &pod.metadata.labels, problems);
                    conditions.pod_selector = reader.field(problems, read)?;
                }
                "nodeSelector" => {
                    let read = |reader: &mut Reader, problems: &mut _| pins(reader, &pod.spec.node, problems);
                    conditions.node_selector = reader.field(problems, read)?;
                }
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

/// Whether one of the patterns is for `namespace`.
fn is_among(reader: &mut Reader, namespace: &str, problems: &mut Vec<Problem>) -> Result<Option<bool>, Problem> {
    let at = reader.position();
    let (mut is_empty, mut found) = (true, false);
    let list = reader.checked_array(problems, |reader, _| {
        is_empty = false;
        let at = reader.position();
        let pattern = reader.string()?.filter(|pattern| is_namespace_pattern(pattern));
        let reason = "must be the name of a namespace; * stands for any characters";
        let pattern = pattern.ok_or_else(|| Problem::new(at, reason))?;
        found |= glob_matches(&pattern, namespace);
        Ok(())
    })?;
    if list.is_some() && is_empty {
        return Err(Problem::new(at, "must not be empty; name a namespace, or remove it"));
    }
    Ok(list.map(|_| found))
}

/// Whether a pod is pinned to all labels of a map of labels.
fn pins(
    reader: &mut Reader,
    node: &NodeSelection,
    problems: &mut Vec<Problem>,
) -> Result<Option<Result<bool, Problem>>, Problem> {
    let at = reader.position();
    let mut outcome = Ok(true);
    let mut is_empty = true;
    let map = reader.checked_map(problems, |reader, key, _| {
        is_empty = false;
        let label = label_key(key, reader.position())?;
        let value = label_value(reader)?;
        if outcome == Ok(true) {
            outcome = node.is_pinned(&label, &value);
        }
        Ok(())
    })?;
    if map.is_some() && is_empty {
        return Err(Problem::new(
            at,
            "must not be empty; name a label of nodes, or remove it",
        ));
    }
    Ok(map.map(|_| outcome))
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
