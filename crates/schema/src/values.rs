//! The schema of the chart's values. Structure, defaults and descriptions are those of its `values.yaml`, which describes each value in
//! the comment before it, as helm-docs has it: `# -- What the value is for.`

use serde_json::{Map, Value, json};

use crate::{DIALECT, definitions, kubernetes};

/// An IPv4 or IPv6 address, more or less.
const ADDRESS: &str = r"^([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$";

/// A host with or without a port, and a part of a repository. Of the schemes, only that of registries means one.
const REGISTRY: &str = r"^((registry://)?([-.A-Za-z0-9]+|\[[0-9a-fA-F:]+\])(:[0-9]+)?(/[-._/A-Za-z0-9]*)?)?$";

/// A value of the chart.
#[derive(Debug, PartialEq, Eq)]
pub struct ChartValue {
    /// `report.enabled`
    pub path: String,
    pub default: Value,
    pub description: String,
}

/// The values that `values.yaml` describes, in its order.
///
/// # Errors
/// It is not YAML, or a value has no description.
pub fn chart_values(values_yaml: &str) -> Result<Vec<ChartValue>, String> {
    let documents = documents::parse(values_yaml).map_err(|error| format!("values.yaml: {error}"))?;
    let all = documents::values(documents).pop().unwrap_or_default();
    let mut values = Vec::new();
    let mut parents: Vec<(usize, &str)> = Vec::new();
    let mut comment: Option<String> = None;
    for line in values_yaml.lines() {
        let text = line.trim_start();
        let indentation = line.len() - text.len();
        if let Some(start) = text.strip_prefix("# -- ") {
            comment = Some(start.to_owned());
        } else if let Some(more) = text.strip_prefix("# ") {
            comment = comment.map(|comment| format!("{comment} {more}"));
        } else if let Some((key, _)) = text.split_once(':').filter(|(key, _)| !key.contains(['-', ' ', '#'])) {
            parents.retain(|(depth, _)| *depth < indentation);
            parents.push((indentation, key));
            let path: Vec<&str> = parents.iter().map(|(_, key)| *key).collect();
            let default = all
                .pointer(&format!("/{}", path.join("/")))
                .cloned()
                .unwrap_or_default();
            let path = path.join(".");
            match comment.take() {
                Some(description) => values.push(ChartValue {
                    path,
                    default,
                    description,
                }),
                None if default.as_object().is_none_or(Map::is_empty) => {
                    return Err(format!(
                        "values.yaml: {path}: no comment describes it; write one that begins with # --"
                    ));
                }
                None => {}
            }
        }
    }
    Ok(values)
}

/// `values.schema.json`: the schema of the chart's values. Helm checks them before it renders anything.
///
/// # Errors
/// `values.yaml` has a value that is not known here, or does not describe one.
pub fn values(values_yaml: &str) -> Result<Value, String> {
    let mut definitions = Value::Object(definitions());
    without_patterns(&mut definitions);
    let mut schema = json!({
        "$schema": DIALECT,
        "title": "Values of the chart http-proxy-policy",
        "type": "object",
        "properties": {},
        "additionalProperties": false,
        "definitions": definitions,
    });
    for value in chart_values(values_yaml)? {
        let mut parent = &mut schema;
        let mut names = value.path.split('.').peekable();
        while let Some(name) = names.next() {
            let properties = &mut parent["properties"];
            if names.peek().is_none() {
                let mut shape =
                    shape(&value.path).ok_or_else(|| format!("values.yaml: {}: unknown value", value.path))?;
                // Draft 7 ignores what stands next to a reference.
                if shape.get("$ref").is_none() {
                    shape["description"] = value.description.clone().into();
                    shape["default"] = value.default.clone();
                }
                properties[name] = shape;
                break;
            }
            if properties[name].is_null() {
                // Rancher and parent charts set other global values.
                let others = name == "global" || name == "cattle";
                properties[name] = json!({"type": "object", "properties": {}, "additionalProperties": others});
            }
            parent = &mut properties[name];
        }
    }
    Ok(schema)
}

/// Takes out the patterns of texts: a text that does not match is in Helm's message, and those of the settings can hold a password or a
/// private key. The policy's own messages show neither.
fn without_patterns(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.remove("pattern");
            members.values_mut().for_each(without_patterns);
        }
        Value::Array(items) => items.iter_mut().for_each(without_patterns),
        _ => {}
    }
}

/// The kind of a value.
fn shape(path: &str) -> Option<Value> {
    Some(match path {
        "settings" => json!({"$ref": "#/definitions/settings"}),
        "namespaces.mode" => json!({"enum": ["OptIn", "All"]}),
        "namespaces.excluded" => json!({"type": "array", "items": kubernetes::namespace()}),
        "serviceEntries.namespace" => kubernetes::namespace(),
        "namespaceSelector" | "objectSelector" => kubernetes::label_selector(),
        "failurePolicy" => json!({"enum": ["", "Fail", "Ignore"]}),
        "report.enabled" | "serviceEntries.enabled" => json!({"type": "boolean"}),
        "module.digest" => json!({"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"}),
        "name" => json!({"type": "string", "pattern": kubernetes::OBJECT_NAME, "maxLength": 100}),
        "module.repository" | "test.image" => json!({"type": "string", "pattern": "^\\S+$"}),
        "module.tag" => json!({"type": "string", "pattern": "^[A-Za-z0-9_][-.A-Za-z0-9_]*$", "maxLength": 128}),
        "serviceEntries.addresses" => {
            let addresses = json!({"type": "array", "items": {"type": "string", "pattern": ADDRESS}});
            json!({"type": "object", "additionalProperties": addresses})
        }
        "policyServer" => {
            json!({"type": "string", "pattern": format!("^$|{}", kubernetes::OBJECT_NAME), "maxLength": 253})
        }
        "module.registry" | "global.cattle.systemDefaultRegistry" => json!({"type": "string", "pattern": REGISTRY}),
        _ => return None,
    })
}
