//! What is found in pods, one kind of finding per module.

mod destinations;
mod env_from;
mod missing;
mod not_reached;
mod own_proxy;
mod runtimes;
mod wording;

use std::collections::BTreeMap;

use http_proxy_policy::explanation::{ContainerExplanation, Os};
use serde_json::Value;

use crate::dump::Dump;
use crate::location::Locator;
use crate::report::{DestinationTotals, Finding, Kind, Object, Severity};
use crate::secrets::printable;
use crate::settings::InForce;
use crate::subjects::Subject;

/// What all findings depend on.
pub(crate) struct Context<'c> {
    pub(crate) dump: &'c Dump,
    pub(crate) locator: Locator<'c>,
    /// By profile; the top level is `None`.
    pub(crate) settings: BTreeMap<Option<String>, InForce>,
}

impl Context<'_> {
    fn settings_of(&self, subject: &Subject) -> Option<&InForce> {
        self.settings.get(&subject.profile().map(str::to_owned))
    }
}

/// The findings so far. Those that differ in their pods alone are one.
#[derive(Default)]
pub(crate) struct Findings {
    /// With the number of the last subject that it is about.
    found: BTreeMap<Key, (Finding, usize)>,
    subjects: usize,
    pub(crate) destinations: DestinationTotals,
    /// Variables that come from Secrets, with one place of each: nobody looks into them.
    pub(crate) from_secrets: BTreeMap<Object, Vec<String>>,
}

type Key = (Kind, Object, Option<String>, Option<String>, Option<String>);

impl Findings {
    /// Adds a finding. Returns whether it is a new one.
    pub(crate) fn add(&mut self, mut finding: Finding) -> bool {
        let shown = [&mut finding.container, &mut finding.place, &mut finding.value];
        shown.into_iter().flatten().for_each(|text| *text = printable(text));
        let key = (
            finding.kind,
            finding.object.clone(),
            finding.container.clone(),
            finding.place.clone(),
            finding.value.clone(),
        );
        if let Some((known, last)) = self.found.get_mut(&key) {
            if *last != self.subjects {
                known.pods += finding.pods;
                *last = self.subjects;
            }
            return false;
        }
        self.found.insert(key, (finding, self.subjects));
        true
    }

    pub(crate) fn into_vec(self) -> Vec<Finding> {
        self.found.into_values().map(|(finding, _)| finding).collect()
    }
}

/// A finding about a container of a subject.
fn finding(subject: &Subject, container: Option<&str>, kind: Kind, severity: Severity) -> Finding {
    Finding {
        kind,
        severity,
        object: subject.object.clone(),
        container: container.map(str::to_owned),
        place: None,
        value: None,
        why: String::new(),
        fix: String::new(),
        pods: subject.pods,
        notes: Vec::new(),
        entry: None,
        source: None,
        full_name: None,
    }
}

/// A container before and after, with what the policy decided about it.
pub(crate) struct Pair<'s> {
    pub(crate) name: &'s str,
    pub(crate) before: &'s Value,
    pub(crate) after: &'s Value,
    pub(crate) explanation: &'s ContainerExplanation,
}

impl Pair<'_> {
    /// Whether the settings or the pod exclude the container.
    pub(crate) fn is_excluded(&self) -> bool {
        self.explanation.is_excluded
    }

    /// Whether the pod is one of Windows, where the policy sets no lower-case names.
    pub(crate) fn is_windows(&self) -> bool {
        self.explanation.os == Os::Windows
    }
}

/// The containers and init containers of a subject that the policy decided about: none where it did not.
fn pairs(subject: &Subject) -> impl Iterator<Item = Pair<'_>> {
    let lists = [("initContainers", "initContainer"), ("containers", "container")];
    lists.into_iter().flat_map(move |(list, kind)| {
        let before = subject.before["spec"][list].as_array().into_iter().flatten();
        before.filter_map(move |before| {
            let name = before["name"].as_str()?;
            let mut after = subject.after["spec"][list].as_array()?.iter();
            Some(Pair {
                name,
                before,
                after: after.find(|after| after["name"] == name)?,
                explanation: subject
                    .explanation
                    .containers
                    .iter()
                    .find(|explained| explained.kind == kind && explained.name == name)?,
            })
        })
    })
}

/// All findings about a subject.
pub(crate) fn of_subject(subject: &Subject, context: &Context, findings: &mut Findings) {
    findings.subjects += 1;
    not_reached::add(subject, findings);
    for pair in pairs(subject).filter(|pair| !pair.is_excluded()) {
        env_from::add(subject, &pair, context, findings);
        own_proxy::add(subject, &pair, context, findings);
        runtimes::add(subject, &pair, context, findings);
        destinations::add(subject, &pair, context, findings);
    }
    if pairs(subject).any(|pair| pair.is_windows()) {
        let mut windows = finding(subject, None, Kind::Windows, Severity::Info);
        windows.why = "A Windows pod: it gets the upper-case names only, and no trusted CA".to_owned();
        windows.fix = "Nothing to do: variables on Windows have no case".to_owned();
        findings.add(windows);
    }
    missing::add(subject, context, findings);
}
