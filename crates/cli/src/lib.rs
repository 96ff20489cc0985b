//! `http-proxy`, the companion command of http-proxy-policy. It checks settings with the policy's own code, migrates them
//! from AKS, writes the configuration for nodes and a service mesh, and probes the proxies.

pub mod args;
pub mod check;
pub mod from_aks;
pub mod nodes;
mod pem;
mod probe;
mod proxy_address;
mod service_entry;
mod settings;
mod sources;

use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory;

use crate::args::{Cli, Command};

/// Runs a command.
///
/// # Errors
/// The command cannot do its work.
pub fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Check(args) => Ok(check::run(&args)),
        Command::FromAks(args) => from_aks::run(&args),
        Command::Nodes(args) => nodes::run(&args),
        Command::ServiceEntry(args) => service_entry::run(&args),
        Command::Probe(args) => probe::run(&args),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "http-proxy", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
        Command::Man { out } => {
            clap_mangen::generate_to(Cli::command(), out)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
