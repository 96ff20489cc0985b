//! What a policy server sends to a policy, and what comes back.
//!
//! See <https://docs.kubewarden.io/reference/spec/mutating-policies>.

use anyhow::{Result, bail};
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An answer to `validate`. `Object` is what the changed object is read as: a [`Value`], or its text as it stands
/// (`Box<RawValue>`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer<Object = Value> {
    pub accepted: bool,
    /// Why the request is rejected.
    pub message: Option<String>,
    /// The HTTP status of a rejection.
    pub code: Option<u16>,
    /// The object as the policy wants it. Absent if nothing changes.
    pub mutated_object: Option<Object>,
    /// What the API server adds to the request's entry in its audit log.
    #[serde(default)]
    pub audit_annotations: BTreeMap<String, String>,
    #[serde(default)]
    pub warnings: Vec<String>,
}

impl<Object> Answer<Object> {
    /// All text of the answer that people read.
    pub fn messages(&self) -> impl Iterator<Item = &String> {
        self.message.iter().chain(&self.warnings)
    }
}

/// An answer to `validate_settings`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsAnswer {
    pub valid: bool,
    /// All problems of the settings.
    pub message: Option<String>,
}

impl From<Result<(), String>> for SettingsAnswer {
    fn from(checked: Result<(), String>) -> Self {
        SettingsAnswer {
            valid: checked.is_ok(),
            message: checked.err(),
        }
    }
}

/// The request with which the API server would announce that `object` is created.
///
/// # Errors
/// `object` lacks `apiVersion` or `kind`.
pub fn create_request(object: &Value) -> Result<Value> {
    let (Some(api_version), Some(kind)) = (object["apiVersion"].as_str(), object["kind"].as_str()) else {
        bail!("not a Kubernetes object: apiVersion or kind is missing");
    };
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    Ok(json!({
        "uid": "00000000-0000-0000-0000-000000000000",
        "kind": {"group": group, "version": version, "kind": kind},
        "namespace": object["metadata"]["namespace"].as_str().unwrap_or("default"),
        "name": object["metadata"]["name"],
        "operation": "CREATE",
        "object": object,
        "oldObject": null,
    }))
}

/// What `validate` takes: a request, and the settings of the policy.
pub fn payload(request: &Value, settings: &Value) -> Vec<u8> {
    json!({"request": request, "settings": settings})
        .to_string()
        .into_bytes()
}
