//! `http-proxy explain`: what the cluster would do with objects, and why.

use std::process::ExitCode;

use anyhow::Result;
use explain::answer::{Native, Verdict};
use explain::command::{self, Question};
use explain::text::{self, Layout};

use crate::args::{self, ExplainOutput};
use crate::console;
use crate::status;

pub fn run(args: &args::Explain) -> Result<ExitCode> {
    args.color.write_global();
    let question = Question {
        settings: args.settings.clone(),
        files: args.files.clone(),
        policy: args.policy.clone(),
        namespace_labels: args.namespace_labels.clone(),
        operation: args.operation,
        kubewarden_namespace: args.kubewarden_namespace.clone(),
    };
    let report = command::answer(&question, &Native)?;
    match args.output {
        ExplainOutput::Json => console::print(&(serde_json::to_string_pretty(&report)? + "\n"))?,
        ExplainOutput::Text => {
            let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
            console::print_styled(&text::report(&report, Layout::of_environment(width, args.verbose)))?;
            report
                .notes
                .iter()
                .for_each(|note| console::note(&format!("note: {note}")));
        }
    }
    let is_rejected = report
        .objects
        .iter()
        .any(|explained| explained.verdict == Verdict::Rejected);
    Ok(if is_rejected {
        ExitCode::from(status::FOUND)
    } else {
        ExitCode::SUCCESS
    })
}
