//! The report as one page, to hand to a colleague: no script, style or font from elsewhere, and nothing of it needs a script but the search.

mod findings;
mod picture;

use std::fmt::Write;

use crate::report::{Report, Severity};
use crate::text::verdict;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The hash of the script, as `Content-Security-Policy` has it. A test compares them.
const SCRIPT_HASH: &str = "sha256-f8Nk66prjjyM3uXT+823P3o71PObluKAyTBnpaExtHA=";

/// The page. The same report gives the same bytes.
pub fn page(report: &Report) -> String {
    let mut page = String::new();
    head(&mut page, report);
    top(&mut page, report);
    navigation(&mut page, report);
    page += "<main id=\"main\" class=\"in\"><p class=\"flt\">Only findings and namespaces of the chosen namespace are shown. The totals above are \
             those of the whole cluster.</p>";
    findings::breaks(&mut page, report);
    findings::checks(&mut page, report);
    namespaces(&mut page, report);
    reasons(&mut page, report);
    findings::information(&mut page, report);
    settings(&mut page, report);
    not_judged(&mut page, report);
    page += "</main><footer><div class=\"in\">Destinations are referenced in the cluster's objects, not observed. Values that can hold a secret \
             are not in this page.</div></footer>";
    let _ = writeln!(page, "<script>{SCRIPT}</script></body></html>");
    page
}

/// Text for HTML, also in attributes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

fn head(page: &mut String, report: &Report) {
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src '{SCRIPT_HASH}'; \
         base-uri 'none'; form-action 'none'\"><title>Survey: what the HTTP proxy policy would change and break</title><style>{STYLE}\n"
    );
    // The filter is CSS, so that it works without a script. Other names than those of namespaces have no place in it.
    for name in names(report) {
        let _ = write!(
            page,
            "body:has(#ns option[value=\"{name}\"]:checked) [data-ns]:not([data-ns=\"{name}\"]){{display:none}}"
        );
    }
    *page += "body:has(#ns option:not([value=\"\"]):checked) .flt{display:block}body:has(#ns option:not([value=\"\"]):checked) \
              details::details-content{content-visibility:visible;block-size:auto}</style></head><body>";
}

/// The names of namespaces that can be chosen.
fn names(report: &Report) -> impl Iterator<Item = &str> {
    let is_name = |name: &&str| {
        name.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && !name.is_empty()
    };
    report
        .namespaces
        .iter()
        .map(|namespace| namespace.name.as_str())
        .filter(is_name)
}

fn top(page: &mut String, report: &Report) {
    *page += "<a class=\"skip\" href=\"#main\">Skip to the findings</a>";
    *page += picture::SYMBOLS;
    let _ = write!(
        page,
        "<header><div class=\"in\"><div class=\"verdict\"><div><h1>{}</h1>",
        escaped(&verdict(report))
    );
    for sentence in report.incomplete() {
        let _ = write!(page, "<p><b>The input is incomplete:</b> {}.</p>", escaped(sentence));
    }
    let [breaks, checks] = [Severity::Breaks, Severity::Check].map(|severity| report.count(severity));
    let destinations = report.destinations;
    let _ = write!(
        page,
        "<p class=\"soft\">{breaks} would break, {checks} to check. Other destinations that the objects name: {} through the proxy, {} \
         directly, {} not affected, since no HTTP.</p></div>",
        destinations.through_proxy, destinations.direct, destinations.not_affected
    );
    fix(page, report);
    *page += "</div>";
    picture::pods(page, report);
    *page += "</div></header>";
}

fn fix(page: &mut String, report: &Report) {
    let fixing: Vec<_> = report
        .suggestions
        .no_proxy
        .iter()
        .filter(|suggestion| suggestion.fixes > 0)
        .collect();
    if fixing.is_empty() {
        return;
    }
    *page += "<div class=\"fix\"><h2>Add to noProxy</h2><pre>";
    for suggestion in fixing.iter().take(8) {
        let _ = writeln!(page, "<mark>- {}</mark>", escaped(&suggestion.entry));
    }
    *page += "</pre><p>";
    if fixing.len() > 8 {
        let _ = write!(
            page,
            "and {} more, in <a href=\"#settings\">Settings</a>. ",
            fixing.len() - 8
        );
    }
    if let Some(remaining) = report.suggestions.remaining {
        let _ = write!(
            page,
            "Surveyed again with all suggestions: {} would break, {} to check.",
            remaining.breaks, remaining.checks
        );
    }
    *page += "</p></div>";
}

fn navigation(page: &mut String, report: &Report) {
    let [breaks, checks] = [Severity::Breaks, Severity::Check].map(|severity| report.count(severity));
    let _ = write!(
        page,
        "<nav aria-label=\"Sections\"><div class=\"in\"><ul><li><a href=\"#breaks\">Would break</a> {breaks}</li><li><a href=\"#checks\">To \
         check</a> {checks}</li><li><a href=\"#namespaces\">Namespaces</a></li><li><a href=\"#reasons\">Not changed</a></li><li><a \
         href=\"#settings\">Settings</a></li><li><a href=\"#not-judged\">Not judged</a></li></ul><label>Namespace <select id=\"ns\"><option \
         value=\"\">all</option>"
    );
    for name in names(report) {
        let _ = write!(page, "<option value=\"{name}\">{name}</option>");
    }
    *page += "</select></label></div></nav>";
}

/// A number in a table; a zero is a dash, which phones omit.
fn number(page: &mut String, label: &str, number: usize) {
    let _ = if number == 0 {
        write!(page, "<td class=\"num z\" data-l=\"{label}\">–</td>")
    } else {
        write!(page, "<td class=\"num\" data-l=\"{label}\">{number}</td>")
    };
}

fn namespaces(page: &mut String, report: &Report) {
    let mut rows: Vec<_> = report.namespaces.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.breaks, row.checks, row.totals.rejected)));
    let largest = rows.iter().map(|row| row.totals.pods).max().unwrap_or(1).max(1);
    *page += "<section id=\"namespaces\"><h2>Namespaces</h2><p class=\"why\">Those with the most findings that break first. The bars are on one \
              scale.</p><table class=\"ns\" role=\"table\"><thead><tr><th>Namespace</th><th class=\"num\">Pods</th><th \
              class=\"num\">Changed</th><th class=\"num\">Unchanged</th><th class=\"num\">Rejected</th><th class=\"num\">Not sent</th><th \
              class=\"num\">Breaks</th><th class=\"num\">Checks</th><th aria-hidden=\"true\"></th></tr></thead><tbody>";
    for row in rows {
        let name = escaped(&row.name);
        let _ = write!(page, "<tr data-ns=\"{name}\"><th scope=\"row\">{name}</th>");
        let totals = row.totals;
        let numbers = [
            ("Pods", totals.pods),
            ("Changed", totals.changed),
            ("Unchanged", totals.unchanged),
            ("Rejected", totals.rejected),
            ("Not sent", totals.not_sent),
            ("Breaks", row.breaks),
            ("Checks", row.checks),
        ];
        numbers.iter().for_each(|(label, count)| number(page, label, *count));
        *page += "<td class=\"pic\" aria-hidden=\"true\">";
        picture::bar(page, totals, largest);
        *page += "</td></tr>";
    }
    *page += "</tbody></table></section>";
}

fn reasons(page: &mut String, report: &Report) {
    *page += "<section id=\"reasons\"><h2>Why pods would not be changed</h2>";
    if report.reasons.is_empty() {
        *page += "<p class=\"why\">Every pod would be changed.</p></section>";
        return;
    }
    *page +=
        "<table role=\"table\"><thead><tr><th class=\"num\">Pods</th><th>Verdict</th><th>Why</th></tr></thead><tbody>";
    for reason in &report.reasons {
        let verdict = reason.verdict.word();
        let _ = write!(
            page,
            "<tr><td class=\"num\" data-l=\"Pods\">{}</td><td data-l=\"Verdict\">{verdict}</td><td>{}<small>{}</small></td></tr>",
            reason.pods,
            escaped(&reason.reason),
            escaped(&reason.examples.join(", "))
        );
    }
    *page += "</tbody></table></section>";
}

fn settings(page: &mut String, report: &Report) {
    *page += "<section id=\"settings\"><h2>Settings</h2>";
    let suggestions = &report.suggestions;
    if suggestions.no_proxy.is_empty() {
        *page += "<p class=\"why\">Nothing to add to noProxy.</p></section>";
        return;
    }
    *page += "<p class=\"why\">The new entries are marked. <code>http-proxy survey --write FILE</code> writes the settings with them.</p><pre \
              class=\"copy\" tabindex=\"0\" role=\"region\" aria-label=\"Settings\">noProxy:\n";
    for entry in &suggestions.existing {
        let _ = writeln!(page, "  - {}", escaped(entry));
    }
    for suggestion in &suggestions.no_proxy {
        let (entry, source) = (escaped(&suggestion.entry), escaped(&suggestion.source));
        let _ = writeln!(page, "  <mark>- {entry}</mark> <span class=\"soft\"># {source}</span>");
    }
    *page += "</pre></section>";
}

fn not_judged(page: &mut String, report: &Report) {
    *page += "<section id=\"not-judged\"><h2>Not judged</h2><ul class=\"plain\">";
    for sentence in &report.not_judged {
        let _ = write!(page, "<li>{}</li>", escaped(sentence));
    }
    *page += "</ul></section>";
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_page_allows_its_own_script_alone() {
        let hash = STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()));
        assert_eq!(SCRIPT_HASH, format!("sha256-{hash}"));
    }

    #[test]
    fn markup_in_names_is_text() {
        assert_eq!(escaped("<script>\"&'\u{1b}"), "&lt;script&gt;&quot;&amp;&#39;\u{fffd}");
    }
}
