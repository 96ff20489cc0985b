//! Whatever is wrong wherever, no message shows the user name and password of a URL, a certificate or a key. What the policy injects has
//! them, where it should.

use std::collections::HashSet;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use testkit::certificates::{ROOT, lines, pem};

use crate::policy;

/// What is in the user name and password of every URL here, and in nothing else.
const MARK: &str = "qz";
const URL: &str = "http://qzuser:qzpassword@proxy.example.com:3128/";

/// As long as a part of a certificate or key has to be to be recognised.
const WINDOW: usize = 8;

fn key() -> String {
    pem(
        "PRIVATE KEY",
        "a private key, which nobody may see. ".repeat(12).as_bytes(),
    )
}

/// Secrets as they should be, as they come by mistake, and cut off.
fn secrets() -> Vec<String> {
    let [certificate, key] = [ROOT.to_owned(), key()];
    let [certificate_base64, key_base64] = [&certificate, &key].map(|pem| STANDARD.encode(pem));
    let mut secrets: Vec<String> = [
        URL,
        "https://qzuser:qzpassword@proxy.example.com:3128",
        "socks5://qzuser:qzpassword@proxy.example.com",
        "HTTP://qzuser:qzpassword@proxy.example.com/",
        "http://qzuser:qzpassword@proxy.example.com/path?query#fragment",
        "http://qzuser:qzpassword@proxy.example.com:port/",
        "http://qzuser:qz password@proxy.example.com/",
        "http://qzuser:qz/pass?w#o@rd@proxy.example.com/",
        "http://qzuser:qzpassword",
        "http:qzuser:qzpassword@proxy.example.com",
        "//qzuser:qzpassword@proxy.example.com",
        "qzuser:qzpassword@proxy.example.com:3128",
        "$(qzuser:qzpassword)",
        "http://qzüser:qzpassword@proxy.example.com",
        "a, qzuser:qzpassword@proxy,*",
    ]
    .map(str::to_owned)
    .into();
    secrets.extend([
        certificate_base64[..certificate_base64.len() - 7].to_owned(),
        lines(&certificate_base64, 76),
        lines(&certificate_base64, 76).lines().nth(1).unwrap().to_owned(),
        STANDARD.encode(&certificate[..certificate.len() / 2]),
        STANDARD.encode(certificate.replacen("MII", "MIJ", 1)),
        STANDARD.encode([&certificate, &*key].concat()),
        certificate.lines().nth(2).unwrap().to_owned(),
        certificate_base64,
        certificate,
        key_base64,
        key,
    ]);
    secrets
}

/// Every part of a certificate or key, in PEM and in base64 of that.
static PARTS: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| {
    let mut parts = HashSet::new();
    for pem in [ROOT.to_owned(), key()] {
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        for text in [body, STANDARD.encode(pem)] {
            parts.extend(text.as_bytes().windows(WINDOW).map(<[u8]>::to_vec));
        }
    }
    parts
});

/// Everything of an answer but what is injected.
fn shown(answer: &str) -> String {
    let mut answer: Value = serde_json::from_str(answer).expect("the answer is JSON");
    answer.as_object_mut().unwrap().remove("mutated_object");
    answer.to_string()
}

#[track_caller]
fn check(answer: &str, asked: &str) {
    let shown = shown(answer);
    let is_part = |window: &[u8]| PARTS.contains(window);
    assert!(
        !shown.contains(MARK) && !shown.as_bytes().windows(WINDOW).any(is_part),
        "{shown}\nanswers {asked}"
    );
}

/// A request and settings with something in every place.
fn payload(mode: &str) -> Value {
    json!({
        "request": {
            "uid": "1",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "operation": "CREATE",
            "namespace": "shop",
            "object": {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": "web",
                    "labels": {"tier": "edge"},
                    "annotations": {
                        "http-proxy.kubewarden.io/no-proxy": "db.example,bad entry",
                        "http-proxy.kubewarden.io/exclude-containers": "skipped",
                        "http-proxy.kubewarden.io/trusted-ca-use": "Append",
                        "http-proxy.kubewarden.io/profile": "edge",
                        "http-proxy.kubewarden.io/inject": "true",
                        "http-proxy.kubewarden.io/injected": "v1\napp: HTTP_PROXY,http_proxy=3fa91c02 NO_PROXY=77aa01ff+5 mount=5e6f7a8b",
                    },
                },
                "spec": {
                    "nodeSelector": {"agentpool": "edge"},
                    "os": {"name": "linux"},
                    "volumes": [{"name": "http-proxy-trusted-ca", "emptyDir": {}}],
                    "initContainers": [{"name": "init", "envFrom": [{"configMapRef": {"name": "c"}}]}],
                    "containers": [{
                        "name": "app",
                        "image": "app",
                        "env": [
                            {"name": "HTTPS_PROXY", "value": "http://own:3128"},
                            {"name": "no_proxy", "value": "nginx"},
                            {"name": "JAVA_TOOL_OPTIONS", "value": "x".repeat(1000)},
                            {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                        ],
                        "volumeMounts": [{"name": "tmp", "mountPath": "/etc"}],
                    }],
                },
            },
            "oldObject": null,
        },
        "settings": {
            "httpProxy": URL,
            "noProxy": [".svc", "10.0.0.0/8"],
            "trustedCa": STANDARD.encode(ROOT),
            "trustedCaUse": "Append",
            "enabled": true,
            "noProxyDefaults": true,
            "clusterDomain": "cluster.local",
            "expandCidrs": 4,
            "existingVariables": "Merge",
            "excludeContainers": ["istio-*"],
            "runtimes": {"java": true, "node": true},
            "mode": mode,
            "profiles": [{
                "name": "edge",
                "match": {
                    "namespaces": ["s*"],
                    "podSelector": {
                        "matchLabels": {"tier": "edge"},
                        "matchExpressions": [{"key": "tier", "operator": "In", "values": ["edge"]}],
                    },
                    "nodeSelector": {"agentpool": "edge"},
                },
                "httpProxy": URL,
                "httpsProxyFrom": {"secretKeyRef": {"name": "proxy", "key": "url", "optional": true}},
                "trustedCaFrom": {"configMapKeyRef": {"name": "ca", "key": "ca.pem"}},
            }],
        },
    })
}

/// The ways to all values of a document.
fn places(document: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match document {
        Value::Object(members) => members
            .iter()
            .map(|(key, member)| (key.replace('~', "~0").replace('/', "~1"), member))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (index.to_string(), item))
            .collect(),
        _ => Vec::new(),
    };
    let inner = inner
        .into_iter()
        .flat_map(|(key, value)| places(value).into_iter().map(move |place| format!("/{key}{place}")));
    std::iter::once(String::new()).chain(inner).collect()
}

/// What a value becomes if a secret gets there: a text, in a list, in an object and its key, after what is there.
fn mistakes(there: &Value, secret: &str) -> Vec<Value> {
    let mut mistakes = vec![json!(secret), json!([secret]), json!({secret: secret})];
    let mut longer = there.clone();
    match &mut longer {
        Value::Object(members) => drop(members.insert(secret.to_owned(), json!(1))),
        Value::Array(items) => items.push(json!(secret)),
        Value::String(text) => *text = format!("{text},{secret}"),
        _ => return mistakes,
    }
    mistakes.push(longer);
    mistakes
}

/// The document with every secret in every place, in every way.
fn with_secrets(document: &Value) -> impl Iterator<Item = String> {
    let secrets = secrets();
    places(document).into_iter().flat_map(move |place| {
        let mut document = document.clone();
        let there = document.pointer(&place).unwrap().clone();
        let mut wrong = Vec::new();
        for mistake in secrets.iter().flat_map(|secret| mistakes(&there, secret)) {
            *document.pointer_mut(&place).unwrap() = mistake;
            wrong.push(document.to_string());
        }
        wrong
    })
}

fn verdict(settings: &[u8]) -> String {
    serde_json::to_string(&policy::validate_settings(settings)).unwrap()
}

#[test]
fn a_secret_in_any_place_of_a_request_shows_in_no_message() {
    for mode in ["Inject", "Report"] {
        let payload = payload(mode);
        for request in with_secrets(&payload["request"]) {
            let payload = format!(r#"{{"request": {request}, "settings": {}}}"#, payload["settings"]);
            check(&policy::validate(payload.as_bytes()), &payload);
        }
    }
}

#[test]
fn a_secret_in_any_place_of_settings_shows_in_no_message() {
    let payload = payload("Inject");
    for settings in with_secrets(&payload["settings"]) {
        check(&verdict(settings.as_bytes()), &settings);
        let payload = format!(r#"{{"request": {}, "settings": {settings}}}"#, payload["request"]);
        check(&policy::validate(payload.as_bytes()), &payload);
    }
}

/// What is broken moves secrets to where nobody expects them, from a value to a key, say.
#[test]
fn a_secret_shows_in_no_message_wherever_its_document_is_broken() {
    let payload = payload("Inject");
    let validate: fn(&[u8]) -> String = policy::validate;
    for (ask, document) in [(validate, &payload), (verdict, &payload["settings"])] {
        let document = document.to_string().into_bytes();
        for at in 0..document.len() {
            check(&ask(&document[..at]), &format!("what is cut off at byte {at}"));
            for byte in [b'"', b'{', 0xff] {
                let mut broken = document.clone();
                broken[at] = byte;
                check(&ask(&broken), &String::from_utf8_lossy(&broken));
            }
        }
    }
}
