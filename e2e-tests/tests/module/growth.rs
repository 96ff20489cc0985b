//! Every string, list and map of a pod, made longer and longer: the module's work grows in proportion, under settings of every kind.
//!
//! Nobody says where a quadratic case might be: each place of a pod that has a bit of everything is tried with each kind of content.

use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use testkit::certificates::ROOT;
use testkit::requests::payload;

use crate::policy::MODULE;

/// How long a value is made first; then twice, four and eight times as long.
const LENGTH: usize = 350;

/// What the second step may cost, as a multiple of the first, in percent. In proportion it is twice as much, and four times as much
/// where each item is compared with each.
const MOST: u64 = 260;

/// What costs fewer instructions more than before is not looked at: steps as small are the cost of growing a buffer once more.
const FLOOR: u64 = 300_000;

/// A pod with something in each place that a decision may depend on.
fn pod() -> Value {
    json!({
        "metadata": {
            "annotations": {
                "http-proxy.kubewarden.io/no-proxy": "db.example",
                "http-proxy.kubewarden.io/exclude-containers": "skipped",
                "http-proxy.kubewarden.io/trusted-ca-use": "Mount",
                "http-proxy.kubewarden.io/inject": "true",
            },
            "labels": {"tier": "edge"},
            "ownerReferences": [{"kind": "ReplicaSet", "controller": true}],
        },
        "spec": {
            "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
                {"matchExpressions": [{"key": "agentpool", "operator": "In", "values": ["dmz"]}]},
            ]}}},
            "nodeSelector": {"zone": "a"},
            "securityContext": {"fsGroup": 1},
            "volumes": [{"name": "tmp", "emptyDir": {}}],
            "initContainers": [{"name": "init"}],
            "containers": [{
                "name": "app",
                "envFrom": [{"prefix": "A_"}],
                "env": [
                    {"name": "NODE_IP", "value": "10.0.0.7"},
                    {"name": "NO_PROXY", "value": "own.example"},
                    {"name": "OPTS", "value": "--proxy=$(https_proxy)"},
                    {"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx1g"},
                    {"name": "FROM", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                ],
                "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
            }],
        },
    })
}

/// Settings of every kind.
fn all_settings() -> Vec<(&'static str, Value)> {
    let with = |more: Value| {
        let mut settings = json!({"httpProxy": "http://p:80", "noProxy": ["a.example", "$(NODE_IP)"]});
        let members = settings.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        settings
    };
    let profiles = json!([
        {"name": "a", "match": {"podSelector": {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["edge"]}]}}},
        {"name": "b", "match": {"nodeSelector": {"agentpool": "x"}}},
        {"name": "c", "match": {"namespaces": ["*a*b*c*"]}},
    ]);
    let runtimes = json!({"java": true, "node": true});
    let bundle = json!({"clusterTrustBundle": {"name": "corp"}});
    vec![
        (
            "Merge",
            with(
                json!({"runtimes": runtimes, "trustedCa": STANDARD.encode(ROOT), "profiles": profiles, "expandCidrs": 4}),
            ),
        ),
        (
            "Override",
            with(json!({"existingVariables": "Override", "runtimes": runtimes, "trustedCaFrom": bundle})),
        ),
        (
            "Report",
            with(json!({"mode": "Report", "runtimes": runtimes, "trustedCaFrom": bundle})),
        ),
        ("off", json!({"enabled": false})),
    ]
}

/// What a text may be full of: words of a list, of options, references, names, what a record has.
const PIECES: [&str; 9] = [
    "a,",
    "::1,",
    "10.0.0.0/30,",
    "$(A)",
    "$(",
    "/x",
    " -Da=b",
    "\u{e9}\"",
    "\napp: NO_PROXY=77aa01ff+5",
];

/// A way to make a value longer.
#[derive(Clone, Copy, Debug)]
enum Growth {
    /// A text: more of a piece.
    Pieces(&'static str),
    /// A text: more words, each another one.
    Names,
    /// A list: more of the same items.
    Copies,
    /// A list: more items, each with another name.
    Items,
    /// A map: more members.
    Members,
}

impl Growth {
    /// What can become longer in a value.
    fn all(value: &Value) -> Vec<Self> {
        match value {
            Value::String(_) => PIECES.map(Growth::Pieces).into_iter().chain([Growth::Names]).collect(),
            Value::Array(_) => vec![Growth::Copies, Growth::Items],
            Value::Object(_) => vec![Growth::Members],
            _ => Vec::new(),
        }
    }

    fn grow(self, value: &mut Value, length: usize) {
        match (self, value) {
            (Growth::Pieces(piece), Value::String(text)) => text.extend([",", &piece.repeat(length)]),
            (Growth::Names, Value::String(text)) => {
                let names: Vec<String> = (0..length).map(|i| format!("n{i}")).collect();
                *text = ["*,", &names.join(","), ",$(V)"].concat();
            }
            (Growth::Copies, Value::Array(items)) => *items = items.iter().cycle().take(length).cloned().collect(),
            (Growth::Items, Value::Array(items)) => {
                let all = items.iter().cycle().take(length).enumerate();
                *items = all.map(|(number, item)| numbered(item, number)).collect();
            }
            (Growth::Members, Value::Object(members)) => {
                members.extend((0..length).map(|i| (format!("k{i}"), json!("v"))));
            }
            (growth, value) => panic!("{growth:?} of {value}"),
        }
    }
}

/// An item with a name of its own, as far as items have names.
fn numbered(item: &Value, number: usize) -> Value {
    let mut item = item.clone();
    for key in ["name", "key"] {
        if let Some(name) = item.get_mut(key) {
            *name = format!("{}{number}", name.as_str().unwrap()).into();
        }
    }
    item
}

/// The ways to all values of a document.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                places(member, &format!("{at}/{key}"), out);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), out);
            }
        }
        _ => {}
    }
}

/// The instructions of an answer, be it that the pod is accepted or not.
fn cost(pod: &Value, settings: &Value) -> u64 {
    let payload = payload(&pod.to_string(), settings);
    MODULE.call("validate", payload.as_bytes()).unwrap().instructions
}

/// What is wrong with a growth, if anything is; `base` is the cost of the pod before it.
fn fault(pod: &Value, base: u64, place: &str, growth: Growth, settings: &Value) -> Option<String> {
    let grown = |times: usize| {
        let mut pod = pod.clone();
        growth.grow(pod.pointer_mut(place).unwrap(), LENGTH * times);
        cost(&pod, settings)
    };
    let four = grown(4);
    if four < base + FLOOR {
        return None;
    }
    let grows_too_fast = |one: u64, two: u64, four: u64| {
        let [first, second] = [two.saturating_sub(one), four.saturating_sub(two)];
        second * 100 > first.max(FLOOR / 2) * MOST
    };
    let [one, two] = [1, 2].map(grown);
    if !grows_too_fast(one, two, four) {
        return None;
    }
    // What happens once from some length on, such as a second try without the CA, is not a growth.
    let eight = grown(8);
    grows_too_fast(two, four, eight).then(|| format!("{one}, {two}, {four}, {eight}"))
}

/// The pod as it comes, and with the record of what the settings made of it.
fn variants(settings: &Value) -> Vec<(&'static str, Value)> {
    let plain = pod();
    let answer = MODULE
        .call("validate", payload(&plain.to_string(), settings).as_bytes())
        .unwrap()
        .answer;
    let mut answer: Value = serde_json::from_slice(&answer).unwrap();
    let injected = answer.get_mut("mutated_object").map(Value::take).unwrap_or_default();
    [("as it comes", plain), ("injected", injected)]
        .into_iter()
        .filter(|(_, pod)| pod.is_object())
        .collect()
}

/// How many growths were tried under settings, and what is wrong with some.
fn try_all(kind: &str, settings: &Value) -> (usize, Vec<String>) {
    let (mut tried, mut faults) = (0, Vec::new());
    for (variant, pod) in variants(settings) {
        let base = cost(&pod, settings);
        let mut all = Vec::new();
        places(&pod, "", &mut all);
        for place in all {
            for growth in Growth::all(pod.pointer(&place).unwrap()) {
                tried += 1;
                let costs = fault(&pod, base, &place, growth, settings);
                faults.extend(costs.map(|costs| format!("{kind}, {variant}, {place}, {growth:?}: {costs}")));
            }
        }
    }
    (tried, faults)
}

#[test]
fn whatever_grows_in_a_pod_costs_in_proportion() {
    let all_settings = all_settings();
    let outcomes: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = all_settings
            .iter()
            .map(|(kind, settings)| scope.spawn(move || try_all(kind, settings)))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let tried: usize = outcomes.iter().map(|(tried, _)| tried).sum();
    let faults: Vec<String> = outcomes.into_iter().flat_map(|(_, faults)| faults).collect();
    println!("{tried} growths");
    assert!(faults.is_empty(), "{} of {tried}:\n{}", faults.len(), faults.join("\n"));
}
