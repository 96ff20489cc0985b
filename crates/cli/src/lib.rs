//! `http-proxy`, the companion command of http-proxy-policy. It checks settings with the policy's own code, migrates them
//! from AKS, writes the configuration for nodes and a service mesh, probes the proxies, and makes images with certificate authorities.

mod aks;
pub mod args;
pub mod check;
pub mod console;
mod explain;
pub mod from_aks;
pub mod nodes;
mod pem;
mod probe;
mod problem;
mod proxy_address;
mod service_entry;
mod settings;
mod sources;
pub mod status;
pub mod survey;
pub mod trust_image;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::CommandFactory;

use crate::args::{Cli, Command};

/// Runs a command.
///
/// # Errors
/// The command cannot do its work.
pub fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Explain(args) => explain::run(&args),
        Command::Survey(args) => survey::run(&args),
        Command::Check(args) => check::run(&args),
        Command::FromAks(args) => from_aks::run(&args),
        Command::Nodes(args) => nodes::run(&args),
        Command::ServiceEntry(args) => service_entry::run(&args),
        Command::Probe(args) => probe::run(&args),
        Command::TrustImage(args) => trust_image::run(&args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "http-proxy", &mut script);
            console::print(&String::from_utf8_lossy(&script))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Man { out } => {
            let written = clap_mangen::generate_to(Cli::command(), &out);
            written.with_context(|| format!("{}: cannot be written", out.display()))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
