//! JSON in failing tests.

use std::fmt;
use std::ops::Deref;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::Value;

/// A JSON value that a failing test shows in one line, long texts shortened.
#[derive(Clone, PartialEq)]
pub struct Json(pub Value);

impl Deref for Json {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn shorten(value: &mut Value) {
            match value {
                Value::String(text) if text.len() > 400 => *text = format!("… {} bytes", text.len()),
                Value::Array(items) => items.iter_mut().for_each(shorten),
                Value::Object(members) => members.values_mut().for_each(shorten),
                _ => {}
            }
        }
        let mut value = self.0.clone();
        shorten(&mut value);
        write!(f, "{value}")
    }
}

/// Fails where the two differ.
pub fn same(actual: Value, expected: Value) -> Result<(), TestCaseError> {
    prop_assert_eq!(Json(actual), Json(expected));
    Ok(())
}
