//! The findings: by cause and by fix.

use std::collections::BTreeMap;
use std::fmt::Write;

use explain::text::counted;

use super::{escaped, number, picture};
use crate::report::{Finding, Kind, Report, Severity};
use crate::text::title;

/// Up to so many findings are one table. More are grouped, and fold out.
const ONE_TABLE: usize = 20;

pub(super) fn breaks(page: &mut String, report: &Report) {
    let findings: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Breaks)
        .collect();
    let _ = write!(
        page,
        "<section id=\"breaks\"><h2>{}Would break</h2>",
        picture::mark("b")
    );
    if findings.is_empty() {
        *page += "<p class=\"why\">Nothing was found that would break. That is no proof: see what was not judged.</p></section>";
        return;
    }
    *page += "<p class=\"why\">Referenced in the cluster's objects, not observed. Either fix is enough: the entry, or the full name.</p>";
    let groups = grouped(&findings, &|finding| match (finding.kind, &finding.entry) {
        (Kind::Rejected, _) => "Rejected pods".to_owned(),
        (Kind::MissingObject, _) => "Missing objects".to_owned(),
        (_, Some(entry)) => format!("Add {entry}"),
        (_, None) => "Call full names".to_owned(),
    });
    groups_or_table(page, &findings, &groups, &|_| String::new());
    *page += "</section>";
}

pub(super) fn checks(page: &mut String, report: &Report) {
    let findings: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Check)
        .collect();
    let _ = write!(page, "<section id=\"checks\"><h2>{}To check</h2>", picture::mark("c"));
    if findings.is_empty() {
        *page += "<p class=\"why\">Nothing.</p></section>";
        return;
    }
    *page += "<p class=\"why\">The input alone cannot decide these.</p>";
    let groups = grouped(&findings, &|finding| match finding.kind {
        Kind::ClientLimit => "Direct for some clients only".to_owned(),
        Kind::ShortServiceName | Kind::ServiceName | Kind::PrivateAddress => "May go to the proxy".to_owned(),
        _ => title(finding),
    });
    groups_or_table(page, &findings, &groups, &title);
    *page += "</section>";
}

pub(super) fn information(page: &mut String, report: &Report) {
    let findings: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Info)
        .collect();
    if findings.is_empty() {
        return;
    }
    let _ = write!(
        page,
        "<section id=\"information\"><h2>{}For information</h2>",
        picture::mark("i")
    );
    let groups = grouped(&findings, &|finding| match finding.kind {
        Kind::OwnProxySame => "Can be deleted".to_owned(),
        _ => title(finding),
    });
    groups_or_table(page, &findings, &groups, &|_| String::new());
    *page += "</section>";
}

type Groups<'f> = Vec<(String, Vec<&'f Finding>)>;

/// The groups, the largest first.
fn grouped<'f>(findings: &[&'f Finding], name: &dyn Fn(&Finding) -> String) -> Groups<'f> {
    let mut groups: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        groups.entry(name(finding)).or_default().push(finding);
    }
    let mut groups: Groups = groups.into_iter().collect();
    groups.sort_by_key(|(_, findings)| std::cmp::Reverse(findings.len()));
    groups
}

fn groups_or_table(page: &mut String, findings: &[&Finding], groups: &Groups, title: &dyn Fn(&Finding) -> String) {
    if findings.len() <= ONE_TABLE {
        table(page, findings, title, true);
        return;
    }
    for (name, findings) in groups {
        let pods: usize = findings.iter().map(|finding| finding.pods).sum();
        let is_one_reason = findings
            .iter()
            .all(|finding| finding.why == findings[0].why && finding.fix == findings[0].fix);
        let _ = write!(
            page,
            "<details><summary><b>{}</b> <span class=\"soft\">{}, {}</span></summary><div>",
            escaped(name),
            counted(findings.len(), "finding"),
            counted(pods, "pod")
        );
        if is_one_reason {
            let _ = write!(
                page,
                "<p class=\"why\">{}. {}.</p>",
                escaped(&findings[0].why),
                escaped(&findings[0].fix)
            );
        }
        table(page, findings, &|_| String::new(), !is_one_reason);
        *page += "</div></details>";
    }
}

fn table(page: &mut String, findings: &[&Finding], title: &dyn Fn(&Finding) -> String, has_reasons: bool) {
    *page += "<table role=\"table\"><thead><tr><th>Where</th><th class=\"num\">Pods</th><th>What</th>";
    if has_reasons {
        *page += "<th>What to do</th>";
    }
    *page += "</tr></thead><tbody>";
    for finding in findings {
        row(page, finding, &title(finding), has_reasons);
    }
    *page += "</tbody></table>";
}

fn row(page: &mut String, finding: &Finding, title: &str, has_reasons: bool) {
    let container = finding.container.as_ref().map(|name| format!("container {name}"));
    let place: Vec<String> = container.into_iter().chain(finding.place.clone()).collect();
    let (namespace, object) = (escaped(&finding.object.namespace), escaped(&finding.object.to_string()));
    let _ = write!(
        page,
        "<tr data-ns=\"{namespace}\"><th scope=\"row\">{object}<small>{}</small></th>",
        escaped(&place.join(", "))
    );
    number(page, "Pods", finding.pods);
    *page += "<td>";
    if !title.is_empty() {
        let _ = write!(page, "<b>{}</b> ", escaped(title));
    }
    if let Some(value) = finding.value.as_ref().filter(|value| !title.contains(*value)) {
        let _ = write!(page, "<code>{}</code>", escaped(value));
    }
    if has_reasons {
        let _ = write!(page, "<small>{}</small>", escaped(&finding.why));
    }
    for note in &finding.notes {
        let _ = write!(page, "<small>Note: {}</small>", escaped(note));
    }
    *page += "</td>";
    if has_reasons {
        let _ = write!(page, "<td data-l=\"Fix\">{}</td>", escaped(&finding.fix));
    }
    *page += "</tr>";
}
