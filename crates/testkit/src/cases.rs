//! The requests whose cost is watched: one pod as an API server sends it, varied one thing at a time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::certificates;

/// A call of `validate`.
pub struct Case {
    pub name: String,
    /// The admission request.
    pub request: Value,
    pub settings: Value,
    /// Whether the policy is to change the object.
    pub mutates: bool,
}

impl Case {
    fn new(name: impl Into<String>, request: Value, settings: Value) -> Self {
        Case {
            name: name.into(),
            request,
            settings,
            mutates: true,
        }
    }

    /// What a policy server hands to the policy.
    pub fn payload(&self) -> Vec<u8> {
        json!({"request": self.request, "settings": self.settings})
            .to_string()
            .into_bytes()
    }
}

/// All that the table of instruction counts and the benchmark have.
pub fn all() -> Vec<Case> {
    vec![
        typical(),
        opted_out(),
        containers(10),
        containers(100),
        no_proxy_entries(0),
        no_proxy_entries(10),
        no_proxy_entries(1000),
        certificates(20),
        profiles(50),
        large(),
    ]
}

/// One container under AKS's settings with five `noProxy` entries.
pub fn typical() -> Case {
    Case::new("typical pod", create_pod(1), aks_settings())
}

/// The typical pod with the annotation that wants none of it.
pub fn opted_out() -> Case {
    let mut request = create_pod(1);
    request["object"]["metadata"]["annotations"] = json!({"kubernetes.azure.com/no-http-proxy-vars": "true"});
    Case {
        mutates: false,
        ..Case::new("opted-out pod", request, aks_settings())
    }
}

/// The typical pod with this many containers, each about 1 KB.
pub fn containers(count: usize) -> Case {
    Case::new(format!("{count} containers"), create_pod(count), aks_settings())
}

/// The typical pod with 1600 containers: about as much as a cluster stores of one object.
pub fn large() -> Case {
    Case {
        name: "1.5 MB pod".to_owned(),
        ..containers(1600)
    }
}

/// The typical pod with this many variables more in its container, about 60 bytes each.
pub fn variables(count: usize) -> Case {
    let mut request = create_pod(1);
    let env = request["object"]["spec"]["containers"][0]["env"].as_array_mut();
    env.expect("the container has an env")
        .extend((0..count).map(|i| json!({"name": format!("FEATURE_{i:05}"), "value": "enabled for every tenant"})));
    Case::new(format!("{count} variables"), request, aks_settings())
}

/// The typical pod under settings with this many `noProxy` entries of all kinds.
pub fn no_proxy_entries(count: usize) -> Case {
    let entry = |i: usize| match i % 5 {
        0 => format!("host-{i}.corp.example.com"),
        1 => format!(".team-{i}.example.com"),
        2 => format!("10.{}.{}.17", i / 256, i % 256),
        3 => format!("10.{}.{}.0/24", i / 256, i % 256),
        _ => format!("registry-{i}.example.com:5000"),
    };
    let mut settings = aks_settings();
    settings["noProxy"] = (0..count).map(entry).collect();
    Case::new(format!("{count} noProxy entries"), create_pod(1), settings)
}

/// The typical pod under settings with this many certificates (at most 100), each with its own subject.
pub fn certificates(count: usize) -> Case {
    let pem: String = (0..count).map(certificates::numbered_root).collect();
    let mut settings = aks_settings();
    settings["trustedCa"] = STANDARD.encode(pem).into();
    Case::new(format!("CA of {count} certificates"), create_pod(1), settings)
}

/// The typical pod under settings with this many profiles, of which the last matches.
pub fn profiles(count: usize) -> Case {
    let profile = |i: usize| {
        let condition = match i {
            _ if i + 1 == count => json!({"namespaces": ["shop"]}),
            _ if i.is_multiple_of(2) => json!({"namespaces": [format!("team-{i}-*")]}),
            _ => json!({"podSelector": {"matchLabels": {"tier": format!("tier-{i}")}}}),
        };
        json!({
            "name": format!("profile-{i}"),
            "match": condition,
            "httpProxy": format!("http://proxy-{i}.example.com:3128/"),
            "noProxy": [format!(".zone-{i}.example.com"), format!("10.{i}.0.0/16")],
        })
    };
    let mut settings = aks_settings();
    settings["profiles"] = (0..count).map(profile).collect();
    Case::new(format!("{count} profiles"), create_pod(1), settings)
}

fn aks_settings() -> Value {
    json!({
        "httpProxy": "http://myproxy.server.com:8080/",
        "httpsProxy": "https://myproxy.server.com:8080/",
        "noProxy": ["localhost", "127.0.0.1", "10.0.0.0/8", ".internal.example.com", "registry.example.com"],
    })
}

/// What an API server sent for a pod of a ReplicationController, with these containers instead of the one it had.
fn create_pod(containers: usize) -> Value {
    let mut request: Value = serde_json::from_str(include_str!("../../../e2e-tests/requests/create-pod-8.json"))
        .expect("the request is JSON");
    request["object"]["spec"]["containers"] = (0..containers).map(container).collect();
    request
}

fn container(number: usize) -> Value {
    json!({
        "name": format!("backend-{number}"),
        "image": "registry.example.com/shop/backend:2.4.1",
        "imagePullPolicy": "IfNotPresent",
        "args": ["serve", "--listen=:8080"],
        "env": [
            {"name": "LOG_LEVEL", "value": "info"},
            {"name": "POD_IP", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}}},
            {"name": "ADVERTISED_URL", "value": "http://$(POD_IP):8080/"},
            {"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "shop-database", "key": "url"}}},
        ],
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "readinessProbe": {
            "httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"},
            "timeoutSeconds": 1, "periodSeconds": 5, "successThreshold": 1, "failureThreshold": 3,
        },
        "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "volumeMounts": [
            {"name": "kube-api-access-btnjx", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": true},
        ],
    })
}
