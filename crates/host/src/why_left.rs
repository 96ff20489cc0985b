//! Why the policy leaves an object as it is, as far as the object and the settings tell.

use serde_json::Value;

use crate::pod;
use crate::profile::Choice;

/// The annotations that opt a pod out, with the value that does.
const OPT_OUT: [(&str, &str); 2] = [
    ("http-proxy.kubewarden.io/inject", "false"),
    ("kubernetes.azure.com/no-http-proxy-vars", "true"),
];

/// The API server does not send the object to the policy.
pub fn not_selected(namespace: &str) -> String {
    format!("the policy does not select the namespace {namespace}")
}

/// The policy changes nothing in an object that it accepts.
pub fn reason(object: &Value, settings: &Value, choice: Option<&Choice>) -> String {
    let Some(pod) = pod::of(object) else {
        return "neither a pod nor a workload with a pod template".to_owned();
    };
    let opt_out = OPT_OUT
        .iter()
        .find(|(key, value)| pod::annotation(pod, key) == Some(value));
    if let Some((key, value)) = opt_out {
        return format!("opted out by the annotation {key}: \"{value}\"");
    }
    if object["kind"] != "Pod"
        && let Some(owner) = controller(object)
    {
        return format!("managed by {owner}, which gets the changes instead");
    }
    let profile = match choice {
        Some(Choice::Profile { name, index }) => Some((name, &settings["profiles"][*index])),
        _ => None,
    };
    let disabled = |config: &Value| config["enabled"] == false;
    match profile {
        Some((name, profile)) if disabled(profile) || profile["enabled"].is_null() && disabled(settings) => {
            format!("the profile {name} is disabled")
        }
        None if disabled(settings) => "the settings are disabled (enabled: false)".to_owned(),
        _ => "up to date: no container needs a change".to_owned(),
    }
}

/// The controller that owns a workload: its kind and name.
fn controller(object: &Value) -> Option<String> {
    let owners = object["metadata"]["ownerReferences"].as_array()?;
    let owner = owners.iter().find(|owner| owner["controller"] == true)?;
    Some(format!("{} {}", owner["kind"].as_str()?, owner["name"].as_str()?))
}
