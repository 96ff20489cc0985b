//! What is measured of each module, and of each module in each case.

use std::time::Duration;

use anyhow::Result;
use testkit::cases::{self, Case};

use crate::candidate::{Candidate, Role};
use crate::timing::{self, Times};

/// Everything, for the tables.
pub struct Figures {
    modules: Vec<Module>,
    pub cases: Vec<Row>,
}

pub struct Module {
    pub bytes: usize,
    pub compilation: Duration,
}

/// A case, and what each candidate that does it took.
pub struct Row {
    pub case: String,
    pub request_bytes: usize,
    costs: [Option<Costs>; 3],
}

#[derive(Clone, Copy)]
pub struct Costs {
    pub instructions: u64,
    /// Peak of the linear memory, in bytes.
    pub memory: usize,
    pub times: Times,
}

impl Figures {
    pub fn measure(candidates: &[Candidate; 3]) -> Result<Self> {
        let compilations = timing::compilations(candidates)?;
        let modules = candidates.iter().zip(compilations);
        Ok(Figures {
            modules: modules
                .map(|(candidate, compilation)| Module {
                    bytes: candidate.module.len(),
                    compilation,
                })
                .collect(),
            cases: cases::all()
                .iter()
                .map(|case| Row::measure(candidates, case))
                .collect::<Result<_>>()?,
        })
    }

    pub fn module(&self, role: Role) -> &Module {
        &self.modules[role as usize]
    }

    pub fn row(&self, case: &Case) -> &Row {
        let named = self.cases.iter().find(|row| row.case == case.name);
        named.expect("a case of cases::all")
    }
}

impl Row {
    fn measure(candidates: &[Candidate; 3], case: &Case) -> Result<Self> {
        eprintln!("{}", case.name);
        let payload = case.payload();
        let able: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.does(case)).collect();
        let times = timing::calls(&able, &payload)?;
        let mut costs = [None; 3];
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
