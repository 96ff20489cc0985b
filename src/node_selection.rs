//! Which nodes a pod restricts itself to.

use crate::json::Reader;
use crate::labels::Labels;
use crate::problem::Problem;

/// The parts of a pod's spec that restrict it to some nodes, read when asked.
#[derive(Default)]
pub struct NodeSelection<'a> {
    /// `nodeSelector`
    pub node_selector: Labels<'a>,
    /// `affinity`
    pub affinity: Option<Reader<'a>>,
}

impl NodeSelection<'_> {
    /// Whether the pod runs on no node but those whose label has this very value: its node selector says so, or every
    /// term of its required node affinity, of which one must hold.
    pub fn is_pinned(&self, label: &str, value: &str) -> Result<bool, Problem> {
        if self.node_selector.get(label)?.as_deref() == Some(value) {
            return Ok(true);
        }
        let terms = [
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms",
        ];
        let Some(mut terms) = self.affinity.map_or(Ok(None), |affinity| affinity.descend(&terms))? else {
            return Ok(false);
        };
        let (mut count, mut pinning) = (0, 0);
        terms.array(|reader| {
            count += 1;
            pinning += u32::from(term_pins(reader, label, value)?);
            Ok(())
        })?;
        Ok(count > 0 && pinning == count)
    }
}

/// Whether one of the expressions of a term, all of which must hold, wants this value alone.
fn term_pins(reader: &mut Reader, label: &str, value: &str) -> Result<bool, Problem> {
    let mut pins = false;
    reader.object(|reader, field| {
        if field != "matchExpressions" {
            reader.skip()?;
            return Ok(());
        }
        reader.array(|reader| {
            let (mut key, mut operator) = (None, None);
            let (mut count, mut others) = (0, 0);
            reader.object(|reader, field| {
                match field {
                    "key" => key = reader.string()?,
                    "operator" => operator = reader.string()?,
                    "values" => {
                        reader.array(|reader| {
                            count += 1;
                            others += u32::from(reader.string()?.as_deref() != Some(value));
                            Ok(())
                        })?;
                    }
                    _ => reader.skip()?,
                }
                Ok(())
            })?;
            pins |= key.as_deref() == Some(label) && operator.as_deref() == Some("In") && count > 0 && others == 0;
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(pins)
}
