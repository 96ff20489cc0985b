//! The documents in a list: the items of a Kubernetes `List`, of a list of a kind (`PodList`), and of an array.

use serde_json::Value;

use crate::lines::Lines;

/// A document: its value, its path in what it was found in, and its place.
pub type Found = (Value, String, Lines);

/// Adds the documents of a value.
pub fn split(value: Value, path: String, lines: Lines, found: &mut Vec<Found>) {
    match value {
        Value::Null => {}
        Value::Array(items) => {
            for (index, (item, lines)) in items.into_iter().zip(lines.items()).enumerate() {
                split(item, format!("{path}[{index}]"), lines, found);
            }
        }
        Value::Object(ref fields) if item_kind(&value).is_some() && fields["items"].is_array() => {
            split_list(value, &path, &lines, found);
        }
        value => found.push((value, path, lines)),
    }
}

/// The kind that the items of a list have; empty for a `List`, whose items say so themselves.
fn item_kind(value: &Value) -> Option<&str> {
    value.get("items")?;
    value["apiVersion"].as_str()?;
    value["kind"].as_str()?.strip_suffix("List")
}

fn split_list(mut list: Value, path: &str, lines: &Lines, found: &mut Vec<Found>) {
    let kind = item_kind(&list).unwrap_or_default().to_owned();
    let version = list["apiVersion"].clone();
    let places = lines.field("items").map(|lines| lines.items()).unwrap_or_default();
    let Value::Array(items) = list["items"].take() else {
        return;
    };
    let separator = if path.is_empty() { "" } else { "." };
    for (index, (mut item, lines)) in items.into_iter().zip(places).enumerate() {
        // The API server leaves kind and apiVersion out of the items of a PodList.
        if let Some(fields) = item.as_object_mut()
            && !kind.is_empty()
            && !fields.contains_key("kind")
        {
            fields.insert("kind".to_owned(), kind.clone().into());
            fields.insert("apiVersion".to_owned(), version.clone());
        }
        split(item, format!("{path}{separator}items[{index}]"), lines, found);
    }
}
