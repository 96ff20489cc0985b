//! How the cost grows with what there is to do.

use anyhow::Result;
use testkit::cases::{self, Case};

use crate::candidate::{Candidate, Role};
use crate::plot::{Plot, Series, Unit};
use crate::timing;

/// The plots, each with the name of its file.
pub fn plots([policy, reference]: &[Candidate; 2]) -> Result<[(&'static str, Plot); 4]> {
    let few_containers = || [1, 10, 20, 40, 60, 80, 100].map(|count| (count as f64, cases::containers(count)));
    let entries = || [0, 10, 200, 400, 600, 800, 1000].map(|count| (count as f64, cases::no_proxy_entries(count)));
    Ok([
        ("request-size.svg", by_size(policy, reference)?),
        (
            "containers.svg",
            instructions(
                "Instructions against the number of containers",
                "containers in the pod",
                vec![
                    counted(policy, "this policy", few_containers())?,
                    counted(reference, "typed", few_containers())?,
                ],
            ),
        ),
        (
            "no-proxy-entries.svg",
            instructions(
                "Instructions against the length of noProxy",
                "entries of noProxy in the settings",
                vec![
                    counted(policy, "this policy", entries())?,
                    counted(reference, "typed", entries())?,
                ],
            ),
        ),
        (
            "time.svg",
            Plot {
                title: "Time of a request against the number of containers",
                x_label: "containers in the pod",
                unit: Unit::Milliseconds,
                series: timed(policy, reference, few_containers())?,
            },
        ),
    ])
}

fn by_size(policy: &Candidate, reference: &Candidate) -> Result<Plot> {
    let with_bytes = |case: Case| (case.payload().len() as f64 / 1e3, case);
    let containers = || [1, 400, 800, 1200, 1600].map(cases::containers).map(with_bytes);
    let variables = || [0, 6_000, 12_000, 18_000, 24_000].map(cases::variables).map(with_bytes);
    Ok(instructions(
        "Instructions against the size of the request",
        "size of the request in KB",
        vec![
            counted(policy, "this policy, containers", containers())?,
            counted(policy, "this policy, variables", variables())?,
            counted(reference, "typed, containers", containers())?,
            counted(reference, "typed, variables", variables())?,
        ],
    ))
}

fn instructions(title: &'static str, x_label: &'static str, series: Vec<Series>) -> Plot {
    Plot {
        title,
        x_label,
        unit: Unit::Instructions,
        series,
    }
}

fn counted<const N: usize>(candidate: &Candidate, label: &'static str, cases: [(f64, Case); N]) -> Result<Series> {
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

/// Instantiation and call together, in milliseconds: the ready-made answer, this policy and the typed one.
fn timed<const N: usize>(policy: &Candidate, reference: &Candidate, cases: [(f64, Case); N]) -> Result<Vec<Series>> {
    let mut series = Role::ALL.map(|role| Series {
        role,
        label: role.name(),
        points: Vec::new(),
    });
    for (x, case) in cases {
        let floor = policy.floor(&case)?;
        let times = timing::calls(&[&floor, policy, reference], &case.payload())?;
        for (series, times) in series.iter_mut().zip(times) {
            series.points.push((x, times.total().as_secs_f64() * 1e3));
        }
    }
    Ok(series.into())
}
