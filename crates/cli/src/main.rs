//! The command itself; `lib.rs` says what it is.

use std::process::ExitCode;

use clap::Parser;
use http_proxy::args::Cli;
use http_proxy::{console, status};

fn main() -> ExitCode {
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(error) => {
            return usage(&error);
        }
    };
    http_proxy::run(command).unwrap_or_else(|error| {
        for line in without_secrets(format!("{error:#}")).lines() {
            console::note(&format!("error: {line}"));
        }
        ExitCode::from(status::CANNOT)
    })
}

/// Prints help, version or what is wrong with the arguments.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        let text = error.render();
        let shown = without_secrets(text.to_string());
        if shown != text.to_string() {
            console::note(shown.trim_end());
            return ExitCode::from(status::CANNOT);
        }
    }
    // Where it cannot be printed, there is nobody to tell.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { status::CANNOT } else { 0 })
}

/// A text without the arguments that may be a URL with a password, which was pasted in the wrong place.
fn without_secrets(mut text: String) -> String {
    for argument in std::env::args().skip(1).filter(|argument| argument.contains('@')) {
        let value = match argument.split_once('=') {
            Some((option, value)) if option.starts_with('-') => value,
            _ => &argument,
        };
        // A file may have an @ in its name; a password comes after a colon.
        if value.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) {
            text = text.replace(value, "(not shown)");
        }
    }
    text
}
