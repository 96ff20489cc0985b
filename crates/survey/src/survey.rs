//! The survey: the policy is asked about all pods, what is found is collected, and the suggested entries are tried.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, anyhow};
use explain::answer::Verdict;
use explain::cluster::Cluster;
use explain::input::Source;
use http_proxy_policy::companion;
use serde_json::Value;

use crate::assumptions::Assumptions;
use crate::dump::Dump;
use crate::findings::{self, Context, Findings};
use crate::location::Locator;
use crate::not_judged;
use crate::report::{NamespaceTotals, Object, ReasonTotals, Remaining, Report, Severity, Totals, WorkloadTotals};
use crate::settings::{cluster_domain, in_force, is_everything, with_entries};
use crate::subjects::{self, Subject};
use crate::suggestions;

/// As many pods are named for a reason.
const EXAMPLES: usize = 3;

/// Surveys a cluster under settings, with the manifest that they are from if they are from one.
///
/// # Errors
/// The settings have problems, one on each line.
pub fn survey(source: &Source, dump: &Dump) -> Result<Report> {
    let problems = source.problems();
    if !problems.is_empty() {
        return Err(anyhow!(problems.join("\n")));
    }
    let settings = &source.settings;
    let cluster = cluster(source, settings, dump);
    let context = context(settings, dump);
    let mut findings = Findings::default();
    let mut counted = Counted::default();
    let mut assumptions = Assumptions::default();
    subjects::each(dump, &cluster, None, &mut |subject| {
        findings::of_subject(subject, &context, &mut findings);
        note_secrets(subject, &mut findings);
        assumptions.add(subject);
        counted.add(subject);
    })?;
    let pods = counted
        .workloads
        .iter()
        .map(|(object, totals)| (object.clone(), totals.pods))
        .collect();
    let mut report = counted.report();
    report.unread = dump.unread.len();
    report.not_judged = not_judged::sentences(dump, &context, &findings, &pods, &assumptions);
    report.destinations = findings.destinations;
    report.findings = findings.into_vec();
    report.rank();
    suggest(&mut report, source, dump, &context)?;
    report.count_findings();
    Ok(report)
}

fn cluster(source: &Source, settings: &Value, dump: &Dump) -> Cluster {
    let mut cluster = Cluster::new(settings.to_string(), source.manifest.clone());
    cluster.namespaces = dump.namespaces.clone();
    cluster.owners = dump.owners.clone();
    cluster
}

fn context<'c>(settings: &'c Value, dump: &'c Dump) -> Context<'c> {
    let names = companion::profile_names(&settings.to_string());
    let names = [None].into_iter().chain(names.into_iter().map(Some));
    Context {
        dump,
        locator: Locator::new(dump, cluster_domain(settings)),
        settings: names
            .filter_map(|name| {
                let in_force = in_force(settings, name.as_deref(), dump)?;
                Some((name, in_force))
            })
            .collect(),
    }
}

/// Adds the suggestions, and surveys again with them what would break: only what was really tried is promised.
fn suggest(report: &mut Report, source: &Source, dump: &Dump, context: &Context) -> Result<()> {
    let existing = context
        .settings
        .get(&None)
        .map(|settings| settings.effective.no_proxy.clone());
    let existing = existing.unwrap_or_default();
    let suggested = suggestions::suggest(&mut report.findings, dump, &existing);
    let entries: Vec<&str> = suggested.iter().map(|suggestion| suggestion.entry.as_str()).collect();
    let settings = with_entries(&source.settings, &entries);
    // A list with everything is extended in profiles alone.
    let own = source.settings["noProxy"].as_array().into_iter().flatten();
    let own = own.filter(|entry| !is_everything(entry));
    report.suggestions.existing = own.filter_map(Value::as_str).map(str::to_owned).collect();
    if settings == source.settings {
        return Ok(());
    }
    if let Some(problem) = companion::problems(&settings.to_string()).first() {
        report.not_judged.push(format!(
            "entries of noProxy: the policy refuses the settings with them ({}: {})",
            problem.path, problem.message
        ));
        return Ok(());
    }
    report.suggestions.no_proxy = suggested;
    report.suggestions.remaining = Some(remaining(report, source, &settings, dump)?);
    Ok(())
}

/// What still would break, or is to check, with the settings.
fn remaining(report: &Report, source: &Source, settings: &Value, dump: &Dump) -> Result<Remaining> {
    let cluster = cluster(source, settings, dump);
    let context = context(settings, dump);
    let is_destination =
        |finding: &&crate::report::Finding| finding.value.is_some() && finding.severity != Severity::Info;
    let owners: BTreeSet<Object> = report
        .findings
        .iter()
        .filter(is_destination)
        .map(|finding| finding.object.clone())
        .collect();
    let mut findings = Findings::default();
    subjects::each(dump, &cluster, Some(&owners), &mut |subject| {
        findings::of_subject(subject, &context, &mut findings);
    })?;
    let found = findings.into_vec();
    let count = |severity| {
        let of_others = report
            .findings
            .iter()
            .filter(|finding| finding.severity == severity && !owners.contains(&finding.object));
        found
            .iter()
            .filter(|finding| finding.severity == severity && owners.contains(&finding.object))
            .count()
            + of_others.count()
    };
    Ok(Remaining {
        breaks: count(Severity::Breaks),
        checks: count(Severity::Check),
    })
}

/// Notes the variables that come from Secrets: their values cannot be judged.
fn note_secrets(subject: &Subject, findings: &mut Findings) {
    if subject.explanation.verdict != Verdict::Changed {
        return;
    }
    let containers = ["initContainers", "containers"];
    let containers = containers
        .into_iter()
        .flat_map(|list| subject.before["spec"][list].as_array().into_iter().flatten());
    let variables = containers.flat_map(|container| container["env"].as_array().into_iter().flatten());
    let from_secret = variables.filter(|variable| variable["valueFrom"]["secretKeyRef"].is_object());
    let names = from_secret.filter_map(|variable| variable["name"].as_str());
    for name in names {
        let known = findings.from_secrets.entry(subject.object.clone()).or_default();
        if !known.iter().any(|other| other == name) {
            known.push(name.to_owned());
        }
    }
}

/// The pods by verdict: in all, by namespace, workload and reason.
#[derive(Default)]
struct Counted {
    all: Totals,
    namespaces: BTreeMap<String, Totals>,
    workloads: BTreeMap<Object, Totals>,
    reasons: BTreeMap<(Verdict, String), ReasonTotals>,
}

impl Counted {
    fn add(&mut self, subject: &Subject) {
        let verdict = subject.explanation.verdict;
        let namespace = subject.namespace().to_owned();
        self.all.add(verdict, subject.pods);
        self.namespaces.entry(namespace).or_default().add(verdict, subject.pods);
        self.workloads
            .entry(subject.object.clone())
            .or_default()
            .add(verdict, subject.pods);
        let Some(reason) = subject.explanation.reason.as_ref().filter(|_| subject.pods > 0) else {
            return;
        };
        let totals = self
            .reasons
            .entry((verdict, reason.clone()))
            .or_insert_with(|| ReasonTotals {
                reason: reason.clone(),
                pods: 0,
                verdict,
                examples: Vec::new(),
            });
        totals.pods += subject.pods;
        if totals.examples.len() < EXAMPLES {
            totals.examples.push(owner_or_example(subject));
        }
    }

    fn report(self) -> Report {
        let namespace = |(name, totals)| NamespaceTotals {
            name,
            totals,
            breaks: 0,
            checks: 0,
        };
        let workload = |(object, totals)| WorkloadTotals {
            object,
            totals,
            breaks: 0,
        };
        let mut reasons: Vec<ReasonTotals> = self.reasons.into_values().collect();
        reasons.sort_by(|a, b| b.pods.cmp(&a.pods).then_with(|| a.reason.cmp(&b.reason)));
        let with_pods = self.namespaces.into_iter().filter(|(_, totals)| totals.pods > 0);
        Report {
            totals: self.all,
            namespaces: with_pods.map(namespace).collect(),
            reasons,
            workloads: self.workloads.into_iter().map(workload).collect(),
            ..Report::default()
        }
    }
}

fn owner_or_example(subject: &Subject) -> String {
    if subject.object.kind == "Pod" {
        subject.example.clone()
    } else {
        format!("{}/{}", subject.object.namespace, subject.object.name)
    }
}

impl Totals {
    fn add(&mut self, verdict: Verdict, pods: usize) {
        self.pods += pods;
        *match verdict {
            Verdict::Changed => &mut self.changed,
            Verdict::Unchanged => &mut self.unchanged,
            Verdict::Rejected => &mut self.rejected,
            Verdict::NotSent => &mut self.not_sent,
        } += pods;
    }
}
