//! The pods by namespace, and by the reason for which they would not be changed.

use explain::text::{BOLD, Layout, line, styled};

use super::{SHOWN, more};
use crate::report::{NamespaceTotals, Report, Severity, Totals};

/// The numbers of a row, in the order of the columns.
fn columns(totals: Totals, breaks: usize, checks: usize) -> [usize; 7] {
    let Totals {
        pods,
        changed,
        unchanged,
        rejected,
        not_sent,
    } = totals;
    [pods, changed, unchanged, rejected, not_sent, breaks, checks]
}

/// A zero in a table is a dash.
fn number(number: usize) -> String {
    if number == 0 {
        "-".to_owned()
    } else {
        number.to_string()
    }
}

pub(super) fn namespaces(text: &mut String, report: &Report, layout: Layout) {
    let mut rows: Vec<&NamespaceTotals> = report.namespaces.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.breaks, row.checks, row.totals.rejected)));
    let shown = if layout.verbose { rows.len() } else { 2 * SHOWN };
    let names = rows.iter().take(shown).map(|row| row.name.chars().count());
    let width = names.max().unwrap_or_default().max(9);
    line(text, "");
    let head = format!(
        "{:<width$}  PODS  CHANGED  UNCHANGED  REJECTED  NOT SENT  BREAKS  CHECKS",
        "NAMESPACE"
    );
    styled(text, &[(BOLD, &head)]);
    let row = |name: &str, numbers: [String; 7]| {
        let [pods, changed, unchanged, rejected, not_sent, breaks, checks] = numbers;
        format!(
            "{name:<width$}  {pods:>4}  {changed:>7}  {unchanged:>9}  {rejected:>8}  {not_sent:>8}  {breaks:>6}  {checks:>6}"
        )
    };
    for namespace in rows.iter().take(shown) {
        let numbers = columns(namespace.totals, namespace.breaks, namespace.checks);
        line(text, &row(&namespace.name, numbers.map(number)));
    }
    more(text, rows.len().saturating_sub(shown), "namespaces");
    let numbers = columns(
        report.totals,
        report.count(Severity::Breaks),
        report.count(Severity::Check),
    );
    line(text, &row("TOTAL", numbers.map(|number| number.to_string())));
}

pub(super) fn reasons(text: &mut String, report: &Report, layout: Layout) {
    if report.reasons.is_empty() {
        return;
    }
    line(text, "");
    styled(text, &[(BOLD, "PODS  VERDICT    WHY")]);
    for reason in &report.reasons {
        let pods = reason.pods;
        let verdict = reason.verdict.word();
        let sentence = format!("{}: {}", reason.reason, reason.examples.join(", "));
        for (index, wrapped) in layout.wrap(&sentence, 17).iter().enumerate() {
            let margin = if index == 0 {
                format!("{pods:>4}  {verdict:<9}  ")
            } else {
                " ".repeat(17)
            };
            line(text, &format!("{margin}{wrapped}"));
        }
    }
}
