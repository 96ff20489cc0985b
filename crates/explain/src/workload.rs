//! The pod that the controller of a workload creates.

use serde_json::{Map, Value, json};

use crate::kinds::{Role, Workload};

/// Stands for what a controller or the API server generates: a hash, a time, a node's name.
const GENERATED: &str = "0";

/// The first pod that the controller of a workload creates, as it sends it to the API server: with the labels and annotations of the
/// template, its owner, and what the controller adds. `None` if the workload has no template.
pub fn pod(workload: &Workload, object: &Value) -> Option<Value> {
    let template = object.pointer(workload.template)?.as_object()?;
    let mut metadata = template
        .get("metadata")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    metadata.retain(|field, _| ["annotations", "finalizers", "labels"].contains(&field.as_str()));
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let owner = Owner::of(workload, name);
    metadata.insert(owner.name_field.to_owned(), json!(owner.pod_name));
    metadata.insert(
        "namespace".to_owned(),
        object["metadata"]
            .get("namespace")
            .cloned()
            .unwrap_or_else(|| json!("default")),
    );
    metadata.insert("ownerReferences".to_owned(), json!([owner.reference()]));
    add_labels(&mut metadata, &owner);
    let mut spec = template.get("spec").cloned().unwrap_or_else(|| json!({}));
    if workload.kind == "DaemonSet" {
        pin_to_node(&mut spec);
    }
    Some(json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}))
}

/// The pod in an object: a pod itself, or the template of a workload.
pub fn pod_in(object: &Value) -> Option<&Value> {
    match Role::of(object) {
        Role::Pod => Some(object),
        Role::Workload(workload) => object.pointer(workload.template),
        _ => None,
    }
}

/// What creates the pod itself: a ReplicaSet for a Deployment, a Job for a CronJob.
struct Owner {
    api_version: &'static str,
    kind: &'static str,
    name: String,
    name_field: &'static str,
    pod_name: String,
}

impl Owner {
    fn of(workload: &Workload, name: &str) -> Self {
        let (api_version, kind, owner) = match workload.kind {
            "Deployment" => ("apps/v1", "ReplicaSet", format!("{name}-{GENERATED}")),
            "CronJob" => ("batch/v1", "Job", format!("{name}-{GENERATED}")),
            kind => (api_version(workload), kind, name.to_owned()),
        };
        let (name_field, pod_name) = if kind == "StatefulSet" {
            ("name", format!("{owner}-0"))
        } else {
            ("generateName", format!("{owner}-"))
        };
        Owner {
            api_version,
            kind,
            name: owner,
            name_field,
            pod_name,
        }
    }

    fn reference(&self) -> Value {
        json!({
            "apiVersion": self.api_version,
            "kind": self.kind,
            "name": self.name,
            "uid": "00000000-0000-0000-0000-000000000000",
            "controller": true,
            "blockOwnerDeletion": true,
        })
    }
}

fn api_version(workload: &Workload) -> &'static str {
    match workload.group {
        "apps" => "apps/v1",
        "batch" => "batch/v1",
        _ => "v1",
    }
}

/// The labels that controllers add, which selectors may ask for.
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/>
fn add_labels(metadata: &mut Map<String, Value>, owner: &Owner) {
    let added: &[(&str, &str)] = match owner.kind {
        "ReplicaSet" => &[("pod-template-hash", GENERATED)],
        "DaemonSet" => &[
            ("controller-revision-hash", GENERATED),
            ("pod-template-generation", "1"),
        ],
        "StatefulSet" => &[
            ("apps.kubernetes.io/pod-index", "0"),
            ("controller-revision-hash", GENERATED),
            ("statefulset.kubernetes.io/pod-name", &owner.pod_name),
        ],
        "Job" => &[
            ("batch.kubernetes.io/controller-uid", GENERATED),
            ("batch.kubernetes.io/job-name", &owner.name),
            ("controller-uid", GENERATED),
            ("job-name", &owner.name),
        ],
        _ => return,
    };
    let labels = metadata.entry("labels").or_insert_with(|| json!({}));
    // Null, as an API server reads it, is none.
    if labels.is_null() {
        *labels = json!({});
    }
    if let Some(labels) = labels.as_object_mut() {
        for (key, value) in added {
            labels.insert((*key).to_owned(), json!(value));
        }
    }
}

/// The DaemonSet controller replaces the terms of the required node affinity with one that names the node:
/// `ReplaceDaemonSetPodNodeNameNodeAffinity` in Kubernetes.
fn pin_to_node(spec: &mut Value) {
    let term = json!({"matchFields": [{"key": "metadata.name", "operator": "In", "values": [GENERATED]}]});
    let Some(spec) = spec.as_object_mut() else { return };
    let mut at = spec.entry("affinity").or_insert(Value::Null);
    for field in ["nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"] {
        if at.is_null() {
            *at = json!({});
        }
        let Some(members) = at.as_object_mut() else { return };
        at = members.entry(field).or_insert(Value::Null);
    }
    *at = json!({"nodeSelectorTerms": [term]});
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::WORKLOADS;

    fn pod_of(kind: &str, template: Value) -> Value {
        let workload = WORKLOADS.iter().find(|workload| workload.kind == kind).unwrap();
        let mut object = json!({"kind": kind, "metadata": {"name": "web", "namespace": "shop"}});
        let mut at = &mut object;
        for part in workload.template.split('/').skip(1) {
            at = &mut at[part];
        }
        *at = template;
        pod(workload, &object).unwrap()
    }

    #[test]
    fn each_workload_makes_a_pod_of_its_template_in_its_namespace() {
        for workload in &WORKLOADS {
            let template = json!({
                "metadata": {"labels": {"app": "web"}, "annotations": {"a": "b"}, "name": "ignored"},
                "spec": {"containers": [{"name": "app"}]},
            });
            let pod = pod_of(workload.kind, template);
            assert_eq!(pod["metadata"]["namespace"], "shop");
            assert_eq!(pod["metadata"]["labels"]["app"], "web");
            assert_eq!(pod["metadata"]["annotations"], json!({"a": "b"}));
            assert_eq!(pod["metadata"]["ownerReferences"][0]["controller"], true);
            assert_eq!(pod["spec"]["containers"], json!([{"name": "app"}]));
        }
    }

    #[test]
    fn a_deployments_pod_is_a_replica_sets_and_a_cron_jobs_pod_a_jobs() {
        for (kind, owner, label) in [
            ("Deployment", "ReplicaSet", "pod-template-hash"),
            ("CronJob", "Job", "batch.kubernetes.io/job-name"),
            ("StatefulSet", "StatefulSet", "apps.kubernetes.io/pod-index"),
        ] {
            let pod = pod_of(kind, json!({"metadata": {"labels": null}}));
            assert_eq!(pod["metadata"]["ownerReferences"][0]["kind"], owner);
            assert!(pod["metadata"]["labels"][label].is_string(), "{pod}");
        }
    }

    #[test]
    fn a_daemon_sets_pod_keeps_no_required_node_affinity_of_its_template() {
        let required = "requiredDuringSchedulingIgnoredDuringExecution";
        let affinity =
            json!({"nodeAffinity": {required: {"nodeSelectorTerms": [{"matchExpressions": []}]}, "preferred": []}});
        let pod = pod_of("DaemonSet", json!({"spec": {"affinity": affinity}}));
        let node_affinity = &pod["spec"]["affinity"]["nodeAffinity"];
        assert_eq!(
            node_affinity[required]["nodeSelectorTerms"][0]["matchFields"][0]["key"],
            "metadata.name"
        );
        assert_eq!(node_affinity["preferred"], json!([]));
    }

    #[test]
    fn each_controller_names_its_pods_owns_them_and_adds_its_labels() {
        let revision = "controller-revision-hash";
        let job = [
            "batch.kubernetes.io/controller-uid",
            "batch.kubernetes.io/job-name",
            "controller-uid",
            "job-name",
        ];
        for (kind, owner, name, labels) in [
            (
                "PodTemplate",
                ["v1", "PodTemplate", "web"],
                ["generateName", "web-"],
                &[][..],
            ),
            (
                "ReplicationController",
                ["v1", "ReplicationController", "web"],
                ["generateName", "web-"],
                &[],
            ),
            (
                "Deployment",
                ["apps/v1", "ReplicaSet", "web-0"],
                ["generateName", "web-0-"],
                &["pod-template-hash"],
            ),
            (
                "ReplicaSet",
                ["apps/v1", "ReplicaSet", "web"],
                ["generateName", "web-"],
                &["pod-template-hash"],
            ),
            (
                "StatefulSet",
                ["apps/v1", "StatefulSet", "web"],
                ["name", "web-0"],
                &[
                    "apps.kubernetes.io/pod-index",
                    revision,
                    "statefulset.kubernetes.io/pod-name",
                ],
            ),
            (
                "DaemonSet",
                ["apps/v1", "DaemonSet", "web"],
                ["generateName", "web-"],
                &[revision, "pod-template-generation"],
            ),
            ("Job", ["batch/v1", "Job", "web"], ["generateName", "web-"], &job),
            (
                "CronJob",
                ["batch/v1", "Job", "web-0"],
                ["generateName", "web-0-"],
                &job,
            ),
        ] {
            let pod = pod_of(kind, json!({"metadata": {"labels": {}}, "spec": {}}));
            let metadata = &pod["metadata"];
            let reference = &metadata["ownerReferences"][0];
            assert_eq!(
                ["apiVersion", "kind", "name"].map(|field| &reference[field]),
                owner,
                "{kind}"
            );
            assert_eq!(metadata[name[0]], name[1], "{kind}");
            let found: Vec<&String> = metadata["labels"].as_object().unwrap().keys().collect();
            assert_eq!(found, labels, "{kind}");
            assert_eq!(pod["spec"]["affinity"].is_null(), kind != "DaemonSet", "{kind}");
        }
    }
}
