//! The six variables the way policies usually set them: the pod into Kubernetes' types and back.
//!
//! It does the core of the job alone: no defaults for `NO_PROXY`, no merging, no CA, no profiles, and it drops whatever the types
//! do not know.

use k8s_openapi::api::core::v1::{Container, EnvVar, Pod};
use kubewarden_policy_sdk::request::ValidationRequest;
use kubewarden_policy_sdk::settings::Validatable;
use kubewarden_policy_sdk::{accept_request, mutate_request, protocol_version_guest, validate_settings};
use serde::{Deserialize, Serialize};
use wapc_guest::{CallResult, register_function};

#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
struct Settings {
    http_proxy: String,
    https_proxy: String,
    no_proxy: Vec<String>,
}

impl Validatable for Settings {
    fn validate(&self) -> Result<(), String> {
        match self.http_proxy.is_empty() && self.https_proxy.is_empty() {
            true => Err("httpProxy or httpsProxy must be set".to_owned()),
            false => Ok(()),
        }
    }
}

/// Registers what a policy server calls.
#[allow(unsafe_code)] // An exported name is unsafe by definition: another one of the same name would be undefined behaviour.
#[unsafe(no_mangle)]
pub extern "C" fn wapc_init() {
    register_function("validate", validate);
    register_function("validate_settings", validate_settings::<Settings>);
    register_function("protocol_version", protocol_version_guest);
}

fn validate(payload: &[u8]) -> CallResult {
    let ValidationRequest { settings, request } = ValidationRequest::<Settings>::new(payload)?;
    let mut pod: Pod = serde_json::from_value(request.object)?;
    if opted_out(&pod) {
        return accept_request();
    }
    if let Some(spec) = &mut pod.spec {
        for container in spec
            .containers
            .iter_mut()
            .chain(spec.init_containers.iter_mut().flatten())
        {
            add_variables(container, &settings);
        }
    }
    mutate_request(serde_json::to_value(pod)?)
}

fn opted_out(pod: &Pod) -> bool {
    let annotations = pod.metadata.annotations.as_ref();
    annotations
        .and_then(|annotations| annotations.get("kubernetes.azure.com/no-http-proxy-vars"))
        .is_some_and(|value| value == "true")
}

/// Adds the variables that the container does not set itself.
fn add_variables(container: &mut Container, settings: &Settings) {
    let no_proxy = settings.no_proxy.join(",");
    let env = container.env.get_or_insert_default();
    for (names, value) in [
        (["HTTP_PROXY", "http_proxy"], &settings.http_proxy),
        (["HTTPS_PROXY", "https_proxy"], &settings.https_proxy),
        (["NO_PROXY", "no_proxy"], &no_proxy),
    ] {
        for name in names {
            if !env.iter().any(|variable| variable.name == name) {
                env.push(EnvVar {
                    name: name.to_owned(),
                    value: Some(value.clone()),
                    value_from: None,
                });
            }
        }
    }
}
