//! Requests to create a pod, as text, so that the pod is sent exactly as it is written.

use serde_json::Value;

/// The request to create this pod in the namespace `shop`.
pub fn create_pod(pod: &str) -> String {
    format!(
        r#"{{"kind": {{"group": "", "kind": "Pod"}}, "operation": "CREATE", "namespace": "shop", "object": {pod}}}"#
    )
}

/// What `validate` takes: the request to create this pod, and settings.
pub fn payload(pod: &str, settings: &Value) -> String {
    format!(r#"{{"request": {}, "settings": {settings}}}"#, create_pod(pod))
}
