//! Schemas of the kinds of values that fields have. `null` is a field that is omitted, so all of them take it.

use serde_json::{Map, Value, json};

use crate::Field;

pub(crate) fn text() -> Value {
    json!({"type": ["string", "null"]})
}

/// A text with this form. The pattern uses what ECMAScript and RE2 have in common, since editors have the one and Helm the other.
pub(crate) fn text_like(pattern: &str) -> Value {
    json!({"type": ["string", "null"], "pattern": pattern})
}

pub(crate) fn boolean() -> Value {
    json!({"type": ["boolean", "null"]})
}

pub(crate) fn integer(least: u32, most: u32) -> Value {
    json!({"type": ["integer", "null"], "minimum": least, "maximum": most})
}

/// One of these values.
pub(crate) fn choice<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Value {
    let mut values: Vec<Value> = values.into_iter().map(Into::into).collect();
    values.push(Value::Null);
    json!({"enum": values})
}

pub(crate) fn list(items: Value) -> Value {
    json!({"type": ["array", "null"], "items": items})
}

/// An object with these members alone.
pub(crate) fn object(members: &[Field]) -> Value {
    let properties: Map<String, Value> = members
        .iter()
        .map(|member| (member.name.to_owned(), member.schema()))
        .collect();
    let required: Vec<&str> = members
        .iter()
        .filter(|member| member.required)
        .map(|member| member.name)
        .collect();
    let mut schema = json!({"type": ["object", "null"], "properties": properties, "additionalProperties": false});
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

/// An object of which one member at least is set.
pub(crate) fn one_of(members: &[Field]) -> Value {
    let mut schema = object(members);
    schema["minProperties"] = 1.into();
    schema
}

/// Two members, each of a type, of which only one may be set.
pub(crate) fn not_both(one: (&str, &str), other: (&str, &str)) -> Value {
    let ((one, one_type), (other, other_type)) = (one, other);
    json!({
        "$comment": format!("Only one of {one} and {other} may be set."),
        "not": {
            // Of anything but an object, the others say nothing.
            "type": "object",
            "required": [one, other],
            "properties": {one: {"type": one_type}, other: {"type": other_type}},
        },
    })
}
