//! Which pods a profile is for.

use std::borrow::Cow;

use crate::http_proxy_config::HttpProxyConfig;
use crate::json::Reader;
use crate::labels::{LabelSelector, label_key, label_value};
use crate::pod::Pod;
use crate::problem::Problem;
use crate::values::glob_matches;

/// A profile: its name, and the conditions of its `match`, all of which must hold.
pub struct Profile<'a> {
    /// The profile as a whole, of which most have to be read no further.
    pub document: Reader<'a>,
    pub name: Cow<'a, str>,
    /// `namespaces`: patterns, `*` for any characters.
    namespaces: Option<Vec<Cow<'a, str>>>,
    /// `podSelector`
    pod_selector: Option<LabelSelector<'a>>,
    /// `nodeSelector`: labels of nodes, and the values that the pod must pin itself to.
    node_selector: Option<Vec<(String, Cow<'a, str>)>>,
}

impl<'a> Profile<'a> {
    /// Reads the profile in front of `reader`, except for its [`config`](Profile::config).
    pub fn read(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Self, Problem> {
        let at = reader.position();
        let known = problems.len();
        let mut profile = Profile {
            document: *reader,
            name: Cow::Borrowed(""),
            namespaces: None,
            pod_selector: None,
            node_selector: None,
        };
        let object = reader.checked_object(problems, |reader, field, problems| {
            match field {
                "name" => profile.name = name(reader)?,
                "match" => profile.read_match(reader, problems)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        if object.is_none() {
            return Err(Problem::new(at, "is null; remove it"));
        }
        if problems.len() == known {
            if profile.name.is_empty() {
                problems.push(Problem::new(at, "must have a name"));
            }
            if profile.namespaces.is_none() && profile.pod_selector.is_none() && profile.node_selector.is_none() {
                let fault = "must have a match with namespaces, podSelector or nodeSelector";
                problems.push(Problem::new(at, fault));
            }
        }
        Ok(profile)
    }

    /// Reads what the profile's pods get.
    pub fn config(&self, problems: &mut Vec<Problem>) -> HttpProxyConfig<'a> {
        let mut config = HttpProxyConfig::default();
        let outcome = self.document.clone().checked_object(problems, |reader, field, problems| {
            match field {
                "name" | "match" => reader.skip()?,
                _ if config.read_field(field, reader, problems)? => {}
                _ => {
                    let fault = "is no field of a profile; remove it, mend its spelling, or set it for all pods at the \
                                 top level";
                    return Err(Problem::new(reader.position(), fault));
                }
            }
            Ok(())
        });
        problems.extend(outcome.err());
        config
    }

    fn read_match(&mut self, reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<(), Problem> {
        reader.checked_object(problems, |reader, field, problems| {
            let at = reader.position();
            match field {
                "namespaces" => {
                    let mut patterns = Vec::new();
                    let mut is_empty = true;
                    let list = reader.checked_array(problems, |reader, _| {
                        is_empty = false;
                        let at = reader.position();
                        let pattern = reader.string()?.filter(|pattern| is_namespace_pattern(pattern));
                        let fault = "must be a namespace's name, * for any characters";
                        patterns.push(pattern.ok_or_else(|| Problem::new(at, fault))?);
                        Ok(())
                    })?;
                    if list.is_some() && is_empty {
                        return Err(Problem::new(
                            at,
                            "is empty and matches nothing; name a namespace, or remove it",
                        ));
                    }
                    self.namespaces = list.map(|_| patterns);
                }
                "podSelector" => self.pod_selector = LabelSelector::read(reader, problems)?,
                "nodeSelector" => {
                    let mut pairs = Vec::new();
                    let mut is_empty = true;
                    let map = reader.checked_object(problems, |reader, key, _| {
                        is_empty = false;
                        let key = label_key(key.to_owned().into(), reader.position())?.into_owned();
                        pairs.push((key, label_value(reader)?));
                        Ok(())
                    })?;
                    if map.is_some() && is_empty {
                        return Err(Problem::new(at, "is empty; name a label of nodes, or remove it"));
                    }
                    self.node_selector = map.map(|_| pairs);
                }
                _ => {
                    let fault = "is no condition; namespaces, podSelector and nodeSelector are";
                    return Err(Problem::new(at, fault));
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Whether the profile is for a pod in `namespace`.
    pub fn matches(&self, namespace: &str, pod: &Pod) -> Result<bool, Problem> {
        if let Some(patterns) = &self.namespaces
            && !patterns.iter().any(|pattern| glob_matches(pattern, namespace))
        {
            return Ok(false);
        }
        if let Some(selector) = &self.pod_selector
            && !selector.matches(&pod.metadata.labels)?
        {
            return Ok(false);
        }
        for (label, value) in self.node_selector.iter().flatten() {
            if !pod.spec.node.is_pinned(label, value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether a namespace can match: their names are of lower-case letters, digits and hyphens.
fn is_namespace_pattern(pattern: &str) -> bool {
    let known = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'*');
    !pattern.is_empty() && pattern.bytes().all(known)
}

fn name<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, str>, Problem> {
    let at = reader.position();
    let fault = "must be a name: letters, digits, -, _ and ., with a letter or digit at its ends";
    label_value(reader)
        .ok()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Problem::new(at, fault))
}
