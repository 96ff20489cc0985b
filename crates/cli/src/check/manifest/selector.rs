//! Label selectors that can match nothing.
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>

use std::collections::{BTreeMap, BTreeSet};

use explain::admission::selector::{Operator, Requirement, Selector};
use explain::namespaces::NAME_LABEL;
use serde_json::Value;

/// What a selector asks of a label.
#[derive(Default)]
struct Wanted<'a> {
    /// The values that it may have; none for any.
    values: Option<BTreeSet<&'a str>>,
    excluded: BTreeSet<&'a str>,
    must_exist: bool,
    must_not_exist: bool,
}

impl<'a> Wanted<'a> {
    fn add(&mut self, requirement: &'a Requirement) {
        let values: BTreeSet<&str> = requirement.values.iter().map(String::as_str).collect();
        match requirement.operator {
            Operator::In => {
                self.must_exist = true;
                self.values = Some(match self.values.take() {
                    Some(earlier) => earlier.intersection(&values).copied().collect(),
                    None => values,
                });
            }
            Operator::NotIn => self.excluded.extend(values),
            Operator::Exists => self.must_exist = true,
            Operator::DoesNotExist => self.must_not_exist = true,
        }
    }

    fn is_impossible(&self) -> bool {
        let has_no_value = self
            .values
            .as_ref()
            .is_some_and(|values| values.is_subset(&self.excluded));
        has_no_value || (self.must_exist && self.must_not_exist)
    }
}

/// The problems of a selector, each with its path.
pub fn problems(selector: &Value, path: &str) -> Vec<(String, String)> {
    let selector = Selector::read(selector);
    let fault = |fault: &explain::admission::selector::Fault| {
        let separator = if fault.path.is_empty() { "" } else { "." };
        (format!("{path}{separator}{}", fault.path), fault.message.to_owned())
    };
    let mut found: Vec<(String, String)> = selector.faults.iter().map(fault).collect();
    let mut labels: BTreeMap<&str, Wanted> = BTreeMap::new();
    for requirement in &selector.requirements {
        labels.entry(&requirement.key).or_default().add(requirement);
    }
    // Every namespace has this label.
    if let Some(name) = labels.get_mut(NAME_LABEL)
        && path.ends_with("namespaceSelector")
    {
        name.must_exist = true;
    }
    let impossible = labels.iter().filter(|(_, wanted)| wanted.is_impossible());
    found.extend(impossible.map(|(key, _)| {
        (
            path.to_owned(),
            format!("matches nothing: what it asks of the label {key} excludes every value; correct its expressions"),
        )
    }));
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_selector_that_can_match_nothing_is_found() {
        let expression =
            |key: &str, operator: &str, values: &[&str]| json!({"key": key, "operator": operator, "values": values});
        for (expressions, count) in [
            (
                vec![expression("a", "In", &["x", "y"]), expression("a", "NotIn", &["x"])],
                0,
            ),
            (
                vec![expression("a", "In", &["x"]), expression("a", "NotIn", &["x", "y"])],
                1,
            ),
            (vec![expression("a", "In", &["x"]), expression("a", "In", &["y"])], 1),
            (vec![expression("a", "In", &["x"]), expression("b", "In", &["y"])], 0),
            (
                vec![expression("a", "Exists", &[]), expression("a", "DoesNotExist", &[])],
                1,
            ),
            (
                vec![expression("a", "In", &["x"]), expression("a", "DoesNotExist", &[])],
                1,
            ),
            (
                vec![expression("a", "NotIn", &["x"]), expression("a", "DoesNotExist", &[])],
                0,
            ),
            (vec![expression("a", "In", &[])], 1),
            (vec![expression("a", "in", &["x"])], 1),
            (vec![expression("kubernetes.io/metadata.name", "DoesNotExist", &[])], 1),
        ] {
            let selector = json!({"matchExpressions": expressions});
            assert_eq!(problems(&selector, "spec.namespaceSelector").len(), count, "{selector}");
        }
        assert_eq!(problems(&json!(null), "spec.objectSelector"), []);
    }
}
