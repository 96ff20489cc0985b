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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_with_an_object_is_said() {
        let owners = Some("metadata.ownerReferences must be a list with kinds and names");
        let labels = Some("metadata.labels must have strings as values");
        for (object, expected) in [
            (json!({}), None),
            (
                json!({"kind": "Pod", "metadata": {"name": "a", "namespace": "b"}}),
                None,
            ),
            (
                json!({"kind": null, "metadata": {"name": null, "labels": null, "ownerReferences": null}}),
                None,
            ),
            (json!({"kind": 1}), Some("kind must be a string")),
            (json!({"metadata": null}), Some("metadata must be an object")),
            (json!({"metadata": "a"}), Some("metadata must be an object")),
            (json!({"metadata": {"name": 1}}), Some("metadata.name must be a string")),
            (
                json!({"metadata": {"namespace": []}}),
                Some("metadata.namespace must be a string"),
            ),
            (json!({"metadata": {"labels": {"a": "b"}}}), None),
            (json!({"metadata": {"labels": {"a": "b", "c": 1}}}), labels),
            (json!({"metadata": {"labels": ["a"]}}), labels),
            (json!({"metadata": {"ownerReferences": []}}), None),
            (
                json!({"metadata": {"ownerReferences": [{"kind": "a", "name": "b"}]}}),
                None,
            ),
            (json!({"metadata": {"ownerReferences": {}}}), owners),
            (json!({"metadata": {"ownerReferences": [{"kind": "a"}]}}), owners),
            (json!({"metadata": {"ownerReferences": [{"name": "b"}]}}), owners),
            (
                json!({"metadata": {"ownerReferences": [{"kind": "a", "name": "b"}, 1]}}),
                owners,
            ),
        ] {
            assert_eq!(fault(&object).as_deref(), expected, "{object}");
            let described = described(&object.to_string());
            assert_eq!(described, expected.unwrap_or("not a Kubernetes object"), "{object}");
        }
        assert_eq!(described("{\"kind\": 1e999}"), UNREADABLE);
    }

    #[test]
    fn of_odd_objects_the_first_is_said_and_the_others_are_counted() {
        let sentence = |count: usize| {
            let mut odd = Odd::default();
            (1..=count).for_each(|line| odd.add(line, "it is odd"));
            odd.sentence("a.json")
        };
        assert_eq!(sentence(0), None);
        for (count, expected) in [
            (1, "a.json: line 1: it is odd; this object was not read"),
            (2, "a.json: line 1: it is odd; this object and 1 more were not read"),
            (5, "a.json: line 1: it is odd; this object and 4 more were not read"),
        ] {
            assert_eq!(sentence(count).as_deref(), Some(expected));
        }
    }
}
