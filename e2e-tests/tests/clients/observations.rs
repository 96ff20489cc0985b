//! The files of crates/clients: the rules of each client, and each single observation.

use anyhow::Result;
use clients::{Client, Way};
use serde_json::{Value, json};

use crate::destination::INSIDE;
use crate::no_proxy::{Lists, Taken};
use crate::page;

/// Updates both files; in CI they are to be as they are.
pub fn publish(measured: &[Client], lists: &Lists, taken: &Taken) -> Result<()> {
    page::publish_data("measured.json", &(serde_json::to_string_pretty(measured)? + "\n"))?;
    let lists: Vec<String> = lists.iter().map(|list| list_of(list, taken)).collect();
    page::publish_data("measurements.json", &format!("[\n{}\n]\n", lists.join(",\n")))
}

/// A line for each destination, so that a change is seen in a line.
fn list_of((no_proxy, destinations): &(String, Vec<&crate::destination::Destination>), taken: &Taken) -> String {
    let cells: Vec<String> = destinations
        .iter()
        .map(|destination| {
            let took = |way: Way| -> Vec<&str> {
                let rows = taken
                    .iter()
                    .filter(|((url, _), taken)| *url == destination.url && **taken == way);
                rows.map(|((_, client), _)| *client).collect()
            };
            let mut cell = json!({"url": destination.url});
            if destination.url.contains(INSIDE.0) {
                cell["addresses"] = json!([INSIDE.1]);
            }
            for (name, way) in [("direct", Way::Direct), ("proxy", Way::Proxy), ("fails", Way::Fails)] {
                let clients = took(way);
                if !clients.is_empty() {
                    cell[name] = json!(clients);
                }
            }
            format!("    {cell}")
        })
        .collect();
    format!(
        "  {{\"noProxy\": {}, \"cells\": [\n{}\n  ]}}",
        Value::from(no_proxy.as_str()),
        cells.join(",\n")
    )
}
