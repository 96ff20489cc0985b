//! What the manifest of a policy says about the requests that it is asked about.

use serde_json::Value;

use super::selector::{Fault, Requirement, Selector};

/// The manifest of a `ClusterAdmissionPolicy` or an `AdmissionPolicy`, with the place of each part that decides.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub scope: Scope,
    pub rules: Located<Value>,
    pub namespace_selector: Vec<Located<Requirement>>,
    pub object_selector: Vec<Located<Requirement>>,
    /// The names of the match conditions, if there are any.
    pub match_conditions: Option<Located<String>>,
    /// Where `mode: monitor` is, if the policy only monitors.
    pub monitor: Option<String>,
    /// Where `mutating` is, if it is not `true`.
    pub not_mutating: Option<String>,
    /// What the author of a rejected object reads instead of the policy's message.
    pub message: Option<Located<String>>,
    /// What the API server refuses in the selectors, by the paths in the manifest.
    pub faults: Vec<Fault>,
}

/// Something of a file, with its place: `policy.yaml:24`.
#[derive(Clone, Debug)]
pub struct Located<T> {
    pub place: String,
    pub value: T,
}

/// Which namespaces the policy may see.
#[derive(Clone, Debug)]
pub enum Scope {
    Cluster {
        /// `allowInsideAdmissionControllerNamespace`
        allows_own: bool,
    },
    /// An `AdmissionPolicy`'s own.
    Namespace(Located<String>),
}

impl Manifest {
    /// Reads a manifest. `place` gives the place of a path such as `spec.rules`.
    pub fn read(manifest: &Value, place: &dyn Fn(&str) -> String) -> Self {
        let spec = &manifest["spec"];
        let at = |path: &str| place(&format!("spec.{path}"));
        let mut faults = Vec::new();
        let mut selector = |field: &str| selector(&spec[field], &format!("spec.{field}"), place, &mut faults);
        let scope = Scope::read(manifest, place);
        let conditions = spec["matchConditions"]
            .as_array()
            .filter(|conditions| !conditions.is_empty());
        Manifest {
            rules: Located {
                place: at("rules"),
                value: spec["rules"].clone(),
            },
            // The controller writes the selector of an AdmissionPolicy itself.
            namespace_selector: match scope {
                Scope::Namespace(_) => Vec::new(),
                Scope::Cluster { .. } => selector("namespaceSelector"),
            },
            object_selector: selector("objectSelector"),
            faults,
            message: spec["message"].as_str().map(|message| Located {
                place: at("message"),
                value: message.to_owned(),
            }),
            match_conditions: conditions.map(|conditions| Located {
                place: at("matchConditions"),
                value: names(conditions),
            }),
            monitor: (spec["mode"] == "monitor").then(|| at("mode")),
            not_mutating: (spec["mutating"] != true).then(|| at("mutating")),
            scope,
        }
    }
}

/// The conditions of a selector at a path. What the API server refuses goes to `faults`.
fn selector(
    selector: &Value,
    path: &str,
    place: &dyn Fn(&str) -> String,
    faults: &mut Vec<Fault>,
) -> Vec<Located<Requirement>> {
    let read = Selector::read(selector);
    faults.extend(read.faults.into_iter().map(|fault| fault.below(path)));
    let located = read.requirements.into_iter().map(|requirement| Located {
        place: place(&format!("{path}.{}", requirement.path)),
        value: requirement,
    });
    located.collect()
}

impl Scope {
    fn read(manifest: &Value, place: &dyn Fn(&str) -> String) -> Self {
        if manifest["kind"] != "AdmissionPolicy" {
            return Scope::Cluster {
                allows_own: manifest["spec"]["allowInsideAdmissionControllerNamespace"] == true,
            };
        }
        let namespace = manifest["metadata"]["namespace"].as_str();
        Scope::Namespace(Located {
            place: place("metadata.namespace"),
            value: namespace.unwrap_or("default").to_owned(),
        })
    }
}

fn names(conditions: &[Value]) -> String {
    let names = conditions
        .iter()
        .map(|condition| condition["name"].as_str().unwrap_or("(unnamed)"));
    names.collect::<Vec<_>>().join(", ")
}
