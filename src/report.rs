//! What a pod would get if it were created anew, for `mode: Report`.

use std::borrow::Cow;

use crate::env_changes::EnvChanges;
use crate::inject::MountChange;
use crate::own_env::OwnEnv;
use crate::pod::EnvVar;
use crate::response::Response;

/// Most containers that a message names.
const MAX_CONTAINERS: usize = 20;

/// What is not as it would be.
pub struct Report {
    /// Whether the pod has a record of the containers that the policy saw.
    has_record: bool,
    /// What is wrong with these, or with all where there is no record.
    stale: Vec<String>,
    /// Containers that the policy never saw, and that would get something.
    unseen: Vec<String>,
}

impl Report {
    pub fn new(has_record: bool) -> Self {
        Report {
            has_record,
            stale: Vec::new(),
            unseen: Vec::new(),
        }
    }

    /// Compares what is there in a container with what would be. `seen` tells whether the pod's record has the container.
    pub fn add(
        &mut self,
        container: &str,
        seen: bool,
        there: &[EnvVar],
        own: &OwnEnv,
        changes: &EnvChanges,
        mount: Option<MountChange>,
    ) {
        let mut missing: Vec<Cow<str>> = Vec::new();
        let mut out_of_date: Vec<Cow<str>> = Vec::new();
        let mut no_longer_set: Vec<Cow<str>> = Vec::new();
        let is_policys = |place: &usize| own.places.binary_search(place).is_err();
        for (name, value) in changes.new_variables() {
            let same_name = |place: &usize| there[*place].name == *name && is_policys(place);
            match (0..there.len()).rfind(same_name) {
                None => missing.push(Cow::Borrowed(name)),
                Some(place) if !value.is_set_by(&there[place]) => out_of_date.push(Cow::Borrowed(name)),
                Some(_) => {}
            }
        }
        for set in &changes.set {
            let variable = &there[own.places[set.index]];
            if !set.value.is_set_by(variable) {
                out_of_date.push(variable.name.clone());
            }
        }
        for (_, variable) in there.iter().enumerate().filter(|(place, _)| is_policys(place)) {
            if changes.new_variables().all(|(name, _)| variable.name != *name) && !out_of_date.contains(&variable.name)
            {
                no_longer_set.push(variable.name.clone());
            }
        }
        match mount {
            Some(MountChange::Added) => missing.push("the trusted CA".into()),
            Some(MountChange::Removed) => no_longer_set.push("the trusted CA".into()),
            Some(MountChange::Kept) | None => {}
        }
        let kinds = [
            (missing, "missing"),
            (out_of_date, "out of date"),
            (no_longer_set, "no longer due"),
        ];
        let kinds = kinds.iter().filter(|(names, _)| !names.is_empty());
        let kinds: Vec<String> = kinds
            .map(|(names, kind)| format!("{kind} {}", names.join(", ")))
            .collect();
        if kinds.is_empty() {
        } else if seen || !self.has_record {
            self.stale.push(format!("container {container}: {}", kinds.join(", ")));
        } else {
            self.unseen.push(container.to_owned());
        }
    }

    /// Notes that the CA which the pod carries is another one.
    pub fn trusted_ca_out_of_date(&mut self) {
        self.stale.push("out of date the trusted CA".to_owned());
    }

    /// The answer.
    pub fn into_response<'a>(self, mut warnings: Vec<String>) -> Response<'a> {
        if !self.stale.is_empty() {
            let left_out = self.stale.len().saturating_sub(MAX_CONTAINERS);
            let mut message = self.stale;
            message.truncate(MAX_CONTAINERS);
            if left_out > 0 {
                message.push(format!("and {left_out} more"));
            }
            let message = format!(
                "the HTTP proxy configuration of this object is not the current one, re-create it (kubectl rollout restart \
                 of its owner): {}",
                message.join("; ")
            );
            return Response::Reject { code: 400, message };
        }
        warnings.extend(self.unseen.iter().take(MAX_CONTAINERS).map(|container| {
            format!("container {container} was added after the policy saw the pod, and has no HTTP proxy configuration")
        }));
        Response::Accept { warnings }
    }
}
