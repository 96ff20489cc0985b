//! An entry of the table.

use serde_json::Value;

/// A field of the settings, or a member of one that is an object.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: &'static str,
    /// What it is for, in a sentence or two.
    pub description: &'static str,
    /// Its value if it is omitted; `None` if that depends on other fields, or if nothing takes its place.
    pub default: Option<Value>,
    /// Values that the policy accepts.
    pub examples: Vec<Value>,
    /// Whether profiles also have it.
    pub in_profiles: bool,
    /// Whether its object must have it.
    pub required: bool,
    /// The schema of its values, without all of this.
    shape: Value,
}

impl Field {
    pub(crate) fn new(name: &'static str, shape: Value, description: &'static str) -> Self {
        Field {
            name,
            description,
            default: None,
            examples: Vec::new(),
            in_profiles: false,
            required: false,
            shape,
        }
    }

    pub(crate) fn default(self, default: Value) -> Self {
        Field {
            default: Some(default),
            ..self
        }
    }

    pub(crate) fn example(mut self, example: Value) -> Self {
        self.examples.push(example);
        self
    }

    pub(crate) fn in_profiles(self) -> Self {
        Field {
            in_profiles: true,
            ..self
        }
    }

    pub(crate) fn required(self) -> Self {
        Field { required: true, ..self }
    }

    /// The schema of its values.
    pub fn schema(&self) -> Value {
        let mut schema = self.shape.clone();
        schema["description"] = self.description.into();
        if let Some(default) = &self.default {
            schema["default"] = default.clone();
        }
        if !self.examples.is_empty() {
            schema["examples"] = self.examples.clone().into();
        }
        schema
    }
}
