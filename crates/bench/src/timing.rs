//! Times calls, those of all candidates in turn, so that whatever else the machine does meets all of them.

use std::time::{Duration, Instant};

use anyhow::Result;
use host::policy::Policy;

use crate::candidate::Candidate;

/// What the calls of one candidate took, round by round.
#[derive(Clone, Debug)]
pub struct Times {
    /// Until the instance is there, its `wapc_init` included.
    instantiations: Vec<Duration>,
    calls: Vec<Duration>,
}

/// How a candidate compares with another one: the median of the ratios of all rounds, and the quartiles.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    pub median: f64,
    pub quartiles: [f64; 2],
}

impl Times {
    pub fn instantiation(&self) -> Duration {
        median(self.instantiations.iter().copied())
    }

    /// Of instantiation and call together.
    pub fn total(&self) -> Duration {
        median(self.totals())
    }

    fn totals(&self) -> impl Iterator<Item = Duration> {
        self.instantiations
            .iter()
            .zip(&self.calls)
            .map(|(instantiation, call)| *instantiation + *call)
    }

    /// How many times as long as the other candidate this one took. Round by round, since what slows down the machine slows
    /// down a whole round.
    pub fn ratio_to(&self, other: &Times) -> Ratio {
        let pairs = self.totals().zip(other.totals());
        Ratio::of(pairs.map(|(this, other)| this.div_duration_f64(other)))
    }
}

impl Ratio {
    /// The ratio of which there are these, one of each round.
    pub fn of(ratios: impl IntoIterator<Item = f64>) -> Self {
        let ratios = sorted(ratios);
        let at = |quarter: usize| ratios[(ratios.len() - 1) * quarter / 4];
        Ratio {
            median: at(2),
            quartiles: [at(1), at(3)],
        }
    }
}

/// How long the rounds of one case go on.
const BUDGET: Duration = Duration::from_secs(4);
const LEAST_ROUNDS: u32 = 51;
const MOST_ROUNDS: u32 = 4001;

/// Times a call of each candidate, an instance of its own for each.
pub fn calls(candidates: &[&Candidate], payload: &[u8]) -> Result<Vec<Times>> {
    let call = |i: usize| {
        let timed = candidates[i].policy.call("validate", payload)?;
        Ok((timed.instantiation, timed.call))
    };
    // The first rounds, which are not counted, pay for memory that later ones find in place.
    rounds(candidates.len(), 2, call)?;
    let start = Instant::now();
    rounds(candidates.len(), 1, call)?;
    let count = BUDGET.div_duration_f64(start.elapsed()) as u32;
    let timed = rounds(candidates.len(), count.clamp(LEAST_ROUNDS, MOST_ROUNDS), call)?;
    let times = timed.into_iter().map(|timed| {
        let (instantiations, calls) = timed.into_iter().unzip();
        Times { instantiations, calls }
    });
    Ok(times.collect())
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
pub fn rounds<T>(candidates: usize, rounds: u32, measure: impl Fn(usize) -> Result<T>) -> Result<Vec<Vec<T>>> {
    let mut measured: Vec<Vec<T>> = (0..candidates).map(|_| Vec::new()).collect();
    for round in 0..rounds as usize {
        for turn in 0..candidates {
            let i = (round + turn) % candidates;
            measured[i].push(measure(i)?);
        }
    }
    Ok(measured)
}

pub fn median<T: PartialOrd + Copy>(values: impl IntoIterator<Item = T>) -> T {
    let values = sorted(values);
    values[values.len() / 2]
}

fn sorted<T: PartialOrd>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_by(|one, other| one.partial_cmp(other).expect("measurements are numbers"));
    values
}
