//! The nodes to which a pod restricts itself.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;

use crate::kubernetes::labels::{Labels, once};
use json::{Problem, Reader};

/// The parts of a pod's spec that restrict it to some nodes. They are read on first use.
#[derive(Default)]
pub(crate) struct NodeSelection<'a> {
    /// `nodeSelector`
    pub(super) node_selector: Labels<'a>,
    /// `affinity`
    pub(super) affinity: Option<Reader<'a>>,
    /// The labels to which the affinity pins the pod.
    pins: OnceCell<Result<Pins<'a>, Problem>>,
}

/// A label of nodes, and the one value that it must have.
type Pin<'a> = (Cow<'a, str>, Cow<'a, str>);

type Pins<'a> = HashSet<Pin<'a>>;

impl<'a> NodeSelection<'a> {
    /// Whether the pod runs only on nodes whose label has this value. Its node selector must say so, or every term of
    /// its required node affinity, because one of these terms is enough.
    pub(crate) fn is_pinned(&self, label: &str, value: &str) -> Result<bool, Problem> {
        if !self.node_selector.is_empty() && self.node_selector.get(label)? == Some(value) {
            return Ok(true);
        }
        if self.affinity.is_none() {
            return Ok(false);
        }
        let pins = once(&self.pins, || self.affinity_pins())?;
        Ok(pins.contains(&(label.into(), value.into())))
    }

    fn affinity_pins(&self) -> Result<Pins<'a>, Problem> {
        let terms = [
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms",
        ];
        let mut pins: Option<Pins> = None;
        if let Some(mut terms) = self.affinity.map_or(Ok(None), |affinity| affinity.descend(&terms))? {
            terms.array(|reader| {
                // A term without requirements matches no node.
                let Some(of_term) = term_pins(reader)? else {
                    return Ok(());
                };
                match &mut pins {
                    Some(pins) => pins.retain(|pin| of_term.contains(pin)),
                    None => pins = Some(of_term),
                }
                Ok(())
            })?;
        }
        Ok(pins.unwrap_or_default())
    }
}

/// The labels to which the expressions of a term, all of which must hold, pin a pod; `None` for a term without
/// requirements.
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity>
fn term_pins<'a>(term: &mut Reader<'a>) -> Result<Option<Pins<'a>>, Problem> {
    let mut pins = Pins::new();
    let (mut expressions, mut fields) = (0, 0);
    term.object(|reader, field| {
        match field {
            "matchExpressions" => {
                (expressions, pins) = (0, Pins::new());
                reader.array(|reader| {
                    expressions += 1;
                    pins.extend(pin(reader)?);
                    Ok(())
                })?;
            }
            "matchFields" => {
                fields = 0;
                reader.array(|reader| {
                    fields += 1;
                    reader.skip()
                })?;
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok((expressions + fields > 0).then_some(pins))
}

/// The label that an expression pins a pod to: `In` with one value.
fn pin<'a>(expression: &mut Reader<'a>) -> Result<Option<Pin<'a>>, Problem> {
    let (mut key, mut operator) = (None, None);
    let mut values = Vec::new();
    expression.object(|reader, field| {
        match field {
            "key" => key = reader.string()?,
            "operator" => operator = reader.string()?,
            "values" => {
                values.clear();
                reader.array(|reader| {
                    values.push(reader.string()?);
                    Ok(())
                })?;
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    if let (Some(key), Some("In"), Some(Some(value))) = (key, operator.as_deref(), values.first())
        && values.iter().all(|other| other.as_ref() == Some(value))
    {
        return Ok(Some((key, value.clone())));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_that_can_match_must_pin_the_pod() {
        let term = |requirements: &str| format!("{{\"matchExpressions\":[{requirements}]}}");
        let pin = r#"{"key":"os","operator":"In","values":["windows"]}"#;
        let two = r#"{"key":"os","operator":"In","values":["windows","linux"]}"#;
        for (terms, pinned) in [
            (term(pin), true),
            (term(two), false),
            ([term(pin), term(pin)].join(","), true),
            ([term(pin), term(two)].join(","), false),
            ([term(pin), "{}".to_owned(), term("")].join(","), true),
            ([term(pin), r#"{"matchFields":[{}]}"#.to_owned()].join(","), false),
            (String::new(), false),
        ] {
            let affinity = format!(
                r#"{{"nodeAffinity":{{"requiredDuringSchedulingIgnoredDuringExecution":{{"nodeSelectorTerms":[{terms}]}}}}}}"#
            );
            let selection = NodeSelection {
                affinity: Some(Reader::new(&affinity)),
                ..NodeSelection::default()
            };
            assert_eq!(selection.is_pinned("os", "windows").unwrap(), pinned, "{terms}");
        }
    }
}
