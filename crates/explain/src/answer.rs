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

#[cfg(test)]
mod tests {
    use http_proxy_policy::explanation::{Os, Outcome, PartExplanation, VariableExplanation};
    use serde_json::{Value, json};

    use super::*;
    use crate::admission::Manifest;
    use crate::request::Operation;

    const CHANGED: Option<&str> = Some(r#"{"kind": "Pod"}"#);

    fn answer(accepted: bool, changed: Option<&str>) -> Answer<Box<RawValue>> {
        let changed: Option<Value> = changed.map(|text| serde_json::from_str(text).unwrap());
        let message = (!accepted).then_some("no");
        let answer = json!({"accepted": accepted, "message": message, "code": null, "mutated_object": changed});
        serde_json::from_str(&answer.to_string()).unwrap()
    }

    fn cluster(mode: &str, spec: Option<&Value>) -> Cluster {
        let settings = json!({"httpProxy": "http://p.example:1", "mode": mode}).to_string();
        let manifest = spec.map(|spec| Manifest::read(&json!({"spec": spec}), &|path| format!("p.yaml:{path}")));
        Cluster::new(settings, manifest)
    }

    /// A container's name, its reason, and those of its variables.
    type Said<'s> = (&'s str, Option<&'s str>, &'s [Option<&'s str>]);

    fn explanation(reason: Option<&str>, containers: &[Said]) -> Explanation {
        let containers = containers.iter().map(|(name, reason, variables)| {
            let variables = variables.iter().map(|reason| VariableExplanation {
                name: "HTTP_PROXY".to_owned(),
                outcome: Outcome::Kept,
                reason: reason.map(str::to_owned),
            });
            ContainerExplanation {
                name: (*name).to_owned(),
                kind: "container",
                outcome: Outcome::Unchanged,
                reason: reason.map(str::to_owned),
                variables: variables.collect(),
                trusted_ca: PartExplanation {
                    outcome: Outcome::NotSet,
                    reason: None,
                },
                os: Os::Linux,
                is_excluded: false,
            }
        });
        Explanation {
            reason: reason.map(str::to_owned),
            profile: None,
            containers: containers.collect(),
            no_proxy: String::new(),
        }
    }

    #[test]
    fn the_manifest_decides_what_becomes_of_an_answer() {
        let mutating = json!({"mutating": true});
        let not_mutating = json!({"mutating": false});
        let monitor = json!({"mutating": true, "mode": "monitor"});
        let neither = json!({"mode": "monitor"});
        let with_message = json!({"mutating": true, "message": "ask us"});
        let logs = "p.yaml:spec.mode: mode: monitor: the policy server only logs that the policy";
        let rejects = "p.yaml:spec.mutating: mutating: the policy server rejects what the policy would change";
        let would_change = format!("{logs} would change it");
        let rejects_it = format!("{logs} rejects it: no");
        let instead = "no (p.yaml:spec.message: message: its author reads \"ask us\" instead)";
        for (spec, accepted, changed, verdict_of_it, reason) in [
            (None, true, CHANGED, Verdict::Changed, ""),
            (Some(&mutating), true, CHANGED, Verdict::Changed, ""),
            (Some(&not_mutating), true, CHANGED, Verdict::Rejected, rejects),
            (Some(&monitor), true, CHANGED, Verdict::Unchanged, &would_change),
            (Some(&neither), true, CHANGED, Verdict::Unchanged, &would_change),
            (None, true, None, Verdict::Unchanged, "why"),
            (Some(&mutating), true, None, Verdict::Unchanged, "why"),
            (Some(&not_mutating), true, None, Verdict::Unchanged, "why"),
            (Some(&monitor), true, None, Verdict::Unchanged, "why"),
            (None, false, None, Verdict::Rejected, "no"),
            (Some(&not_mutating), false, None, Verdict::Rejected, "no"),
            (Some(&with_message), false, None, Verdict::Rejected, instead),
            (Some(&monitor), false, None, Verdict::Unchanged, &rejects_it),
        ] {
            let explanation = explanation(Some("why"), &[]);
            let (found, why) = verdict(&answer(accepted, changed), &cluster("Inject", spec), &explanation);
            assert_eq!(found, verdict_of_it, "{spec:?}");
            assert!(why.unwrap_or_default().starts_with(reason), "{spec:?}: {reason}");
        }
        for (mode, reason, expected) in [
            ("Report", None, UP_TO_DATE),
            ("Report", Some("why"), "why"),
            ("Inject", None, "it has no container"),
        ] {
            let (_, why) = verdict(&answer(true, None), &cluster(mode, None), &explanation(reason, &[]));
            assert_eq!(why.as_deref(), Some(expected));
        }
    }

    #[test]
    fn why_an_object_is_unchanged_is_said_once_where_all_containers_have_the_same_reason() {
        for (reason, containers, expected) in [
            (Some("whole"), &[("a", Some("x"), &[][..])][..], "whole"),
            (None, &[], "it has no container"),
            (None, &[("a", Some("x"), &[])], "x"),
            (None, &[("a", None, &[None, Some("y"), Some("z")])], "y"),
            (
                None,
                &[("a", Some("x"), &[]), ("b", None, &[Some("x")])],
                "each container: x",
            ),
            (None, &[("a", Some("x"), &[]), ("b", Some("y"), &[])], "a: x; b: y"),
            (None, &[("a", None, &[]), ("b", Some("y"), &[])], "b: y"),
            (None, &[("a", Some("x"), &[]), ("b", None, &[None])], "a: x"),
            (
                None,
                &[("a", None, &[]), ("b", None, &[None])],
                "it already has what the policy sets",
            ),
        ] {
            assert_eq!(why_unchanged(&explanation(reason, containers)), expected);
        }
    }

    /// A policy whose answers are not compared.
    struct Uncompared;

    impl Policy for Uncompared {
        fn validate(&self, _: &[u8]) -> Result<Vec<u8>> {
            Ok(br#"{"accepted": true}"#.to_vec())
        }
    }

    /// A policy that answers what it is made of.
    struct Canned(Vec<u8>);

    impl Policy for Canned {
        fn validate(&self, _: &[u8]) -> Result<Vec<u8>> {
            Ok(self.0.clone())
        }

        fn is_compared(&self) -> bool {
            true
        }
    }

    #[test]
    fn an_answer_that_differs_from_that_of_this_code_is_said_to() {
        let cluster = cluster("Inject", None);
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app"}]}});
        let payload = crate::request::payload(&pod, &pod.to_string(), Operation::Create, &cluster.settings);
        let native = Native.validate(payload.as_bytes()).unwrap();
        let same = decide(&payload, &cluster, &Canned(native.clone())).unwrap();
        assert_eq!(
            (same.differs, same.verdict, same.explanation.containers.len()),
            (false, Verdict::Changed, 1)
        );
        let other = br#"{"accepted": true, "warnings": ["w"]}"#.to_vec();
        let other = decide(&payload, &cluster, &Canned(other)).unwrap();
        assert_eq!(
            (other.differs, other.verdict, other.warnings),
            (true, Verdict::Unchanged, vec!["w".to_owned()])
        );
        assert!(!decide(&payload, &cluster, &Native).unwrap().differs);
        assert!(!decide(&payload, &cluster, &Uncompared).unwrap().differs);
        assert!(decide(&payload, &cluster, &Canned(b"0".to_vec())).is_err());
    }

    #[test]
    fn containers_are_explained_where_the_answer_is_the_one_that_is_explained() {
        let decided = |mode: &str, spec: Option<&Value>, policy: &dyn Policy| {
            let cluster = cluster(mode, spec);
            let pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app"}]}});
            let payload = crate::request::payload(&pod, &pod.to_string(), Operation::Create, &cluster.settings);
            let decided = decide(&payload, &cluster, policy).unwrap();
            (
                decided.verdict,
                decided.explanation.containers.len(),
                decided.mutated.is_some(),
            )
        };
        let monitor = json!({"mutating": true, "mode": "monitor"});
        let rejects = Canned(br#"{"accepted": false, "message": "no"}"#.to_vec());
        let accepts = Canned(br#"{"accepted": true}"#.to_vec());
        assert_eq!(decided("Inject", None, &Native), (Verdict::Changed, 1, true));
        assert_eq!(
            decided("Inject", Some(&monitor), &Native),
            (Verdict::Unchanged, 0, false)
        );
        assert_eq!(
            decided("Inject", Some(&monitor), &rejects),
            (Verdict::Unchanged, 0, false)
        );
        assert_eq!(decided("Inject", None, &accepts), (Verdict::Unchanged, 1, false));
        assert_eq!(decided("Inject", None, &rejects), (Verdict::Rejected, 0, false));
        assert_eq!(
            decided("Inject", Some(&json!({})), &Native),
            (Verdict::Rejected, 0, false)
        );
        assert_eq!(decided("Report", None, &accepts), (Verdict::Unchanged, 0, false));
    }
}
