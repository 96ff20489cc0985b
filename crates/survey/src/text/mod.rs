//! The report as text for a terminal. The verdict is the first line; what to do next is the last.

mod breaks;
mod checks;
mod tables;

use explain::text::{BOLD, GREEN, Layout, PLAIN, RED, Span, counted, line, styled};

use crate::report::{Finding, Kind, Report, Severity, Suggestion};

pub(crate) use checks::title;

/// From this width on, findings are a table.
const WIDE: usize = 100;

/// As many rows of a table are shown, unless all are asked for.
const SHOWN: usize = 20;

/// The whole report, with escape codes for colours. `suggests_write` is whether the last line says how to get the settings.
pub fn report(report: &Report, layout: Layout, suggests_write: bool) -> String {
    let mut text = String::new();
    for sentence in report.incomplete() {
        paragraph(&mut text, &format!("The input is incomplete: {sentence}."), layout);
    }
    let style = if report.count(Severity::Breaks) > 0 {
        RED.bold()
    } else {
        BOLD
    };
    for wrapped in layout.wrap(&verdict(report), 0) {
        styled(&mut text, &[(style, &wrapped)]);
    }
    breaks::write(&mut text, report, layout);
    checks::write(&mut text, report, layout);
    checks::write_information(&mut text, report, layout);
    tables::namespaces(&mut text, report, layout);
    tables::reasons(&mut text, report, layout);
    checks::write_redundant(&mut text, report, layout);
    settings(&mut text, report, layout);
    not_judged(&mut text, report, layout);
    line(&mut text, "");
    let [breaks, checks] = [Severity::Breaks, Severity::Check].map(|severity| report.count(severity));
    let redundant = of_kind(report, Kind::OwnProxySame).count();
    let mut last = format!("{breaks} would break, {checks} to check, {redundant} can be deleted.");
    if suggests_write && !report.suggestions.no_proxy.is_empty() {
        last += " Next: the same command with --write FILE";
    }
    paragraph(&mut text, &last, layout);
    layout.finish(text)
}

/// The verdict, in one or two sentences.
pub fn verdict(report: &Report) -> String {
    let totals = report.totals;
    let mut verdict = format!(
        "The policy would change {} of {}",
        totals.changed,
        counted(totals.pods, "pod")
    );
    if totals.rejected > 0 {
        verdict += &format!(" and reject {}", totals.rejected);
    }
    verdict += ".";
    let breaks = report.count(Severity::Breaks);
    if breaks == 0 {
        return verdict + " Nothing was found that would break.";
    }
    let destinations = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Breaks && finding.value.is_some())
        .count();
    if destinations > 0 {
        verdict += &format!(" {} would break", counted(destinations, "destination"));
        verdict += &fixes(report, destinations);
        verdict += ".";
    }
    let missing = of_kind(report, Kind::MissingObject)
        .filter(|finding| finding.severity == Severity::Breaks)
        .count();
    if missing > 0 {
        verdict += &format!(
            " {} that the settings name {} missing.",
            counted(missing, "object"),
            if missing == 1 { "is" } else { "are" }
        );
    }
    verdict
}

/// `, and 4 more noProxy entries fix them all`
fn fixes(report: &Report, destinations: usize) -> String {
    let entries = report
        .suggestions
        .no_proxy
        .iter()
        .filter(|suggestion| suggestion.fixes > 0)
        .count();
    let others = report.count(Severity::Breaks) - destinations;
    let Some(remaining) = report.suggestions.remaining.filter(|_| entries > 0) else {
        return String::new();
    };
    let fixed = destinations.saturating_sub(remaining.breaks.saturating_sub(others));
    let (noun, verb) = if entries == 1 {
        ("entry", "fixes")
    } else {
        ("entries", "fix")
    };
    let what = match (fixed == destinations, destinations) {
        (true, 1) => "it".to_owned(),
        (true, _) => "them all".to_owned(),
        _ => format!("{fixed} of them"),
    };
    format!(", and {entries} more noProxy {noun} {verb} {what}")
}

fn of_kind(report: &Report, kind: Kind) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(move |finding| finding.kind == kind)
}

fn paragraph(text: &mut String, sentence: &str, layout: Layout) {
    layout.wrap(sentence, 0).iter().for_each(|wrapped| line(text, wrapped));
}

/// Lines after a mark that is two columns wide.
fn item(text: &mut String, indent: usize, mark: &str, sentence: &str, layout: Layout) {
    let margin = " ".repeat(indent);
    for (index, wrapped) in layout.wrap(sentence, indent + 2).iter().enumerate() {
        let mark = if index == 0 { mark } else { "  " };
        line(text, &format!("{margin}{mark}{wrapped}"));
    }
}

fn heading(text: &mut String, heading: Span, rest: &str) {
    line(text, "");
    styled(text, &[heading, (PLAIN, rest)]);
}

fn settings(text: &mut String, report: &Report, layout: Layout) {
    let suggestions = &report.suggestions;
    if suggestions.no_proxy.is_empty() {
        return;
    }
    let fixing = suggestions
        .no_proxy
        .iter()
        .filter(|suggestion| suggestion.fixes > 0)
        .count();
    let safe = suggestions.no_proxy.len() - fixing;
    let all = suggestions.no_proxy.len();
    let noun = if all == 1 { "entry" } else { "entries" };
    heading(
        text,
        (BOLD, "SETTINGS"),
        &format!(" ({all} more {noun}: {fixing} for what would break, {safe} to be safe)"),
    );
    line(text, "noProxy:");
    let width = suggestions
        .existing
        .iter()
        .chain(suggestions.no_proxy.iter().map(|suggestion| &suggestion.entry));
    let width = width
        .map(|entry| entry.chars().count())
        .max()
        .unwrap_or_default()
        .min(40);
    for entry in &suggestions.existing {
        line(text, &format!("  - {entry:<width$}  # yours"));
    }
    for suggestion in &suggestions.no_proxy {
        suggested(text, suggestion, width, layout);
    }
    if let Some(remaining) = suggestions.remaining {
        line(
            text,
            &format!(
                "Surveyed again with them: {} would break, {} to check.",
                remaining.breaks, remaining.checks
            ),
        );
    }
}

/// An entry to add, in a column of this width, with its source as a comment behind it or below.
fn suggested(text: &mut String, suggestion: &Suggestion, width: usize, layout: Layout) {
    let comment = format!("# new: {}", suggestion.source);
    let entry = &suggestion.entry;
    if 6 + width + comment.chars().count() <= layout.width {
        let item = format!("- {entry:<width$}");
        styled(text, &[(PLAIN, "  "), (GREEN, &item), (PLAIN, "  "), (PLAIN, &comment)]);
    } else {
        styled(text, &[(PLAIN, "  "), (GREEN, &format!("- {entry}"))]);
        let wrapped = layout.wrap(&format!("new: {}", suggestion.source), 6);
        wrapped
            .iter()
            .for_each(|wrapped| line(text, &format!("    # {wrapped}")));
    }
}

fn not_judged(text: &mut String, report: &Report, layout: Layout) {
    heading(text, (BOLD, "NOT JUDGED"), "");
    for sentence in &report.not_judged {
        item(text, 0, "- ", sentence, layout);
    }
}

/// `3 pods`; `no pod now` for a CronJob between its jobs.
fn pods(finding: &Finding) -> String {
    if finding.pods == 0 {
        "no pod now".to_owned()
    } else {
        counted(finding.pods, "pod")
    }
}

/// `container web, env API_URL`
fn place(finding: &Finding) -> String {
    let container = finding.container.as_ref().map(|name| format!("container {name}"));
    let parts: Vec<String> = container
        .into_iter()
        .chain(finding.place.clone().filter(|place| place != "image"))
        .collect();
    parts.join(", ")
}

/// Says how many are omitted.
fn more(text: &mut String, left_out: usize, what: &str) {
    if left_out > 0 {
        line(
            text,
            &format!("… {left_out} more {what} (--verbose lists all; --output html groups and filters them)"),
        );
    }
}
