//! What an object is called, and where it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::kinds::group_and_version;

/// A line of a file, counted from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    pub file: String,
    pub line: usize,
}

/// What an object is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectName {
    pub kind: String,
    pub namespace: String,
    /// `None` if it has none. A pod that a workload is to create has the workload's.
    pub name: Option<String>,
    /// The workload that it comes from: the Deployment, not its ReplicaSet, where that is known.
    pub owner: Option<OwnerName>,
    #[serde(flatten)]
    pub place: Place,
    /// Whether it is the pod that the owner creates from its template.
    #[serde(skip)]
    pub is_created: bool,
}

/// What an owner is called. It is in the object's namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct OwnerName {
    pub kind: String,
    pub name: String,
}

impl ObjectName {
    pub(crate) fn of(object: &Value, owners: &Owners, place: &Place) -> Self {
        let metadata = &object["metadata"];
        let generated = metadata["generateName"].as_str().map(|prefix| format!("{prefix}…"));
        ObjectName {
            kind: object["kind"].as_str().unwrap_or_default().to_owned(),
            namespace: namespace(object).to_owned(),
            name: metadata["name"].as_str().map(str::to_owned).or(generated),
            owner: owners.top(object),
            place: place.clone(),
            is_created: false,
        }
    }

    /// The pod that a workload creates.
    pub(crate) fn created_by(workload: &ObjectName) -> Self {
        ObjectName {
            kind: "Pod".to_owned(),
            owner: Some(OwnerName {
                kind: workload.kind.clone(),
                name: workload.name.clone().unwrap_or_default(),
            }),
            is_created: true,
            ..workload.clone()
        }
    }
}

/// `Pod shop/api`, or `Deployment shop/api, the pod it creates`.
impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("(unnamed)");
        match self.owner.as_ref().filter(|_| self.is_created) {
            Some(owner) => write!(f, "{} {}/{name}, the pod it creates", owner.kind, self.namespace),
            None => write!(f, "{} {}/{name}", self.kind, self.namespace),
        }
    }
}

/// The namespace of an object; `default` where it has none, as for `kubectl`.
pub(crate) fn namespace(object: &Value) -> &str {
    object["metadata"]["namespace"].as_str().unwrap_or("default")
}

/// The field of an object's or its template's metadata that is no string and must be one, which the API server refuses: its path.
pub(crate) fn no_string(object: &Value) -> Option<String> {
    let mut templates = [
        ("metadata", "/metadata"),
        ("template.metadata", "/template/metadata"),
        ("spec.template.metadata", "/spec/template/metadata"),
        (
            "spec.jobTemplate.spec.template.metadata",
            "/spec/jobTemplate/spec/template/metadata",
        ),
    ]
    .into_iter()
    .filter_map(|(path, pointer)| Some((path, object.pointer(pointer)?)));
    templates.find_map(|(path, metadata)| {
        let fields = ["name", "generateName", "namespace"].map(|field| (field.to_owned(), &metadata[field]));
        let labels = metadata["labels"].as_object().into_iter().flatten();
        let labels = labels.map(|(key, value)| (format!("labels.{key}"), value));
        let owners = metadata["ownerReferences"].as_array().into_iter().flatten().enumerate();
        let owners = owners.flat_map(|(index, owner)| {
            ["kind", "name"].map(|field| (format!("ownerReferences[{index}].{field}"), &owner[field]))
        });
        let mut all = fields.into_iter().chain(labels).chain(owners);
        let (field, _) = all.find(|(_, value)| !value.is_string() && !value.is_null())?;
        Some(format!("{path}.{field}"))
    })
}

/// The workloads that own other workloads: the Deployment of a ReplicaSet, the CronJob of a Job.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    /// By namespace, kind and name of the owned one.
    owners: BTreeMap<(String, String, String), OwnerName>,
    /// All workloads that were added.
    workloads: BTreeSet<(String, String, String)>,
}

impl Owners {
    /// Notes a workload, and who owns it.
    pub fn add(&mut self, object: &Value) {
        if let (Some(kind), Some(name)) = (object["kind"].as_str(), object["metadata"]["name"].as_str()) {
            let key = (namespace(object).to_owned(), kind.to_owned(), name.to_owned());
            if let Some(owner) = controller(object) {
                self.owners.insert(key.clone(), owner);
            }
            self.workloads.insert(key);
        }
    }

    /// Whether a workload is a part of one that was added: the ReplicaSet of a Deployment.
    pub fn stand_for(&self, object: &Value) -> bool {
        let Some(owner) = controller(object) else { return false };
        let key = (namespace(object).to_owned(), owner.kind, owner.name);
        object["kind"] != "Pod" && self.workloads.contains(&key)
    }

    /// The workload that an object comes from. The Deployment of a ReplicaSet that was not added is told by the pod's label.
    pub fn top(&self, object: &Value) -> Option<OwnerName> {
        let owner = controller(object)?;
        let key = (namespace(object).to_owned(), owner.kind.clone(), owner.name.clone());
        if let Some(above) = self.owners.get(&key) {
            return Some(above.clone());
        }
        let hash = object["metadata"]["labels"]["pod-template-hash"].as_str();
        let of_deployment = hash.and_then(|hash| owner.name.strip_suffix(hash)?.strip_suffix('-'));
        Some(match of_deployment {
            Some(name) if owner.kind == "ReplicaSet" => OwnerName {
                kind: "Deployment".to_owned(),
                name: name.to_owned(),
            },
            _ => owner,
        })
    }
}

/// The controller of an object.
fn controller(object: &Value) -> Option<OwnerName> {
    let owners = object["metadata"]["ownerReferences"].as_array()?;
    let owner = owners.iter().find(|owner| owner["controller"] == true)?;
    Some(OwnerName {
        kind: owner["kind"].as_str()?.to_owned(),
        name: owner["name"].as_str()?.to_owned(),
    })
}

/// What a rule calls the version of an object.
pub(crate) fn version(object: &Value) -> &str {
    group_and_version(object).1
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn owned(kind: &str, name: &str, owner: (&str, &str)) -> Value {
        json!({"kind": kind, "metadata": {"name": name, "namespace": "shop", "ownerReferences": [
            {"kind": owner.0, "name": owner.1, "controller": true},
        ]}})
    }

    #[test]
    fn names_namespaces_and_labels_must_be_strings() {
        for (object, expected) in [
            (json!({"metadata": {"name": 2024}}), Some("metadata.name")),
            (json!({"metadata": {"namespace": false}}), Some("metadata.namespace")),
            (json!({"metadata": {"labels": {"x": 1}}}), Some("metadata.labels.x")),
            (
                json!({"metadata": {"ownerReferences": [{"kind": 1}]}}),
                Some("metadata.ownerReferences[0].kind"),
            ),
            (
                json!({"metadata": {"name": "a"}, "spec": {"template": {"metadata": {"labels": {"x": true}}}}}),
                Some("spec.template.metadata.labels.x"),
            ),
            (
                json!({"metadata": {"name": "a", "namespace": null, "labels": {"x": "1"}}}),
                None,
            ),
            (json!({"metadata": null}), None),
        ] {
            assert_eq!(no_string(&object).as_deref(), expected, "{object}");
        }
    }

    #[test]
    fn a_pod_comes_from_the_workload_that_someone_wrote() {
        let mut owners = Owners::default();
        owners.add(&owned("Job", "report-1", ("CronJob", "report")));
        let top = |pod: &Value| owners.top(pod).map(|owner| format!("{} {}", owner.kind, owner.name));
        assert_eq!(top(&owned("Pod", "a", ("Job", "report-1"))).unwrap(), "CronJob report");
        assert_eq!(top(&owned("Pod", "a", ("Job", "import"))).unwrap(), "Job import");
        let mut pod = owned("Pod", "web-5f-x", ("ReplicaSet", "web-5f"));
        assert_eq!(top(&pod).unwrap(), "ReplicaSet web-5f");
        pod["metadata"]["labels"] = json!({"pod-template-hash": "5f"});
        assert_eq!(top(&pod).unwrap(), "Deployment web");
        let mut pod = owned("Pod", "web-5f-x", ("Job", "web-5f"));
        pod["metadata"]["labels"] = json!({"pod-template-hash": "5f"});
        assert_eq!(top(&pod).unwrap(), "Job web-5f");
        pod["metadata"]["ownerReferences"][0]["controller"] = json!(false);
        assert_eq!(top(&pod), None);
        assert_eq!(top(&json!({"kind": "Pod", "metadata": {"name": "a"}})), None);
    }

    #[test]
    fn a_workload_stands_for_those_that_it_owns_and_no_pod() {
        let mut owners = Owners::default();
        owners.add(&json!({"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}));
        for (kind, owner, expected) in [
            ("ReplicaSet", ("Deployment", "web"), true),
            ("ReplicaSet", ("Deployment", "other"), false),
            ("ReplicaSet", ("Job", "web"), false),
            ("Pod", ("Deployment", "web"), false),
        ] {
            let object = owned(kind, "web-5f", owner);
            assert_eq!(owners.stand_for(&object), expected, "{object}");
        }
        let elsewhere = json!({"kind": "ReplicaSet", "metadata": {"name": "web-5f", "ownerReferences": [
            {"kind": "Deployment", "name": "web", "controller": true},
        ]}});
        assert!(!owners.stand_for(&elsewhere));
        assert!(!owners.stand_for(&json!({"kind": "ReplicaSet", "metadata": {"name": "web-5f"}})));
    }

    #[test]
    fn an_object_is_shown_by_what_people_call_it() {
        let name = |object: &Value| ObjectName::of(object, &Owners::default(), &Place::default());
        let deployment = name(&json!({"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}));
        assert_eq!(deployment.to_string(), "Deployment shop/web");
        let created = ObjectName::created_by(&deployment).to_string();
        assert_eq!(created, "Deployment shop/web, the pod it creates");
        let pod = name(&owned("Pod", "a", ("Job", "b")));
        assert_eq!(pod.to_string(), "Pod shop/a");
        assert_eq!(pod.owner.unwrap().name, "b");
        let generated = name(&json!({"kind": "Pod", "metadata": {"generateName": "a-"}}));
        assert_eq!(generated.to_string(), "Pod default/a-…");
        assert_eq!(name(&json!({"kind": "Pod"})).to_string(), "Pod default/(unnamed)");
    }
}
