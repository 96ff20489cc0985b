//! Pods.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::{VALUES, maybe, object, text};
use crate::json::Json;
use crate::{CONTAINER_LISTS, VARIABLES};

/// A pod without a record, as text.
pub fn pod() -> impl Strategy<Value = String> {
    object((metadata(), spec()).prop_map(|(metadata, spec)| vec![("metadata", metadata), ("spec", spec)]))
}

/// What an owner makes pods from: any pod, or the one that a real API server stored, with the variables of any. The record of
/// any such pod fits into its annotations.
pub fn owners_pod() -> impl Strategy<Value = Json> {
    let real = vec(vec(variable(), 0..5), CONTAINER_LISTS.len());
    let owners = (maybe(0.1, real), pod()).prop_map(|(real, any)| {
        let Some(env) = real else {
            return Json(serde_json::from_str(&any).expect("a pod is JSON"));
        };
        let stored = include_str!("../../../../e2e-tests/requests/stored-pod.json");
        let mut pod: Value = serde_json::from_str(stored).expect("the stored pod is JSON");
        pod.as_object_mut().expect("a pod is an object").remove("status");
        pod["metadata"]
            .as_object_mut()
            .expect("metadata is an object")
            .remove("managedFields");
        for (list, env) in CONTAINER_LISTS.iter().zip(env) {
            let env = format!("[{}]", env.join(", "));
            pod["spec"][*list][0]["env"] = serde_json::from_str(&env).expect("variables are JSON");
        }
        Json(pod)
    });
    owners.prop_filter("its record fits", |pod| record_fits(pod))
}

/// Whether the record of a pod surely fits into its annotations, which have room for 256 KiB: a record can hold every list
/// of the pod, as it was before merging. A pod without room gets no record, and later configurations leave its values alone.
pub fn record_fits(pod: &Value) -> bool {
    pod.to_string().len() < 200_000
}

fn variable() -> impl Strategy<Value = String> {
    let mut names = VARIABLES.to_vec();
    names.extend([
        "PATH",
        "OPTS",
        "NODE_IP",
        "KUBERNETES_SERVICE_HOST",
        "ALL_PROXY",
        "Http_Proxy",
        "JAVA_TOOL_OPTIONS",
        "NODE_USE_ENV_PROXY",
        "SSL_CERT_DIR",
    ]);
    // Close to the longest value that Linux allows, so that the policy's part does not fit after some of them.
    let long = maybe(0.01, 10_070..10_083_usize);
    object(
        (select(names), 0..8, text(VALUES), long).prop_map(|(name, shape, value, long)| {
            let value = match (long, shape) {
                (Some(count), _) => Some(("value", json!("long.example,".repeat(count)).to_string())),
                (None, 0) => None,
                (None, 1) => Some(("valueFrom", r#"{"fieldRef": {"fieldPath": "status.podIP"}}"#.to_owned())),
                (None, _) => Some(("value", json!(value).to_string())),
            };
            [("name", json!(name).to_string())].into_iter().chain(value).collect()
        }),
    )
}

fn container(name: &'static str) -> impl Strategy<Value = String> {
    let env = maybe(
        0.6,
        (maybe(0.9, vec(variable(), 0..5))).prop_map(|env| match env {
            Some(env) => format!("[{}]", env.join(", ")),
            None => "null".to_owned(),
        }),
    );
    let env_from = maybe(0.2, Just(r#"[{"configMapRef": {"name": "c"}}]"#));
    let mounts = maybe(
        0.5,
        select(&[
            "null",
            "[ ]",
            r#"[{"name": "tmp", "mountPath": "/tmp"}]"#,
            r#"[{"name": "tmp", "mountPath": "/etc"}]"#,
            r#"[{"name": "tmp", "mountPath": "/etc/"}]"#,
            r#"[{"name": "http-proxy-trusted-ca", "mountPath": "/ca"}]"#,
            r#"[{"name": "http-proxy-trusted-ca", "mountPath": "/etc/http-proxy/trusted-ca", "readOnly": true}]"#,
        ]),
    );
    object((env, env_from, mounts).prop_map(move |(env, env_from, mounts)| {
        let mut members = vec![("name", json!(name).to_string())];
        members.extend(env.map(|env| ("env", env)));
        members.extend(env_from.map(|env_from| ("envFrom", env_from.to_owned())));
        members.extend(mounts.map(|mounts| ("volumeMounts", mounts.to_owned())));
        members
    }))
}

fn metadata() -> impl Strategy<Value = String> {
    let labels = maybe(0.5, select(&[r#"{"tier": "edge"}"#, "null"]));
    object((maybe(0.7, annotations()), labels).prop_map(|(annotations, labels)| {
        let mut members = Vec::new();
        members.extend(annotations.map(|annotations| ("annotations", annotations)));
        members.extend(labels.map(|labels| ("labels", labels.to_owned())));
        members
    }))
}

/// Each annotation at most once.
fn annotations() -> impl Strategy<Value = String> {
    let rarely = |key: &'static str, values: &'static [&'static str]| {
        maybe(0.12, select(values)).prop_map(move |value| value.map(|value| (key, value.to_owned())))
    };
    let list = |key: &'static str, values: &'static [&'static str]| {
        maybe(0.15, text(values)).prop_map(move |value| value.map(|value| (key, value)))
    };
    (
        list(
            "http-proxy.kubewarden.io/no-proxy",
            &["db.example,bad entry", "*", "10.0.0.0/20"],
        ),
        list(
            "http-proxy.kubewarden.io/exclude-containers",
            &["skipped", "app, web-1", ","],
        ),
        rarely(
            "http-proxy.kubewarden.io/trusted-ca-use",
            &["Mount", "Replace", "Append"],
        ),
        rarely("http-proxy.kubewarden.io/profile", &["edge"]),
        rarely("http-proxy.kubewarden.io/inject", &["true", "false"]),
        rarely("kubernetes.azure.com/no-http-proxy-vars", &["true", "false"]),
        rarely("prometheus.io/scrape", &["true"]),
    )
        .prop_map(|(a, b, c, d, e, f, g)| {
            let annotations = [a, b, c, d, e, f, g].into_iter().flatten();
            let members = annotations.map(|(key, value)| format!("\"{key}\": {}", json!(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        })
}

fn spec() -> impl Strategy<Value = String> {
    let volumes = maybe(
        0.7,
        select(&[
            "null",
            "[]",
            r#"[{"name": "tmp", "emptyDir": {}}]"#,
            r#"[{"name": "http-proxy-trusted-ca", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}]"#,
        ]),
    );
    let node = maybe(
        0.3,
        select(&[
            ("os", r#"{"name": "windows"}"#),
            ("os", r#"{"name": "windows"}"#),
            ("nodeSelector", r#"{"kubernetes.io/os": "windows"}"#),
            ("nodeSelector", r#"{"agentpool": "dmz"}"#),
        ]),
    );
    let containers = (
        0..4_usize,
        container("app"),
        container("skipped"),
        container("istio-proxy"),
        container("web-1"),
        maybe(0.5, container("init")),
    );
    object(
        (containers, node, volumes).prop_map(|((count, app, skipped, istio, web, init), node, volumes)| {
            let containers = &[app, skipped, istio, web][..count];
            let mut members = vec![("containers", format!("[{}]", containers.join(" , ")))];
            members.extend(init.map(|init| ("initContainers", format!("[{init}]"))));
            members.extend(volumes.map(|volumes| ("volumes", volumes.to_owned())));
            members.extend(node.map(|(key, value)| (key, value.to_owned())));
            members
        }),
    )
}
