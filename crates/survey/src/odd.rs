//! Objects that are not as Kubernetes writes them. They are skipped, and the report says so.

use serde_json::Value;

/// The objects of a file that were skipped.
#[derive(Default)]
pub(crate) struct Odd {
    first: Option<String>,
    count: usize,
}

impl Odd {
    /// Notes an object, by where it is and what is wrong with it.
    pub(crate) fn add(&mut self, line: usize, what: &str) {
        self.first.get_or_insert_with(|| format!("line {line}: {what}"));
        self.count += 1;
    }

    /// What the report says of them, if there are any.
    pub(crate) fn sentence(self, file: &str) -> Option<String> {
        let first = self.first?;
        Some(match self.count {
            1 => format!("{file}: {first}; this object was not read"),
            count => format!("{file}: {first}; this object and {} more were not read", count - 1),
        })
    }
}

/// What is wrong with an object whose parts are not of the types that Kubernetes has. Nothing of its content is in it.
pub(crate) fn described(raw: &str) -> String {
    let Ok(object) = serde_json::from_str::<Value>(raw) else {
        return UNREADABLE.to_owned();
    };
    fault(&object).unwrap_or_else(|| "not a Kubernetes object".to_owned())
}

/// Of an object that JSON allows, and that no API server accepts.
pub(crate) const UNREADABLE: &str = "it is nested too deeply, or has a number that is too large";

/// What is wrong with the kind or the metadata of an object.
pub(crate) fn fault(object: &Value) -> Option<String> {
    let is_text = |value: &Value| value.is_null() || value.is_string();
    if !is_text(&object["kind"]) {
        return Some("kind must be a string".to_owned());
    }
    let metadata = &object["metadata"];
    if object.get("metadata").is_some() && !metadata.is_object() {
        return Some("metadata must be an object".to_owned());
    }
    for field in ["name", "namespace"] {
        if !is_text(&metadata[field]) {
            return Some(format!("metadata.{field} must be a string"));
        }
    }
    let labels = metadata["labels"].as_object().into_iter().flatten();
    let is_map = metadata["labels"].is_null() || metadata["labels"].is_object();
    if !is_map || labels.into_iter().any(|(_, value)| !value.is_string()) {
        return Some("metadata.labels must have strings as values".to_owned());
    }
    let owners = &metadata["ownerReferences"];
    let is_list = owners.is_null() || owners.is_array();
    let mut owners = owners.as_array().into_iter().flatten();
    let is_whole = |owner: &Value| owner["kind"].is_string() && owner["name"].is_string();
    (!is_list || !owners.all(is_whole))
        .then(|| "metadata.ownerReferences must be a list with kinds and names".to_owned())
}
