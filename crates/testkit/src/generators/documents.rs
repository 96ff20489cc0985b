//! What users give the companion command: settings alone and in other documents, and clusters of AKS.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::settings::or_off;
use super::{maybe, settings, text};
use crate::certificates::{HOST, ROOT};
use crate::json::Json;

/// Entries of `noProxy`: those that AKS takes, and what else users write.
const ENTRIES: &[&str] = &[
    "localhost",
    "10.0.0.0/8",
    "fd00::1",
    "Pods.example",
    ".svc",
    "*.corp.example",
    "*corp.example",
    "*.privatelink.*.azmk8s.io",
    "[::1]:443",
    "localhost:*",
    "a.example, b.example;10.96.0.0/12",
    "https://u:hunter2@api.example:443/v1",
    "u:hunter2@api.example",
    "$(NODE_IP)",
    "*",
];

/// A document of any kind that a command takes. Most are as the command wants them.
pub fn document() -> impl Strategy<Value = Json> {
    let no_proxy = maybe(0.7, vec(text(ENTRIES), 0..6));
    let certificates = vec(select(&[ROOT, HOST, "not PEM"]), 0..3);
    (0..7, or_off(settings::any_settings()), no_proxy, certificates).prop_map(
        |(kind, Json(mut settings), no_proxy, certificates)| {
            if let Some(no_proxy) = no_proxy {
                settings["noProxy"] = no_proxy.into();
            }
            Json(wrapped(kind, settings, &certificates))
        },
    )
}

fn wrapped(kind: i32, settings: Value, certificates: &[&str]) -> Value {
    let certificates: Vec<String> = certificates.iter().map(|pem| STANDARD.encode(pem)).collect();
    let cluster = json!({
        "httpProxyConfig": settings,
        "securityProfile": {"customCaTrustCertificates": certificates},
    });
    match kind {
        0 => settings,
        1 => json!({"settings": settings}),
        2 => json!({
            "apiVersion": "policies.kubewarden.io/v1",
            "kind": "ClusterAdmissionPolicy",
            "metadata": {"name": "http-proxy"},
            "spec": {"module": "registry://registry.example/http-proxy-policy:v1", "settings": settings},
        }),
        3 => json!([settings, {"apiVersion": "v1", "kind": "Namespace"}]),
        4 => cluster,
        5 => json!({"properties": cluster}),
        _ => json!({"resources": [{"type": "Microsoft.ContainerService/managedClusters", "properties": cluster}]}),
    }
}
