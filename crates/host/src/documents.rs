//! Reads what users have: YAML or JSON, several documents in a file, standard input.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

/// Reads all documents of a file, or of standard input if `path` is `-`. A Kubernetes `List` counts as its items.
pub fn read(path: &str) -> Result<Vec<Value>> {
    let name = if path == "-" { "standard input" } else { path };
    let text = match path {
        "-" => std::io::read_to_string(std::io::stdin()),
        path => std::fs::read_to_string(path),
    };
    let text = text.with_context(|| format!("{name} cannot be read"))?;
    let documents = parse(&text).with_context(|| format!("{name} is neither YAML nor JSON"))?;
    if documents.is_empty() {
        bail!("{name} is empty");
    }
    Ok(documents)
}

/// Parses all documents of a text; JSON is YAML.
pub fn parse(text: &str) -> Result<Vec<Value>> {
    let mut documents = Vec::new();
    for document in serde_yaml_ng::Deserializer::from_str(text) {
        match Value::deserialize(document)? {
            Value::Null => {}
            mut list if list["kind"] == "List" => {
                if let Value::Array(items) = list["items"].take() {
                    documents.extend(items);
                }
            }
            document => documents.push(document),
        }
    }
    Ok(documents)
}
