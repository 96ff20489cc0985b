//! Problems in the form that people and CI systems take.

use anyhow::Result;
use serde_json::{Value, json};

use crate::args::CheckOutput;
use crate::problem::{Problem, Rule};

const PROJECT: &str = "https://github.com/http-proxy-policy/http-proxy-policy";

/// All problems, in one of the forms.
pub fn text(problems: &[Problem], notes: &[String], output: CheckOutput) -> Result<String> {
    Ok(match output {
        CheckOutput::Text => problems.iter().map(|problem| format!("{problem}\n")).collect(),
        CheckOutput::Json => pretty(&json!({"problems": problems, "notes": notes}))?,
        CheckOutput::Github => problems.iter().map(github).collect(),
        CheckOutput::Sarif => pretty(&sarif(problems))?,
    })
}

fn pretty(value: &Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// A workflow command of GitHub Actions, which shows the problem at its line.
///
/// <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message>
fn github(problem: &Problem) -> String {
    let escaped = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escaped(text).replace(':', "%3A").replace(',', "%2C");
    let mut properties = format!("file={}", property(&problem.file));
    for (name, number) in [("line", problem.line), ("col", problem.column)] {
        if let Some(number) = number {
            properties += &format!(",{name}={number}");
        }
    }
    format!(
        "::error {properties},title=http-proxy check::{}\n",
        escaped(&problem.text())
    )
}

/// SARIF 2.1.0, which code scanning services read.
///
/// <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>
fn sarif(problems: &[Problem]) -> Value {
    let rule = |rule: &Rule| json!({"id": rule.id(), "shortDescription": {"text": rule.description()}});
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "http-proxy",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": PROJECT,
                "rules": Rule::ALL.iter().map(rule).collect::<Vec<Value>>(),
            }},
            "results": problems.iter().map(sarif_result).collect::<Vec<Value>>(),
        }],
    })
}

fn sarif_result(problem: &Problem) -> Value {
    let mut location = json!({"physicalLocation": {"artifactLocation": {"uri": uri(&problem.file)}}});
    if let Some(line) = problem.line {
        location["physicalLocation"]["region"] = json!({"startLine": line});
        if let Some(column) = problem.column {
            location["physicalLocation"]["region"]["startColumn"] = json!(column);
        }
    }
    if !problem.path.is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": problem.path}]);
    }
    json!({
        "ruleId": problem.rule.id(),
        "level": "error",
        "message": {"text": problem.text()},
        "locations": [location],
    })
}

/// The URI of a file: relative as the user gave it, with `/` and percent-encoded.
fn uri(file: &str) -> String {
    let file = if cfg!(windows) {
        file.replace('\\', "/")
    } else {
        file.to_owned()
    };
    let part = |part: &str| percent_encoding::utf8_percent_encode(part, percent_encoding::NON_ALPHANUMERIC).to_string();
    let parts: Vec<String> = file.split('/').map(part).collect();
    // These need no encoding, and people read the URI.
    let path = parts
        .join("/")
        .replace("%2E", ".")
        .replace("%2D", "-")
        .replace("%5F", "_");
    if path.starts_with('/') {
        format!("file://{path}")
    } else {
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn github_gets_one_line_whatever_the_message_holds() {
        let problem = Problem {
            file: "a,b:c.yaml".to_owned(),
            line: Some(3),
            column: None,
            path: "noProxy[0]".to_owned(),
            message: "100 %\nof it".to_owned(),
            rule: Rule::Settings,
        };
        assert_eq!(
            github(&problem),
            "::error file=a%2Cb%3Ac.yaml,line=3,title=http-proxy check::noProxy[0]: 100 %25%0Aof it\n"
        );
    }

    #[test]
    fn a_file_is_a_uri() {
        assert_eq!(
            uri("clusters/a b/http-proxy_1.yaml"),
            "clusters/a%20b/http-proxy_1.yaml"
        );
        assert_eq!(uri("/a/b.yaml"), "file:///a/b.yaml");
    }

    fn problems() -> Vec<Problem> {
        let settings = Problem {
            file: "a b.yaml".to_owned(),
            line: Some(3),
            column: None,
            path: "noProxy[0]".to_owned(),
            message: "must be shorter".to_owned(),
            rule: Rule::Settings,
        };
        let document = Problem {
            column: Some(4),
            path: String::new(),
            ..settings.clone().of(Rule::Document)
        };
        let manifest = Problem {
            line: None,
            path: "spec.mode".to_owned(),
            ..settings.clone().of(Rule::Manifest)
        };
        vec![settings, document, manifest]
    }

    #[test]
    fn problems_have_a_line_each_for_people_and_for_github() {
        let of = |output| text(&problems(), &["a note".to_owned()], output).unwrap();
        let lines = "a b.yaml:3: noProxy[0]: must be shorter\na b.yaml:3:4: must be shorter\na b.yaml: spec.mode: must be shorter\n";
        assert_eq!(of(CheckOutput::Text), lines);
        let github = "\
::error file=a b.yaml,line=3,title=http-proxy check::noProxy[0]: must be shorter
::error file=a b.yaml,line=3,col=4,title=http-proxy check::must be shorter
::error file=a b.yaml,title=http-proxy check::spec.mode: must be shorter
";
        assert_eq!(of(CheckOutput::Github), github);
        let json: Value = serde_json::from_str(&of(CheckOutput::Json)).unwrap();
        assert_eq!(json["notes"], json!(["a note"]));
        assert_eq!(
            json["problems"][1],
            json!({"file": "a b.yaml", "line": 3, "column": 4, "path": "", "message": "must be shorter", "rule": "document"})
        );
        assert!(of(CheckOutput::Json).ends_with("}\n"));
    }

    #[test]
    fn sarif_has_the_rules_and_a_result_for_each_problem() {
        let sarif: Value = serde_json::from_str(&text(&problems(), &[], CheckOutput::Sarif).unwrap()).unwrap();
        assert_eq!(sarif["version"], "2.1.0");
        let run = &sarif["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["document", "settings", "manifest"]);
        for rule in rules {
            let described = rule["shortDescription"]["text"].as_str().unwrap();
            assert!(described.contains(' '), "{described}");
        }
        let result = |rule: &str, text: &str, location: Value| {
            let mut location = location;
            location["physicalLocation"]["artifactLocation"] = json!({"uri": "a%20b.yaml"});
            json!({"ruleId": rule, "level": "error", "message": {"text": text}, "locations": [location]})
        };
        let expected = json!([
            result(
                "settings",
                "noProxy[0]: must be shorter",
                json!({"physicalLocation": {"region": {"startLine": 3}}, "logicalLocations": [{"fullyQualifiedName": "noProxy[0]"}]}),
            ),
            result(
                "document",
                "must be shorter",
                json!({"physicalLocation": {"region": {"startLine": 3, "startColumn": 4}}}),
            ),
            result(
                "manifest",
                "spec.mode: must be shorter",
                json!({"physicalLocation": {}, "logicalLocations": [{"fullyQualifiedName": "spec.mode"}]}),
            ),
        ]);
        assert_eq!(run["results"], expected);
    }
}
