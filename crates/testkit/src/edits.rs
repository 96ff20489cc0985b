//! What users do to a pod's manifest by hand.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::{CONTAINER_LISTS, VARIABLES};

/// A change by hand.
#[derive(Clone, Debug)]
pub enum Edit {
    /// A variable is set: where it stands, or after the others.
    Set(Index, &'static str, &'static str),
    /// A variable is set once more, after the others.
    Append(Index, &'static str, &'static str),
    /// A variable is taken out, however often it is there.
    Remove(Index, &'static str),
    /// The container is taken out.
    RemoveContainer(Index),
    /// There is another container.
    AddContainer(&'static str),
    /// The pod is annotated.
    Annotate(&'static str, &'static str),
}

pub fn edit() -> impl Strategy<Value = Edit> {
    let mut names = VARIABLES.to_vec();
    names.extend([
        "PATH",
        "JAVA_TOOL_OPTIONS",
        "NODE_USE_ENV_PROXY",
        "SSL_CERT_DIR",
        "DENO_CERT",
    ]);
    // None of these is a value of the policy's.
    let values = select(&[
        "",
        "edited",
        "edited.example, .b",
        "edited,*",
        "$(NO_PROXY),edited",
        "http://edited:1",
    ]);
    let index = any::<Index>;
    prop_oneof![
        (index(), select(names.clone()), values.clone()).prop_map(|(at, name, value)| Edit::Set(at, name, value)),
        (index(), select(names.clone()), values).prop_map(|(at, name, value)| Edit::Append(at, name, value)),
        (index(), select(names)).prop_map(|(at, name)| Edit::Remove(at, name)),
        index().prop_map(Edit::RemoveContainer),
        select(&["late", "istio-proxy-2"]).prop_map(Edit::AddContainer),
        select(&[
            ("http-proxy.kubewarden.io/no-proxy", "annotated.example"),
            ("http-proxy.kubewarden.io/exclude-containers", "app, web-1"),
            ("http-proxy.kubewarden.io/inject", "false"),
            ("http-proxy.kubewarden.io/trusted-ca-use", "Replace"),
            ("http-proxy.kubewarden.io/profile", "edge"),
        ])
        .prop_map(|(key, value)| Edit::Annotate(key, value)),
    ]
}

impl Edit {
    /// The variable that is changed.
    pub fn variable(&self) -> Option<&'static str> {
        match self {
            Edit::Set(_, name, _) | Edit::Append(_, name, _) | Edit::Remove(_, name) => Some(name),
            Edit::RemoveContainer(_) | Edit::AddContainer(_) | Edit::Annotate(..) => None,
        }
    }

    /// Whether the new value refers to another variable, so that it means something else elsewhere in the list.
    pub fn refers(&self) -> bool {
        matches!(self, Edit::Set(_, _, value) | Edit::Append(_, _, value) if value.contains("$("))
    }

    /// Changes the pod. With `set_behind` a variable that is set goes after the others even if it is in the list already.
    pub fn apply(&self, pod: &mut Value, set_behind: bool) {
        match self {
            Edit::Set(at, name, value) => {
                let Some(env) = env(pod, *at) else { return };
                let variable = json!({"name": name, "value": value});
                match env.iter().rposition(|variable| variable["name"] == *name) {
                    Some(index) if set_behind => {
                        env.remove(index);
                        env.push(variable);
                    }
                    Some(index) => env[index] = variable,
                    None => env.push(variable),
                }
            }
            Edit::Append(at, name, value) => {
                let Some(env) = env(pod, *at) else { return };
                env.push(json!({"name": name, "value": value}));
            }
            Edit::Remove(at, name) => {
                let Some(env) = env(pod, *at) else { return };
                env.retain(|variable| variable["name"] != *name);
            }
            Edit::RemoveContainer(at) => {
                if let Some((part, index)) = find(pod, *at) {
                    pod["spec"][part].as_array_mut().unwrap().remove(index);
                }
            }
            Edit::AddContainer(name) => {
                let containers = pod["spec"]["containers"].as_array_mut().unwrap();
                if containers.iter().all(|container| container["name"] != *name) {
                    containers.push(json!({"name": name}));
                }
            }
            Edit::Annotate(key, value) => annotate(pod, key, value),
        }
    }
}

pub fn annotate(pod: &mut Value, key: &str, value: &str) {
    pod["metadata"]["annotations"][key] = value.into();
}

fn find(pod: &Value, at: Index) -> Option<(&'static str, usize)> {
    let count = |part: &&'static str| pod["spec"][*part].as_array().map_or(0, Vec::len);
    let all: Vec<_> = CONTAINER_LISTS
        .iter()
        .flat_map(|part| (0..count(part)).map(|index| (*part, index)))
        .collect();
    (!all.is_empty()).then(|| all[at.index(all.len())])
}

fn env(pod: &mut Value, at: Index) -> Option<&mut Vec<Value>> {
    let (part, index) = find(pod, at)?;
    let env = &mut pod["spec"][part][index]["env"];
    if env.is_null() {
        *env = json!([]);
    }
    env.as_array_mut()
}
