//! An object as the page shows it.

use explain::answer::Verdict;
use explain::cluster::{Change, ObjectExplanation};
use explain::text::table::{self, Row};
use http_proxy_policy::explanation::ChosenProfile;
use serde::Serialize;
use serde_json::Value;

use super::parts::{self, Part};

/// More rows and parts are no reading matter, and would make a browser slow.
const MOST_ROWS: usize = 200;
const MOST_PARTS: usize = 40;

/// The explanation of an object, and what changes in it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    /// `Pod shop/api`, or `Deployment shop/api, the pod it creates`.
    pub title: String,
    pub sent: bool,
    pub verdict: Verdict,
    pub reason: Option<String>,
    pub detail: Option<String>,
    /// The profile that applies; `None` for the top-level settings.
    pub profile: Option<ChosenProfile>,
    pub warnings: Vec<String>,
    pub unless: Vec<String>,
    pub assumed: Vec<String>,
    /// The table of the containers: container, variables, outcome, reason. The container is empty where it is that of the row above.
    pub rows: Vec<Row>,
    /// How many rows were omitted.
    pub more_rows: usize,
    /// What is to be said about all rows.
    pub rows_note: Option<String>,
    /// `KEY=VALUE` that would decide, where the labels of the namespace are not known.
    pub wanted_labels: Option<String>,
    /// On what the module and the explanation disagree.
    pub disagreement: Option<String>,
    /// Only where the object is changed.
    pub changes: Option<Changes>,
}

/// A changed object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// The containers first, the policy's record last.
    pub parts: Vec<Part>,
    /// How many parts were omitted.
    pub more_parts: usize,
    /// The object as it is stored, as YAML.
    pub object: String,
    /// The JSON patch that a policy server sends to the API server, an operation per line.
    pub patch: String,
}

impl Shown {
    pub(super) fn of(explanation: ObjectExplanation) -> Self {
        // `--namespace-labels NAME=KEY=VALUE`
        let wanted = explanation.option.as_ref().and_then(|option| option.split_once('='));
        let (mut rows, rows_note) = table::rows(&explanation);
        let more_rows = left_out(&mut rows, MOST_ROWS);
        Shown {
            title: explanation.object.to_string(),
            rows,
            more_rows,
            rows_note,
            wanted_labels: wanted
                .map(|(_, labels)| labels.to_owned())
                .filter(|labels| !labels.contains('…')),
            changes: explanation.change.as_ref().and_then(changes),
            sent: explanation.sent,
            verdict: explanation.verdict,
            reason: explanation.reason,
            detail: explanation.detail,
            profile: explanation.profile.filter(|profile| profile.name.is_some()),
            warnings: explanation.warnings,
            unless: explanation.unless,
            assumed: explanation.assumed,
            disagreement: explanation.disagreement,
        }
    }
}

/// Shortens a list, and says by how much.
fn left_out<T>(list: &mut Vec<T>, most: usize) -> usize {
    let more = list.len().saturating_sub(most);
    list.truncate(most);
    more
}

fn changes(change: &Change) -> Option<Changes> {
    let before: Value = serde_json::from_str(&change.before).ok()?;
    let after: Value = serde_json::from_str(change.after.get()).ok()?;
    let mut parts = parts::of(&before, &after);
    let more_parts = left_out(&mut parts, MOST_PARTS);
    Some(Changes {
        parts,
        more_parts,
        object: documents::to_yaml(&after).ok()?,
        patch: patch(&before, &after)?,
    })
}

/// As a policy server makes it, by the same library.
fn patch(before: &Value, after: &Value) -> Option<String> {
    let operations = json_patch::diff(before, after).0;
    let lines: Vec<String> = operations
        .iter()
        .map(|operation| Some(format!("  {}", serde_json::to_string(operation).ok()?)))
        .collect::<Option<_>>()?;
    Some(format!("[\n{}\n]\n", lines.join(",\n")))
}
