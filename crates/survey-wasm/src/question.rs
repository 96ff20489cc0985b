//! What the page asks, and the answer.

use std::io::Read;

use anyhow::Result;
use explain::input::Source;
use serde::{Deserialize, Serialize};
use survey::Dump;

/// How messages name the settings.
const SETTINGS: &str = "settings";

/// A policy and the files of a dump.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Settings or a policy manifest, as YAML or JSON.
    pub settings: String,
    /// The names of the files.
    pub files: Vec<String>,
}

/// A report, or what is wrong.
#[derive(Debug, Default, Serialize)]
pub struct Answer {
    /// Why there is no report.
    pub problems: Vec<String>,
    /// What would happen, in one or two sentences.
    pub verdict: String,
    /// The report, the page that `http-proxy survey --output html` writes.
    pub page: String,
    /// What else to know: files that end in the middle, doubts about the settings.
    pub notes: Vec<String>,
}

/// Surveys. `open` opens the file of an index; `progress` is told the number of pods so far.
pub fn answer<R: Read>(question: &Question, open: impl Fn(usize) -> R, progress: &mut dyn FnMut(usize)) -> Answer {
    survey(question, open, progress).unwrap_or_else(|error| Answer {
        problems: format!("{error:#}").lines().map(str::to_owned).collect(),
        ..Answer::default()
    })
}

fn survey<R: Read>(question: &Question, open: impl Fn(usize) -> R, progress: &mut dyn FnMut(usize)) -> Result<Answer> {
    let documents = documents::parse(&question.settings).map_err(|mut error| {
        error.file = SETTINGS.to_owned();
        error
    })?;
    let source = Source::find(SETTINGS, &documents, None)?;
    // Before a large file is read for nothing.
    let problems = source.problems();
    if !problems.is_empty() {
        return Ok(Answer {
            problems,
            ..Answer::default()
        });
    }
    let mut dump = Dump::for_policy(&source);
    let mut notes: Vec<String> = source.notes.iter().cloned().chain(source.doubts()).collect();
    for (index, file) in question.files.iter().enumerate() {
        dump.read(file, open(index), progress)?;
    }
    let files: Vec<&str> = question.files.iter().map(String::as_str).collect();
    dump.check(&files)?;
    notes.extend_from_slice(dump.unread());
    let report = survey::survey(&source, &dump)?;
    Ok(Answer {
        problems: Vec::new(),
        verdict: survey::verdict(&report),
        page: survey::html::page(&report),
        notes,
    })
}

#[cfg(test)]
mod tests {
    use testkit::files::project_file;

    use super::*;

    fn ask(settings: &str, files: &[&[u8]]) -> Answer {
        let question = Question {
            settings: settings.to_owned(),
            files: (0..files.len()).map(|index| format!("{index}.json")).collect(),
        };
        answer(&question, |index| files[index], &mut |_| {})
    }

    fn text(file: &str) -> String {
        std::fs::read_to_string(project_file(file)).unwrap()
    }

    #[test]
    fn the_answer_is_the_report_of_all_files() {
        let [settings, dump] = [
            "examples/quickstart/policy.yaml",
            "crates/survey/tests/fixtures/dump.json",
        ]
        .map(text);
        let another = br#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "extra", "namespace": "shop"}, "spec": {"containers": [{"name": "a", "image": "a"}]}}"#;
        let [one, two] = [&[dump.as_bytes()][..], &[dump.as_bytes(), another]].map(|files| ask(&settings, files));
        assert_eq!((one.problems, two.problems), (vec![], vec![]));
        assert!(one.page.starts_with("<!doctype html>"));
        let count = |answer: &str| -> usize { answer.split(' ').filter_map(|word| word.parse().ok()).nth(1).unwrap() };
        assert_eq!(count(&two.verdict), count(&one.verdict) + 1, "{}", two.verdict);
    }

    #[test]
    fn what_is_wrong_is_said_without_the_text() {
        let settings = "httpProxy: http://proxy.example.com:3128/";
        for (settings, file, expected) in [
            ("httpProxy: [", "{}", "settings:1:12: invalid YAML or JSON"),
            (
                "httpProxy: http://a:1\nnoProxi: []",
                "{}",
                "settings:2: noProxi: unknown field; did you mean noProxy?",
            ),
            (settings, "", "0.json: "),
            (
                settings,
                "{\"kind\": \"List\", \"items\": []}",
                "0.json: nothing to survey; pass what kubectl",
            ),
            (
                settings,
                "{\"password\": S3cret}",
                "0.json: line 1: not JSON; pass what kubectl",
            ),
            (
                settings,
                "{\"items\": [{\"kind\": \"Pod\", \"S3cret",
                "0.json: line 1: it ends in the middle",
            ),
            (settings, "\u{1f}\u{8b}\u{8}\0S3cret", "0.json: "),
            (settings, "[[[[[[[[", "0.json: line 1: it ends"),
        ] {
            let problems = ask(settings, &[file.as_bytes()]).problems.join("\n");
            assert!(
                problems.contains(expected) && !problems.contains("S3cret"),
                "{file}: {problems}"
            );
        }
    }
}
