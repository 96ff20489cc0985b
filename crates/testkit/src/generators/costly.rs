//! Requests made to cost much for their size: one idea each, in sizes that the generator chooses.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::records::forged_record;
use super::references::{Request, costly_references};
use crate::certificates::{HOST, ROOT};

/// What is expensive about a request.
#[derive(Clone, Copy, Debug)]
enum Idea {
    References,
    Globs,
    LabelSelectors,
    NodeSelectors,
    Certificates,
    Brackets,
    Escapes,
    Networks,
    ExcludedNames,
    Records,
    OwnLists,
    Mounts,
}

/// What the generator chooses for an [`Idea`].
#[derive(Clone, Debug)]
struct Sizes {
    /// How many of the largest thing there are.
    many: usize,
    /// How many of the others.
    few: usize,
    piece: &'static str,
    mode: &'static str,
}

/// A request in which one thing is as costly as it can be.
pub fn costly_requests() -> impl Strategy<Value = Request> {
    let ideas = select(vec![
        Idea::References,
        Idea::Globs,
        Idea::LabelSelectors,
        Idea::NodeSelectors,
        Idea::Certificates,
        Idea::Brackets,
        Idea::Escapes,
        Idea::Networks,
        Idea::ExcludedNames,
        Idea::Records,
        Idea::OwnLists,
        Idea::Mounts,
    ]);
    let pieces = select(&[
        "a",
        "*a",
        "a*",
        "aa*b",
        "*.a",
        ",",
        " ,",
        "a,",
        "A.example,",
        "10.0.0.0/20,",
        "fd00::1,",
        "$(NO_PROXY)",
        "\\\"",
        "[{",
        "\"",
    ]);
    let sizes = (0..20_000_usize, 0..60_usize, pieces, select(&["Inject", "Report"]));
    let sizes = sizes.prop_map(|(many, few, piece, mode)| Sizes { many, few, piece, mode });
    (ideas, sizes, costly_references(), forged_record()).prop_map(|(idea, sizes, references, record)| match idea {
        Idea::References => references,
        _ => sizes.request(idea, &record),
    })
}

impl Sizes {
    fn request(&self, idea: Idea, record: &str) -> Request {
        let mut settings = json!({"httpProxy": "http://proxy.example.com:3128", "mode": self.mode});
        let mut pod = json!({"metadata": {"name": "a", "annotations": {}, "labels": {}}, "spec": {"containers": [{"name": "app"}]}});
        match idea {
            Idea::References => {}
            Idea::Globs => self.globs(&mut settings, &mut pod),
            Idea::LabelSelectors => self.label_selectors(&mut settings, &mut pod),
            Idea::NodeSelectors => self.node_selectors(&mut settings, &mut pod),
            Idea::Certificates => self.certificates(&mut settings),
            Idea::Brackets => pod["metadata"]["managedFields"] = json!([{"a": self.nested()}]),
            Idea::Escapes => pod["metadata"]["labels"]["a"] = self.piece.repeat(self.many).into(),
            Idea::Networks => {
                settings["expandCidrs"] = json!(4096);
                // More would be refused: the list would be too long.
                settings["noProxy"] = (0..self.few.min(2)).map(|i| format!("10.{i}.0.0/20")).collect();
                annotate(&mut pod, "no-proxy", self.piece.repeat(self.many / 8));
            }
            Idea::ExcludedNames => {
                annotate(&mut pod, "exclude-containers", self.piece.repeat(self.many));
                pod["spec"]["containers"] = containers(self.few);
            }
            Idea::Records => {
                let lines = &record[record.find('\n').unwrap_or(0)..];
                annotate(&mut pod, "injected", [record, &lines.repeat(self.many / 16)].concat());
                pod["spec"]["containers"] = containers(self.few);
            }
            Idea::OwnLists => pod["spec"]["containers"] = self.with_own_lists(),
            Idea::Mounts => {
                settings["trustedCa"] = STANDARD.encode(ROOT).into();
                pod["spec"]["containers"][0]["volumeMounts"] = self.mounts();
            }
        }
        let kind = json!({"group": "", "version": "v1", "kind": "Pod"});
        let namespace = self.piece.repeat(self.few);
        Request {
            settings,
            request: json!({"kind": kind, "operation": "CREATE", "namespace": namespace, "object": pod}),
        }
    }

    /// Patterns with many stars, against long names that nearly match.
    fn globs(&self, settings: &mut Value, pod: &mut Value) {
        let pattern = |i: usize| format!("*{}{i}", self.piece.repeat(self.few));
        settings["excludeContainers"] = (0..self.few).map(pattern).collect();
        settings["profiles"] = (0..self.few.min(50))
            .map(|i| json!({"name": format!("p{i}"), "match": {"namespaces": [pattern(i)]}}))
            .collect();
        let name = "a".repeat(self.many / 8);
        pod["spec"]["containers"] = (0..self.few).map(|i| json!({"name": format!("{name}{i}")})).collect();
    }

    fn label_selectors(&self, settings: &mut Value, pod: &mut Value) {
        let values: Vec<String> = (0..self.many / 16).map(|i| format!("v{i}")).collect();
        let expression = |i| json!({"key": format!("l{i}"), "operator": "NotIn", "values": values});
        let selector = json!({"matchExpressions": (0..self.few.min(4)).map(expression).collect::<Vec<_>>()});
        settings["profiles"] = (0..self.few.min(50))
            .map(|i| json!({"name": format!("p{i}"), "match": {"podSelector": selector, "namespaces": ["none"]}}))
            .collect();
        for i in 0..self.many / 4 {
            pod["metadata"]["labels"][format!("l{i}")] = json!(format!("v{i}"));
        }
    }

    fn node_selectors(&self, settings: &mut Value, pod: &mut Value) {
        settings["profiles"] = (0..self.few.min(50))
            .map(|i| json!({"name": format!("p{i}"), "match": {"nodeSelector": {"pool": format!("n{i}")}}}))
            .collect();
        let term = json!({"matchExpressions": [{"key": "pool", "operator": "In", "values": ["x"]}]});
        pod["spec"]["affinity"] = json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": vec![term; self.many / 8],
        }}});
    }

    fn certificates(&self, settings: &mut Value) {
        let pem = [ROOT, HOST].map(|pem| pem.repeat(self.few / 4)).concat() + &self.piece.repeat(self.many);
        settings["trustedCa"] = STANDARD.encode(pem).into();
    }

    fn with_own_lists(&self) -> Value {
        let list = json!([{"name": "NO_PROXY", "value": self.piece.repeat(self.many)}, {"name": "no_proxy", "value": self.numbered(",")}]);
        (0..self.few / 8 + 1)
            .map(|i| json!({"name": format!("c{i}"), "env": list}))
            .collect()
    }

    fn mounts(&self) -> Value {
        (0..self.many)
            .map(|i| json!({"mountPath": format!("/etc/ssl/{i}"), "name": "v"}))
            .collect()
    }

    /// Lists in lists, as deep as JSON may be.
    fn nested(&self) -> Value {
        (0..self.few * 2).fold(json!(self.numbered("\"]}")), |inner, _| json!([inner]))
    }

    /// Different names, with something between them.
    fn numbered(&self, between: &str) -> String {
        (0..self.many / 2).map(|i| format!("n{i}{between}")).collect()
    }
}

fn containers(count: usize) -> Value {
    (0..count).map(|i| json!({"name": format!("c{i}")})).collect()
}

fn annotate(pod: &mut Value, name: &str, value: String) {
    pod["metadata"]["annotations"][format!("http-proxy.kubewarden.io/{name}")] = value.into();
}
