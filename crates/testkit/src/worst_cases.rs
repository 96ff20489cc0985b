//! The worst that settings and a request can be.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::cases;

/// Most bytes of a request that a policy server reads.
const MAX_REQUEST_BYTES: usize = 2 << 20;

const ROOM_FOR_THE_REST: usize = 1024;

/// As much as settings can ask for: a CA of 48 KiB and 20 certificates, a `NO_PROXY` of almost 128 KiB with addresses of
/// networks one by one, 50 profiles that do not match, and options for Java.
pub fn settings() -> Value {
    let mut settings = cases::certificates(20).settings;
    let pem = STANDARD.decode(settings["trustedCa"].as_str().unwrap()).unwrap();
    let comment = "#".repeat(48 * 1024 - pem.len() - 1) + "\n";
    settings["trustedCa"] = STANDARD.encode([comment.as_bytes(), &pem].concat()).into();
    let mut no_proxy = vec!["10.0.0.0/20".to_owned(), "10.1.0.0/20".to_owned()];
    no_proxy.extend((0..1750).map(|i| format!("host-{i:04}.corp.example")));
    settings["noProxy"] = json!(no_proxy);
    settings["expandCidrs"] = 4096.into();
    settings["runtimes"] = json!({"java": true, "node": true});
    settings["excludeContainers"] = (0..20).map(|i| format!("*-{i}-*-sidecar")).collect();
    settings["profiles"] = (0..50)
        .map(|i| {
            json!({
                "name": format!("profile-{i}"),
                "match": {
                    "namespaces": ["shop", format!("*a*b*c*{i}")],
                    "podSelector": {
                        "matchExpressions": [{"key": format!("label-{i}"), "operator": "NotIn", "values": ["x"]}],
                        "matchLabels": {"app": format!("app-{i}")},
                    },
                    "nodeSelector": {format!("node-{i}"): "yes"},
                },
                "httpProxy": "http://proxy.example.com:3128/",
                "noProxy": ["10.0.0.0/20"],
            })
        })
        .collect();
    settings
}

/// As many items as a request has room for.
fn items(item: impl Fn(usize) -> String) -> String {
    let mut items = item(0);
    for number in 1.. {
        let item = item(number);
        if items.len() + item.len() > MAX_REQUEST_BYTES - ROOM_FOR_THE_REST {
            break;
        }
        items.extend([",", &item]);
    }
    items
}

/// A text over and over, as often as a request has room for.
fn copies(text: &str) -> String {
    text.repeat((MAX_REQUEST_BYTES - ROOM_FOR_THE_REST) / text.len())
}

/// A pod with these containers.
pub fn containers(items: String) -> String {
    format!(r#"{{"spec": {{"containers": [{items}]}}}}"#)
}

/// A pod of one container with this list.
fn one_with(list: &str, items: &str) -> String {
    containers(format!(r#"{{"name": "app", "{list}": [{items}]}}"#))
}

fn annotated(key: &str, value: &str) -> String {
    format!(
        r#"{{"metadata": {{"annotations": {{"http-proxy.kubewarden.io/{key}": {}}}}}, "spec": {{"containers": [{{"name": "app"}}]}}}}"#,
        json!(value)
    )
}

/// Pods of the largest size, each full of something else; and annotations with as much as is read of them. `injected_no_proxy` is what
/// [`settings`] give a container as `NO_PROXY`.
pub fn pods(injected_no_proxy: &str) -> Vec<(&'static str, String)> {
    let with = |name: &str, value: &str| {
        containers(items(|i| {
            format!(r#"{{"name": "c{i}", "env": [{{"name": "{name}", "value": "{value}"}}]}}"#)
        }))
    };
    let list = |separator, item: &dyn Fn(usize) -> String| (0..8000).map(item).collect::<Vec<_>>().join(separator);
    vec![
        ("containers", containers(items(|i| format!(r#"{{"name": "c{i}"}}"#)))),
        ("containers without anything", containers(items(|_| "{}".to_owned()))),
        ("containers with an empty proxy", with("HTTP_PROXY", "")),
        ("containers with a short NO_PROXY", with("NO_PROXY", "a")),
        (
            "containers with a NO_PROXY that has no room for the policy's",
            with("NO_PROXY", &"x".repeat(1500)),
        ),
        (
            "containers with a NO_PROXY that has the policy's",
            with("NO_PROXY", injected_no_proxy),
        ),
        (
            "containers with options for Java",
            with("JAVA_TOOL_OPTIONS", &"x".repeat(600)),
        ),
        (
            "containers with a NO_PROXY from elsewhere",
            containers(items(|_| {
                r#"{"env": [{"name": "NO_PROXY", "valueFrom": {}}]}"#.to_owned()
            })),
        ),
        (
            "variables",
            one_with(
                "env",
                &items(|i| format!(r#"{{"name": "V{i}", "value": "$(HTTP_PROXY)"}}"#)),
            ),
        ),
        (
            "variables of one name",
            one_with(
                "env",
                &items(|_| r#"{"name": "NO_PROXY", "value": "a,$(NO_PROXY)"}"#.to_owned()),
            ),
        ),
        (
            "variables without anything",
            one_with("env", &items(|_| "{}".to_owned())),
        ),
        (
            "mounts without anything",
            one_with("volumeMounts", &items(|_| "{}".to_owned())),
        ),
        (
            "a long NO_PROXY",
            one_with(
                "env",
                &format!(r#"{{"name": "NO_PROXY", "value": "{}"}}"#, copies(",a")),
            ),
        ),
        (
            "escapes",
            one_with(
                "env",
                &format!(r#"{{"name": "NO_PROXY", "value": "{}"}}"#, copies("\\u0001")),
            ),
        ),
        (
            "references",
            one_with(
                "env",
                &format!(r#"{{"name": "A", "value": "{}"}}"#, copies("$(NO_PROXY)")),
            ),
        ),
        ("a NO_PROXY for the pod", annotated("no-proxy", &copies("10.0.0.0/20,"))),
        (
            "one network for the pod, again and again",
            annotated("no-proxy", &"10.0.0.0/20,".repeat(10_000)),
        ),
        (
            "networks for the pod",
            annotated(
                "no-proxy",
                &list(",", &|i| format!("10.{}.{}.0/20", i / 16 % 256, i % 16 * 16)),
            ),
        ),
        (
            "malformed entries for the pod",
            annotated("no-proxy", &"!,".repeat(65_000)),
        ),
        (
            "excluded names",
            annotated("exclude-containers", &items(|i| i.to_string())),
        ),
        (
            "a record",
            annotated("injected", &format!("v1{}", copies("\napp: NO_PROXY=77aa01ff+5"))),
        ),
        (
            "a record of many containers",
            annotated(
                "injected",
                &format!("v1\n{}", list("\n", &|i| format!("c{i}: NO_PROXY=77aa01ff+5"))),
            ),
        ),
        (
            "labels",
            format!(
                r#"{{"metadata": {{"labels": {{{}}}}}, "spec": {{}}}}"#,
                items(|i| format!(r#""l{i}": "x""#))
            ),
        ),
        (
            "unknown annotations",
            format!(
                r#"{{"metadata": {{"annotations": {{{}}}}}, "spec": {{"containers": [{{"name": "app"}}]}}}}"#,
                items(|i| format!(r#""http-proxy.kubewarden.io/exclude-co{i}": """#))
            ),
        ),
        (
            "a label of escapes",
            format!(
                r#"{{"metadata": {{"labels": {{"app": "{}"}}}}, "spec": {{}}}}"#,
                copies("\\u003c")
            ),
        ),
        (
            "conditions on nodes, the last of them malformed",
            format!(
                r#"{{"spec": {{"affinity": {{"nodeAffinity": {{"requiredDuringSchedulingIgnoredDuringExecution": {{"nodeSelectorTerms": [{}, 5]}}}}}}}}}}"#,
                items(|_| r#"{"matchExpressions": []}"#.to_owned())
            ),
        ),
        (
            "conditions on nodes",
            format!(
                r#"{{"spec": {{"affinity": {{"nodeAffinity": {{"requiredDuringSchedulingIgnoredDuringExecution": {{"nodeSelectorTerms": [{}]}}}}}}}}}}"#,
                items(
                    |_| r#"{"matchExpressions": [{"key": "node-49", "operator": "In", "values": ["yes"]}]}"#.to_owned()
                )
            ),
        ),
        (
            "volumes",
            format!(
                r#"{{"spec": {{"volumes": [{}]}}}}"#,
                items(|i| format!(r#"{{"name": "v{i}"}}"#))
            ),
        ),
    ]
}
