//! Which nodes a pod restricts itself to.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;

use crate::json::Reader;
use crate::labels::{Labels, once};
use crate::problem::Problem;

/// The parts of a pod's spec that restrict it to some nodes: read when they are asked for, and then once.
#[derive(Default)]
pub struct NodeSelection<'a> {
    /// `nodeSelector`
    pub node_selector: Labels<'a>,
    /// `affinity`
    pub affinity: Option<Reader<'a>>,
    /// What the affinity pins the pod to.
    pins: OnceCell<Pins<'a>>,
}

/// Labels of nodes, and the one value that each must have.
type Pins<'a> = HashSet<(Cow<'a, str>, Cow<'a, str>)>;

impl<'a> NodeSelection<'a> {
    /// Whether the pod runs on no node but those whose label has this very value: its node selector says so, or every
    /// term of its required node affinity, of which one must hold.
    pub fn is_pinned(&self, label: &str, value: &str) -> Result<bool, Problem> {
        if self.node_selector.get(label)?.as_deref() == Some(value) {
            return Ok(true);
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
                let of_term = term_pins(reader)?;
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

/// What the expressions of a term, all of which must hold, pin a pod to.
fn term_pins<'a>(reader: &mut Reader<'a>) -> Result<Pins<'a>, Problem> {
    let mut pins = Pins::new();
    reader.object(|reader, field| {
        if field != "matchExpressions" {
            reader.skip()?;
            return Ok(());
        }
        reader.array(|reader| {
            let (mut key, mut operator) = (None, None);
            let mut values = Vec::new();
            reader.object(|reader, field| {
                match field {
                    "key" => key = reader.string()?,
                    "operator" => operator = reader.string()?,
                    "values" => {
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
                pins.insert((key, value.clone()));
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(pins)
}
