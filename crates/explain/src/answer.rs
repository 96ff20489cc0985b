//! What the policy answers, and what Kubewarden makes of the answer.

use admission::Answer;
use anyhow::{Context, Result};
use http_proxy_policy::explanation::{ContainerExplanation, Explanation};
use http_proxy_policy::{explanation, policy};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::cluster::Cluster;

/// The policy, natively or as the compiled module.
pub trait Policy {
    /// Calls the policy's function `validate`.
    ///
    /// # Errors
    /// The module traps.
    fn validate(&self, payload: &[u8]) -> Result<Vec<u8>>;

    /// Whether its answers are compared with the explanation, which is always that of the code in this program.
    fn is_compared(&self) -> bool {
        false
    }
}

/// The policy's own code, as a part of this program.
pub struct Native;

impl Policy for Native {
    fn validate(&self, payload: &[u8]) -> Result<Vec<u8>> {
        Ok(policy::validate(payload).into_bytes())
    }
}

/// Why Report accepts an object.
const UP_TO_DATE: &str = "mode: Report changes nothing, and nothing in it is out of date";

/// What becomes of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    Changed,
    Unchanged,
    Rejected,
    NotSent,
}

impl Verdict {
    /// As people read it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Changed => "changed",
            Verdict::Unchanged => "unchanged",
            Verdict::Rejected => "rejected",
            Verdict::NotSent => "not sent",
        }
    }
}

/// What becomes of an object that is sent.
pub(crate) struct Decided {
    pub verdict: Verdict,
    /// `None` if it is changed.
    pub reason: Option<String>,
    pub explanation: Explanation,
    pub warnings: Vec<String>,
    /// The changed object, as text.
    pub mutated: Option<Box<RawValue>>,
    /// Whether the module answers otherwise than the code in this program.
    pub differs: bool,
}

/// Asks the policy.
///
/// # Errors
/// The module traps, or its answer is none.
pub(crate) fn decide(payload: &str, cluster: &Cluster, policy: &dyn Policy) -> Result<Decided> {
    let bytes = policy.validate(payload.as_bytes())?;
    let answer: Answer<Box<RawValue>> =
        serde_json::from_slice(&bytes).context("the policy's answer is not an answer")?;
    let differs = policy.is_compared() && bytes != Native.validate(payload.as_bytes())?;
    let mut explanation = explanation::explain(payload.as_bytes());
    let (verdict, reason) = verdict(&answer, cluster, &explanation);
    let is_as_decided = match verdict {
        Verdict::Changed => true,
        // Report plans what the object would get if it were created again.
        Verdict::Unchanged => answer.mutated_object.is_none() && answer.accepted && !cluster.reports,
        _ => false,
    };
    if !is_as_decided {
        explanation.containers = Vec::new();
    }
    Ok(Decided {
        verdict,
        reason,
        explanation,
        warnings: answer.warnings,
        mutated: answer.mutated_object.filter(|_| verdict == Verdict::Changed),
        differs,
    })
}

/// What Kubewarden makes of an answer, and the reason of every verdict but `changed`.
fn verdict(answer: &Answer<Box<RawValue>>, cluster: &Cluster, explanation: &Explanation) -> (Verdict, Option<String>) {
    let manifest = cluster.manifest.as_ref();
    let monitor = manifest.and_then(|manifest| manifest.monitor.as_ref());
    let not_mutating = manifest.and_then(|manifest| manifest.not_mutating.as_ref());
    let message = || answer.message.clone().unwrap_or_default();
    let is_changed = answer.mutated_object.is_some();
    match (answer.accepted, monitor, not_mutating) {
        (false, Some(place), _) => {
            let reason = format!(
                "{place}: mode: monitor: the policy server only logs that the policy rejects it: {}",
                message()
            );
            (Verdict::Unchanged, Some(reason))
        }
        (false, None, _) => {
            let custom = manifest.and_then(|manifest| manifest.message.as_ref());
            let instead = custom.map(|custom| {
                format!(
                    " ({}: message: its author reads {:?} instead)",
                    custom.place, custom.value
                )
            });
            (Verdict::Rejected, Some(message() + &instead.unwrap_or_default()))
        }
        (true, Some(place), _) if is_changed => {
            let reason = format!("{place}: mode: monitor: the policy server only logs that the policy would change it");
            (Verdict::Unchanged, Some(reason))
        }
        (true, None, Some(place)) if is_changed => {
            let reason = format!(
                "{place}: mutating: the policy server rejects what the policy would change; write mutating: true"
            );
            (Verdict::Rejected, Some(reason))
        }
        (true, ..) if is_changed => (Verdict::Changed, None),
        (true, ..) if cluster.reports && explanation.reason.is_none() => {
            (Verdict::Unchanged, Some(UP_TO_DATE.to_owned()))
        }
        (true, ..) => (Verdict::Unchanged, Some(why_unchanged(explanation))),
    }
}

/// Why nothing changes in an object: the reason for it as a whole, or those of its containers.
fn why_unchanged(explanation: &Explanation) -> String {
    if let Some(reason) = &explanation.reason {
        return reason.clone();
    }
    let of_container = |container: &ContainerExplanation| {
        let mut parts = container
            .variables
            .iter()
            .filter_map(|variable| variable.reason.clone());
        container.reason.clone().or_else(|| parts.next())
    };
    let reasons: Vec<Option<String>> = explanation.containers.iter().map(of_container).collect();
    match reasons.as_slice() {
        [] => "it has no container".to_owned(),
        [Some(reason)] => reason.clone(),
        [Some(first), others @ ..] if others.iter().all(|reason| reason.as_ref() == Some(first)) => {
            format!("each container: {first}")
        }
        reasons if reasons.iter().all(Option::is_none) => "it already has what the policy sets".to_owned(),
        reasons => {
            let named = explanation.containers.iter().zip(reasons);
            let named =
                named.filter_map(|(container, reason)| Some(format!("{}: {}", container.name, reason.as_ref()?)));
            named.collect::<Vec<_>>().join("; ")
        }
    }
}
