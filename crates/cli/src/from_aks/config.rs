//! `httpProxyConfig` as people and their tools write it.

use anyhow::{Result, anyhow, bail};
use documents::Aks;
use serde_json::{Map, Value};

use crate::aks::expressions;

/// The configuration of a cluster, without fields that are empty or unknown, which go to `changes`.
///
/// # Errors
/// There is none, or it is disabled, or its values are not in the document.
pub fn read(cluster: &Aks, changes: &mut Vec<String>) -> Result<Value> {
    let Some(config) = &cluster.http_proxy_config else {
        bail!("httpProxyConfig: not set; this cluster has no HTTP proxy");
    };
    refuse_expressions(cluster, config)?;
    let Value::Object(fields) = config else {
        bail!("httpProxyConfig: must be an object; pass the output of az aks show");
    };
    refuse_disabled(cluster, &fields.get("enabled").cloned().unwrap_or_default())?;
    let mut kept = Map::new();
    for (field, value) in fields {
        let name = cluster.name_of(field);
        if !Aks::FIELDS.contains(&&**field) {
            // A field's name can be anything, a URL with a password too.
            let name = if field.contains('@') { "httpProxyConfig" } else { &name };
            changes.push(format!("{name}: omitted: AKS has no such field"));
        } else if value == "" {
            changes.push(format!("{name}: omitted: empty"));
        } else {
            kept.insert(field.clone(), value.clone());
        }
    }
    Ok(Value::Object(kept))
}

fn refuse_disabled(cluster: &Aks, enabled: &Value) -> Result<()> {
    let name = cluster.name_of("enabled");
    let is_true = match enabled {
        Value::Null => Some(true),
        Value::Bool(enabled) => Some(*enabled),
        Value::String(text) => match &*text.to_ascii_lowercase() {
            "true" | "" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        _ => None,
    };
    match is_true {
        Some(true) => Ok(()),
        Some(false) => Err(anyhow!(
            "{name}: the HTTP proxy of this cluster is disabled; enable it, or write the settings by hand"
        )),
        None => Err(anyhow!("{name}: must be true or false")),
    }
}

/// Here, the values of expressions are not known.
fn refuse_expressions(cluster: &Aks, config: &Value) -> Result<()> {
    let message = |(path, kind): (String, &str)| {
        let name = if path.is_empty() {
            "httpProxyConfig".to_owned()
        } else {
            cluster.name_of(&path)
        };
        format!("{name}: {kind}")
    };
    let lines: Vec<String> = expressions(config).into_iter().map(message).collect();
    if lines.is_empty() {
        Ok(())
    } else {
        Err(anyhow!(lines.join("\n")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_config(config: Value, changes: &mut Vec<String>) -> Result<Value, String> {
        read(&Aks::of_config(config), changes).map_err(|error| error.to_string())
    }

    #[test]
    fn a_disabled_configuration_is_refused_however_it_is_spelled() {
        for enabled in [json!(false), json!("false"), json!("False"), json!("FALSE")] {
            assert!(
                read_config(json!({"enabled": enabled}), &mut Vec::new())
                    .unwrap_err()
                    .contains("is disabled"),
                "{enabled}"
            );
        }
        for enabled in [json!(true), json!("True"), json!(""), json!(null)] {
            assert!(
                read_config(json!({"enabled": enabled}), &mut Vec::new()).is_ok(),
                "{enabled}"
            );
        }
        for enabled in [json!("no"), json!(0), json!([])] {
            assert!(
                read_config(json!({"enabled": enabled}), &mut Vec::new())
                    .unwrap_err()
                    .ends_with("must be true or false")
            );
        }
    }

    #[test]
    fn what_is_empty_or_unknown_is_left_out_and_said() {
        let mut changes = Vec::new();
        let config = json!({"httpProxy": "http://p", "httpsProxy": "", "trustedCa": "", "noProxi": ["hunter2"]});
        assert_eq!(read_config(config, &mut changes), Ok(json!({"httpProxy": "http://p"})));
        changes.sort();
        assert_eq!(
            changes,
            [
                "httpProxyConfig.httpsProxy: omitted: empty",
                "httpProxyConfig.noProxi: omitted: AKS has no such field",
                "httpProxyConfig.trustedCa: omitted: empty"
            ]
        );
    }

    #[test]
    fn every_expression_is_named() {
        for (config, paths) in [
            (json!("[parameters('config')]"), vec!["httpProxyConfig"]),
            (
                json!({"httpProxy": "[variables('p').http]"}),
                vec!["httpProxyConfig.httpProxy"],
            ),
            (
                json!({"httpProxy": "[concat('a', 'b')]", "noProxy": ["[::1]", "[parameters('x')]"]}),
                vec!["httpProxyConfig.httpProxy", "httpProxyConfig.noProxy[1]"],
            ),
            (json!({"httpProxy": "${var.proxy}"}), vec!["httpProxyConfig.httpProxy"]),
        ] {
            let message = read_config(config, &mut Vec::new()).unwrap_err();
            let named: Vec<&str> = message.lines().map(|line| line.split(": ").next().unwrap()).collect();
            assert_eq!(named, paths, "{message}");
        }
    }
}
