//! Labels of an object, and what selects objects by them.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

use crate::json::Reader;
use crate::problem::Problem;
use crate::values::is_dns_name;

/// Labels, or what else is a map of strings in the API: read when they are asked for, and then once.
#[derive(Default)]
pub struct Labels<'a> {
    map: Option<Reader<'a>>,
    /// Where the values are.
    values: OnceCell<HashMap<String, Reader<'a>>>,
}

impl<'a> Labels<'a> {
    /// Those in front of `reader`.
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        Ok(Labels {
            map: reader.present()?,
            values: OnceCell::new(),
        })
    }

    pub fn get(&self, wanted: &str) -> Result<Option<Cow<'a, str>>, Problem> {
        let values = once(&self.values, || self.values())?;
        values.get(wanted).copied().map_or(Ok(None), |mut value| value.string())
    }

    fn values(&self) -> Result<HashMap<String, Reader<'a>>, Problem> {
        let mut values = HashMap::new();
        if let Some(mut map) = self.map {
            map.object(|reader, key| {
                values.insert(key.to_owned(), *reader);
                reader.skip()
            })?;
        }
        Ok(values)
    }
}

/// What a cell holds, read into it if it is still empty.
pub fn once<T>(cell: &OnceCell<T>, read: impl FnOnce() -> Result<T, Problem>) -> Result<&T, Problem> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = read()?;
    Ok(cell.get_or_init(|| value))
}

/// A selector, as `matchLabels` and `matchExpressions` make it together: every requirement must hold, none always holds.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements>
pub struct LabelSelector<'a>(Vec<Requirement<'a>>);

struct Requirement<'a> {
    key: Cow<'a, str>,
    operator: Operator,
    values: Vec<Cow<'a, str>>,
}

/// What a requirement wants of the label.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// It is there and has one of the values.
    In,
    /// It is not there, or has none of the values.
    NotIn,
    /// It is there.
    Exists,
    /// It is not there.
    DoesNotExist,
}

impl<'a> LabelSelector<'a> {
    /// Reads a selector, by the rules by which the API server checks one.
    pub fn read(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Option<Self>, Problem> {
        let mut requirements = Vec::new();
        let selector = reader.checked_object(problems, |reader, field, problems| {
            match field {
                "matchLabels" => {
                    reader.checked_object(problems, |reader, key, _| {
                        requirements.push(Requirement {
                            key: label_key(key.to_owned().into(), reader.position())?,
                            operator: Operator::In,
                            values: vec![label_value(reader)?],
                        });
                        Ok(())
                    })?;
                }
                "matchExpressions" => {
                    reader.checked_array(problems, |reader, problems| {
                        requirements.extend(Requirement::read(reader, problems)?);
                        Ok(())
                    })?;
                }
                _ => return Err(Problem::unknown_field(reader.position())),
            }
            Ok(())
        })?;
        Ok(selector.map(|_| LabelSelector(requirements)))
    }

    pub fn matches(&self, labels: &Labels) -> Result<bool, Problem> {
        for requirement in &self.0 {
            if !requirement.holds(labels.get(&requirement.key)?.as_deref()) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl<'a> Requirement<'a> {
    /// Reads an item of `matchExpressions`; `None` for one whose problems are reported.
    fn read(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Option<Self>, Problem> {
        let at = reader.position();
        let (mut key, mut operator) = (None, None);
        let mut values = Vec::new();
        let known = problems.len();
        reader.checked_object(problems, |reader, field, problems| {
            let at = reader.position();
            match field {
                "key" => key = Some(label_key(reader.string()?.unwrap_or_default(), at)?),
                "operator" => operator = Some(Operator::read(reader)?),
                "values" => {
                    reader.checked_array(problems, |reader, _| {
                        values.push(label_value(reader)?);
                        Ok(())
                    })?;
                }
                _ => return Err(Problem::unknown_field(at)),
            }
            Ok(())
        })?;
        if problems.len() > known {
            return Ok(None);
        }
        match (key, operator) {
            (Some(_), Some(Operator::In | Operator::NotIn)) if values.is_empty() => {
                Err(Problem::new(at, "must have values, which In and NotIn compare with"))
            }
            (Some(_), Some(Operator::Exists | Operator::DoesNotExist)) if !values.is_empty() => Err(Problem::new(
                at,
                "must have no values, as Exists and DoesNotExist compare with none",
            )),
            (Some(key), Some(operator)) => Ok(Some(Requirement { key, operator, values })),
            _ => Err(Problem::new(at, "must have a key and an operator")),
        }
    }

    fn holds(&self, label: Option<&str>) -> bool {
        let among = || self.values.iter().any(|value| label == Some(value));
        match self.operator {
            Operator::In => among(),
            Operator::NotIn => !among(),
            Operator::Exists => label.is_some(),
            Operator::DoesNotExist => label.is_none(),
        }
    }
}

impl Operator {
    fn read(reader: &mut Reader) -> Result<Self, Problem> {
        let at = reader.position();
        match reader.string()?.as_deref() {
            Some("In") => Ok(Operator::In),
            Some("NotIn") => Ok(Operator::NotIn),
            Some("Exists") => Ok(Operator::Exists),
            Some("DoesNotExist") => Ok(Operator::DoesNotExist),
            _ => Err(Problem::new(at, "must be In, NotIn, Exists or DoesNotExist")),
        }
    }
}

/// A label's key: a name of up to 63 characters, with a DNS name and a slash in front or not.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set>
pub fn label_key(key: Cow<str>, at: usize) -> Result<Cow<str>, Problem> {
    let (prefix, name) = key.split_once('/').unwrap_or(("a", &key));
    if is_dns_name(prefix) && !name.is_empty() && is_label_text(name) {
        Ok(key)
    } else {
        Err(Problem::new(
            at,
            "is of no label's form; write a key such as app or example.com/app",
        ))
    }
}

/// A label's value: up to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at its ends; or nothing.
pub fn label_value<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, str>, Problem> {
    let at = reader.position();
    let fault = "must be a label's value: up to 63 letters, digits, -, _ and ., with a letter or digit at its ends";
    reader
        .string()?
        .filter(|value| is_label_text(value))
        .ok_or_else(|| Problem::new(at, fault))
}

fn is_label_text(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    bytes.len() <= 63
        && ends.into_iter().flatten().all(u8::is_ascii_alphanumeric)
        && bytes
            .iter()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.'))
}
