//! `http-proxy check`: every problem of settings, for people and for the CI of a GitOps repository.

use std::process::ExitCode;

use documents::Document;

use crate::args;
use crate::settings::{self, NO_SETTINGS, Settings, is_for_another_module, label};

pub fn run(args: &args::Check) -> ExitCode {
    let mut found = false;
    for file in &args.files {
        let mut notes = Vec::new();
        for problem in problems(file, &mut notes) {
            found = true;
            println!("{problem}");
        }
        for note in notes {
            eprintln!("{note}");
        }
    }
    ExitCode::from(u8::from(found))
}

/// Every problem of a file. What is not checked goes to `notes`.
pub fn problems(file: &str, notes: &mut Vec<String>) -> Vec<String> {
    let documents = match settings::documents(file) {
        Ok(documents) => documents,
        Err(error) => return vec![format!("{error:#}")],
    };
    let mut checked = 0;
    let mut problems = Vec::new();
    for document in &documents {
        if let Document::Policy(policy) = document
            && is_for_another_module(document)
        {
            notes.push(format!(
                "{}: {} {} is not checked: it is a different policy",
                label(file),
                policy.kind,
                policy.name
            ));
        } else if let Some(settings) = Settings::of(file, document) {
            checked += 1;
            problems.extend(settings.problems());
        }
    }
    if checked == 0 {
        problems.push(format!("{}: {NO_SETTINGS}", label(file)));
    }
    problems
}
