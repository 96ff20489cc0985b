//! What someone must look at, what is good to know, and what can be deleted.

use explain::text::{BOLD, Layout, PLAIN, YELLOW, line, styled};

use super::{SHOWN, WIDE, heading, item, more, of_kind, place, pods};
use crate::report::{Finding, Kind, Report, Severity};

/// Columns of what a check is about, before what is to be said.
const LEFT: usize = 33;

pub(super) fn write(text: &mut String, report: &Report, layout: Layout) {
    let checks: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Check)
        .collect();
    if checks.is_empty() {
        return;
    }
    heading(
        text,
        (YELLOW.bold(), "TO CHECK"),
        &format!(" ({}): the input alone cannot decide these", checks.len()),
    );
    let shown = if layout.verbose { checks.len() } else { SHOWN };
    for finding in checks.iter().take(shown) {
        line(text, "");
        if layout.width >= WIDE {
            columns(text, finding, layout);
        } else {
            block(text, finding, layout);
        }
    }
    more(text, checks.len().saturating_sub(shown), "to check");
}

/// What a check is called.
pub(crate) fn title(finding: &Finding) -> String {
    let value = finding.value.clone().unwrap_or_default();
    match finding.kind {
        Kind::EnvFromProxy => "A proxy of envFrom would lose to the policy's".to_owned(),
        Kind::EnvFromUnseen => "envFrom may set proxies".to_owned(),
        Kind::OwnProxyDiffers => "Another proxy than the settings'".to_owned(),
        Kind::Java => "Java would not use the proxy".to_owned(),
        Kind::Node => "Node.js would not use the proxy".to_owned(),
        Kind::ClientLimit if finding.value.is_some() => format!("{value} would use the proxy for some clients only"),
        Kind::ClientLimit => "A client with a limit".to_owned(),
        Kind::ShortServiceName | Kind::ServiceName | Kind::PrivateAddress => format!("{value} may go to the proxy"),
        Kind::Rejected => "Rejected".to_owned(),
        Kind::MissingObject => "An optional object is missing".to_owned(),
        Kind::Windows => "A Windows pod".to_owned(),
        Kind::NotReached => "Not reached".to_owned(),
        Kind::OwnProxySame => "The same proxy".to_owned(),
    }
}

/// What is to be said of a check: why, and what to do.
fn sentences(finding: &Finding) -> [String; 2] {
    let value = finding.value.as_ref().filter(|_| finding.kind == Kind::EnvFromProxy);
    let value = value.map(|value| format!(" It sets {value}.")).unwrap_or_default();
    [format!("{}.{value}", finding.why), format!("{}.", finding.fix)]
}

fn columns(text: &mut String, finding: &Finding, layout: Layout) {
    let narrow = Layout {
        width: LEFT - 1,
        ..layout
    };
    let about = format!("{}, {}", finding.object, pods(finding));
    let mut left = narrow.wrap(&about, 0);
    left.extend(narrow.wrap(&place(finding), 0));
    let [why, fix] = sentences(finding);
    let title = title(finding);
    let titles = layout.wrap(&title, LEFT);
    let mut right = layout.wrap(&why, LEFT);
    let mark = |(index, wrapped): (usize, String)| format!("{}{wrapped}", if index == 0 { "→ " } else { "  " });
    right.extend(layout.wrap(&fix, LEFT + 2).into_iter().enumerate().map(mark));
    right.extend(
        finding
            .notes
            .iter()
            .flat_map(|note| layout.wrap(&format!("note: {note}"), LEFT)),
    );
    let titles = titles.iter().map(|line| (BOLD, line));
    let mut right = titles.chain(right.iter().map(|line| (PLAIN, line)));
    let empty = String::new();
    let mut left = left.iter();
    loop {
        let (about, what) = (left.next(), right.next());
        if about.is_none() && what.is_none() {
            return;
        }
        let about = format!("{:<LEFT$}", about.unwrap_or(&empty));
        let (style, what) = what.unwrap_or((PLAIN, &empty));
        styled(text, &[(PLAIN, &about), (style, what)]);
    }
}

fn block(text: &mut String, finding: &Finding, layout: Layout) {
    styled(text, &[(BOLD, &title(finding))]);
    let about = [finding.object.to_string(), pods(finding), place(finding)];
    let about: Vec<String> = about.into_iter().filter(|part| !part.is_empty()).collect();
    item(text, 0, "  ", &about.join(", "), layout);
    let [why, fix] = sentences(finding);
    item(text, 0, "  ", &why, layout);
    item(text, 2, "→ ", &fix, layout);
    for note in &finding.notes {
        item(text, 0, "  ", &format!("note: {note}"), layout);
    }
}

pub(super) fn write_information(text: &mut String, report: &Report, layout: Layout) {
    let is_information = |finding: &&Finding| finding.severity == Severity::Info && finding.kind != Kind::OwnProxySame;
    let findings: Vec<&Finding> = report.findings.iter().filter(is_information).collect();
    list(text, "FOR INFORMATION", "", &findings, layout, &|finding| {
        finding.why.clone()
    });
}

pub(super) fn write_redundant(text: &mut String, report: &Report, layout: Layout) {
    let findings: Vec<&Finding> = of_kind(report, Kind::OwnProxySame).collect();
    let rest = ": the same proxy as in the settings";
    list(text, "CAN BE DELETED", rest, &findings, layout, &place);
}

fn list(
    text: &mut String,
    title: &str,
    rest: &str,
    findings: &[&Finding],
    layout: Layout,
    what: &dyn Fn(&Finding) -> String,
) {
    if findings.is_empty() {
        return;
    }
    heading(text, (BOLD, title), &format!(" ({}){rest}", findings.len()));
    let shown = if layout.verbose { findings.len() } else { SHOWN };
    for finding in findings.iter().take(shown) {
        line(text, &format!("{}, {}", finding.object, pods(finding)));
        item(text, 0, "  ", &what(finding), layout);
    }
    more(text, findings.len().saturating_sub(shown), "");
}
