//! `http-proxy check`: every problem of settings and of the manifests around them, for people and for the CI of a GitOps repository.

mod manifest;
mod report;

use std::process::ExitCode;

use anyhow::Result;
use documents::{Aks, Content, Document, label};
use http_proxy_policy::policy::FIELDS;

use crate::aks;
use crate::args;
use crate::console;
use crate::problem::{Problem, Rule};
use crate::settings::{NO_SETTINGS, Settings, https_remark};
use crate::status;

pub fn run(args: &args::Check) -> Result<ExitCode> {
    let mut findings = Findings::default();
    for file in &args.files {
        findings.check(file, args.skip_others);
    }
    if findings.checked == 0 && args.skip_others {
        findings
            .notes
            .push("nothing is checked: no file has settings of this policy".to_owned());
    }
    console::print(&report::text(&findings.problems, &findings.notes, args.output)?)?;
    findings.notes.iter().for_each(|note| console::note(note));
    Ok(match &findings {
        findings if findings.is_unread => ExitCode::from(status::CANNOT),
        findings if findings.problems.is_empty() => ExitCode::SUCCESS,
        _ => ExitCode::from(status::FOUND),
    })
}

/// What a check finds.
#[derive(Default)]
pub struct Findings {
    pub problems: Vec<Problem>,
    /// What is not checked, and what may be wrong.
    pub notes: Vec<String>,
    /// How many settings there are.
    checked: usize,
    /// Whether a file could not be read.
    is_unread: bool,
}

impl Findings {
    /// Checks a file. With `skip_others`, what is not of this policy is no problem.
    pub fn check(&mut self, file: &str, skip_others: bool) {
        let documents = match documents::read(file) {
            Ok(documents) => documents,
            Err(error) if skip_others && error.is_template() => {
                self.notes.push(format!("{error}; it is not checked"));
                return;
            }
            Err(error) => {
                self.is_unread |= error.is_unread();
                self.problems.push(Problem::of_file(&error));
                return;
            }
        };
        let before = self.checked;
        for document in &documents {
            self.check_document(document, skip_others);
        }
        if self.checked == before && !skip_others {
            self.problems.push(Problem {
                file: label(file).to_owned(),
                line: None,
                column: None,
                path: String::new(),
                message: NO_SETTINGS.to_owned(),
                rule: Rule::Document,
            });
        }
    }

    fn check_document(&mut self, document: &Document, skip_others: bool) {
        let content = Content::recognise(&document.value);
        if skip_others && !is_of_this_policy(&content) {
            return;
        }
        let settings = Settings::of(document, &content);
        self.checked += settings.len();
        if let Content::Policy(policy) = &content {
            if settings.is_empty() {
                self.notes.push(format!(
                    "{}:{}: {} {} skipped: not an http-proxy-policy manifest",
                    document.file,
                    document.line(),
                    policy.kind,
                    policy.name
                ));
            } else {
                self.problems.extend(manifest::problems(document, policy));
            }
        }
        for (path, value) in content.settings() {
            if value.to_string().contains("{{") {
                let problem = Problem::at(document, path, TEMPLATE.to_owned());
                self.notes.push(problem.to_string());
            }
            if let Some(remark) = https_remark(value) {
                let path = format!("{path}.{}", Aks::name_at(path, "httpsProxy"));
                let problem = Problem::at(document, path.trim_start_matches('.'), remark.to_owned());
                self.notes.push(problem.to_string());
            }
        }
        let unknown = expressions(document, &content);
        let is_known = |problem: &Problem| unknown.iter().all(|expression| expression.path != problem.path);
        let problems = settings.iter().flat_map(Settings::problems).filter(is_known);
        self.problems.extend(problems);
        self.problems.extend(unknown);
    }
}

/// The expressions of ARM and Terraform in the place of values.
fn expressions(document: &Document, content: &Content) -> Vec<Problem> {
    let Content::Aks(_) = content else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for (path, config) in content.settings() {
        for (field, kind) in aks::expressions(config) {
            let separator = if field.is_empty() { "" } else { "." };
            problems.push(Problem::at(
                document,
                &format!("{path}{separator}{}", Aks::name_at(path, &field)),
                kind.to_owned(),
            ));
        }
    }
    problems
}

const TEMPLATE: &str =
    "has {{ in it; if this is a Helm template, render it first: helm template … | http-proxy check -";

/// Whether a document can be meant for this policy: of settings on their own, that depends on their fields.
fn is_of_this_policy(content: &Content) -> bool {
    match content {
        Content::Other(_) => false,
        Content::Policy(_) | Content::Aks(_) => true,
        Content::Settings(settings) | Content::Wrapped(settings) => {
            let fields = settings.as_object();
            fields.is_some_and(|fields| fields.keys().any(|field| FIELDS.contains(&&**field)))
                || Aks::is_config(settings)
        }
    }
}
