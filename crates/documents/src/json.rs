//! JSON documents, one after the other.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::{Error, Kind};
use crate::lines::{Lines, Text};

/// Whether a text can only be JSON, or YAML's flow style.
pub fn is_likely(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// The documents of a text.
pub fn documents(text: &Arc<Text>) -> Result<Vec<(Value, Lines)>, Error> {
    let mut documents = Vec::new();
    for raw in serde_json::Deserializer::from_str(text.text()).into_iter::<&RawValue>() {
        let raw = raw.map_err(|error| located(&error, (1, 0)))?;
        let range = text.range(raw.get());
        let Strict(value) = serde_json::from_str(raw.get()).map_err(|error| {
            let line = text.line(range.start);
            let before = &text.text()[..range.start];
            let column = before.len() - before.rfind('\n').map_or(0, |index| index + 1);
            located(&error, (line, if error.line() == 1 { column } else { 0 }))
        })?;
        documents.push((value, Lines::Json(Arc::clone(text), range)));
    }
    Ok(documents)
}

/// Whether an error is that of a comment, as templates of Azure have them.
pub fn is_at_comment(text: &str, error: &Error) -> bool {
    let Some((line, column)) = error.place else {
        return false;
    };
    let line = text.lines().nth(line - 1).unwrap_or_default();
    let start = line.as_bytes().get(column - 1..).unwrap_or_default();
    start.starts_with(b"//") || start.starts_with(b"/*")
}

/// An error of a part that begins at this line (from 1) and column (from 0).
fn located(error: &serde_json::Error, (line, column): (usize, usize)) -> Error {
    let kind = match error.classify() {
        Category::Data => Kind::DuplicateKey,
        _ => Kind::Syntax,
    };
    Error::at((line + error.line() - 1, (column + error.column()).max(1)), kind)
}

/// A value in which no object has a key twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if fields.contains_key(&key) {
                return Err(A::Error::custom("a key twice"));
            }
            let Strict(value) = entries.next_value()?;
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }
}
