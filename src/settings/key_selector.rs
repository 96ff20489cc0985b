//! Reads a key of a Secret or a ConfigMap.

use std::borrow::Cow;

use crate::json::{Field, Problem, Reader};
use crate::kubernetes::{KeySelector, is_config_map_key};
use crate::values::is_dns_subdomain;

/// Reads `{name, key, optional?}` of an `object`: `Secret` or `ConfigMap`.
pub(super) fn read_key_selector<'a>(
    reader: &mut Reader<'a>,
    problems: &mut Vec<Problem>,
    object: &str,
) -> Result<Option<KeySelector<'a>>, Problem> {
    let at = reader.position();
    let (mut name, mut key, mut optional) = (Field::Absent, Field::Absent, Field::Absent);
    let selector = reader.checked_object(problems, |reader, field, problems| {
        match field {
            "name" => name = reader.field(problems, |reader, _| object_name(reader, object))?,
            "key" => key = reader.field(problems, |reader, _| object_key(reader, object))?,
            "optional" => optional = reader.field(problems, |reader, _| reader.boolean())?,
            _ => {
                let known = ["name", "key", "optional"];
                return Err(Problem::unknown_field(reader.position(), field, &known));
            }
        }
        Ok(())
    })?;
    if selector.is_none() {
        return Ok(None);
    }
    for (field, what) in [(&name, "name"), (&key, "key")] {
        if field.is_absent() {
            problems.push(Problem::new(at, format!("must have the {what} of a {object}")));
        }
    }
    Ok(match (name.value(), key.value()) {
        (Some(name), Some(key)) => Some(KeySelector {
            name,
            key,
            optional: optional.value(),
        }),
        // A problem has been reported, so these settings are not used.
        _ => Some(KeySelector {
            name: Cow::Borrowed(""),
            key: Cow::Borrowed(""),
            optional: None,
        }),
    })
}

fn object_name<'a>(reader: &mut Reader<'a>, object: &str) -> Result<Option<Cow<'a, str>>, Problem> {
    let at = reader.position();
    let reason = format!("must be the name of a {object}: lower-case letters, digits, - and ., at most 253 characters");
    checked(reader.string()?, is_dns_subdomain, at, reason)
}

fn object_key<'a>(reader: &mut Reader<'a>, object: &str) -> Result<Option<Cow<'a, str>>, Problem> {
    let at = reader.position();
    let reason = format!(
        "must be a key of a {object}: letters, digits, -, _ and ., at most 253 characters; it must not be . or begin with .."
    );
    checked(reader.string()?, is_config_map_key, at, reason)
}

fn checked<'a>(
    text: Option<Cow<'a, str>>,
    is_valid: impl Fn(&str) -> bool,
    at: usize,
    reason: String,
) -> Result<Option<Cow<'a, str>>, Problem> {
    match text {
        Some(text) if !is_valid(&text) => Err(Problem::new(at, reason)),
        text => Ok(text),
    }
}
