//! What changes in an object, container by container.

use serde_json::Value;

use crate::pod;

/// What changes in a container, or in the pod around its containers.
pub struct Change {
    /// The container's name, or `pod`.
    pub place: String,
    /// `+ added`, `~ changed` or `- removed`, each with names. Empty if nothing changes.
    pub lines: Vec<String>,
}

const CONTAINER_LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// What changes from an object to another state of it.
pub fn between(before: &Value, after: &Value) -> Vec<Change> {
    let (Some(before), Some(after)) = (pod::of(before), pod::of(after)) else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    for list in CONTAINER_LISTS {
        let [before, after] = [before, after].map(|pod| items(&pod["spec"][list]));
        for (before, after) in before.iter().zip(after) {
            let mut lines = named(&before["env"], &after["env"], "name", "");
            lines.extend(named(
                &before["volumeMounts"],
                &after["volumeMounts"],
                "mountPath",
                "mount ",
            ));
            if lines.is_empty() && before != after {
                lines.push("~ order of the variables".to_owned());
            }
            let place = after["name"].as_str().unwrap_or("(unnamed)").to_owned();
            changes.push(Change { place, lines });
        }
    }
    let mut lines = named(&before["spec"]["volumes"], &after["spec"]["volumes"], "name", "volume ");
    lines.extend(annotations(
        &before["metadata"]["annotations"],
        &after["metadata"]["annotations"],
    ));
    changes.push(Change {
        place: "pod".to_owned(),
        lines,
    });
    changes
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

/// The items of a list by the name that they have in `key`.
fn named(before: &Value, after: &Value, key: &str, kind: &str) -> Vec<String> {
    let [before, after] = [before, after].map(|list| {
        let items = items(list).iter().filter_map(|item| Some((item[key].as_str()?, item)));
        items.collect::<Vec<_>>()
    });
    lines(&before, &after, kind)
}

fn annotations(before: &Value, after: &Value) -> Vec<String> {
    let [before, after] = [before, after].map(|annotations| {
        let members = annotations.as_object().into_iter().flatten();
        members.map(|(key, value)| (key.as_str(), value)).collect::<Vec<_>>()
    });
    lines(&before, &after, "annotation ")
}

fn lines(before: &[(&str, &Value)], after: &[(&str, &Value)], kind: &str) -> Vec<String> {
    let find = |items: &[(&str, &'_ Value)], name: &str| items.iter().rposition(|(other, _)| *other == name);
    let added: Vec<&str> = after
        .iter()
        .filter(|(name, _)| find(before, name).is_none())
        .map(|(name, _)| *name)
        .collect();
    let removed: Vec<&str> = before
        .iter()
        .filter(|(name, _)| find(after, name).is_none())
        .map(|(name, _)| *name)
        .collect();
    let mut lines = Vec::new();
    if !added.is_empty() {
        lines.push(format!("+ {kind}{}", added.join(", ")));
    }
    for (name, value) in after {
        if let Some(index) = find(before, name)
            && before[index].1 != *value
        {
            lines.push(format!("~ {kind}{name}{}", difference(before[index].1, value)));
        }
    }
    if !removed.is_empty() {
        lines.push(format!("- {kind}{}", removed.join(", ")));
    }
    lines
}

/// How many entries a list of a variable has more or less; nothing for other values.
fn difference(before: &Value, after: &Value) -> String {
    let is_list = after["name"]
        .as_str()
        .is_some_and(|name| name.eq_ignore_ascii_case("NO_PROXY"));
    let (Some(before), Some(after)) = (before["value"].as_str(), after["value"].as_str()) else {
        return String::new();
    };
    let entries = |list: &str| list.split(',').filter(|entry| !entry.trim().is_empty()).count();
    match (entries(before), entries(after)) {
        (before, after) if is_list && after > before => format!(": {} entries more", after - before),
        (before, after) if is_list && after < before => format!(": {} entries fewer", before - after),
        _ => String::new(),
    }
}
