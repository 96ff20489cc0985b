//! The scenarios in `scenarios/`: settings, an object or a request, and what comes of it.
//!
//! ```yaml
//! # What holds, in a sentence.
//! - settings: {httpProxy: …}
//!   object: {…}              # announced as created; or `request`, an AdmissionRequest
//!   patch: […]               # the JSON patch that the API server gets, the record aside; none if omitted
//!   record: […]              # the lines of the record that the pod has then, without config=…; not looked at if omitted
//!   warnings: […]            # none if omitted
//!   rejected: {code: 400, message: …}
//!   invalid: […]             # what validate_settings finds, in order
//! ```
//!
//! `<pem root.pem>` in a text stands for that file of `certificates/`, `<base64 root.pem>` for its base64.

use std::path::{Path, PathBuf};

use admission::create_request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

/// One scenario.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub settings: Value,
    #[serde(default)]
    pub object: Option<Value>,
    #[serde(default)]
    pub request: Option<Value>,
    #[serde(default)]
    pub patch: Vec<Value>,
    #[serde(default)]
    pub record: Option<Vec<String>>,
    #[serde(default)]
    pub warnings: Vec<String>,
    #[serde(default)]
    pub rejected: Option<Value>,
    #[serde(default)]
    pub invalid: Vec<String>,
}

impl Scenario {
    /// The request; `None` if only the settings are checked.
    pub fn request(&self) -> Option<Value> {
        let created = || self.object.as_ref().map(|object| create_request(object).unwrap());
        self.request.clone().or_else(created)
    }
}

/// All scenarios, each with its file and its place there.
///
/// # Panics
/// A file cannot be read, or is not of that form.
pub fn all() -> Vec<(String, Scenario)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut scenarios = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let documents = documents::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (index, mut document) in documents::values(documents).into_iter().enumerate() {
            put_in_certificates(&mut document);
            let name = format!("{name}[{index}]");
            let scenario = serde_json::from_value(document).unwrap_or_else(|error| panic!("{name}: {error}"));
            scenarios.push((name, scenario));
        }
    }
    scenarios
}

fn put_in_certificates(value: &mut Value) {
    match value {
        Value::String(text) => {
            while let Some((before, (form, (file, after)))) = text
                .split_once('<')
                .and_then(|(before, rest)| Some((before, rest.split_once(' ')?)))
                .and_then(|(before, (form, rest))| Some((before, (form, rest.split_once('>')?))))
            {
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("certificates").join(file);
                let pem = std::fs::read(path).unwrap_or_else(|error| panic!("{file}: {error}"));
                let content = match form {
                    "pem" => String::from_utf8(pem).unwrap(),
                    "base64" => STANDARD.encode(pem),
                    _ => panic!("{form} is neither pem nor base64"),
                };
                *text = [before, &content, after].concat();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(put_in_certificates),
        Value::Object(members) => members.values_mut().for_each(put_in_certificates),
        _ => {}
    }
}
