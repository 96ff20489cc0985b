//! The table of an object's containers.

use http_proxy_policy::explanation::{ContainerExplanation, Os, Outcome, VariableExplanation};
use serde_json::Value;

use super::{BOLD, Layout, counted, line, styled};
use crate::cluster::ObjectExplanation;
use crate::workload;

const HEADINGS: [&str; 4] = ["CONTAINER", "VARIABLE", "OUTCOME", "WHY"];

/// A narrower column of reasons would be a word in a line.
const LEAST_WIDTH_OF_REASONS: usize = 24;

/// A row: container, variables, outcome, reason. The container is empty where it is the same as in the row above.
pub type Row = [String; 4];

/// The rows of the table, and what is to be said about all of them.
pub fn rows(explained: &ObjectExplanation) -> (Vec<Row>, Option<String>) {
    let lists = Lists::of(explained);
    let mut rows: Vec<Row> = Vec::new();
    let mut note = None;
    for container in &explained.containers {
        let only_upper = only_upper(container);
        note = note.or(only_upper);
        rows.extend(rows_of(container, only_upper.is_some(), explained.has_ca, &lists));
    }
    (rows, note.map(|note| format!("upper case only: {note}")))
}

/// Writes the table, and what is to be said about all of its rows.
pub(super) fn write(text: &mut String, explained: &ObjectExplanation, layout: Layout) {
    let (rows, note) = rows(explained);
    let widths: Vec<usize> = (0..3)
        .map(|column| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([HEADINGS[column].len()]).max().unwrap_or_default() + 2
        })
        .collect();
    let has_reasons = rows.iter().any(|row| !row[3].is_empty());
    let mut headings: String = HEADINGS[..3]
        .iter()
        .zip(&widths)
        .map(|(heading, width)| format!("{heading:width$}"))
        .collect();
    headings += if has_reasons { HEADINGS[3] } else { "" };
    styled(text, &[(BOLD, headings.trim_end())]);
    for row in &rows {
        write_row(text, row, &widths, layout);
    }
    if let Some(note) = note {
        line(text, &format!("  {note}"));
    }
}

fn write_row(text: &mut String, row: &Row, widths: &[usize], layout: Layout) {
    let start: String = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{cell:width$}"))
        .collect();
    let indent: usize = widths.iter().sum();
    if layout.width < indent + LEAST_WIDTH_OF_REASONS && !row[3].is_empty() {
        line(text, &start);
        for reason in layout.wrap(&row[3], widths[0] + 2) {
            line(text, &format!("{}  {reason}", " ".repeat(widths[0])));
        }
        return;
    }
    let mut reasons = layout.wrap(&row[3], indent).into_iter();
    line(text, &format!("{start}{}", reasons.next().unwrap_or_default()));
    for reason in reasons {
        line(text, &format!("{}{reason}", " ".repeat(indent)));
    }
}

fn rows_of(container: &ContainerExplanation, without_lower: bool, has_ca: bool, lists: &Lists) -> Vec<Row> {
    let name = || container.name.clone();
    if let Some(reason) = common_reason(container) {
        return vec![[
            name(),
            String::new(),
            word(container.outcome).to_owned(),
            reason.clone(),
        ]];
    }
    let mut rows = rows_of_variables(container, without_lower, lists);
    rows.extend(row_of_ca(container, has_ca));
    match rows.first_mut() {
        Some(first) => first[0] = name(),
        None => rows.push([name(), String::new(), word(container.outcome).to_owned(), String::new()]),
    }
    rows
}

fn rows_of_variables(container: &ContainerExplanation, without_lower: bool, lists: &Lists) -> Vec<Row> {
    let shown = |variable: &&VariableExplanation| {
        let says_something = variable.outcome != Outcome::NotSet || variable.reason.is_some();
        says_something && !(without_lower && is_lower(&variable.name))
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut last: Option<&VariableExplanation> = None;
    for variable in container.variables.iter().filter(shown) {
        match rows.last_mut() {
            Some(row) if last.is_some_and(|last| share_a_row(last, variable)) => {
                row[1] += &format!(", {}", variable.name);
                if variable.outcome == Outcome::Kept {
                    row[2] = word(Outcome::Kept).to_owned();
                }
            }
            _ => {
                let why = variable
                    .reason
                    .clone()
                    .unwrap_or_else(|| lists.described(container, variable));
                rows.push([
                    String::new(),
                    variable.name.clone(),
                    word(variable.outcome).to_owned(),
                    why,
                ]);
            }
        }
        last = Some(variable);
    }
    rows
}

/// Whether two names are those of a pair, and the same is to be said of them.
fn share_a_row(one: &VariableExplanation, other: &VariableExplanation) -> bool {
    one.name.eq_ignore_ascii_case(&other.name)
        && one.reason == other.reason
        && (one.outcome == other.outcome || is_kept_pair(one.outcome, other.outcome))
}

fn row_of_ca(container: &ContainerExplanation, has_ca: bool) -> Option<Row> {
    let ca = &container.trusted_ca;
    let says_something = ca.outcome != Outcome::NotSet || has_ca && ca.reason.is_some();
    says_something.then(|| {
        [
            String::new(),
            "trusted CA".to_owned(),
            word(ca.outcome).to_owned(),
            ca.reason.clone().unwrap_or_default(),
        ]
    })
}

/// Whether a pair is kept of which the container sets one name only.
fn is_kept_pair(one: Outcome, other: Outcome) -> bool {
    [(Outcome::Kept, Outcome::NotSet), (Outcome::NotSet, Outcome::Kept)].contains(&(one, other))
}

/// The reason that covers a container in which nothing changes.
fn common_reason(container: &ContainerExplanation) -> Option<&String> {
    if container.outcome != Outcome::Unchanged || container.reason.is_some() {
        return container
            .reason
            .as_ref()
            .filter(|_| container.outcome == Outcome::Unchanged);
    }
    let reasons = || container.variables.iter().map(|variable| variable.reason.as_ref());
    let first = reasons().next()??;
    reasons().all(|reason| reason == Some(first)).then_some(first)
}

/// Why a container gets the upper-case names only, if it does: environment names ignore case on Windows.
fn only_upper(container: &ContainerExplanation) -> Option<&String> {
    if container.os != Os::Windows {
        return None;
    }
    let mut lower = container
        .variables
        .iter()
        .filter(|variable| is_lower(&variable.name))
        .peekable();
    let first = lower.peek()?.reason.as_ref()?;
    let others = container
        .variables
        .iter()
        .any(|variable| !is_lower(&variable.name) && variable.outcome != Outcome::NotSet);
    let is_folded =
        |variable: &VariableExplanation| variable.outcome == Outcome::NotSet && variable.reason.as_ref() == Some(first);
    (others && lower.all(is_folded)).then_some(first)
}

fn is_lower(name: &str) -> bool {
    name.ends_with("_proxy")
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Changed => "changed",
        Outcome::Unchanged => "unchanged",
        Outcome::Set => "set",
        Outcome::Extended => "extended",
        Outcome::Replaced => "replaced",
        Outcome::Kept => "kept",
        Outcome::NotSet => "not set",
        Outcome::Removed => "removed",
    }
}

/// The lists of `NO_PROXY` before and after.
struct Lists {
    states: Option<[Value; 2]>,
}

impl Lists {
    fn of(explained: &ObjectExplanation) -> Self {
        let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
        let states = explained.change.as_ref();
        let states = states.and_then(|change| Some([parse(&change.before)?, parse(change.after.get())?]));
        Lists { states }
    }

    /// How many entries a list has: `16 entries`, `its own entry first, then 16`. Empty for other variables.
    fn described(&self, container: &ContainerExplanation, variable: &VariableExplanation) -> String {
        if !variable.name.eq_ignore_ascii_case("NO_PROXY") {
            return String::new();
        }
        let Some([before, after]) = &self.states else {
            return String::new();
        };
        let after = entries(after, &container.name, &variable.name).unwrap_or_default();
        let own = ["no_proxy", "NO_PROXY"]
            .iter()
            .find_map(|name| entries(before, &container.name, name));
        match (variable.outcome, own) {
            (Outcome::Extended, Some(own)) if own < after => {
                let own_entries = if own == 1 {
                    "its own entry".to_owned()
                } else {
                    format!("its own {own} entries")
                };
                format!("{own_entries} first, then {}", after - own)
            }
            (Outcome::Set | Outcome::Replaced, _) if after > 0 => counted(after, "entry").replace("entrys", "entries"),
            _ => String::new(),
        }
    }
}

/// How many entries the list of a container's variable has.
fn entries(object: &Value, container: &str, name: &str) -> Option<usize> {
    let spec = &workload::pod_in(object)?["spec"];
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    let mut containers = lists.iter().filter_map(|list| spec[*list].as_array()).flatten();
    let env = containers.find(|candidate| candidate["name"] == container)?["env"].as_array()?;
    let value = env.iter().rev().find(|entry| entry["name"] == name)?["value"].as_str()?;
    Some(value.split(',').filter(|entry| !entry.trim().is_empty()).count())
}
