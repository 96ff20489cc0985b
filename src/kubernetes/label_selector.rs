//! Label selectors.

use std::borrow::Cow;

use super::labels::Labels;
use super::{is_label_value, is_qualified_name};
use crate::json::{Choice, Field, Problem, Reader};

/// A selector: the requirements of `matchLabels` and `matchExpressions`, all of which must hold. Without any, it
/// selects everything.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements>
#[derive(Clone, Debug)]
pub(crate) struct LabelSelector<'a>(Vec<Requirement<'a>>);

/// What a selector requires of one label.
#[derive(Clone, Debug)]
enum Requirement<'a> {
    /// The label has the value.
    Is { key: Cow<'a, str>, value: Cow<'a, str> },
    /// The label has one of the values.
    In {
        key: Cow<'a, str>,
        values: Vec<Cow<'a, str>>,
    },
    /// The label is missing, or has none of the values.
    NotIn {
        key: Cow<'a, str>,
        values: Vec<Cow<'a, str>>,
    },
    /// The label exists.
    Exists { key: Cow<'a, str> },
    /// The label is missing.
    DoesNotExist { key: Cow<'a, str> },
}

impl<'a> LabelSelector<'a> {
    /// Reads a selector by the API server's rules, and reports all its problems.
    pub(crate) fn read(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Option<Self>, Problem> {
        let mut requirements = Vec::with_capacity(1);
        let selector = reader.checked_object(problems, |reader, field, problems| {
            match field {
                "matchLabels" => {
                    reader.checked_map(problems, |reader, key, _| {
                        let key = label_key(key, reader.position())?;
                        let value = label_value(reader)?;
                        requirements.push(Requirement::Is { key, value });
                        Ok(())
                    })?;
                }
                "matchExpressions" => {
                    reader.checked_array(problems, |reader, problems| {
                        requirements.extend(Requirement::read(reader, problems)?);
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
        Ok(selector.map(|_| LabelSelector(requirements)))
    }

    pub(crate) fn matches(&self, labels: &Labels) -> Result<bool, Problem> {
        for requirement in &self.0 {
            if !requirement.holds(labels)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
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
        let requirement = match (key.value(), operator.value()) {
            (_, Some(Operator::In | Operator::NotIn)) if values.is_empty() => {
                return Err(Problem::new(at, "must have values for In and NotIn"));
            }
            (_, Some(Operator::Exists | Operator::DoesNotExist)) if !values.is_empty() => {
                let reason = "must not have values for Exists and DoesNotExist";
                return Err(Problem::new(at, reason));
            }
            (Some(key), Some(Operator::In)) => Requirement::In { key, values },
            (Some(key), Some(Operator::NotIn)) => Requirement::NotIn { key, values },
            (Some(key), Some(Operator::Exists)) => Requirement::Exists { key },
            (Some(key), Some(Operator::DoesNotExist)) => Requirement::DoesNotExist { key },
            _ => return Ok(None),
        };
        Ok(Some(requirement))
    }

    fn holds(&self, labels: &Labels) -> Result<bool, Problem> {
        let is_among = |key: &str, values: &[Cow<str>]| {
            let label = labels.get(key)?;
            Ok(label.is_some_and(|label| values.contains(&label)))
        };
        match self {
            Requirement::Is { key, value } => labels.get(key).map(|label| label.as_ref() == Some(value)),
            Requirement::In { key, values } => is_among(key, values),
            Requirement::NotIn { key, values } => is_among(key, values).map(|among| !among),
            Requirement::Exists { key } => labels.get(key).map(|label| label.is_some()),
            Requirement::DoesNotExist { key } => labels.get(key).map(|label| label.is_none()),
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
