//! A policy manifest to copy: that of an example, with the user's settings.

use serde_json::Value;

const QUICKSTART: &str = include_str!("../../../../examples/quickstart/policy.yaml");
const REPORT: &str = include_str!("../../../../examples/report/policy.yaml");

/// The manifest with `settings`: of the report if their mode is `Report`, otherwise of a policy that changes pods. It keeps the
/// selectors of `of`, if that is a manifest.
pub fn manifest(settings: &Value, of: Option<&Value>) -> String {
    let example = if settings["mode"] == "Report" {
        REPORT
    } else {
        QUICKSTART
    };
    let from = example.find("apiVersion:").unwrap_or_default();
    let selectors = example.find("  namespaceSelector:").unwrap_or(example.len());
    let end = example.find("  settings:").unwrap_or(example.len());
    let spec = of.map(|of| &of["spec"]).filter(|spec| spec.is_object());
    let kept = match spec {
        None => example[selectors..end].to_owned(),
        Some(spec) => ["namespaceSelector", "objectSelector"]
            .iter()
            .filter(|field| spec[**field].is_object())
            .map(|field| format!("  {field}:\n{}", indented(&spec[*field], 4)))
            .collect(),
    };
    format!(
        "{}{kept}  settings:\n{}",
        &example[from..selectors],
        indented(settings, 4)
    )
}

fn indented(value: &Value, columns: usize) -> String {
    let yaml = documents::to_yaml(value).unwrap_or_default();
    let lines = yaml.lines().map(|line| {
        let indent = if line.is_empty() { 0 } else { columns };
        format!("{}{line}\n", " ".repeat(indent))
    });
    lines.collect()
}
