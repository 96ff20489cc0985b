//! `make run`: what the compiled policy does with Kubernetes objects, and why. The same answer as `http-proxy explain`, from the module
//! that a cluster runs, compared with the explanation.

mod module;

use std::io::Write;
use std::process::ExitCode;

use anstream::eprintln;
use anyhow::{Result, bail};
use explain::answer::Verdict;
use explain::command::{self, Question};
use explain::input::Report;
use explain::text::{self, Layout};

use crate::module::Module;

const USAGE: &str = "usage: run [--verbose] [--namespace-labels NAME=KEY=VALUE,…]… POLICY.wasm SETTINGS FILE…";

/// Of an error; 1 is for an object that is rejected, as in `http-proxy`.
const ERROR: u8 = 3;

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        for line in format!("{error:#}").lines() {
            eprintln!("error: {line}");
        }
        ExitCode::from(ERROR)
    })
}

fn run() -> Result<ExitCode> {
    let Args {
        verbose,
        wasm,
        question,
    } = Args::read(std::env::args().skip(1))?;
    let module = Module::load(&wasm)?;
    let report = command::answer(&question, &module)?;
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    print(&text::report(&report, Layout::of_environment(width, verbose)));
    for note in &report.notes {
        eprintln!("note: {note}");
    }
    Ok(compared(&report, &wasm))
}

/// Writes to standard output. Who closes it, as `head` does, has read enough.
fn print(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// What the Makefile passes.
struct Args {
    verbose: bool,
    wasm: String,
    question: Question,
}

impl Args {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let mut verbose = false;
        let mut namespace_labels = Vec::new();
        let mut files = Vec::new();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--verbose" => verbose = true,
                "--namespace-labels" => namespace_labels.extend(args.next()),
                _ => files.push(arg),
            }
        }
        let mut files = files.into_iter();
        let (Some(wasm), Some(settings)) = (files.next(), files.next()) else {
            bail!(USAGE);
        };
        let question = Question {
            settings,
            files: files.collect(),
            namespace_labels,
            ..Question::default()
        };
        Ok(Args {
            verbose,
            wasm,
            question,
        })
    }
}

/// Says whether the module and the explanation agree.
fn compared(report: &Report, wasm: &str) -> ExitCode {
    let disagreements = report
        .objects
        .iter()
        .filter_map(|explained| Some((explained, explained.disagreement.as_ref()?)));
    let mut agree = true;
    for (explained, disagreement) in disagreements {
        agree = false;
        eprintln!(
            "error: {wasm} and the explanation disagree on {}:\n       {disagreement}. The module is what a cluster runs. Please\n       \
             report this, with the two files.",
            explained.object
        );
    }
    if !agree {
        return ExitCode::from(ERROR);
    }
    print(&format!("{wasm} and the explanation agree.\n"));
    let is_rejected = report
        .objects
        .iter()
        .any(|explained| explained.verdict == Verdict::Rejected);
    ExitCode::from(u8::from(is_rejected))
}
