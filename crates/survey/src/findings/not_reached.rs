//! Pods that no webhook reaches, and pods that the policy rejects.

use explain::answer::Verdict;

use super::{Findings, finding};
use crate::report::{Kind, Object, Severity};
use crate::subjects::Subject;

/// The API server makes a mirror pod of a static pod, which only the node's kubelet reads.
const MIRROR: &str = "kubernetes.io/config.mirror";

pub(super) fn add(subject: &Subject, findings: &mut Findings) {
    let reason = subject.explanation.reason.clone().unwrap_or_default();
    let is_mirror = subject.before["metadata"]["annotations"][MIRROR].is_string();
    match subject.explanation.verdict {
        Verdict::Rejected => {
            let mut rejected = finding(subject, None, Kind::Rejected, Severity::Breaks);
            rejected.why = format!("The policy would reject its pods: {reason}");
            rejected.fix = "Correct what the reason names".to_owned();
            findings.add(rejected);
        }
        _ if is_mirror => {
            let mut found = finding(subject, None, Kind::NotReached, Severity::Info);
            found.why = "A static pod, which only its node can change".to_owned();
            found.fix = "If it needs the proxy, write the variables into its manifest on the node".to_owned();
            findings.add(found);
        }
        // A workload without pods says nothing of a namespace that it does not share with others.
        Verdict::NotSent if subject.pods > 0 => add_not_sent(subject, &reason, findings),
        _ => {}
    }
}

/// All pods of a namespace that are not sent for one reason are one finding.
fn add_not_sent(subject: &Subject, reason: &str, findings: &mut Findings) {
    let mut found = finding(subject, None, Kind::NotReached, Severity::Info);
    let is_of_namespace = ["namespaceSelector", "Kubewarden:", "an AdmissionPolicy sees"];
    if is_of_namespace.iter().any(|part| reason.contains(part)) {
        found.object = Object {
            kind: "Namespace".to_owned(),
            namespace: subject.object.namespace.clone(),
            name: subject.object.namespace.clone(),
        };
    }
    let detail = subject
        .explanation
        .detail
        .as_ref()
        .map(|detail| detail.replace(" (input)", ""));
    let detail = detail.map(|detail| format!("; {detail}")).unwrap_or_default();
    found.why = format!("Its pods are not sent to the policy: {reason}{detail}");
    found.fix = "If they need the proxy, change the selector or the label".to_owned();
    findings.add(found);
}
