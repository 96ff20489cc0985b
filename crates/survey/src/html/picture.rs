//! Pictures: a square for each pod, or bars. Their numbers stand next to them as text.

use std::fmt::Write;

use super::escaped;
use crate::report::{Report, Totals, WorkloadTotals};

/// Up to so many pods, each is a square.
const SQUARES: usize = 60;

/// Defined once, used by reference. A shape for each meaning; colour only repeats it.
pub(super) const SYMBOLS: &str = "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>\
<symbol id=\"pc\" viewBox=\"0 0 16 16\"><rect class=\"fa\" x=\"1\" y=\"1\" width=\"14\" height=\"14\" rx=\"1.5\"/></symbol>\
<symbol id=\"pb\" viewBox=\"0 0 16 16\"><rect class=\"fb\" x=\"1\" y=\"1\" width=\"14\" height=\"14\" rx=\"1.5\"/><path class=\"lo\" d=\"M5 5l6 6M11 5l-6 6\"/></symbol>\
<symbol id=\"pu\" viewBox=\"0 0 16 16\"><rect class=\"hs\" x=\"2\" y=\"2\" width=\"12\" height=\"12\" rx=\"1.5\"/></symbol>\
<symbol id=\"pn\" viewBox=\"0 0 16 16\"><rect class=\"hs\" x=\"2\" y=\"2\" width=\"12\" height=\"12\" rx=\"1.5\"/><path class=\"hs\" d=\"M3 8l5-5M3 13L13 3M8 13l5-5\"/></symbol>\
<symbol id=\"pr\" viewBox=\"0 0 16 16\"><rect class=\"hr\" x=\"2\" y=\"2\" width=\"12\" height=\"12\" rx=\"1.5\"/><path class=\"hr\" d=\"M3 13L13 3\"/></symbol>\
<symbol id=\"b\" viewBox=\"0 0 16 16\"><circle class=\"fb\" cx=\"8\" cy=\"8\" r=\"7.5\"/><path class=\"lo\" d=\"M5 5l6 6M11 5l-6 6\"/></symbol>\
<symbol id=\"c\" viewBox=\"0 0 16 16\"><path class=\"fc\" d=\"M8 .6l7.8 14.2H.2z\"/><path class=\"lo\" d=\"M8 5.4v4.4M8 11.2v2\"/></symbol>\
<symbol id=\"i\" viewBox=\"0 0 16 16\"><circle class=\"hs\" cx=\"8\" cy=\"8\" r=\"6.6\"/><path class=\"hs\" d=\"M8 7v4.6M8 4.2v1.8\"/></symbol>\
<pattern id=\"hn\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\"><path class=\"hs\" d=\"M-1 6L6-1\"/></pattern></defs></svg>";

/// A mark, hidden from screen readers: the word stands next to it.
pub(super) fn mark(id: &str) -> String {
    format!("<svg class=\"m\" aria-hidden=\"true\"><use href=\"#{id}\"/></svg>")
}

/// What happens to all pods.
pub(super) fn pods(page: &mut String, report: &Report) {
    let totals = report.totals;
    let noun = if totals.pods == 1 { "pod" } else { "pods" };
    let _ = write!(page, "<figure><figcaption>{} {noun}</figcaption>", totals.pods);
    if totals.pods <= SQUARES {
        *page += "<div class=\"units\" aria-hidden=\"true\">";
        for workload in report.workloads.iter().filter(|workload| workload.totals.pods > 0) {
            squares(page, workload);
        }
        *page += "</div>";
    } else {
        bar(page, totals, totals.pods);
    }
    let breaking: usize = report
        .workloads
        .iter()
        .filter(|workload| workload.breaks > 0)
        .map(|workload| workload.totals.changed)
        .sum();
    *page += "<ul class=\"key\">";
    let rows = [
        ("pc", "changed", totals.changed),
        ("pu", "unchanged", totals.unchanged),
        ("pr", "rejected", totals.rejected),
        ("pn", "not sent", totals.not_sent),
    ];
    for (id, word, count) in rows {
        let _ = write!(page, "<li>{}{count} {word}</li>", mark(id));
        if id == "pc" && breaking > 0 {
            let _ = write!(
                page,
                "<li>{}of these, {breaking} with a destination that would break</li>",
                mark("pb")
            );
        }
    }
    *page += "</ul></figure>";
}

fn squares(page: &mut String, workload: &WorkloadTotals) {
    let totals = workload.totals;
    let _ = write!(page, "<span title=\"{}\">", escaped(&workload.object.to_string()));
    let changed = if workload.breaks > 0 { "pb" } else { "pc" };
    for (id, count) in [
        (changed, totals.changed),
        ("pu", totals.unchanged),
        ("pr", totals.rejected),
        ("pn", totals.not_sent),
    ] {
        for _ in 0..count {
            *page += &mark(id);
        }
    }
    *page += "</span>";
}

/// Pods as parts of a bar, of which the largest is as wide as it can be.
pub(super) fn bar(page: &mut String, totals: Totals, largest: usize) {
    *page += "<svg class=\"bar\" viewBox=\"0 0 1000 16\" preserveAspectRatio=\"none\" aria-hidden=\"true\">";
    let scale = |pods: usize| pods * 1000 / largest.max(1);
    let mut x = 0;
    let parts = [
        (totals.changed, "class=\"fa\""),
        (totals.unchanged, "class=\"hs\""),
        (totals.rejected, "class=\"hr\""),
        (totals.not_sent, "fill=\"url(#hn)\""),
    ];
    for (pods, style) in parts.into_iter().filter(|(pods, _)| *pods > 0) {
        let width = scale(pods).max(2);
        let _ = write!(
            page,
            "<rect {style} x=\"{x}\" y=\"1\" width=\"{width}\" height=\"14\"/>"
        );
        x += width;
    }
    *page += "</svg>";
}
