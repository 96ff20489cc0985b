//! Profiles, and the pods that they are for.

use std::borrow::Cow;

use crate::kubernetes::{LabelPairs, LabelSelector, Metadata, PodSpec, label_value, read_labels};
use crate::settings::fields::{SettingsField, profile_fields};
use crate::settings::http_proxy_config::HttpProxyConfig;
use json::{Field, Problem, Reader};
use values::{Digest, glob_matches};

/// A profile. What it gives to pods is read only for its own pods.
#[derive(Clone)]
pub(crate) struct Profile<'a> {
    /// The whole profile.
    reader: Reader<'a>,
    pub name: Field<Cow<'a, str>>,
    pub matches: Match<'a>,
}

/// `match`: the pods that a profile is for. All conditions that are given must hold.
#[derive(Clone, Default)]
pub(crate) struct Match<'a> {
    /// `namespaces`: patterns, `*` for any characters.
    namespaces: Field<Vec<Cow<'a, str>>>,
    /// `podSelector`
    pod_selector: Field<LabelSelector<'a>>,
    /// `nodeSelector`: labels of nodes, and the values to which the pod must be pinned.
    node_selector: Field<LabelPairs<'a>>,
}

/// The condition of `match` that says most about why a profile applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// `namespaces[…]`
    Namespace(usize),
    PodSelector,
    NodeSelector,
}

impl<'a> Profile<'a> {
    /// Reads the name and the conditions, and moves `reader` past the profile.
    pub(super) fn read(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Self, Problem> {
        let mut profile = Profile {
            reader: *reader,
            name: Field::Absent,
            matches: Match::default(),
        };
        let at = reader.position();
        let mut matches = Field::Absent;
        let object = reader.object(|reader, field| {
            match field {
                "name" => profile.name = reader.field(problems, |reader, _| read_name(reader))?,
                "match" => matches = reader.field(problems, Match::read)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        if object.is_none() {
            return Err(Problem::new(at, "must not be null; remove it"));
        }
        if profile.name.is_absent() {
            problems.push(Problem::new(at, "must have a name"));
        }
        if matches.is_absent() {
            let reason = "must have match, with namespaces, podSelector or nodeSelector";
            problems.push(Problem::new(at, reason));
        }
        profile.matches = matches.value().unwrap_or_default();
        Ok(profile)
    }

    /// Where the profile starts.
    pub(super) fn position(&self) -> usize {
        self.reader.position()
    }

    /// Reads the fields for the profile's pods.
    pub(super) fn config(&self, problems: &mut Vec<Problem>) -> HttpProxyConfig<'a> {
        let mut config = HttpProxyConfig::default();
        let mut reader = self.reader;
        let outcome = reader.checked_object(problems, |reader, field, problems| {
            match SettingsField::of_name(field) {
                _ if matches!(field, "name" | "match") => reader.skip(),
                Some(SettingsField::Config(field)) => config.read_field(field, reader, problems),
                Some(SettingsField::General(_) | SettingsField::Profiles) => {
                    let reason = "not allowed in a profile; set it at the top level, where it applies to all pods";
                    Err(Problem::new(reader.position(), reason))
                }
                None => Err(Problem::unknown_field(reader.position(), field, &profile_fields())),
            }
        });
        problems.extend(outcome.err());
        config
    }
}

impl<'a> Match<'a> {
    fn read(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Option<Self>, Problem> {
        let at = reader.position();
        let mut matches = Match::default();
        let object = reader.checked_object(problems, |reader, field, problems| {
            match field {
                "namespaces" => matches.namespaces = reader.field(problems, read_namespaces)?,
                "podSelector" => matches.pod_selector = reader.field(problems, LabelSelector::read)?,
                "nodeSelector" => matches.node_selector = reader.field(problems, read_node_selector)?,
                _ => {
                    let known = ["namespaces", "podSelector", "nodeSelector"];
                    return Err(Problem::unknown_field(reader.position(), field, &known));
                }
            }
            Ok(())
        })?;
        let none =
            matches.namespaces.is_absent() && matches.pod_selector.is_absent() && matches.node_selector.is_absent();
        if object.is_some() && none {
            return Err(Problem::new(at, "must have namespaces, podSelector or nodeSelector"));
        }
        Ok(object.map(|_| matches))
    }

    /// The fingerprint of the conditions, which is the same however they are spelled.
    pub(super) fn digest(&self) -> Digest {
        let mut digest = Digest::new("");
        if let Field::Is(patterns) = &self.namespaces {
            digest = patterns.iter().fold(digest, |digest, pattern| digest.and(pattern));
        }
        if let Field::Is(selector) = &self.pod_selector {
            digest = digest.and_digest(selector.digest());
        }
        match &self.node_selector {
            Field::Is(labels) => digest.and_all(labels.iter().map(|(key, value)| Digest::new(key).and(value))),
            _ => digest,
        }
    }

    /// The pattern of `namespaces` that a namespace matches, by its index; `Some(None)` if every namespace may have the profile.
    pub(crate) fn namespace(&self, namespace: &str) -> Option<Option<usize>> {
        match &self.namespaces {
            Field::Is(patterns) => {
                let found = patterns.iter().position(|pattern| glob_matches(pattern, namespace));
                found.map(Some)
            }
            _ => Some(None),
        }
    }

    /// Whether all conditions hold for a pod; the one that says most if they do.
    ///
    /// # Errors
    /// A label that a condition asks for is not a string, or the pod's affinity is malformed.
    pub(crate) fn holds(
        &self,
        namespace: &str,
        metadata: &Metadata,
        spec: &PodSpec,
    ) -> Result<Option<Condition>, Problem> {
        let Some(pattern) = self.namespace(namespace) else {
            return Ok(None);
        };
        let mut condition = pattern.map(Condition::Namespace);
        if let Field::Is(labels) = &self.node_selector {
            for (label, value) in labels {
                if !spec.node.is_pinned(label, value)? {
                    return Ok(None);
                }
            }
            condition = Some(Condition::NodeSelector);
        }
        if let Field::Is(selector) = &self.pod_selector {
            if !selector.matches(&metadata.labels)? {
                return Ok(None);
            }
            condition = Some(Condition::PodSelector);
        }
        Ok(condition)
    }
}

fn read_namespaces<'a>(
    reader: &mut Reader<'a>,
    problems: &mut Vec<Problem>,
) -> Result<Option<Vec<Cow<'a, str>>>, Problem> {
    let at = reader.position();
    let mut patterns = Vec::new();
    let mut items = 0;
    let list = reader.checked_array(problems, |reader, _| {
        items += 1;
        let at = reader.position();
        let pattern = reader.string()?.filter(|pattern| is_namespace_pattern(pattern));
        let reason = "must be the name of a namespace; * stands for any characters";
        patterns.push(pattern.ok_or_else(|| Problem::new(at, reason))?);
        Ok(())
    })?;
    if list.is_some() && items == 0 {
        return Err(Problem::new(
            at,
            "must not be empty; list a namespace, or remove the field",
        ));
    }
    Ok(list.map(|_| patterns))
}

fn read_node_selector<'a>(
    reader: &mut Reader<'a>,
    problems: &mut Vec<Problem>,
) -> Result<Option<LabelPairs<'a>>, Problem> {
    let at = reader.position();
    let known = problems.len();
    let labels = read_labels(reader, problems)?;
    if labels.as_ref().is_some_and(Vec::is_empty) && problems.len() == known {
        return Err(Problem::new(
            at,
            "must not be empty; list a node label, or remove the field",
        ));
    }
    Ok(labels)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_conditions_have_another_fingerprint_however_they_are_spelled() {
        let digest = |json: &str| {
            let matches = Match::read(&mut Reader::new(json), &mut Vec::new());
            matches.unwrap().unwrap().digest()
        };
        let conditions = [
            r#"{"namespaces": ["a"]}"#,
            r#"{"namespaces": ["b"]}"#,
            r#"{"namespaces": ["a", "b"]}"#,
            r#"{"podSelector": {"matchLabels": {"a": "1"}}}"#,
            r#"{"nodeSelector": {"a": "1"}}"#,
            r#"{"nodeSelector": {"a": "2"}}"#,
            r#"{"nodeSelector": {"a": "1", "b": "2"}}"#,
        ];
        for (index, one) in conditions.iter().enumerate() {
            for other in &conditions[..index] {
                assert_ne!(digest(one), digest(other), "{one} {other}");
            }
        }
        assert_eq!(
            digest(conditions[6]),
            digest(r#"{"nodeSelector": {"b": "2", "a": "1"}}"#)
        );
    }
}
