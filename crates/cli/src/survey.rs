//! `http-proxy survey`: what the policy would change and break in a whole cluster.

mod edit;
mod input;
mod write;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use explain::input::Source;
use explain::text::Layout;
use survey::Report;
use survey::report::Severity;

use crate::console;
use crate::status;

/// Say what the policy would change and break in a whole cluster
///
/// Reads what `kubectl get pods,deployments,statefulsets,daemonsets,replicasets,jobs,cronjobs,services,endpointslices,namespaces,nodes,servicecidrs,configmaps -A -o json`
/// prints. Needs no access to a cluster, and changes nothing. Values that can hold a secret are never shown.
#[derive(Args)]
pub struct Survey {
    #[command(flatten)]
    pub color: colorchoice_clap::Color,
    /// A policy manifest, or settings alone: then every pod is sent
    pub settings: String,
    /// What `kubectl get` prints, as JSON or YAML: any kinds, in any number of files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Form of the report
    #[arg(long, value_enum, default_value = "text")]
    pub output: SurveyOutput,
    /// Write the settings, with the suggested entries of noProxy, to this file. It may be the file with the settings
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// Exit with status 1 if something would break or pods would be rejected (`breaks`), or also if something is to check (`check`)
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// Which policy to survey if the file has several
    #[arg(long, value_name = "NAME")]
    pub policy: Option<String>,
    /// Show every finding, however many there are
    #[arg(long)]
    pub verbose: bool,
}

/// The form of the report of `http-proxy survey`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SurveyOutput {
    /// Tables
    Text,
    Json,
    /// One page with everything in it
    Html,
}

/// From which severity on `http-proxy survey` fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Breaks,
    Check,
}

pub fn run(args: &Survey) -> Result<ExitCode> {
    args.color.write_global();
    let documents = input::settings(args)?;
    let label = input::file_name(&args.settings);
    let source = Source::find(label, &documents, args.policy.as_deref())?;
    let dump = input::dump(args, &source)?;
    let report = survey::survey(&source, &dump)?;
    match args.output {
        SurveyOutput::Json => console::print(&(serde_json::to_string_pretty(&report)? + "\n"))?,
        SurveyOutput::Html => console::print(&survey::html::page(&report))?,
        SurveyOutput::Text => {
            let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
            let layout = Layout::of_environment(width, args.verbose);
            console::print_styled(&survey::text::report(&report, layout, args.write.is_none()))?;
        }
    }
    let notes = source.notes.iter().cloned().chain(source.doubts());
    notes.for_each(|note| console::note(&format!("note: {note}")));
    if let Some(file) = &args.write {
        write::settings(file, &args.settings, &documents, &source, &report)?;
    }
    Ok(if !dump.unread().is_empty() {
        ExitCode::from(status::CANNOT)
    } else if fails(args.fail_on, &report) {
        ExitCode::from(status::FOUND)
    } else {
        ExitCode::SUCCESS
    })
}

fn fails(fail_on: Option<FailOn>, report: &Report) -> bool {
    let breaks = report.count(Severity::Breaks) > 0 || report.totals.rejected > 0;
    match fail_on {
        None => false,
        Some(FailOn::Breaks) => breaks,
        Some(FailOn::Check) => breaks || report.count(Severity::Check) > 0,
    }
}

#[cfg(test)]
mod tests {
    use survey::report::{Finding, Kind, Object};

    use super::*;

    fn finding(severity: Severity) -> Finding {
        Finding {
            kind: Kind::Java,
            severity,
            object: Object {
                kind: "Deployment".to_owned(),
                namespace: "shop".to_owned(),
                name: "web".to_owned(),
            },
            container: None,
            place: None,
            value: None,
            why: String::new(),
            fix: String::new(),
            pods: 1,
            notes: Vec::new(),
            entry: None,
            source: None,
            full_name: None,
        }
    }

    #[test]
    fn it_fails_from_the_severity_on_that_the_user_names() {
        let none = Report::default();
        let with = |severity| Report {
            findings: vec![finding(severity)],
            ..Report::default()
        };
        let mut rejected = Report::default();
        rejected.totals.rejected = 1;
        for (report, breaks, check) in [
            (&none, false, false),
            (&with(Severity::Breaks), true, true),
            (&with(Severity::Check), false, true),
            (&with(Severity::Info), false, false),
            (&rejected, true, true),
        ] {
            assert!(!fails(None, report));
            assert_eq!(fails(Some(FailOn::Breaks), report), breaks);
            assert_eq!(fails(Some(FailOn::Check), report), check);
        }
    }
}
