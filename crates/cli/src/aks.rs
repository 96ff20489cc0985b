//! The AKS cluster in a user's file.

use anyhow::{Result, bail};
use documents::{Aks, Content, label};
use serde_json::Value;

const NOT_AKS: &str =
    "not an AKS cluster; pass the output of az aks show, or an ARM template, or what terraform show -json prints";

/// The one cluster of a file. A configuration on its own, as `--query httpProxyConfig` prints it, is also a cluster.
///
/// # Errors
/// The file cannot be read, or has no cluster, or several.
pub fn cluster(file: &str) -> Result<Aks> {
    let mut clusters = Vec::new();
    let mut places = Vec::new();
    for document in documents::read(file)? {
        let found = match Content::recognise(&document.value) {
            Content::Aks(found) => found,
            Content::Settings(config) if Aks::is_config(&config) => vec![Aks::of_config(config)],
            _ => bail!("{}: {NOT_AKS}", label(file)),
        };
        places.extend(found.iter().map(|cluster| {
            let line = document.line_of(&cluster.path);
            format!("{} on line {line}", cluster.path)
        }));
        clusters.extend(found);
    }
    match clusters.len() {
        1 => Ok(clusters.remove(0)),
        count => bail!(
            "{}: {count} clusters ({}); pass only one",
            label(file),
            places.join(", ")
        ),
    }
}

/// The values of a configuration that are expressions, each with its path in the configuration and what it is. ARM evaluates what is
/// in brackets, Terraform what is in `${}`. A literal in brackets is an IPv6 address.
pub fn expressions(config: &Value) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    collect_expressions("", config, &mut found);
    found
}

fn collect_expressions(path: &str, value: &Value, found: &mut Vec<(String, &'static str)>) {
    match value {
        Value::String(text) => found.extend(expression(text).map(|kind| (path.to_owned(), kind))),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_expressions(&format!("{path}[{index}]"), item, found);
            }
        }
        Value::Object(fields) => {
            for (field, value) in fields {
                let separator = if path.is_empty() { "" } else { "." };
                collect_expressions(&format!("{path}{separator}{field}"), value, found);
            }
        }
        _ => {}
    }
}

fn expression(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if text.starts_with('[') && text.ends_with(']') && text.contains('(') {
        return Some("an ARM expression, whose value is not in the template; pass the output of az aks show");
    }
    text.contains("${").then_some(
        "a Terraform expression, whose value is not in the configuration; pass the output of terraform show -json or az aks show",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_are_found_by_what_is_around_them() {
        let arm = "an ARM expression";
        let terraform = "a Terraform expression";
        let config = json!({
            "httpProxy": "[parameters('proxy')]",
            "httpsProxy": " ${var.proxy} ",
            "noProxy": ["a.example", "[concat('a', 'b')]", "[fd00::1]", "[fd00::1](a", "a(b)]", "${var.a},b"],
            "trustedCa": null,
            "nested": {"value": "[resourceGroup().id]"},
        });
        let found = expressions(&config);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(path, kind)| (&**path, kind.split(',').next().unwrap()))
            .collect();
        let mut expected = [
            ("httpProxy", arm),
            ("httpsProxy", terraform),
            ("noProxy[1]", arm),
            ("noProxy[5]", terraform),
            ("nested.value", arm),
        ];
        expected.sort_unstable();
        let mut found = found;
        found.sort_unstable();
        assert_eq!(found, expected);
        assert_eq!(expressions(&json!("[a()]"))[0].0, "");
    }
}
