//! Where the pod is in an object.

use serde_json::Value;

/// The path of the pod, or of the template for pods, in an object of this kind. None for other kinds.
pub fn path(kind: &str) -> Option<&'static str> {
    match kind {
        "Pod" => Some(""),
        "PodTemplate" => Some("/template"),
        "CronJob" => Some("/spec/jobTemplate/spec/template"),
        "DaemonSet" | "Deployment" | "Job" | "ReplicaSet" | "ReplicationController" | "StatefulSet" => {
            Some("/spec/template")
        }
        _ => None,
    }
}

/// The pod in an object, or the template for pods.
pub fn of(object: &Value) -> Option<&Value> {
    object.pointer(path(object["kind"].as_str()?)?)
}

/// An annotation of a pod.
pub fn annotation<'p>(pod: &'p Value, key: &str) -> Option<&'p str> {
    pod["metadata"]["annotations"][key].as_str()
}
