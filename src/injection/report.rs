//! What a pod would get if it were re-created, for `mode: Report`.

use crate::injection::env::Difference;
use crate::injection::trusted_ca::{MountPlan, NAME};

/// The maximum number of containers that a message names.
const MAX_CONTAINERS: usize = 20;

/// The maximum number of variables that a message names for one container.
const MAX_NAMES: usize = 20;

/// How a pod differs from what it would be if it were re-created.
pub(crate) struct Report {
    /// Whether the pod has a record of the containers that the policy saw.
    has_record: bool,
    /// Whether the current configuration made the pod, so that every difference came later.
    is_current: bool,
    /// Whether the API server dropped the source of the CA's volume.
    lacks_cluster_trust_bundles: bool,
    /// What differs in the containers that the policy saw, or in all containers if there is no record.
    stale: Vec<String>,
    /// What came later, and what re-creating the pod would not change.
    later: Vec<String>,
}

/// What a report says about a pod.
pub(crate) enum Verdict {
    /// The pod is up to date. The warnings are about what came later.
    Current(Vec<String>),
    /// The pod would get different values; with the message.
    Stale(String),
}

impl Report {
    pub(super) fn new(has_record: bool, is_current: bool) -> Self {
        Report {
            has_record,
            is_current,
            lacks_cluster_trust_bundles: false,
            stale: Vec::new(),
            later: Vec::new(),
        }
    }

    /// Adds how a container differs.
    pub(super) fn add(&mut self, container: &str, is_recorded: bool, difference: Difference, mount: MountPlan) {
        let Difference {
            mut missing,
            out_of_date,
            mut no_longer_set,
        } = difference;
        match mount {
            MountPlan::Add => missing.push("the trusted CA"),
            _ if mount.removed().is_some() => no_longer_set.push("the trusted CA"),
            _ => {}
        }
        let kinds = [
            ("missing", missing),
            ("out of date:", out_of_date),
            ("no longer set", no_longer_set),
        ];
        let differs: Vec<String> = kinds
            .iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(kind, names)| format!("{kind} {}", listed(names)))
            .collect();
        if differs.is_empty() {
            return;
        }
        if self.has_record && !is_recorded {
            self.later.push(format!(
                "container {container} was added after the policy had processed the pod, and has no HTTP proxy configuration"
            ));
        } else if self.is_current {
            self.later.push(format!(
                "container {container} was changed after the policy had processed the pod: {}",
                differs.join(", ")
            ));
        } else {
            self.stale
                .push(format!("container {container}: {}", differs.join(", ")));
        }
    }

    /// Adds that the pod has a CA other than the settings'.
    pub(super) fn trusted_ca_out_of_date(&mut self) {
        if self.is_current {
            self.later
                .push("the trusted CA was changed after the policy had processed the pod".to_owned());
        } else {
            self.stale.push("the trusted CA is out of date".to_owned());
        }
    }

    /// Adds that the API server dropped the source of the CA's volume.
    pub(super) fn lacks_cluster_trust_bundles(&mut self) {
        self.lacks_cluster_trust_bundles = true;
    }

    pub(crate) fn verdict(self) -> Verdict {
        if self.lacks_cluster_trust_bundles {
            // Other differences do not matter, because re-creating the pod would not help.
            return Verdict::Stale(format!(
                "the API server lacks the feature ClusterTrustBundleProjection and dropped the source of the volume {NAME}, so the \
                 trusted CA is missing; re-creating the pod does not help until the API server has the feature"
            ));
        }
        if !self.stale.is_empty() {
            let left_out = self.stale.len().saturating_sub(MAX_CONTAINERS);
            let mut stale = self.stale;
            stale.truncate(MAX_CONTAINERS);
            if left_out > 0 {
                stale.push(format!("and {left_out} more"));
            }
            return Verdict::Stale(format!(
                "HTTP proxy configuration is out of date; re-create the pod, for example with kubectl rollout restart on its owner: {}",
                stale.join("; ")
            ));
        }
        Verdict::Current(self.later)
    }
}

fn listed(names: &[&str]) -> String {
    let left_out = names.len().saturating_sub(MAX_NAMES);
    let mut listed = names[..names.len() - left_out].join(", ");
    if left_out > 0 {
        listed.push_str(&format!(" and {left_out} more"));
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::injection::reason::Reason;

    const NO_MOUNT: MountPlan = MountPlan::Leave(Reason::NoCa, None);

    fn missing<'d>(names: &[&'d str]) -> Difference<'d> {
        Difference {
            missing: names.to_vec(),
            ..Difference::default()
        }
    }

    fn message(report: Report) -> String {
        match report.verdict() {
            Verdict::Stale(message) => message,
            Verdict::Current(_) => panic!("nothing is reported"),
        }
    }

    #[test]
    fn a_message_names_twenty_variables_of_a_container_and_counts_the_others() {
        for (names, end) in [
            (20, "NAME, NAME"),
            (21, "NAME, NAME and 1 more"),
            (25, "NAME and 5 more"),
        ] {
            let mut report = Report::new(false, false);
            report.add("app", false, missing(&vec!["NAME"; names]), NO_MOUNT);
            let message = message(report);
            assert_eq!(message.matches("NAME").count(), 20, "{message}");
            assert!(message.ends_with(end), "{message}");
        }
    }

    #[test]
    fn a_message_names_twenty_containers_and_counts_the_others() {
        for (containers, end) in [
            (20, "; container c19: missing NAME"),
            (21, "; container c19: missing NAME; and 1 more"),
            (25, "; container c19: missing NAME; and 5 more"),
        ] {
            let mut report = Report::new(false, false);
            for index in 0..containers {
                report.add(&format!("c{index}"), false, missing(&["NAME"]), NO_MOUNT);
            }
            let message = message(report);
            assert!(message.ends_with(end), "{message}");
        }
    }
}
