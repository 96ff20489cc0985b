//! How the cost grows with what there is to do.

use anyhow::Result;
use testkit::cases::{self, Case};

use crate::candidate::Candidate;
use crate::plot::{Plot, Series};

/// The plots, each with the name of its file.
pub fn plots([floor, policy, reference]: &[Candidate; 3]) -> Result<[(&'static str, Plot); 3]> {
    let with_bytes = |case: Case| (case.payload().len() as f64 / 1e3, case);
    let containers = || [1, 400, 800, 1200, 1600].map(cases::containers).map(with_bytes);
    let variables = || [0, 6_000, 12_000, 18_000, 24_000].map(cases::variables).map(with_bytes);
    let few_containers = || [1, 10, 20, 40, 60, 80, 100].map(|count| (count as f64, cases::containers(count)));
    let entries = || [0, 10, 200, 400, 600, 800, 1000].map(|count| (count as f64, cases::no_proxy_entries(count)));
    Ok([
        (
            "request-size.svg",
            Plot {
                title: "Instructions against the size of the request",
                x_label: "size of the request in KB",
                series: vec![
                    line(floor, "empty policy", containers())?,
                    line(policy, "this policy, containers", containers())?,
                    line(policy, "this policy, variables", variables())?,
                    line(reference, "typed, containers", containers())?,
                    line(reference, "typed, variables", variables())?,
                ],
            },
        ),
        (
            "containers.svg",
            Plot {
                title: "Instructions against the number of containers",
                x_label: "containers in the pod",
                series: vec![
                    line(floor, "empty policy", few_containers())?,
                    line(policy, "this policy", few_containers())?,
                    line(reference, "typed", few_containers())?,
                ],
            },
        ),
        (
            "no-proxy-entries.svg",
            Plot {
                title: "Instructions against the length of noProxy",
                x_label: "entries of noProxy in the settings",
                series: vec![
                    line(floor, "empty policy", entries())?,
                    line(policy, "this policy", entries())?,
                    line(reference, "typed", entries())?,
                ],
            },
        ),
    ])
}

fn line<const N: usize>(candidate: &Candidate, label: &'static str, cases: [(f64, Case); N]) -> Result<Series> {
    let points = cases
        .into_iter()
        .map(|(x, case)| Ok((x, candidate.count(&case)?.instructions as f64)))
        .collect::<Result<_>>()?;
    Ok(Series {
        role: candidate.role,
        label,
        points,
    })
}
