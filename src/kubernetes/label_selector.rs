//! Label selectors.

use std::borrow::Cow;

use crate::kubernetes::labels::Labels;
use crate::kubernetes::names::is_label_value;
use crate::kubernetes::names::is_qualified_name;
use json::{Choice, Field, Problem, Reader};
use values::Digest;

/// Labels with the values that they must have.
pub(crate) type LabelPairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// A label selector. The requirements of `matchLabels` and `matchExpressions` must all hold; without any, it selects everything.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LabelSelector<'a> {
    /// `matchLabels`, in order.
    pub match_labels: LabelPairs<'a>,
    /// `matchExpressions`, in order.
    pub match_expressions: Vec<Requirement<'a>>,
}

/// An item of `matchExpressions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requirement<'a> {
    pub key: Cow<'a, str>,
    pub operator: Operator,
    /// For `In` and `NotIn`.
    pub values: Vec<Cow<'a, str>>,
}

/// An operator of `matchExpressions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Choice for Operator {
    const ALL: &'static [(&'static str, Self)] = &[
        ("In", Operator::In),
        ("NotIn", Operator::NotIn),
        ("Exists", Operator::Exists),
        ("DoesNotExist", Operator::DoesNotExist),
    ];
}

impl<'a> LabelSelector<'a> {
    /// Reads a selector by the API server's rules, and reports all its problems.
    pub(crate) fn read(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Option<Self>, Problem> {
        let mut selector = LabelSelector::default();
        let object = reader.checked_object(problems, |reader, field, problems| {
            match field {
                "matchLabels" => selector.match_labels = read_labels(reader, problems)?.unwrap_or_default(),
                "matchExpressions" => {
                    selector.match_expressions.clear();
                    reader.checked_array(problems, |reader, problems| {
                        selector.match_expressions.extend(Requirement::read(reader, problems)?);
                        Ok(())
                    })?;
                }
                _ => {
                    let known = ["matchLabels", "matchExpressions"];
                    return Err(Problem::unknown_field(reader.position(), field, &known));
                }
            }
            Ok(())
        })?;
        Ok(object.map(|_| selector))
    }

    /// Its fingerprint, which is the same however it is spelled.
    pub(crate) fn digest(&self) -> Digest {
        let labels = self.match_labels.iter().map(|(key, value)| Digest::new(key).and(value));
        let of_values = |requirement: &Requirement| {
            let start = Digest::new(&requirement.key).and(requirement.operator.word());
            requirement.values.iter().fold(start, |digest, value| digest.and(value))
        };
        let expressions = self.match_expressions.iter().map(of_values);
        Digest::new("").and_all(labels).and_all(expressions)
    }

    /// Whether it selects an object with these labels.
    ///
    /// # Errors
    /// A label that it asks for is not a string.
    pub(crate) fn matches(&self, labels: &Labels) -> Result<bool, Problem> {
        for (key, value) in &self.match_labels {
            if labels.get(key)? != Some(value) {
                return Ok(false);
            }
        }
        for requirement in &self.match_expressions {
            if !requirement.holds(labels.get(&requirement.key)?) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Reads a map of labels, and reports all its problems.
pub(crate) fn read_labels<'a>(
    reader: &mut Reader<'a>,
    problems: &mut Vec<Problem>,
) -> Result<Option<LabelPairs<'a>>, Problem> {
    let mut labels = Vec::new();
    let map = reader.checked_map(problems, |reader, key, _| {
        labels.push((label_key(key, reader.position())?, label_value(reader)?));
        Ok(())
    })?;
    Ok(map.map(|_| labels))
}

impl<'a> Requirement<'a> {
    /// Reads an item of `matchExpressions`; `None` if it has problems, which are reported.
    fn read(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Option<Self>, Problem> {
        let at = reader.position();
        let (mut key, mut operator, mut values) = (Field::Absent, Field::Absent, Field::Absent);
        reader.checked_object(problems, |reader, field, problems| {
            match field {
                "key" => key = reader.field(problems, |reader, _| read_key(reader))?,
                "operator" => operator = reader.field(problems, |reader, _| reader.choice())?,
                "values" => values = reader.field(problems, read_values)?,
                _ => {
                    let known = ["key", "operator", "values"];
                    return Err(Problem::unknown_field(reader.position(), field, &known));
                }
            }
            Ok(())
        })?;
        if key.is_absent() {
            problems.push(Problem::new(at, "must have a key"));
        }
        if operator.is_absent() {
            problems.push(Problem::new(
                at,
                "must have an operator: In, NotIn, Exists or DoesNotExist",
            ));
        }
        let values = match values {
            Field::Wrong => return Ok(None),
            values => values.value().unwrap_or_default(),
        };
        match operator.value() {
            Some(Operator::In | Operator::NotIn) if values.is_empty() => {
                return Err(Problem::new(at, "must have values for In and NotIn"));
            }
            Some(Operator::Exists | Operator::DoesNotExist) if !values.is_empty() => {
                let reason = "must not have values for Exists and DoesNotExist";
                return Err(Problem::new(at, reason));
            }
            _ => {}
        }
        let (Some(key), Some(operator)) = (key.value(), operator.value()) else {
            return Ok(None);
        };
        Ok(Some(Requirement { key, operator, values }))
    }

    /// Whether it holds for an object whose label has this value.
    fn holds(&self, label: Option<&str>) -> bool {
        let is_among = || label.is_some_and(|label| self.values.iter().any(|value| value == label));
        match self.operator {
            Operator::In => is_among(),
            Operator::NotIn => !is_among(),
            Operator::Exists => label.is_some(),
            Operator::DoesNotExist => label.is_none(),
        }
    }
}

fn read_key<'a>(reader: &mut Reader<'a>) -> Result<Option<Cow<'a, str>>, Problem> {
    let at = reader.position();
    reader.string()?.map(|key| label_key(key, at)).transpose()
}

fn read_values<'a>(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Option<Vec<Cow<'a, str>>>, Problem> {
    let mut values = Vec::new();
    let list = reader.checked_array(problems, |reader, _| {
        values.push(label_value(reader)?);
        Ok(())
    })?;
    Ok(list.map(|_| values))
}

/// Checks a label's key, which is at `at`.
fn label_key(key: Cow<str>, at: usize) -> Result<Cow<str>, Problem> {
    if is_qualified_name(&key) {
        Ok(key)
    } else {
        let reason = "is not a label key; write a key such as app or example.com/app, with a lower-case prefix";
        Err(Problem::new(at, reason))
    }
}

/// Reads a label's value.
pub(crate) fn label_value<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, str>, Problem> {
    let at = reader.position();
    let reason =
        "must be a label value: up to 63 letters, digits, -, _ and ., starting and ending with a letter or digit";
    reader
        .string()?
        .filter(|value| is_label_value(value))
        .ok_or_else(|| Problem::new(at, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_holds_as_in_kubernetes() {
        for (operator, values, label, holds) in [
            (Operator::In, &["a", "b"][..], Some("b"), true),
            (Operator::In, &["a", "b"], Some("c"), false),
            (Operator::In, &["a"], None, false),
            (Operator::NotIn, &["a", "b"], Some("b"), false),
            (Operator::NotIn, &["a", "b"], Some("c"), true),
            (Operator::NotIn, &["a"], None, true),
            (Operator::Exists, &[], Some(""), true),
            (Operator::Exists, &[], None, false),
            (Operator::DoesNotExist, &[], Some(""), false),
            (Operator::DoesNotExist, &[], None, true),
        ] {
            let requirement = Requirement {
                key: "key".into(),
                operator,
                values: values.iter().map(|value| (*value).into()).collect(),
            };
            assert_eq!(requirement.holds(label), holds, "{requirement:?} {label:?}");
        }
    }
}
