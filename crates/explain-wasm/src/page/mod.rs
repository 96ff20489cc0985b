//! What the page shows for what a user has entered.

mod objects;
mod parts;
mod policy;
#[cfg(test)]
mod tests;

use documents::Document;
use explain::answer::Policy;
use explain::cluster::{Cluster, ObjectExplanation};
use explain::input::{self, Fault, PassedOver, Source};
use explain::kinds::Role;
use explain::request::Operation;
use serde::Serialize;
use serde_json::{Value, json};

pub use crate::page::objects::Shown;
use crate::state::{NAMESPACE_LABELS, OBJECTS, SETTINGS, State};

/// How many objects are asked about: more are no reading matter.
const MOST: usize = 100;

/// The answer to a state of the page.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// What is to be corrected before there is an answer.
    pub problems: Vec<Problem>,
    /// What the settings are likely to be wrong about, and what was not explained.
    pub notes: Vec<String>,
    pub objects: Vec<Shown>,
    /// How many documents were omitted.
    pub left: usize,
    /// A manifest with these settings, if they are valid.
    pub policy: Option<String>,
}

/// A problem in a field of the page.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub field: &'static str,
    /// From 1.
    pub line: usize,
    /// Empty for the whole text.
    pub path: String,
    pub message: String,
}

/// Answers with what `policy` answers, and compares it with the explanation.
pub fn answer(state: &State, policy: &dyn Policy) -> Answer {
    let mut answer = Answer::default();
    if let Err(problems) = fill(&mut answer, state, policy) {
        answer.problems = problems;
    }
    answer
}

fn fill(answer: &mut Answer, state: &State, policy: &dyn Policy) -> Result<(), Vec<Problem>> {
    answer.objects = explained(answer, state, policy)?.into_iter().map(Shown::of).collect();
    Ok(())
}

/// The explanations of the objects. `answer` gets what else there is to say.
pub(crate) fn explained(
    answer: &mut Answer,
    state: &State,
    policy: &dyn Policy,
) -> Result<Vec<ObjectExplanation>, Vec<Problem>> {
    let mut cluster = cluster(answer, state)?;
    let mut documents = parse(OBJECTS, &state.objects)?;
    for document in &mut documents {
        set_namespace(&mut document.value, &state.namespace);
    }
    answer.left = documents.len().saturating_sub(MOST);
    documents.truncate(MOST);
    input::learn(&mut cluster, OBJECTS, &documents);
    learn_labels(&mut cluster, state, &documents)?;
    let mut passed_over = PassedOver::default();
    let explained = input::explain(&cluster, OBJECTS, &documents, policy, &mut passed_over);
    let explained = explained.map_err(|error| vec![located(OBJECTS, &error)])?;
    let others = passed_over.described();
    answer
        .notes
        .extend(others.map(|others| format!("{others}: not explained, since they are no pods and make none")));
    Ok(explained)
}

/// The policy, from the settings.
fn cluster(answer: &mut Answer, state: &State) -> Result<Cluster, Vec<Problem>> {
    let documents = parse(SETTINGS, &state.settings)?;
    let mut source = Source::find(SETTINGS, &documents, None).map_err(|error| vec![located(SETTINGS, &error)])?;
    let faults = source.faults();
    if !faults.is_empty() {
        return Err(faults.into_iter().map(in_settings).collect());
    }
    answer.notes = source.notes.iter().cloned().chain(source.doubts()).collect();
    if state.report {
        source.settings["mode"] = json!("Report");
    }
    answer.policy = Some(match &documents[..] {
        [_] if source.manifest.is_some() && !state.report => state.settings.clone(),
        _ => policy::manifest(&source.settings, documents.first().map(|document| &document.value)),
    });
    let mut cluster = Cluster::new(source.settings.to_string(), source.manifest);
    if !state.operation.is_empty() {
        cluster.operation = Operation::of_word(&state.operation).ok_or_else(|| {
            let message = format!("{} is none; write CREATE, UPDATE or DELETE", state.operation);
            vec![whole("operation", message)]
        })?;
    }
    Ok(cluster)
}

/// As the API server does it with the namespace of a request.
fn set_namespace(object: &mut Value, namespace: &str) {
    let is_namespaced = matches!(Role::of(object), Role::Pod | Role::Workload(_) | Role::MakesPods);
    if !is_namespaced || namespace.is_empty() {
        return;
    }
    if object["metadata"].is_null() {
        object["metadata"] = json!({});
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
}

/// The labels count for the namespaces of all objects.
fn learn_labels(cluster: &mut Cluster, state: &State, documents: &[Document]) -> Result<(), Vec<Problem>> {
    let labels = state.namespace_labels.trim();
    if labels.is_empty() {
        return Ok(());
    }
    let of = |document: &Document| {
        document.value["metadata"]["namespace"]
            .as_str()
            .unwrap_or("default")
            .to_owned()
    };
    for namespace in documents.iter().map(of).collect::<std::collections::BTreeSet<String>>() {
        cluster
            .namespaces
            .add_option(&format!("{namespace}={labels}"))
            .map_err(|_| {
                let message = "must be KEY=VALUE,KEY=VALUE, such as team=shop,stage=test".to_owned();
                vec![whole(NAMESPACE_LABELS, message)]
            })?;
    }
    Ok(())
}

fn parse(field: &'static str, text: &str) -> Result<Vec<Document>, Vec<Problem>> {
    documents::parse(text).map_err(|error| {
        let line = error.place.map_or(1, |(line, _)| line);
        let message = error.message();
        vec![Problem {
            line,
            ..whole(field, message)
        }]
    })
}

fn in_settings(Fault { line, path, message }: Fault) -> Problem {
    Problem {
        field: SETTINGS,
        line,
        path,
        message,
    }
}

fn whole(field: &'static str, message: String) -> Problem {
    Problem {
        field,
        line: 1,
        path: String::new(),
        message,
    }
}

/// An error that begins with the name of the field, and mostly with a line.
fn located(field: &'static str, error: &anyhow::Error) -> Problem {
    let text = format!("{error:#}");
    let behind = text
        .strip_prefix(field)
        .and_then(|rest| rest.strip_prefix(':'))
        .unwrap_or(&text);
    let line = behind
        .split_once(':')
        .and_then(|(line, rest)| Some((line.parse().ok()?, rest)));
    let (line, message) = line.unwrap_or((1, behind));
    Problem {
        line,
        ..whole(field, message.trim().to_owned())
    }
}
