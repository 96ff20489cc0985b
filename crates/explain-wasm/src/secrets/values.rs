//! Secrets in the values of a document.

use documents::Document;
use serde_json::{Map, Value};

use super::Kind;
use super::base64;
use super::names;
use super::text;

/// How deep documents are looked for in the strings of documents: `kubectl apply` writes one into an annotation.
const DEPTH: usize = 3;

/// Adds the lines that may hold a secret.
pub fn in_document(document: &Document, found: &mut Vec<(usize, Kind)>) {
    let mut paths = Vec::new();
    let mut walk = Walk {
        paths: &mut paths,
        depth: 0,
    };
    walk.value(&document.value, "", "");
    found.extend(paths.into_iter().map(|(path, kind)| (document.line_of(&path), kind)));
}

struct Walk<'f> {
    /// The paths of what was found.
    paths: &'f mut Vec<(String, Kind)>,
    /// How many documents this one is in.
    depth: usize,
}

impl Walk<'_> {
    /// `name` is what the value is called: its key, or that of the list that it is in.
    fn value(&mut self, value: &Value, path: &str, name: &str) {
        match value {
            Value::Object(fields) => self.object(fields, path, name),
            Value::Array(items) => self.list(items, path, name),
            Value::String(text) => self.string(text, path, name),
            Value::Number(number) if names::is_secret(name) && number.as_f64() != Some(0.0) => {
                self.add(path, Kind::Named);
            }
            _ => {}
        }
    }

    fn add(&mut self, path: &str, kind: Kind) {
        self.paths.push((path.to_owned(), kind));
    }

    fn object(&mut self, fields: &Map<String, Value>, path: &str, name: &str) {
        let separator = if path.is_empty() { "" } else { "." };
        // A JSON Web Key with its private part.
        if fields.contains_key("kty") && (fields.contains_key("d") || fields.contains_key("k")) {
            self.add(&format!("{path}{separator}kty"), Kind::PrivateKey);
        }
        if is_secret(fields, path) {
            self.add(&format!("{path}{separator}kind"), Kind::Object);
        }
        // A variable: its name is a value.
        let variable = fields.get("name").or_else(|| fields.get("key")).and_then(Value::as_str);
        for (key, value) in fields {
            if let Some(kind) = text::in_value(key) {
                self.add(&format!("{path}{separator}{key}"), kind);
            }
            let of_value = variable.unwrap_or(name);
            let name = if key == "value" && !of_value.is_empty() {
                of_value
            } else {
                key
            };
            // References and projections name things. What is in a list of them is none.
            let is_list = value.as_array().is_some_and(|items| items.iter().all(Value::is_object));
            let name = if is_list { "" } else { name };
            self.value(value, &format!("{path}{separator}{key}"), name);
        }
    }

    fn list(&mut self, items: &[Value], path: &str, name: &str) {
        for (index, item) in items.iter().enumerate() {
            self.value(item, &format!("{path}[{index}]"), name);
        }
        // An option and its value are two items of a command.
        let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
        for (index, pair) in words.windows(2).enumerate() {
            let command = format!("{} {}", pair[0], pair[1]);
            if pair[0].starts_with('-') && text::in_value(pair[1]).is_none() && text::in_value(&command).is_some() {
                self.add(&format!("{path}[{}]", index + 1), Kind::Credentials);
            }
        }
    }

    fn string(&mut self, value: &str, path: &str, name: &str) {
        if names::is_secret(name) && !names::is_harmless(value) {
            self.add(path, Kind::Named);
        }
        if names::is_proxy(name) && value.replace("%40", "@").contains('@') {
            self.add(path, Kind::UserInfo);
        }
        if let Some(kind) = text::in_value(value) {
            self.add(path, kind);
        }
        let decoded = base64::decode(value).and_then(|bytes| String::from_utf8(bytes).ok());
        for text in [Some(value), decoded.as_deref()].into_iter().flatten() {
            if let Some(kind) = self.in_inner_document(text) {
                self.add(path, kind);
            }
        }
    }

    /// What may be secret in a document within a string.
    fn in_inner_document(&self, text: &str) -> Option<Kind> {
        let is_document = text.contains(": ") || text.contains(":\n") || text.trim_start().starts_with(['{', '[']);
        if !is_document || self.depth == DEPTH {
            return None;
        }
        let mut inner = Vec::new();
        for document in documents::parse(text).unwrap_or_default() {
            let mut walk = Walk {
                paths: &mut inner,
                depth: self.depth + 1,
            };
            walk.value(&document.value, "", "");
        }
        inner.first().map(|(_, kind)| *kind)
    }
}

/// Whether an object is a Secret, or a list of them. A reference to one has a kind and a name.
fn is_secret(fields: &Map<String, Value>, path: &str) -> bool {
    let kind = fields.get("kind").and_then(Value::as_str).unwrap_or_default().trim();
    let is_named = ["Secret", "SecretList"]
        .iter()
        .any(|secret| secret.eq_ignore_ascii_case(kind));
    is_named
        && (path.is_empty()
            || ["data", "stringData", "items"]
                .iter()
                .any(|field| fields.contains_key(*field)))
}
