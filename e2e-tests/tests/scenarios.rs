//! Runs the scenarios in `scenarios/`, natively and on the module: settings, an object or a request, and what comes of it.
//!
//! ```yaml
//! # What holds, in a sentence.
//! - settings: {httpProxy: …}
//!   object: {…}              # announced as created; or `request`, an AdmissionRequest
//!   patch: […]               # the JSON patch that the API server gets, the record aside; none if left out
//!   record: […]              # the lines of the record that the pod has then; not looked at if left out
//!   warnings: […]            # none if left out
//!   rejected: {code: 400, message: …}
//!   invalid: […]             # what validate_settings finds, in order
//! ```
//!
//! `<pem root.pem>` in a text stands for that file of `certificates/`, `<base64 root.pem>` for its base64.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use admission::{Answer, SettingsAnswer, create_request, payload};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use e2e_tests::both::{self, patch};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    settings: Value,
    #[serde(default)]
    object: Option<Value>,
    #[serde(default)]
    request: Option<Value>,
    #[serde(default)]
    patch: Vec<Value>,
    #[serde(default)]
    record: Option<Vec<String>>,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    rejected: Option<Value>,
    #[serde(default)]
    invalid: Vec<String>,
}

#[test]
fn every_scenario_comes_out_of_the_module_as_written() {
    run_all(both::call_module);
}

#[test]
fn every_scenario_comes_out_natively_as_written() {
    run_all(both::call_native);
}

/// `call` calls a function of the policy.
fn run_all(call: fn(&str, &[u8]) -> Vec<u8>) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut failures = Vec::new();
    let mut count = 0;
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        check_anchors(&name, &text);
        let mut document: Value = serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        put_in_certificates(&mut document);
        let scenarios: Vec<Scenario> =
            serde_json::from_value(document).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (index, scenario) in scenarios.into_iter().enumerate() {
            count += 1;
            if let Err(difference) = run(call, scenario) {
                failures.push(format!("{name}[{index}]: {difference}"));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {count} fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(count > 0);
}

/// Checks that each anchor has its own name: after two of one name, `serde_yaml_ng` takes aliases for other anchors.
fn check_anchors(file: &str, text: &str) {
    let mut names = HashSet::new();
    for word in text.split_whitespace().filter(|word| word.starts_with('&')) {
        assert!(names.insert(word), "{file}: {word} is there twice");
    }
}

fn run(call: fn(&str, &[u8]) -> Vec<u8>, scenario: Scenario) -> Result<(), String> {
    let verdict = call("validate_settings", scenario.settings.to_string().as_bytes());
    let verdict: SettingsAnswer = serde_json::from_slice(&verdict).unwrap();
    let problems = verdict.message.unwrap_or_default();
    same("settings", &json!(problems), &json!(scenario.invalid.join("; ")))?;
    let Some(request) = scenario
        .request
        .or_else(|| scenario.object.map(|object| create_request(&object).unwrap()))
    else {
        return Ok(());
    };
    let payload = payload(&request, &scenario.settings);
    let mut answer: Answer = serde_json::from_slice(&call("validate", &payload)).unwrap();
    let mut request = request;
    let there = take_record(&mut request["object"]);
    let record = match &mut answer.mutated_object {
        Some(mutated) => take_record(mutated),
        None => there,
    };
    if let Some(lines) = scenario.record {
        let record = record.unwrap_or_default();
        same("record", &json!(record.lines().collect::<Vec<_>>()), &json!(lines))?;
    }
    let rejected = (!answer.accepted).then(|| json!({"code": answer.code, "message": answer.message}));
    same("rejected", &json!(rejected), &json!(scenario.rejected))?;
    same("patch", &json!(patch(&answer, &request)), &json!(scenario.patch))?;
    same("warnings", &json!(answer.warnings), &json!(scenario.warnings))
}

fn same(what: &str, actual: &Value, expected: &Value) -> Result<(), String> {
    if actual == expected {
        Ok(())
    } else {
        Err(format!("{what}\n  is       {actual}\n  should be {expected}"))
    }
}

/// Takes the record out of a pod, wherever it is in the object.
fn take_record(value: &mut Value) -> Option<String> {
    let Value::Object(members) = value else {
        return None;
    };
    if let Some(Value::Object(annotations)) = members.get_mut("annotations")
        && let Some(record) = annotations.remove("http-proxy.kubewarden.io/injected")
    {
        if annotations.is_empty() {
            members.remove("annotations");
        }
        return Some(record.as_str().unwrap().to_owned());
    }
    let (key, record) = members
        .iter_mut()
        .find_map(|(key, member)| Some((key.clone(), take_record(member)?)))?;
    if members[&key] == json!({}) {
        members.remove(&key);
    }
    Some(record)
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
