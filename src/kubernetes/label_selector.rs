//! Label selectors.

use std::borrow::Cow;

use super::labels::Labels;
use super::{is_label_value, is_qualified_name};
use crate::json::{Choice, Field, Problem, Reader};

/// Reads a selector by the API server's rules, and reports all its problems. Returns whether it selects an object with
/// `labels`, or a problem of the labels. The requirements of `matchLabels` and `matchExpressions` must all hold; without any,
/// it selects everything.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements>
pub(crate) fn selects(
    reader: &mut Reader,
    labels: &Labels,
    problems: &mut Vec<Problem>,
) -> Result<Option<Result<bool, Problem>>, Problem> {
    let mut selected = Ok(true);
    let selector = reader.checked_object(problems, |reader, field, problems| {
        match field {
            "matchLabels" => {
                reader.checked_map(problems, |reader, key, _| {
                    let key = label_key(key, reader.position())?;
                    let value = label_value(reader)?;
                    if selected == Ok(true) {
                        selected = labels.get(&key).map(|label| label == Some(&*value));
                    }
                    Ok(())
                })?;
            }
            "matchExpressions" => {
                reader.checked_array(problems, |reader, problems| {
                    if let Some(requirement) = Requirement::read(reader, problems)?
                        && selected == Ok(true)
                    {
                        selected = labels.get(&requirement.key).map(|label| requirement.holds(label));
                    }
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
    Ok(selector.map(|_| selected))
}

/// An item of `matchExpressions`.
struct Requirement<'a> {
    key: Cow<'a, str>,
    operator: Operator,
    values: Vec<Cow<'a, str>>,
}

/// An operator of `matchExpressions`.
#[derive(Clone, Copy)]
enum Operator {
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
pub(crate) fn label_key(key: Cow<str>, at: usize) -> Result<Cow<str>, Problem> {
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
