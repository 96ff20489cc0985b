//! What is measured of each module, and of each module in each case.

use std::time::Duration;

use anyhow::{Error, Result};
use host::meter::{Cost, Meter};
use testkit::cases::{self, Case};
use testkit::worst_cases;

use crate::candidate::{Candidate, Role, able};
use crate::server::Served;
use crate::timing::{self, Times};

/// Everything, for the tables.
pub struct Figures {
    /// This policy and the typed one.
    pub modules: Vec<Module>,
    pub cases: Vec<Row>,
    /// Through a policy server; empty if there is none.
    pub served: Vec<Served>,
    /// `validate_settings` of the worst settings.
    pub worst_settings: Cost,
    /// The peak of the linear memory, in bytes, of the worst request of 2 MiB.
    pub worst_memory: usize,
}

pub struct Module {
    pub role: Role,
    pub bytes: usize,
    pub compilation: Duration,
}

/// A case, and what each candidate that does it took.
pub struct Row {
    pub case: String,
    pub request_bytes: usize,
    costs: [Option<Costs>; 3],
}

pub struct Costs {
    pub instructions: u64,
    /// Peak of the linear memory, in bytes.
    pub memory: usize,
    pub times: Times,
}

impl Figures {
    pub fn measure(candidates: &[Candidate; 2]) -> Result<Self> {
        let compilations = timing::compilations(candidates)?;
        let modules = candidates.iter().zip(compilations);
        let meter = Meter::new(&candidates[0].module).map_err(Error::msg)?;
        let (worst_settings, worst_memory) = worst(&meter)?;
        Ok(Figures {
            modules: modules
                .map(|(candidate, compilation)| Module {
                    role: candidate.role,
                    bytes: candidate.module.len(),
                    compilation,
                })
                .collect(),
            cases: cases::all()
                .iter()
                .map(|case| Row::measure(candidates, case))
                .collect::<Result<_>>()?,
            served: [cases::typical(), cases::containers(100)]
                .iter()
                .filter_map(|case| Served::measure(candidates, case).transpose())
                .collect::<Result<_>>()?,
            worst_settings,
            worst_memory,
        })
    }

    pub fn row(&self, case: &Case) -> &Row {
        let named = self.cases.iter().find(|row| row.case == case.name);
        named.expect("a case of cases::all")
    }
}

fn worst(meter: &Meter) -> Result<(Cost, usize)> {
    eprintln!("the worst settings and requests");
    let settings = worst_cases::settings();
    let verdict = meter
        .call("validate_settings", settings.to_string().as_bytes())
        .map_err(Error::msg)?;
    let mut memory = 0;
    for (_, pod) in worst_cases::pods("") {
        let payload = testkit::requests::payload(&pod, &settings);
        memory = memory.max(meter.call("validate", payload.as_bytes()).map_err(Error::msg)?.memory);
    }
    Ok((verdict, memory))
}

impl Row {
    fn measure(candidates: &[Candidate; 2], case: &Case) -> Result<Self> {
        eprintln!("{}", case.name);
        let payload = case.payload();
        let floor = candidates[0].floor(case)?;
        let able = able(&floor, candidates, case);
        let times = timing::calls(&able, &payload)?;
        let mut costs = [const { None }; 3];
        for (candidate, times) in able.iter().zip(times) {
            let cost = candidate.count(case)?;
            costs[candidate.role as usize] = Some(Costs {
                instructions: cost.instructions,
                memory: cost.memory,
                times,
            });
        }
        Ok(Row {
            case: case.name.clone(),
            request_bytes: payload.len(),
            costs,
        })
    }

    /// What it cost; nothing if the candidate does not do what the case asks for.
    pub fn of(&self, role: Role) -> Option<&Costs> {
        self.costs[role as usize].as_ref()
    }
}
