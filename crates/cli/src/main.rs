//! The command itself; `lib.rs` says what it is.

use std::process::ExitCode;

use clap::Parser;
use http_proxy::args::Cli;

fn main() -> ExitCode {
    match http_proxy::run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            for line in format!("{error:#}").lines() {
                eprintln!("error: {line}");
            }
            ExitCode::FAILURE
        }
    }
}
