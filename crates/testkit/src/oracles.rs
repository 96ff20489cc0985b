//! What must hold of pods before and after the policy.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{CONTAINER_LISTS, VARIABLES};

/// The pod without what is the policy's, wherever it stands; lists and objects that are empty, `null` or not there are
/// the same.
pub fn without_injected(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(without_injected);
            members.remove("http-proxy.kubewarden.io/trusted-ca");
            members.remove("http-proxy.kubewarden.io/injected");
            for key in ["env", "volumeMounts", "volumes"] {
                if let Some(Value::Array(items)) = members.get_mut(key) {
                    items.retain(|item| !is_injected(item));
                }
            }
            let is_empty = |value: &Value| value.is_null() || value == &json!([]) || value == &json!({});
            let parts = ["env", "volumeMounts", "volumes", "annotations", "metadata"];
            members.retain(|key, value| !(is_empty(value) && parts.contains(&key.as_str())));
        }
        Value::Array(items) => items.iter_mut().for_each(without_injected),
        _ => {}
    }
}

fn is_injected(item: &Value) -> bool {
    let name = item["name"].as_str().unwrap_or_default();
    let ca_variable = || {
        item["value"]
            .as_str()
            .unwrap_or_default()
            .contains("/etc/http-proxy/trusted-ca")
    };
    let runtimes = ["JAVA_TOOL_OPTIONS", "NODE_USE_ENV_PROXY"];
    name == "http-proxy-trusted-ca"
        || runtimes.contains(&name)
        || VARIABLES.iter().any(|proxy| proxy.eq_ignore_ascii_case(name))
        || ca_variable()
}

/// All numbers of a text, as they are written.
pub fn numbers(text: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    let mut in_string = false;
    let mut escaped = false;
    let mut number = String::new();
    for c in text.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
        } else if c.is_ascii_digit() || "+-.eE".contains(c) && (!number.is_empty() || c == '-') {
            number.push(c);
        } else {
            in_string = c == '"';
            numbers.extend((!number.is_empty()).then(|| std::mem::take(&mut number)));
        }
    }
    numbers
}

/// A pod as an API server stores it: without what is empty or `null`. The keys of a [`Value`] are sorted anyway.
pub fn stored(mut pod: Value) -> Value {
    drop_empty(&mut pod);
    pod
}

fn drop_empty(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(drop_empty);
            let lists = ["env", "volumeMounts", "volumes"];
            let objects = ["annotations", "metadata"];
            members.retain(|key, value| match &**key {
                "value" => *value != json!("") && !value.is_null(),
                key if lists.contains(&key) => *value != json!([]) && !value.is_null(),
                key if objects.contains(&key) => *value != json!({}) && !value.is_null(),
                _ => true,
            });
        }
        Value::Array(items) => items.iter_mut().for_each(drop_empty),
        _ => {}
    }
}

/// The record of a pod, taken out of it.
pub fn take_record(pod: &mut Value) -> Option<String> {
    let annotations = pod.pointer_mut("/metadata/annotations")?.as_object_mut()?;
    let record = annotations.remove("http-proxy.kubewarden.io/injected")?;
    Some(record.as_str().unwrap().to_owned())
}

/// All containers of a pod.
pub fn containers_mut(pod: &mut Value) -> impl Iterator<Item = &mut Value> {
    let spec = pod["spec"].as_object_mut().unwrap();
    let parts = spec.iter_mut().filter(|(key, _)| CONTAINER_LISTS.contains(&&***key));
    parts.flat_map(|(_, list)| list.as_array_mut().unwrap())
}

/// The containers of a pod whose variables or mounts are others than in another pod.
pub fn changed(one: &Value, other: &Value) -> Vec<String> {
    let [mut one, mut other] = [one.clone(), other.clone()];
    let both = containers_mut(&mut one).zip(containers_mut(&mut other));
    both.filter(|(one, other)| one != other)
        .map(|(one, _)| one["name"].as_str().unwrap().to_owned())
        .collect()
}

/// A pod as its containers see it: the value of each variable, the last one of a name, in whatever order.
pub fn seen(mut pod: Value) -> Value {
    for container in containers_mut(&mut pod) {
        let env = container["env"].take();
        let variables: BTreeMap<&str, &Value> = env
            .as_array()
            .into_iter()
            .flatten()
            .map(|variable| (variable["name"].as_str().unwrap(), variable))
            .collect();
        container["env"] = serde_json::to_value(variables).unwrap();
        if let Some(mounts) = container.get_mut("volumeMounts").and_then(Value::as_array_mut) {
            mounts.sort_by_key(Value::to_string);
        }
    }
    if let Some(volumes) = pod.pointer_mut("/spec/volumes").and_then(Value::as_array_mut) {
        volumes.sort_by_key(Value::to_string);
    }
    pod
}
