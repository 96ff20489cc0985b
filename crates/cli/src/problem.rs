//! A problem, where it is, and what to do.

use std::fmt;

use serde::Serialize;

/// What is wrong with a file, shown as `policy.yaml:24: spec.settings.noProxy[3]: what is wrong; what to write`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub file: String,
    /// From 1; none for the file as a whole.
    pub line: Option<usize>,
    /// From 1; known for a file that is neither YAML nor JSON.
    pub column: Option<usize>,
    /// The path in the document, such as `spec.settings.noProxy[3]`; empty for the document as a whole.
    pub path: String,
    /// What is wrong and what to write, without any secret.
    pub message: String,
    pub rule: Rule,
}

/// What a problem is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Rule {
    /// The file, or what is in it.
    Document,
    /// The policy's settings.
    Settings,
    /// The manifest around the settings.
    Manifest,
}

impl Rule {
    pub const ALL: [Rule; 3] = [Rule::Document, Rule::Settings, Rule::Manifest];

    pub fn id(self) -> &'static str {
        match self {
            Rule::Document => "document",
            Rule::Settings => "settings",
            Rule::Manifest => "manifest",
        }
    }

    pub fn description(self) -> &'static str {
        match self {
            Rule::Document => "A file is YAML or JSON with settings of the policy.",
            Rule::Settings => "The policy accepts its settings.",
            Rule::Manifest => "The manifest of a policy lets it do what its settings say.",
        }
    }
}

impl Problem {
    /// Of a file that cannot be read.
    pub fn of_file(error: &documents::Error) -> Self {
        Problem {
            file: error.file.clone(),
            line: error.place.map(|(line, _)| line),
            column: error.place.map(|(_, column)| column),
            path: String::new(),
            message: error.message(),
            rule: Rule::Document,
        }
    }

    /// Of a value in a document, by its path there.
    pub fn at(document: &documents::Document, path: &str, message: String) -> Self {
        let separator = if document.path.is_empty() || path.is_empty() || path.starts_with('[') {
            ""
        } else {
            "."
        };
        Problem {
            file: document.file.to_string(),
            line: Some(document.line_of(path)),
            column: None,
            path: format!("{}{separator}{path}", document.path),
            message,
            rule: Rule::Settings,
        }
    }

    pub fn of(self, rule: Rule) -> Self {
        Problem { rule, ..self }
    }

    /// Path and message.
    pub fn text(&self) -> String {
        let separator = if self.path.is_empty() { "" } else { ": " };
        format!("{}{separator}{}", self.path, self.message)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for place in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{place}")?;
        }
        write!(f, ": {}", self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_path_in_the_file_and_the_line() {
        let text = "kind: List\napiVersion: v1\nitems:\n- httpProxy: a\n  noProxy: [b]\n";
        let documents = documents::parse(text).unwrap();
        let whole = documents::parse("httpProxy: a\nnoProxy:\n- b\n").unwrap();
        for (document, path, expected) in [
            (&documents[0], "noProxy[0]", "5: items[0].noProxy[0]: m"),
            (&documents[0], "", "4: items[0]: m"),
            (&documents[0], "[0]", "4: items[0][0]: m"),
            (&whole[0], "noProxy[0]", "3: noProxy[0]: m"),
            (&whole[0], "", "1: m"),
        ] {
            let problem = Problem::at(document, path, "m".to_owned());
            assert_eq!(problem.rule, Rule::Settings);
            assert_eq!(problem.to_string().trim_start_matches(':'), expected, "{path}");
        }
        let in_place = Problem {
            file: "a.yaml".to_owned(),
            column: Some(7),
            ..Problem::at(&whole[0], "noProxy", "m".to_owned())
        };
        assert_eq!(in_place.to_string(), "a.yaml:2:7: noProxy: m");
    }
}
