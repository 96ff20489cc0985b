//! Shows the policy at work: settings and Kubernetes objects in, what the policy changes out. No cluster needed.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use admission::{Answer, create_request, payload};
use anyhow::{Context, Result, bail};
use host::documents;
use host::policy::{Policy, module_bytes};
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

const USAGE: &str = "usage: host SETTINGS OBJECTS (files in YAML or JSON, - for standard input)";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the policy accepted everything.
fn run() -> Result<bool> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [settings_path, objects_path] = args.as_slice() else {
        bail!(USAGE);
    };
    let settings = settings(settings_path)?;
    let objects = documents::read(objects_path)?;
    let module = module_bytes()?;
    let policy = Policy::load()?;

    let verdict = policy.validate_settings(&settings)?;
    if !verdict.valid {
        bail!("{settings_path}: {}", verdict.message.unwrap_or_default());
    }
    let mut out = std::io::stdout().lock();
    let mut all_accepted = true;
    for object in &objects {
        let request = create_request(object).with_context(|| objects_path.clone())?;
        let payload = payload(&request, &settings);
        // The first call pays for memory that later ones find in place; a policy server is past it.
        policy.call("validate", &payload)?;
        let timed = policy.call("validate", &payload)?;
        let answer: Answer = serde_json::from_slice(&timed.bytes)?;

        let name = object["metadata"]["name"].as_str().unwrap_or("(unnamed)");
        writeln!(out, "{} {name}", object["kind"].as_str().unwrap_or_default())?;
        for warning in &answer.warnings {
            writeln!(out, "warning: {warning}")?;
        }
        match (&answer.mutated_object, &answer.message) {
            (Some(mutated), _) => write_diff(&mut out, object, mutated)?,
            (None, Some(message)) => writeln!(out, "rejected: {message}")?,
            (None, None) => writeln!(out, "left as it is")?,
        }
        all_accepted &= answer.accepted;
        writeln!(
            out,
            "answer: {} bytes for a request of {}, in {:.2} ms (a fresh instance of the {} KB module)\n",
            timed.bytes.len(),
            payload.len(),
            timed.total().as_secs_f64() * 1e3,
            module.len() / 1000,
        )?;
    }
    Ok(all_accepted)
}

/// The settings: a document of its own, or those in a policy's manifest.
fn settings(path: &str) -> Result<Value> {
    let mut documents = documents::read(path)?;
    if documents.len() > 1 {
        bail!("{path} has {} documents, and settings are one", documents.len());
    }
    Ok(documents.remove(0))
}

fn write_diff(out: &mut impl Write, before: &Value, after: &Value) -> Result<()> {
    let (before, after) = (serde_yaml_ng::to_string(before)?, serde_yaml_ng::to_string(after)?);
    let diff = TextDiff::from_lines(&before, &after);
    let colour = std::io::stdout().is_terminal();
    let paint = |code: &str, line: &str| {
        if colour {
            format!("\x1b[{code}m{line}\x1b[0m\n")
        } else {
            format!("{line}\n")
        }
    };
    write!(out, "{}{}", paint("1", "--- before"), paint("1", "+++ after"))?;
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        write!(out, "{}", paint("36", &hunk.header().to_string()))?;
        for change in hunk.iter_changes() {
            let line = format!("{}{}", change.tag(), change.value().trim_end_matches('\n'));
            let painted = match change.tag() {
                ChangeTag::Delete => paint("31", &line),
                ChangeTag::Insert => paint("32", &line),
                ChangeTag::Equal => format!("{line}\n"),
            };
            write!(out, "{painted}")?;
        }
    }
    Ok(())
}
