//! The answer: what the policy would change, what would break, and what to write.

use std::collections::BTreeMap;

use explain::answer::Verdict;
use serde::Serialize;
use serde_json::Value;

/// What a survey found. Serialised, it is the answer of `--output json`. The same input gives the same report.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub totals: Totals,
    /// By name; those that have pods or findings.
    pub namespaces: Vec<NamespaceTotals>,
    /// Why pods would not be changed, most pods first.
    pub reasons: Vec<ReasonTotals>,
    /// Ranked: what breaks first.
    pub findings: Vec<Finding>,
    pub suggestions: Suggestions,
    /// Destinations in all places of changed pods, each place counted once for all pods of an owner.
    pub destinations: DestinationTotals,
    /// What could not be judged, in sentences.
    pub not_judged: Vec<String>,
    /// How many of these are about parts of the input that were not read. They come first.
    #[serde(skip)]
    pub unread: usize,
    /// The workloads, with their pods.
    #[serde(skip)]
    pub workloads: Vec<WorkloadTotals>,
}

/// Pods by what would become of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    pub pods: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub rejected: usize,
    pub not_sent: usize,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceTotals {
    pub name: String,
    #[serde(flatten)]
    pub totals: Totals,
    /// Findings, not pods.
    pub breaks: usize,
    pub checks: usize,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReasonTotals {
    pub reason: String,
    pub pods: usize,
    pub verdict: Verdict,
    /// The first of them: `edge/opted-out`.
    pub examples: Vec<String>,
}

/// The pods of a workload.
#[derive(Clone, Debug)]
pub struct WorkloadTotals {
    pub object: Object,
    pub totals: Totals,
    pub breaks: usize,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// What works today would not.
    Breaks,
    /// The input cannot decide it: someone must look.
    Check,
    Info,
}

/// What a finding is about. In the order in which findings are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    Rejected,
    MissingObject,
    ShortServiceName,
    ServiceName,
    PrivateAddress,
    EnvFromProxy,
    EnvFromUnseen,
    OwnProxyDiffers,
    Java,
    Node,
    ClientLimit,
    Windows,
    NotReached,
    OwnProxySame,
}

/// An object of the cluster. A Namespace has its own name in both fields.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Object {
    pub kind: String,
    pub namespace: String,
    pub name: String,
}

impl Object {
    /// The name of an object, as JSON.
    pub(crate) fn of(object: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let namespace = object["metadata"]["namespace"].as_str();
        Object {
            kind: text(&object["kind"]),
            namespace: namespace.unwrap_or("default").to_owned(),
            name: text(&object["metadata"]["name"]),
        }
    }
}

impl std::fmt::Display for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.kind == "Namespace" {
            write!(f, "namespace {}", self.name)
        } else {
            write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
        }
    }
}

/// One thing to know, for all pods of an owner.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub kind: Kind,
    pub severity: Severity,
    pub object: Object,
    /// `None` where it concerns the pod or the namespace as a whole.
    pub container: Option<String>,
    /// `env API_URL`, `args[0]`, `envFrom ConfigMap api-config, LEDGER`; `None` where it is no place in a container.
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// The destination, as scheme, host and port; or a proxy without its user.
    pub value: Option<String>,
    pub why: String,
    pub fix: String,
    /// How many pods it concerns; 0 where the owner has none now.
    pub pods: usize,
    pub notes: Vec<String>,
    /// The entry of `noProxy` that fixes it.
    pub entry: Option<String>,
    /// Where the entry is from.
    #[serde(skip)]
    pub source: Option<String>,
    /// The name that could be called instead.
    #[serde(skip)]
    pub full_name: Option<String>,
}

/// Destinations by what would become of requests to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DestinationTotals {
    pub breaks: usize,
    pub checks: usize,
    /// Through the proxy, as they should.
    pub through_proxy: usize,
    /// Directly, as today.
    pub direct: usize,
    /// Not HTTP.
    pub not_affected: usize,
}

impl DestinationTotals {
    /// Counts a destination with a finding.
    pub(crate) fn add_found(&mut self, severity: Severity) {
        *(if severity == Severity::Breaks {
            &mut self.breaks
        } else {
            &mut self.checks
        }) += 1;
    }

    /// Counts a destination that is called as before.
    pub(crate) fn add_same(&mut self, through_proxy: bool) {
        *(if through_proxy {
            &mut self.through_proxy
        } else {
            &mut self.direct
        }) += 1;
    }
}

/// A better configuration.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestions {
    /// Entries to add to `noProxy`.
    pub no_proxy: Vec<Suggestion>,
    /// The entries that the settings have now, in their order.
    pub existing: Vec<String>,
    /// The findings that remain with the entries: the survey was run again with them.
    pub remaining: Option<Remaining>,
}

/// What a second survey, with the suggested entries, found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Remaining {
    pub breaks: usize,
    pub checks: usize,
}

/// An entry of `noProxy` with its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    pub entry: String,
    pub source: String,
    /// How many findings that break it fixes; 0 for one that is there to be safe.
    pub fixes: usize,
}

impl Suggestions {
    /// The entries to add to `noProxy`.
    pub fn entries(&self) -> Vec<&str> {
        self.no_proxy
            .iter()
            .map(|suggestion| suggestion.entry.as_str())
            .collect()
    }
}

impl Report {
    /// What of the input was not read, in sentences.
    pub(crate) fn incomplete(&self) -> &[String] {
        &self.not_judged[..self.unread]
    }

    /// How many findings there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// Puts the findings in order.
    pub(crate) fn rank(&mut self) {
        self.findings.sort_by(|a, b| {
            let rank = |finding: &Finding| (finding.severity, finding.kind, std::cmp::Reverse(finding.pods));
            let name = |finding: &Finding| {
                (
                    finding.object.clone(),
                    finding.container.clone(),
                    finding.place.clone(),
                    finding.value.clone(),
                )
            };
            rank(a).cmp(&rank(b)).then_with(|| name(a).cmp(&name(b)))
        });
    }

    /// Counts the findings by namespace and workload.
    pub(crate) fn count_findings(&mut self) {
        let mut by_namespace: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
        let mut by_object: BTreeMap<&Object, usize> = BTreeMap::new();
        for finding in &self.findings {
            let counts = by_namespace.entry(&finding.object.namespace).or_default();
            match finding.severity {
                Severity::Breaks => {
                    counts[0] += 1;
                    *by_object.entry(&finding.object).or_default() += 1;
                }
                Severity::Check => counts[1] += 1,
                Severity::Info => {}
            }
        }
        for namespace in &mut self.namespaces {
            [namespace.breaks, namespace.checks] = by_namespace.remove(namespace.name.as_str()).unwrap_or_default();
        }
        let others = by_namespace
            .into_iter()
            .filter(|(name, counts)| !name.is_empty() && *counts != [0, 0]);
        let others: Vec<NamespaceTotals> = others
            .map(|(name, [breaks, checks])| NamespaceTotals {
                name: name.to_owned(),
                totals: Totals::default(),
                breaks,
                checks,
            })
            .collect();
        self.namespaces.extend(others);
        self.namespaces.sort_by(|a, b| a.name.cmp(&b.name));
        for workload in &mut self.workloads {
            workload.breaks = by_object.get(&workload.object).copied().unwrap_or_default();
        }
    }
}
