//! Measures the policy, and renews docs/development/performance.md.
//!
//! A run goes one way: the [`candidate`]s are compiled, [`timing`], counting and a policy [`server`] give the [`figures`] of
//! each case, [`report`] makes tables of them, [`growth`] the [`plot`]s.

mod candidate;
mod figures;
mod floor;
mod growth;
mod plot;
mod report;
mod server;
mod timing;

use anyhow::{Context, Result, bail};
use host::policy::module_bytes;
use testkit::page::{docs, renew};

use crate::candidate::{Candidate, Role};
use crate::figures::Figures;

const USAGE: &str = "usage: bench REFERENCE (the typed policy to compare policy.wasm with)";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [reference] = args.as_slice() else {
        bail!(USAGE);
    };
    let read = |path: &String| std::fs::read(path).with_context(|| path.clone());
    let candidates = [
        Candidate::new(Role::Policy, module_bytes()?)?,
        Candidate::new(Role::Reference, read(reference)?)?,
    ];

    let figures = Figures::measure(&candidates)?;
    let generated = format!(
        "## Goals\n\n{}\n## Instructions and memory\n\n{}\n## Times\n\nOn {}:\n\n{}\n{}\n{}\n## Through a policy server\n\n{}",
        report::goals(&figures),
        report::counts(&figures),
        machine(),
        report::times(&figures),
        report::capacity(&figures),
        report::modules(&figures),
        report::served(&figures),
    );
    println!("{generated}");

    for (file, plot) in growth::plots(&candidates)? {
        plot.write(&docs().join("performance").join(file))?;
    }
    let page = renew("development/performance.md", &generated)?;
    std::fs::write(&page.path, page.new)?;
    eprintln!("updated docs/development/performance.md");
    Ok(())
}

/// What the times depend on.
fn machine() -> String {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or(std::env::consts::ARCH, |(_, model)| model.trim());
    format!("{} with {cpus} CPUs ({model})", std::env::consts::OS)
}
