//! What changes in an object, part by part: containers, volumes, annotations, and the policy's record at the end.

use explain::agreement::CONTAINER_LISTS;
use explain::text::diff::changed_lines;
use explain::workload::pod_in;
use http_proxy_policy::companion::{INJECTED, TRUSTED_CA};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The annotations that the policy keeps for itself: what it set, and the bundle that it mounts.
const RECORD: [&str; 2] = [INJECTED, TRUSTED_CA];

/// A part of an object in which something changes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// `container app`, `init container migrate`, `volumes`, `annotations`, `record`.
    pub title: String,
    pub added: usize,
    pub removed: usize,
    /// Groups of lines, each line with its sign in front: `+`, `-` or a space. Between groups are lines that do not change.
    pub groups: Vec<Vec<String>>,
}

/// The parts of a pod, or of the template of a workload.
pub fn of(before: &Value, after: &Value) -> Vec<Part> {
    let (Some(before), Some(after)) = (pod_in(before), pod_in(after)) else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    // Containers before the init containers, which are rarely what someone looks for.
    for (list, kind) in [CONTAINER_LISTS[1], CONTAINER_LISTS[0], CONTAINER_LISTS[2]] {
        let items = |pod: &Value| pod["spec"][list].as_array().cloned().unwrap_or_default();
        for (old, new) in items(before).iter().zip(items(after)) {
            let name = old["name"].as_str().unwrap_or("(unnamed)");
            let title = match kind {
                "initContainer" => format!("init container {name}"),
                "ephemeralContainer" => format!("ephemeral container {name}"),
                _ => format!("container {name}"),
            };
            add(&mut parts, title, old, &new);
        }
    }
    let volumes = |pod: &Value| field("volumes", pod["spec"]["volumes"].clone());
    add(&mut parts, "volumes".to_owned(), &volumes(before), &volumes(after));
    for (title, is_record) in [("annotations", false), ("record", true)] {
        let [old, new] = [before, after].map(|pod| field("annotations", annotations(pod, is_record)));
        add(&mut parts, title.to_owned(), &old, &new);
    }
    parts
}

fn annotations(pod: &Value, is_record: bool) -> Value {
    let all = pod["metadata"]["annotations"].as_object().into_iter().flatten();
    let wanted = all.filter(|(key, _)| RECORD.contains(&key.as_str()) == is_record);
    let wanted: Map<String, Value> = wanted.map(|(key, value)| (key.clone(), value.clone())).collect();
    if wanted.is_empty() {
        Value::Null
    } else {
        Value::Object(wanted)
    }
}

/// An object with one field, or with none where the value is null.
fn field(name: &str, value: Value) -> Value {
    if value.is_null() {
        json!({})
    } else {
        json!({ name: value })
    }
}

fn add(parts: &mut Vec<Part>, title: String, before: &Value, after: &Value) {
    if before == after {
        return;
    }
    let groups = changed_lines(before, after);
    let count = |sign: char| groups.iter().flatten().filter(|(of_line, _)| *of_line == sign).count();
    parts.push(Part {
        title,
        added: count('+'),
        removed: count('-'),
        groups: groups
            .iter()
            .map(|group| group.iter().map(|(sign, line)| format!("{sign}{line}")).collect())
            .collect(),
    });
}
