//! Runs the scenarios in `scenarios/`, natively and on the module.

use admission::{Answer, SettingsAnswer, payload};
use e2e_tests::both::{self, patch};
use e2e_tests::scenarios::{self, Scenario};
use serde_json::{Value, json};

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
    let mut failures = Vec::new();
    let mut count = 0;
    for (name, scenario) in scenarios::all() {
        count += 1;
        if let Err(difference) = run(call, scenario) {
            failures.push(format!("{name}: {difference}"));
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

fn run(call: fn(&str, &[u8]) -> Vec<u8>, scenario: Scenario) -> Result<(), String> {
    let verdict = call("validate_settings", scenario.settings.to_string().as_bytes());
    let verdict: SettingsAnswer = serde_json::from_slice(&verdict).unwrap();
    let problems = verdict.message.unwrap_or_default();
    same("settings", &json!(problems), &json!(scenario.invalid.join("\n")))?;
    let Some(request) = scenario.request() else {
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
        let record: Vec<String> = record.lines().map(without_config).collect();
        same("record", &json!(record), &json!(lines))?;
    }
    let rejected = (!answer.accepted).then(|| json!({"code": answer.code, "message": answer.message}));
    same("rejected", &json!(rejected), &json!(scenario.rejected))?;
    same("patch", &json!(patch(&answer, &request)), &json!(scenario.patch))?;
    same("warnings", &json!(answer.warnings), &json!(scenario.warnings))
}

/// A line of a record without the digest of the configuration.
fn without_config(line: &str) -> String {
    let parts = line.split(' ').filter(|part| !part.starts_with("config="));
    parts.collect::<Vec<_>>().join(" ")
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
