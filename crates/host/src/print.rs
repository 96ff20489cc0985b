//! What the user sees. Colours are left out where they are not wanted: `--color`, `NO_COLOR`, a pipe.

use anstream::{eprintln, print, println};
use anstyle::{AnsiColor, Style};
use anyhow::Result;
use comfy_table::{Table, presets};
use host::policy::Timed;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::changes::Change;
use crate::pod;
use crate::profile::Choice;
use crate::settings::Settings;

const BOLD: Style = Style::new().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const HUNK: Style = AnsiColor::Cyan.on_default();

/// How many objects had which outcome.
#[derive(Default)]
pub struct Summary {
    pub changed: usize,
    pub left: usize,
    pub rejected: usize,
    pub warnings: usize,
}

pub fn error(message: &str) {
    eprintln!("{ERROR}error:{ERROR:#} {message}");
}

/// The problems of the settings, one a line.
pub fn settings_problems(settings: &Settings, message: &str) {
    let problems = problems(message);
    let count = counted(problems.len(), "problem");
    eprintln!("{ERROR}error:{ERROR:#} {}: {count} in the settings", settings.source);
    for problem in problems {
        match problem.split_once(": ") {
            Some((path, problem)) if !path.contains(' ') => eprintln!("  {REMOVED}{path}{REMOVED:#}: {problem}"),
            _ => eprintln!("  {problem}"),
        }
    }
}

/// The problems of a message, which the policy separates with `; `. Each starts with a path; `; ` may be in a problem as well.
fn problems(message: &str) -> Vec<String> {
    let mut problems: Vec<String> = Vec::new();
    for part in message.split("; ") {
        let starts_with_path = part.split_once(": ").is_some_and(|(path, _)| !path.contains(' '));
        match problems.last_mut() {
            Some(problem) if !starts_with_path => *problem += &format!("; {part}"),
            _ => problems.push(part.to_owned()),
        }
    }
    problems
}

/// Says which conditions of a policy's manifest do not count here.
pub fn conditions_not_evaluated(settings: &Settings) {
    let conditions = settings
        .policy
        .as_ref()
        .map(|policy| policy.other_conditions.join(", "));
    if let Some(conditions) = conditions.filter(|conditions| !conditions.is_empty()) {
        println!("{WARNING}note:{WARNING:#} not evaluated: {conditions}\n");
    }
}

/// What the object is, and which settings apply.
pub fn header(object: &Value, namespace: &str, choice: Option<&Choice>) {
    let metadata = &object["metadata"];
    let name = match (metadata["name"].as_str(), metadata["generateName"].as_str()) {
        (Some(name), _) => name.to_owned(),
        (None, Some(prefix)) => format!("{prefix}…"),
        (None, None) => "(unnamed)".to_owned(),
    };
    let kind = object["kind"].as_str().unwrap_or_default();
    let template = match pod::path(kind) {
        None | Some("") => "",
        Some(_) => ", its pod template",
    };
    let profile = match choice {
        None => String::new(),
        Some(Choice::TopLevel) => ", no profile".to_owned(),
        Some(Choice::Profile { name, .. }) => format!(", profile {name}"),
    };
    println!("{BOLD}{kind} {namespace}/{name}{BOLD:#}{template}{profile}");
}

pub fn warning(message: &str) {
    println!("{WARNING}warning:{WARNING:#} {message}");
}

pub fn rejection(message: &str) {
    println!("{ERROR}rejected:{ERROR:#} {message}\n");
}

pub fn left(reason: &str) {
    println!("left as it is: {reason}\n");
}

/// A table with a row for each container.
pub fn changes(changes: &[Change]) {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY);
    for change in changes {
        let lines = match change.lines.as_slice() {
            [] => "unchanged".to_owned(),
            lines => lines.join("\n"),
        };
        table.add_row([&change.place, &lines]);
    }
    println!("{table}");
}

/// A unified diff of two states of an object.
pub fn diff(before: &Value, after: &Value) -> Result<()> {
    let (before, after) = (serde_yaml_ng::to_string(before)?, serde_yaml_ng::to_string(after)?);
    let diff = TextDiff::from_lines(&before, &after);
    println!("{BOLD}--- before{BOLD:#}\n{BOLD}+++ after{BOLD:#}");
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        println!("{HUNK}{}{HUNK:#}", hunk.header());
        for change in hunk.iter_changes() {
            let style = match change.tag() {
                ChangeTag::Delete => REMOVED,
                ChangeTag::Insert => ADDED,
                ChangeTag::Equal => Style::new(),
            };
            let line = change.value().trim_end_matches('\n');
            println!("{style}{}{line}{style:#}", change.tag());
        }
    }
    print!("\n");
    Ok(())
}

pub fn cost(timed: &Timed, request: &Value, module: usize) {
    println!(
        "answer: {} bytes for a request of {}, in {:.2} ms (a fresh instance of the {} KB module)\n",
        timed.bytes.len(),
        request.to_string().len(),
        timed.total().as_secs_f64() * 1e3,
        module / 1000,
    );
}

pub fn summary(summary: &Summary) {
    let Summary {
        changed,
        left,
        rejected,
        warnings,
    } = summary;
    let objects = counted(changed + left + rejected, "object");
    let style = if *rejected > 0 { ERROR } else { BOLD };
    println!(
        "{style}{objects}: {changed} changed, {left} left, {rejected} rejected, {}{style:#}",
        counted(*warnings, "warning")
    );
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_split_where_a_path_begins() {
        let message = "httpProxy: must be a URL; write http://proxy:3128; noProxy[0]: not an entry; x: unknown field; did you mean mode?";
        assert_eq!(
            problems(message),
            [
                "httpProxy: must be a URL; write http://proxy:3128",
                "noProxy[0]: not an entry",
                "x: unknown field; did you mean mode?",
            ]
        );
    }
}
