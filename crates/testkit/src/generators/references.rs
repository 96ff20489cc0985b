//! Pods whose variables refer to each other, made to cost much: chains, trees and copies of references, wherever references may stand.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Settings, and a request about a pod.
#[derive(Clone, Debug)]
pub struct Request {
    pub settings: Value,
    /// The AdmissionRequest.
    pub request: Value,
}

/// How the variables of a container refer to each other.
#[derive(Clone, Debug)]
struct Shape {
    /// The value at the bottom.
    text: String,
    /// How many levels stand on it, and how often each refers to the one below.
    levels: usize,
    fan: usize,
    /// How many variables refer to the level on top.
    copies: usize,
    /// Whether the container's lists come before all of that, where nothing of it resolves.
    lists_in_front: bool,
    /// Whether the bottom is known to the kubelet only.
    hidden: bool,
}

fn shape() -> impl Strategy<Value = Shape> {
    let text = prop_oneof![
        Just(String::new()),
        Just("a.example".to_owned()),
        (1..40_000_usize).prop_map(|bytes| "x".repeat(bytes)),
        (1..4000_usize).prop_map(|count| "a.example,".repeat(count)),
        (1..4000_usize).prop_map(|count| (0..count).map(|i| format!("h{i}.example,")).collect()),
        (1..2000_usize).prop_map(|count| "$(NO_PROXY)".repeat(count)),
        (1..2000_usize).prop_map(|count| "$(NOWHERE)$$".repeat(count)),
    ];
    (
        text,
        0..40_usize,
        0..12_usize,
        0..2000_usize,
        any::<bool>(),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(text, levels, fan, copies, lists_in_front, hidden)| Shape {
            text,
            levels,
            fan,
            copies,
            lists_in_front,
            hidden,
        })
}

impl Shape {
    /// The variables, in order.
    fn env(&self) -> Vec<Value> {
        let bottom = match self.hidden {
            true => json!({"name": "V0", "valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}}}),
            false => json!({"name": "V0", "value": self.text}),
        };
        let level = |number: usize| json!({"name": format!("V{number}"), "value": format!("$(V{})", number - 1).repeat(self.fan)});
        let copy = |number: usize| json!({"name": format!("A{number}"), "value": format!("$(V{})", self.levels)});
        let levels = (1..=self.levels).map(level);
        std::iter::once(bottom)
            .chain(levels)
            .chain((0..self.copies).map(copy))
            .collect()
    }

    /// References to all of it.
    fn references(&self) -> Vec<String> {
        let copies = (0..self.copies).map(|number| format!("$(A{number})"));
        copies.chain([format!("$(V{})", self.levels)]).collect()
    }
}

/// Where lists of references stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Annotation,
    Settings,
    Profile,
    OwnList,
    Java,
}

/// A request in which references are as costly as they can be.
pub fn costly_references() -> impl Strategy<Value = Request> {
    let places = vec(
        select(vec![
            Place::Annotation,
            Place::Settings,
            Place::Profile,
            Place::OwnList,
            Place::Java,
        ]),
        1..4,
    );
    let existing = select(vec!["Merge", "Keep", "Override"]);
    (shape(), places, existing, 1..4_usize, prop::bool::weighted(0.2)).prop_map(
        |(shape, places, existing, containers, ephemeral)| {
            let list = shape.references().join(",");
            let mut settings = json!({
                "httpProxy": "http://proxy.example.com:3128", "existingVariables": existing, "runtimes": {"java": true, "node": true},
            });
            let items = || shape.references().into_iter().take(500).collect::<Vec<_>>();
            if places.contains(&Place::Settings) {
                settings["noProxy"] = json!(items());
            }
            if places.contains(&Place::Profile) {
                settings["profiles"] = json!([{"name": "p", "match": {"namespaces": ["*"]}, "noProxy": items()}]);
            }
            let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {}});
            if places.contains(&Place::Annotation) {
                pod["metadata"]["annotations"] = json!({"http-proxy.kubewarden.io/no-proxy": list});
            }
            let container = |number| container(number, &shape, &places, &list);
            let containers: Vec<Value> = (0..containers).map(container).collect();
            Request {
                settings,
                request: request(pod, containers, ephemeral),
            }
        },
    )
}

/// A container with the variables, and with lists of references to them.
fn container(number: usize, shape: &Shape, places: &[Place], list: &str) -> Value {
    let mut lists = vec![];
    if places.contains(&Place::OwnList) {
        lists.push(json!({"name": "NO_PROXY", "value": format!("x.example,{list}")}));
    }
    if places.contains(&Place::Java) {
        lists.push(json!({"name": "JAVA_TOOL_OPTIONS", "value": "-Dx=$(A0)"}));
    }
    lists.push(json!({"name": "OPTS", "value": "$(HTTP_PROXY)"}));
    let env = match shape.lists_in_front {
        true => [lists, shape.env()].concat(),
        false => [shape.env(), lists].concat(),
    };
    json!({"name": format!("c{number}"), "env": env})
}

fn request(mut pod: Value, containers: Vec<Value>, ephemeral: bool) -> Value {
    let kind = json!({"group": "", "version": "v1", "kind": "Pod"});
    if !ephemeral {
        pod["spec"]["containers"] = json!(containers);
        return json!({"kind": kind, "operation": "CREATE", "namespace": "shop", "object": pod});
    }
    pod["spec"]["containers"] = json!([{"name": "app"}]);
    let old = pod.clone();
    pod["spec"]["ephemeralContainers"] = json!(containers);
    json!({
        "kind": kind, "operation": "UPDATE", "subResource": "ephemeralcontainers", "namespace": "shop", "object": pod, "oldObject": old,
    })
}
