//! Which profile applies to an object. The answer does not say, so the policy is asked about a pod with the same metadata and node
//! selection, under settings whose profiles differ in their proxy alone.

use admission::Answer;
use anyhow::Result;
use host::policy::Policy;
use serde_json::{Value, json};

use crate::pod;

/// The settings that apply to an object.
pub enum Choice {
    /// No profile matches.
    TopLevel,
    Profile {
        name: String,
        index: usize,
    },
}

const PROFILE: &str = "http-proxy.kubewarden.io/profile";

/// The settings that apply to the object of a request. None if there are no profiles to choose from, or it is not an object with a pod.
pub fn chosen(policy: &Policy, request: &Value, settings: &Value) -> Result<Option<Choice>> {
    let object = &request["object"];
    let (Some(profiles), Some(pod)) = (settings["profiles"].as_array(), pod::of(object)) else {
        return Ok(None);
    };
    if profiles.is_empty() {
        return Ok(None);
    }
    let marked = |profile: &Value, index: usize| json!({"name": profile["name"], "match": profile["match"], "enabled": true, "httpProxy": marker(index)});
    let marked: Vec<Value> = profiles
        .iter()
        .zip(1..)
        .map(|(profile, index)| marked(profile, index))
        .collect();
    let probing = json!({"httpProxy": marker(0), "profiles": marked});

    let mut probe = request.clone();
    probe["kind"] = json!({"group": "", "version": "v1", "kind": "Pod"});
    probe["object"] = probe_pod(pod);
    let answer: Answer = policy.validate(&probe, &probing)?;
    let env = answer.mutated_object.unwrap_or_default()["spec"]["containers"][0]["env"].take();
    let proxy = env
        .as_array()
        .into_iter()
        .flatten()
        .find(|variable| variable["name"] == "HTTP_PROXY");
    let index = proxy.and_then(|proxy| (0..=profiles.len()).find(|index| proxy["value"] == marker(*index)));
    Ok(index.map(|index| match index.checked_sub(1) {
        None => Choice::TopLevel,
        Some(index) => Choice::Profile {
            name: profiles[index]["name"].as_str().unwrap_or_default().to_owned(),
            index,
        },
    }))
}

/// The proxy of a profile, by its number from 1. The top level has 0.
fn marker(index: usize) -> String {
    format!("http://profile-{index}.invalid:80")
}

/// The pod as far as conditions look at it, with one empty container.
fn probe_pod(pod: &Value) -> Value {
    let mut spec = pod["spec"].clone();
    if let Some(spec) = spec.as_object_mut() {
        spec.retain(|field, _| ["affinity", "nodeName", "nodeSelector", "os", "tolerations"].contains(&field.as_str()));
        spec.insert("containers".to_owned(), json!([{"name": "probe"}]));
    }
    let annotations = pod::annotation(pod, PROFILE).map(|name| json!({PROFILE: name}));
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"annotations": annotations, "labels": pod["metadata"]["labels"]},
        "spec": spec,
    })
}
