//! The embedded host's answers, for another host to compare with its own: a line of standard input is a waPC function and its
//! payload with a space between; a line of standard output is the raw answer and the policy server's patch with a tab between.

use admission::Answer;
use anyhow::{Context, Result};
use e2e_tests::both::patch;
use host::policy::Policy;
use serde_json::Value;

fn main() -> Result<()> {
    let policy = Policy::load()?;
    for line in std::io::stdin().lines() {
        let line = line?;
        let (function, payload) = line.split_once(' ').context("a line must be FUNCTION PAYLOAD")?;
        let answer = String::from_utf8(policy.call(function, payload.as_bytes())?.bytes)?;
        let patch = match function {
            "validate" => {
                let payload: Value = serde_json::from_str(payload)?;
                let answer: Answer = serde_json::from_str(&answer)?;
                serde_json::to_string(&patch(&answer, &payload["request"]))?
            }
            _ => String::new(),
        };
        println!("{answer}\t{patch}");
    }
    Ok(())
}
