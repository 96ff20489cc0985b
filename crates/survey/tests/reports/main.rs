//! Reports on clusters, from the input to what they say.

mod assumed;
mod cluster;
mod containers;
mod counts;
mod destinations;
mod input;
mod ipv6;
mod judgement;
mod owners;
mod references;
mod rendered;
mod unknown;
mod ways;
mod whole;

use explain::input::Source;
use serde_json::{Value, json};
use survey::{Dump, Report, survey};

fn source(settings: &Value) -> Source {
    Source::find("settings.json", &documents::parse(&settings.to_string()).unwrap(), None).unwrap()
}

/// A policy manifest whose `spec` has these fields too.
fn policy(settings: &Value, fields: &Value) -> Source {
    let mut manifest = json!({"apiVersion": "policies.kubewarden.io/v1", "kind": "ClusterAdmissionPolicy", "metadata": {"name": "p"},
        "spec": {"mutating": true, "settings": settings, "rules": [
            {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}]}});
    let spec = manifest["spec"].as_object_mut().unwrap();
    spec.extend(fields.as_object().unwrap().clone());
    Source::find("policy.json", &documents::parse(&manifest.to_string()).unwrap(), None).unwrap()
}

/// Objects as a list, for a survey of this policy.
fn survey_of(source: &Source, objects: &[Value]) -> Report {
    let mut dump = Dump::for_policy(source);
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    dump.read("dump.json", list.to_string().as_bytes(), &mut |_| {})
        .unwrap();
    survey(source, &dump).unwrap()
}

fn read(text: &str) -> Dump {
    let mut dump = Dump::default();
    dump.read("dump.json", text.as_bytes(), &mut |_| {}).unwrap();
    dump
}

fn report_on(settings: &Value, objects: &[Value]) -> Report {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    survey(&source(settings), &read(&list.to_string())).unwrap()
}
