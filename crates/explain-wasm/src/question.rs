//! The question whose answer is that of `http-proxy explain --output json`.

use explain::answer::Native;
use explain::cluster::Cluster;
use explain::input::{self, PassedOver, Report, Source};
use explain::request::Operation;
use serde::{Deserialize, Serialize};

use crate::state::{OBJECTS, SETTINGS};

/// Two texts, and the rest of the request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Question {
    /// Settings or a policy manifest, as YAML or JSON.
    settings: String,
    /// Pods, workloads and namespaces, as YAML or JSON.
    objects: String,
    /// `NAME=KEY=VALUE,KEY=VALUE`, each of another namespace.
    #[serde(default)]
    namespace_labels: Vec<String>,
    /// `CREATE`, `UPDATE` or `DELETE`.
    #[serde(default)]
    operation: Option<String>,
}

/// A report, or what is wrong with the question.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Answer {
    Report(Report),
    Problems { problems: Vec<String> },
}

/// Answers a question.
pub fn answer(question: Question) -> Answer {
    match report(question) {
        Ok(report) => Answer::Report(report),
        Err(problems) => Answer::Problems { problems },
    }
}

fn report(question: Question) -> Result<Report, Vec<String>> {
    let parse = |name: &str, text: &str| {
        documents::parse(text).map_err(|mut error| {
            error.file = name.to_owned();
            vec![error.to_string()]
        })
    };
    let one = |error: anyhow::Error| vec![format!("{error:#}")];
    let source = Source::find(SETTINGS, &parse(SETTINGS, &question.settings)?, None).map_err(one)?;
    let problems = source.problems();
    if !problems.is_empty() {
        return Err(problems);
    }
    let notes = source.notes.iter().cloned().chain(source.doubts()).collect();
    let mut cluster = Cluster::new(source.settings.to_string(), source.manifest);
    for labels in &question.namespace_labels {
        cluster.namespaces.add_option(labels).map_err(|fault| vec![fault])?;
    }
    if let Some(word) = &question.operation {
        let unknown = || vec![format!("operation: {word} is none; write CREATE, UPDATE or DELETE")];
        cluster.operation = Operation::of_word(word).ok_or_else(unknown)?;
    }
    let documents = parse(OBJECTS, &question.objects)?;
    input::learn(&mut cluster, OBJECTS, &documents);
    let objects = input::explain(&cluster, OBJECTS, &documents, &Native, &mut PassedOver::default()).map_err(one)?;
    Ok(Report { objects, notes })
}
