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

#[cfg(test)]
mod tests {
    use http_proxy_policy::explanation::PartExplanation;
    use serde_json::json;

    use super::*;
    use crate::answer::Native;
    use crate::cluster::Cluster;
    use crate::object::Place;

    type Said<'s> = (&'s str, Outcome, Option<&'s str>);

    /// A container `app`; of its trusted CA, nothing is to be said.
    fn container(outcome: Outcome, reason: Option<&str>, variables: &[Said]) -> ContainerExplanation {
        let variables = variables.iter().map(|(name, outcome, reason)| VariableExplanation {
            name: (*name).to_owned(),
            outcome: *outcome,
            reason: reason.map(str::to_owned),
        });
        ContainerExplanation {
            name: "app".to_owned(),
            kind: "container",
            outcome,
            reason: reason.map(str::to_owned),
            variables: variables.collect(),
            trusted_ca: PartExplanation {
                outcome: Outcome::NotSet,
                reason: Some("no CA".to_owned()),
            },
            os: Os::Linux,
            is_excluded: false,
        }
    }

    const UPPER: &str = "HTTP_PROXY";
    const LOWER: &str = "http_proxy";

    #[test]
    fn one_reason_covers_a_container_in_which_nothing_changes() {
        let why = Some("why");
        let kept = |reason| [(UPPER, Outcome::Kept, reason), (LOWER, Outcome::NotSet, why)];
        for (outcome, reason, variables, common) in [
            (Outcome::Unchanged, Some("all"), &kept(why)[..], Some("all")),
            (Outcome::Unchanged, None, &kept(why), why),
            (Outcome::Unchanged, None, &kept(Some("other")), None),
            (Outcome::Unchanged, None, &kept(None), None),
            (
                Outcome::Unchanged,
                None,
                &[(UPPER, Outcome::Kept, why), (LOWER, Outcome::NotSet, None)],
                None,
            ),
            (Outcome::Unchanged, None, &[], None),
            (Outcome::Changed, Some("all"), &kept(why), None),
            (Outcome::Changed, None, &kept(why), None),
        ] {
            let container = container(outcome, reason, variables);
            assert_eq!(common_reason(&container).map(String::as_str), common, "{container:?}");
        }
    }

    #[test]
    fn a_row_has_a_pair_of_which_the_same_is_said() {
        let row = |variables: &str, word: &str, why: &str| ["", variables, word, why].map(str::to_owned);
        let (why, other) = (Some("why"), Some("other"));
        for (upper, lower, expected) in [
            (
                (Outcome::Set, None),
                (Outcome::Set, None),
                vec![row("HTTP_PROXY, http_proxy", "set", "")],
            ),
            (
                (Outcome::Set, why),
                (Outcome::Set, why),
                vec![row("HTTP_PROXY, http_proxy", "set", "why")],
            ),
            (
                (Outcome::Set, why),
                (Outcome::Set, other),
                vec![row(UPPER, "set", "why"), row(LOWER, "set", "other")],
            ),
            (
                (Outcome::Kept, why),
                (Outcome::NotSet, why),
                vec![row("HTTP_PROXY, http_proxy", "kept", "why")],
            ),
            (
                (Outcome::NotSet, why),
                (Outcome::Kept, why),
                vec![row("HTTP_PROXY, http_proxy", "kept", "why")],
            ),
            (
                (Outcome::NotSet, why),
                (Outcome::Removed, why),
                vec![row(UPPER, "not set", "why"), row(LOWER, "removed", "why")],
            ),
            (
                (Outcome::Replaced, None),
                (Outcome::NotSet, None),
                vec![row(UPPER, "replaced", "")],
            ),
            ((Outcome::NotSet, None), (Outcome::NotSet, None), vec![]),
        ] {
            let container = container(
                Outcome::Changed,
                None,
                &[(UPPER, upper.0, upper.1), (LOWER, lower.0, lower.1)],
            );
            let lists = Lists { states: None };
            assert_eq!(rows_of_variables(&container, false, &lists), expected);
            let without_lower = rows_of_variables(&container, true, &lists);
            assert!(
                without_lower.iter().all(|row| !row[1].contains(LOWER)),
                "{without_lower:?}"
            );
        }
        let same = [("FTP_PROXY", Outcome::Set, None), (UPPER, Outcome::Set, None)];
        let rows = rows_of_variables(
            &container(Outcome::Changed, None, &same),
            false,
            &Lists { states: None },
        );
        assert_eq!(rows, [row("FTP_PROXY", "set", ""), row(UPPER, "set", "")]);
    }

    #[test]
    fn the_trusted_ca_has_a_row_where_something_is_said_of_it() {
        let of = |outcome, reason: Option<&str>, has_ca| {
            let mut container = container(Outcome::Changed, None, &[]);
            container.trusted_ca = PartExplanation {
                outcome,
                reason: reason.map(str::to_owned),
            };
            rows_of(&container, false, has_ca, &Lists { states: None })
                .remove(0)
                .join("|")
        };
        for (outcome, reason, has_ca, expected) in [
            (Outcome::Set, None, true, "app|trusted CA|set|"),
            (Outcome::Set, None, false, "app|trusted CA|set|"),
            (Outcome::NotSet, Some("why"), true, "app|trusted CA|not set|why"),
            (Outcome::NotSet, Some("why"), false, "app||changed|"),
            (Outcome::NotSet, None, true, "app||changed|"),
        ] {
            assert_eq!(of(outcome, reason, has_ca), expected);
        }
    }

    #[test]
    fn only_the_upper_case_names_count_in_a_windows_container_that_gets_them() {
        let folded = (LOWER, Outcome::NotSet, Some("Windows"));
        let set = (UPPER, Outcome::Set, None);
        for (os, variables, expected) in [
            (Os::Windows, &[set, folded][..], Some("Windows")),
            (Os::Linux, &[set, folded], None),
            (Os::Windows, &[(UPPER, Outcome::NotSet, None), folded], None),
            (Os::Windows, &[folded], None),
            (Os::Windows, &[set], None),
            (Os::Windows, &[set, (LOWER, Outcome::NotSet, None)], None),
            (
                Os::Windows,
                &[set, folded, ("no_proxy", Outcome::NotSet, Some("other"))],
                None,
            ),
            (
                Os::Windows,
                &[set, folded, ("no_proxy", Outcome::Set, Some("Windows"))],
                None,
            ),
            (
                Os::Windows,
                &[set, folded, ("no_proxy", Outcome::NotSet, Some("Windows"))],
                Some("Windows"),
            ),
            (Os::Windows, &[(LOWER, Outcome::Set, Some("Windows"))], None),
        ] {
            let mut container = container(Outcome::Changed, None, variables);
            container.os = os;
            assert_eq!(only_upper(&container).map(String::as_str), expected, "{variables:?}");
        }
    }

    #[test]
    fn a_list_is_described_by_its_number_of_entries() {
        let pod = |name: &str, value: &str| {
            let env =
                json!([{"name": "A", "value": "a,b,c"}, {"name": name, "value": "x"}, {"name": name, "value": value}]);
            let others = json!({"name": "side", "env": [{"name": name, "value": "a,b,c,d,e"}]});
            json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [others, {"name": "app", "env": env}]}})
        };
        for (outcome, before, after, expected) in [
            (Outcome::Set, pod("B", "b"), "a", "1 entry"),
            (Outcome::Set, pod("B", "b"), "a,b, ,", "2 entries"),
            (Outcome::Replaced, pod("NO_PROXY", "a,b"), "c,d,e", "3 entries"),
            (Outcome::Set, pod("B", "b"), "", ""),
            (
                Outcome::Extended,
                pod("NO_PROXY", "a"),
                "a,b,c",
                "its own entry first, then 2",
            ),
            (
                Outcome::Extended,
                pod("no_proxy", "a,b"),
                "a,b,c",
                "its own 2 entries first, then 1",
            ),
            (Outcome::Extended, pod("NO_PROXY", "a,b"), "a,b", ""),
            (Outcome::Extended, pod("NO_PROXY", "a,b,c"), "a,b", ""),
            (Outcome::Extended, pod("B", "b"), "a,b", ""),
            (Outcome::Kept, pod("NO_PROXY", "a"), "a", ""),
        ] {
            let lists = Lists {
                states: Some([before, pod("NO_PROXY", after)]),
            };
            let of = |name: &str| {
                let container = container(Outcome::Changed, None, &[(name, outcome, None)]);
                lists.described(&container, &container.variables[0])
            };
            assert_eq!(of("NO_PROXY"), expected);
            assert_eq!(of(UPPER), "");
        }
    }

    #[test]
    fn reasons_go_below_where_there_is_no_room_beside() {
        let write = |width: usize, reason: &str| {
            let layout = Layout {
                width,
                ..Layout::default()
            };
            let row = ["app", "HTTP_PROXY", "kept", reason].map(str::to_owned);
            let mut text = String::new();
            write_row(&mut text, &row, &[8, 12, 6], layout);
            text
        };
        let reason = "the container already has it";
        let start = "app     HTTP_PROXY  kept";
        let margin = " ".repeat(26);
        assert_eq!(write(60, reason), format!("{start}  {reason}\n"));
        assert_eq!(
            write(50, reason),
            format!("{start}  the container already\n{margin}has it\n")
        );
        assert_eq!(write(49, reason), format!("{start}\n          {reason}\n"));
        assert_eq!(
            write(36, reason),
            format!("{start}\n          the container already has\n          it\n")
        );
        assert_eq!(write(40, ""), format!("{start}\n"));
    }

    #[test]
    fn columns_are_as_wide_as_their_cells_and_reasons_have_a_heading_if_there_are_any() {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app"}]}});
        let cluster = Cluster::new(json!({"httpProxy": "http://p.example:1"}).to_string(), None);
        let explained = cluster.explain(&pod, &Place::default(), &Native).unwrap().remove(0);
        let written = |containers: Vec<ContainerExplanation>| {
            let explained = ObjectExplanation {
                containers,
                change: None,
                ..explained.clone()
            };
            let mut text = String::new();
            write(&mut text, &explained, Layout::default());
            text.replace("\x1b[1m", "").replace("\x1b[0m", "")
        };
        let set = container(
            Outcome::Changed,
            None,
            &[(UPPER, Outcome::Set, None), (LOWER, Outcome::Set, None)],
        );
        let excluded = ContainerExplanation {
            name: "a-long-name".to_owned(),
            ..container(Outcome::Unchanged, Some("excluded"), &[])
        };
        let mut windows = container(
            Outcome::Changed,
            None,
            &[(UPPER, Outcome::Set, None), (LOWER, Outcome::NotSet, Some("Windows"))],
        );
        windows.os = Os::Windows;
        let only_set = "CONTAINER  VARIABLE                OUTCOME\napp        HTTP_PROXY, http_proxy  set\n";
        assert_eq!(written(vec![set.clone()]), only_set);
        let only_excluded = "CONTAINER    VARIABLE  OUTCOME    WHY\na-long-name            unchanged  excluded\n";
        assert_eq!(written(vec![excluded.clone()]), only_excluded);
        let all = "
CONTAINER    VARIABLE                OUTCOME    WHY
app          HTTP_PROXY, http_proxy  set
a-long-name                          unchanged  excluded
app          HTTP_PROXY              set
  upper case only: Windows
";
        assert_eq!(written(vec![set, excluded, windows]), all.trim_start());
    }
}
