//! Reports on clusters, from the input to what they say.

mod cluster;
mod destinations;
mod input;
mod ipv6;
mod judgement;

use explain::input::Source;
use serde_json::{Value, json};
use survey::{Dump, Report, survey};

fn source(settings: &Value) -> Source {
    Source::find("settings.json", &documents::parse(&settings.to_string()).unwrap(), None).unwrap()
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
