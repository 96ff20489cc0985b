//! Shows what the policy does: settings and Kubernetes objects in, what changes out. Needs no cluster.

mod changes;
mod pod;
mod print;
mod profile;
mod settings;
mod why_left;

use std::process::ExitCode;

use admission::{Answer, create_request, payload};
use anyhow::{Context, Result};
use clap::Parser;
use host::policy::{Policy, Timed, module_bytes};
use serde_json::Value;

use crate::print::Summary;
use crate::settings::Settings;

/// Show what the policy changes in Kubernetes objects
///
/// The exit status is 1 if the policy rejects the settings or an object, and 2 if something cannot be read.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    color: colorchoice_clap::Color,
    /// Also show sizes and times
    #[arg(long)]
    verbose: bool,
    /// Settings, a policy's manifest, or the output of az aks show: YAML or JSON, - for standard input
    settings: String,
    /// Kubernetes objects: YAML or JSON, - for standard input
    objects: String,
}

fn main() -> ExitCode {
    let args = Args::parse();
    args.color.write_global();
    run(&args).unwrap_or_else(|error| {
        print::error(&format!("{error:#}"));
        ExitCode::from(2)
    })
}

fn run(args: &Args) -> Result<ExitCode> {
    let settings = Settings::read(&args.settings)?;
    let objects = documents::read(&args.objects).with_context(|| settings::label(&args.objects).to_owned())?;
    // The times to show are those of Cranelift's code, which policy servers run.
    let policy = if args.verbose {
        Policy::load()
    } else {
        Policy::load_quickly()
    }?;
    let verdict = policy.validate_settings(&settings.value)?;
    if !verdict.valid {
        print::settings_problems(&settings, &verdict.message.unwrap_or_default());
        return Ok(ExitCode::FAILURE);
    }
    print::conditions_not_evaluated(&settings);

    let mut summary = Summary::default();
    for object in &objects {
        let request = create_request(object).with_context(|| settings::label(&args.objects).to_owned())?;
        let namespace = request["namespace"].as_str().unwrap_or_default();
        if !settings.selects(namespace) {
            print::header(object, namespace, None);
            print::left(&why_left::not_selected(namespace));
            summary.left += 1;
            continue;
        }
        let (answer, timed) = ask(&policy, &request, &settings.value)?;
        let profile = profile::chosen(&policy, &request, &settings.value)?;
        print::header(object, namespace, profile.as_ref());
        show(object, &answer, &settings.value, profile.as_ref(), &mut summary)?;
        if args.verbose {
            print::cost(&timed, &request, module_bytes()?.len());
        }
    }
    print::summary(&summary);
    Ok(if summary.rejected == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn ask(policy: &Policy, request: &Value, settings: &Value) -> Result<(Answer, Timed)> {
    let timed = policy.call("validate", &payload(request, settings))?;
    Ok((serde_json::from_slice(&timed.bytes)?, timed))
}

/// Prints the answer for an object, and counts it.
fn show(
    object: &Value,
    answer: &Answer,
    settings: &Value,
    profile: Option<&profile::Choice>,
    summary: &mut Summary,
) -> Result<()> {
    answer.warnings.iter().for_each(|warning| print::warning(warning));
    summary.warnings += answer.warnings.len();
    match (&answer.mutated_object, &answer.message) {
        (Some(mutated), _) => {
            summary.changed += 1;
            print::changes(&changes::between(object, mutated));
            print::diff(object, mutated)
        }
        (None, Some(message)) => {
            summary.rejected += 1;
            print::rejection(message);
            Ok(())
        }
        (None, None) => {
            summary.left += 1;
            print::left(&why_left::reason(object, settings, profile));
            Ok(())
        }
    }
}
