//! What `http-proxy explain` and `make run` do, apart from their options and from printing.

use anyhow::{Result, anyhow, bail};
use documents::label;

use crate::answer::Policy;
use crate::cluster::Cluster;
use crate::input::{self, PassedOver, Report, Source};
use crate::request::Operation;

/// What a user asks.
#[derive(Debug, Default)]
pub struct Question {
    /// The file with the settings; `-` is standard input.
    pub settings: String,
    /// The files with the objects, and the namespaces.
    pub files: Vec<String>,
    /// Which policy of several is meant.
    pub policy: Option<String>,
    /// `NAME=KEY=VALUE,KEY=VALUE`, each of another namespace.
    pub namespace_labels: Vec<String>,
    pub operation: Operation,
    /// Where Kubewarden is installed.
    pub kubewarden_namespace: Option<String>,
}

/// Answers a question.
///
/// # Errors
/// A file cannot be read; the settings are invalid, with a problem on each line; or there is nothing to explain.
pub fn answer(question: &Question, policy: &dyn Policy) -> Result<Report> {
    let documents = documents::read(&question.settings)?;
    let source = Source::find(label(&question.settings), &documents, question.policy.as_deref())?;
    let mut files = Vec::new();
    for file in &question.files {
        files.push((label(file), documents::read(file)?));
    }
    let mut cluster = cluster(source, question)?;
    for (file, documents) in &files {
        input::learn(&mut cluster.cluster, file, documents);
    }
    let mut report = Report {
        notes: cluster.notes,
        ..Report::default()
    };
    let mut passed_over = PassedOver::default();
    for (file, documents) in &files {
        let explained = input::explain(&cluster.cluster, file, documents, policy, &mut passed_over)?;
        report.objects.extend(explained);
    }
    finish(report, &passed_over, question)
}

/// A cluster, and what is to be said of its policy.
struct Known {
    cluster: Cluster,
    notes: Vec<String>,
}

fn cluster(source: Source, question: &Question) -> Result<Known> {
    let problems = source.problems();
    if !problems.is_empty() {
        return Err(anyhow!(problems.join("\n")));
    }
    let notes = source.notes.iter().cloned().chain(source.doubts()).collect();
    let mut cluster = Cluster::new(source.settings.to_string(), source.manifest);
    cluster.operation = question.operation;
    if let Some(namespace) = &question.kubewarden_namespace {
        cluster.kubewarden = vec![namespace.clone()];
    }
    for labels in &question.namespace_labels {
        cluster.namespaces.add_option(labels).map_err(|fault| anyhow!(fault))?;
    }
    Ok(Known { cluster, notes })
}

fn finish(mut report: Report, passed_over: &PassedOver, question: &Question) -> Result<Report> {
    let others = passed_over.described();
    if report.objects.is_empty() {
        let files: Vec<&str> = question.files.iter().map(|file| label(file)).collect();
        let others = others.map(|others| format!(" ({others})")).unwrap_or_default();
        bail!(
            "{}: nothing to explain{others}; pass a pod, or a workload that makes pods",
            files.join(", ")
        );
    }
    report
        .notes
        .extend(others.map(|others| format!("{others}: not explained, since they are no pods and make none")));
    Ok(report)
}
