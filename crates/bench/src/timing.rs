//! Times calls, those of all candidates in turn, so that whatever else the machine does meets all of them.

use std::time::{Duration, Instant};

use anyhow::Result;
use host::policy::Policy;

use crate::candidate::Candidate;

/// Medians.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Until the instance is there, its `wapc_init` included.
    pub instantiation: Duration,
    pub call: Duration,
    /// Of both together.
    pub total: Duration,
}

/// How long the rounds of one case go on.
const BUDGET: Duration = Duration::from_secs(2);
const LEAST_ROUNDS: u32 = 25;
const MOST_ROUNDS: u32 = 1000;

/// Times a call of each candidate, an instance of its own for each.
pub fn calls(candidates: &[&Candidate], payload: &[u8]) -> Result<Vec<Times>> {
    let call = |i: usize| {
        let timed = candidates[i].policy.call("validate", payload)?;
        Ok((timed.instantiation, timed.call))
    };
    // The first round, which is not counted, pays for memory that later ones find in place.
    let start = Instant::now();
    rounds(candidates.len(), 1, call)?;
    let count = BUDGET.div_duration_f64(start.elapsed()) as u32;
    let timed = rounds(candidates.len(), count.clamp(LEAST_ROUNDS, MOST_ROUNDS), call)?;
    Ok(timed
        .into_iter()
        .map(|timed| Times {
            instantiation: median(timed.iter().map(|(instantiation, _)| *instantiation)),
            call: median(timed.iter().map(|(_, call)| *call)),
            total: median(timed.iter().map(|(instantiation, call)| *instantiation + *call)),
        })
        .collect())
}

/// Times how long each module takes to be compiled.
pub fn compilations(candidates: &[Candidate]) -> Result<Vec<Duration>> {
    let times = rounds(candidates.len(), 3, |i| {
        let start = Instant::now();
        Policy::compile(&candidates[i].module)?;
        Ok(start.elapsed())
    })?;
    Ok(times.into_iter().map(median).collect())
}

/// What `measure` says of each candidate, round by round; each round begins with another one.
fn rounds<T>(candidates: usize, rounds: u32, measure: impl Fn(usize) -> Result<T>) -> Result<Vec<Vec<T>>> {
    let mut measured: Vec<Vec<T>> = (0..candidates).map(|_| Vec::new()).collect();
    for round in 0..rounds as usize {
        for turn in 0..candidates {
            let i = (round + turn) % candidates;
            measured[i].push(measure(i)?);
        }
    }
    Ok(measured)
}

fn median(times: impl IntoIterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.into_iter().collect();
    times.sort_unstable();
    times[times.len() / 2]
}
