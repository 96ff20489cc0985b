//! What would break: by cause and by fix.

use std::collections::{BTreeMap, BTreeSet};

use explain::text::{BOLD, Layout, RED, line, styled};

use super::{SHOWN, WIDE, heading, item, more, paragraph, place, pods};
use crate::report::{Finding, Kind, Report, Severity};

/// What is the same in all findings of a kind is said once.
const CAUSES: [(&[Kind], &str); 4] = [
    (&[Kind::Rejected], "Rejected pods. They cannot be created at all."),
    (
        &[Kind::MissingObject],
        "Objects that the settings name. Pods that need them do not start.",
    ),
    (
        &[Kind::ShortServiceName, Kind::ServiceName],
        "Names in the cluster. No entry of NO_PROXY matches them. Every client that reads it would send these requests to the proxy, which \
         does not know the cluster's names. Either fix is enough.",
    ),
    (
        &[Kind::PrivateAddress],
        "Addresses in the cluster and in private networks. No entry of NO_PROXY covers them, so requests would go to the proxy.",
    ),
];

pub(super) fn write(text: &mut String, report: &Report, layout: Layout) {
    let count = report.count(Severity::Breaks);
    if count == 0 {
        return;
    }
    heading(
        text,
        (RED.bold(), "WOULD BREAK"),
        &format!(" ({count}): referenced in the cluster's objects, not observed"),
    );
    let breaking = || {
        report
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Breaks)
    };
    let mut is_first = true;
    for (kinds, cause) in CAUSES {
        let findings: Vec<&Finding> = breaking().filter(|finding| kinds.contains(&finding.kind)).collect();
        if findings.is_empty() {
            continue;
        }
        if !is_first {
            line(text, "");
        }
        is_first = false;
        paragraph(text, cause, layout);
        line(text, "");
        let is_destination = findings.iter().all(|finding| finding.value.is_some());
        if is_destination && findings.len() > SHOWN && !layout.verbose {
            by_entry(text, &findings);
        } else if is_destination && layout.width >= WIDE {
            table(text, &findings, layout);
        } else {
            blocks(text, &findings, layout);
        }
    }
}

/// The two ways to fix a finding, as an infinitive each.
fn fixes(finding: &Finding) -> Vec<String> {
    match (&finding.entry, &finding.full_name) {
        // Where the entry is not for every client, the whole sentence says so.
        (Some(_), Some(_)) if finding.fix.starts_with("Call") => vec![finding.fix.clone()],
        (Some(entry), Some(name)) => vec![format!("add {entry}"), format!("or call {name}")],
        (Some(entry), None) => vec![format!("add {entry}")],
        _ => vec![finding.fix.clone()],
    }
}

/// The width of the column that says where a destination is set.
const SET_IN: usize = 30;

fn table(text: &mut String, findings: &[&Finding], layout: Layout) {
    let value = |finding: &&&Finding| finding.value.as_deref().unwrap_or_default().chars().count();
    let first = findings
        .iter()
        .map(|finding| value(&finding))
        .max()
        .unwrap_or_default()
        .clamp(11, 40);
    let head = format!("{:<first$}  {:<SET_IN$}  PODS  FIX", "DESTINATION", "SET IN");
    styled(text, &[(BOLD, &head)]);
    for finding in findings {
        rows(text, finding, first, layout);
        for note in &finding.notes {
            let width = layout.width - 4;
            item(text, first + 2, "note: ", note, Layout { width, ..layout });
        }
    }
}

/// The rows of a finding, whose first column has this width.
fn rows(text: &mut String, finding: &Finding, first: usize, layout: Layout) {
    let third = layout.width.saturating_sub(first + 2 + SET_IN + 2 + 4 + 2);
    let set_in = [finding.object.to_string(), place(finding)];
    let set_in: Vec<String> = set_in.iter().flat_map(|part| wrapped(part, SET_IN)).collect();
    let fixes: Vec<String> = fixes(finding).iter().flat_map(|fix| wrapped(fix, third)).collect();
    let value = finding.value.as_deref().unwrap_or_default();
    // A longer value has its own line.
    let is_long = value.chars().count() > first;
    if is_long {
        line(text, value);
    }
    for index in 0..set_in.len().max(fixes.len()) {
        let [value, pods] = if index == 0 {
            let pods = if finding.pods == 0 {
                "-".to_owned()
            } else {
                finding.pods.to_string()
            };
            [if is_long { String::new() } else { value.to_owned() }, pods]
        } else {
            [String::new(), String::new()]
        };
        let empty = String::new();
        let set_in = set_in.get(index).unwrap_or(&empty);
        let fix = fixes.get(index).unwrap_or(&empty);
        line(text, &format!("{value:<first$}  {set_in:<SET_IN$}  {pods:>4}  {fix}"));
    }
}

/// Wraps a cell of a table.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    Layout {
        width: width.max(20),
        ..Layout::default()
    }
    .wrap(text, 0)
}

fn blocks(text: &mut String, findings: &[&Finding], layout: Layout) {
    for (index, finding) in findings.iter().enumerate() {
        if index > 0 {
            line(text, "");
        }
        let title = finding.value.clone().unwrap_or_else(|| finding.object.to_string());
        styled(text, &[(BOLD, &title)]);
        let parts = [
            Some(finding.object.to_string()).filter(|_| finding.value.is_some()),
            Some(pods(finding)),
            Some(place(finding)),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        item(text, 0, "  ", &parts.join(", "), layout);
        if finding.value.is_none() {
            item(text, 0, "  ", &finding.why, layout);
        }
        let fix = fixes(finding).join(", ");
        item(text, 2, "→ ", &fix, layout);
        for note in &finding.notes {
            item(text, 0, "  ", &format!("note: {note}"), layout);
        }
    }
}

/// A row for each entry that fixes some, most findings first.
fn by_entry(text: &mut String, findings: &[&Finding]) {
    let mut rows: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        rows.entry(finding.entry.as_deref().unwrap_or("(call full names)"))
            .or_default()
            .push(finding);
    }
    let mut rows: Vec<(&str, Vec<&Finding>)> = rows.into_iter().collect();
    rows.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(b.0)));
    let width = rows
        .iter()
        .take(SHOWN)
        .map(|(entry, _)| entry.chars().count())
        .max()
        .unwrap_or_default()
        .max(3);
    let head = format!("{:<width$}  FINDINGS  PODS  NAMESPACES  DESTINATION", "ADD");
    styled(text, &[(BOLD, &head)]);
    for (entry, findings) in rows.iter().take(SHOWN) {
        let pods: usize = findings.iter().map(|finding| finding.pods).sum();
        let namespaces: BTreeSet<&str> = findings
            .iter()
            .map(|finding| finding.object.namespace.as_str())
            .collect();
        let example = findings
            .first()
            .and_then(|finding| finding.value.as_deref())
            .unwrap_or_default();
        let (count, namespaces) = (findings.len(), namespaces.len());
        line(
            text,
            &format!("{entry:<width$}  {count:>8}  {pods:>4}  {namespaces:>10}  {example}"),
        );
    }
    more(text, rows.len().saturating_sub(SHOWN), "entries");
}
