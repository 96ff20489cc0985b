//! What was assumed to say whether pods are sent to the policy.

use std::collections::{BTreeMap, BTreeSet};

use explain::text::counted;

use crate::subjects::Subject;

/// As many namespaces are named for an assumption.
const NAMED: usize = 3;

/// What was assumed, and of which pods.
#[derive(Default)]
pub(crate) struct Assumptions {
    /// By the assumption, and by whether the pods are sent if it holds.
    assumed: BTreeMap<(Assumed, bool), Concerned>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Assumed {
    /// That namespaces without labels in the input have none.
    NoLabels,
    Other(String),
}

#[derive(Default)]
struct Concerned {
    pods: usize,
    namespaces: BTreeSet<String>,
    /// What would turn it round: `namespace shop has team: a`.
    unless: BTreeSet<String>,
}

impl Assumptions {
    pub(crate) fn add(&mut self, subject: &Subject) {
        let explanation = &subject.explanation;
        // What is assumed of a namespace without labels, the option and its conditions say.
        let others = explanation.assumed.iter();
        let others = others.filter(|assumed| !assumed.starts_with("namespace "));
        let others = others.map(|assumed| Assumed::Other(assumed.clone()));
        let no_labels = explanation.option.as_ref().map(|_| Assumed::NoLabels);
        for assumed in no_labels.into_iter().chain(others) {
            let concerned = self.assumed.entry((assumed, explanation.sent)).or_default();
            concerned.pods += subject.pods;
            concerned.namespaces.insert(subject.namespace().to_owned());
            concerned.unless.extend(explanation.unless.iter().cloned());
        }
    }

    /// A sentence for each.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = String> {
        self.assumed.iter().map(|((assumed, sent), concerned)| {
            let pods = match concerned.pods {
                0 => "the pods that workloads would create".to_owned(),
                pods => counted(pods, "pod"),
            };
            let verb = if concerned.pods == 1 { "is" } else { "are" };
            let sent = if *sent { "sent" } else { "not sent" };
            let namespaces = listed(&concerned.namespaces);
            match assumed {
                Assumed::NoLabels => {
                    let unless = listed(&concerned.unless);
                    let unless = if unless.is_empty() {
                        String::new()
                    } else {
                        format!(", unless {unless}")
                    };
                    format!(
                        "labels of namespaces that are not in the input ({namespaces}): with none, {pods} {verb} {sent} to the policy{unless}; \
                         add namespaces"
                    )
                }
                Assumed::Other(assumed) => {
                    format!("{pods} {verb} {sent} to the policy if {assumed} (namespaces: {namespaces})")
                }
            }
        })
    }
}

/// The first of them, and how many more there are.
fn listed(names: &BTreeSet<String>) -> String {
    let first: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    match names.len() - first.len() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
