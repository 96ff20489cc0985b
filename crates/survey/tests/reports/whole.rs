//! All findings about a cluster that has something of everything, word by word. `GOLDEN=overwrite` renews the file.

use serde_json::{Value, json};
use survey::Report;

use crate::rendered::is_as_in;
use crate::report_on;

fn object(version: &str, kind: &str, name: &str, rest: &Value) -> Value {
    let (namespace, name) = name.split_once('/').unwrap_or(("", name));
    let mut object = json!({"apiVersion": version, "kind": kind, "metadata": {"name": name}});
    if !namespace.is_empty() {
        object["metadata"]["namespace"] = json!(namespace);
    }
    object
        .as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    object
}

fn service(name: &str, spec: &Value) -> Value {
    object("v1", "Service", name, &json!({"spec": spec}))
}

fn cluster() -> Vec<Value> {
    let node = |name: &str, address: &str, outside: &str| {
        object(
            "v1",
            "Node",
            name,
            &json!({"spec": {"podCIDR": "10.244.0.0/24"}, "status": {"addresses": [
            {"type": "InternalIP", "address": address}, {"type": "ExternalIP", "address": outside}]}}),
        )
    };
    let ports = json!([{"port": 80}, {"port": 8080}]);
    let config_map = |name: &str, data: Value| object("v1", "ConfigMap", name, &json!({"data": data}));
    vec![
        object("v1", "Namespace", "shop", &json!({})),
        object("v1", "Namespace", "empty", &json!({})),
        node("node-1", "172.16.0.4", "198.51.100.4"),
        node("node-2", "172.16.1.5", "198.51.100.5"),
        service("shop/api", &json!({"clusterIP": "10.96.0.10", "ports": ports})),
        service("shop/portless", &json!({"clusterIP": "10.96.0.11"})),
        service("shop/peers", &json!({"clusterIP": "None", "ports": [{"port": 9200}]})),
        service(
            "shop/partner",
            &json!({"type": "ExternalName", "externalName": "partner.example.org", "ports": ports}),
        ),
        service(
            "shop/gateway",
            &json!({"clusterIP": "10.96.0.12", "ports": ports, "externalIPs": ["198.51.100.9", "192.168.7.7"]}),
        ),
        service("dev/build", &json!({"clusterIP": "10.96.0.13", "ports": ports})),
        service("shop/app", &json!({"clusterIP": "10.96.0.14", "ports": ports})),
        object(
            "networking.k8s.io/v1",
            "ServiceCIDR",
            "kubernetes",
            &json!({"spec": {"cidrs": ["10.96.0.0/16"]}}),
        ),
        json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "kubernetes", "namespace": "default",
            "labels": {"kubernetes.io/service-name": "kubernetes"}}, "endpoints": [{"addresses": ["192.0.2.2"]}]}),
        config_map(
            "shop/proxies",
            json!({"HTTP_PROXY": "http://u:p@old:3128/x", "NO_PROXY": "a", "OTHER": "x"}),
        ),
        config_map("shop/list", json!({"no_proxy": "a"})),
        config_map(
            "shop/files",
            json!({"a.yaml": "url: http://10.9.0.1/x\nname: http://unknown/", "password": "http://10.9.0.2"}),
        ),
        object("v1", "Secret", "shop/proxy", &json!({"data": {"HTTPS_PROXY": "eA=="}})),
        object("v1", "Secret", "shop/other", &json!({"data": {"X": "eA=="}})),
    ]
}

fn pod(name: &str, container: Value) -> Value {
    let mut container = container;
    container["name"] = json!("main");
    object(
        "v1",
        "Pod",
        &format!("shop/{name}"),
        &json!({"spec": {"containers": [container]}}),
    )
}

fn with_values(name: &str, values: &[&str]) -> Value {
    let env = values
        .iter()
        .enumerate()
        .map(|(index, value)| json!({"name": format!("V{index:02}"), "value": value}));
    pod(name, json!({"env": env.collect::<Vec<_>>()}))
}

/// Destinations of all sorts, as values of variables.
fn destinations() -> Vec<Value> {
    let names = [
        "http://api",
        "http://api:9999",
        "https://portless:1",
        "http://peers:1",
        "http://p-0.peers:9200",
        "http://partner/x",
        "http://build.dev",
        "http://unknown",
        "http://unknown.empty",
        "http://node-1:10250",
        "http://x.none.svc.other.example",
        "http://api.shop.svc.other.example",
        "http://app",
        "http://app:8080",
        "ws://api",
        "grpc://api:80",
        "git+http://api:80/x",
    ];
    let addresses = [
        "http://10.96.0.10",
        "http://10.96.9.9",
        "http://10.244.0.7",
        "http://172.16.0.4",
        "http://192.0.2.2:6443",
        "http://198.51.100.9",
        "http://192.168.7.7",
        "http://198.51.100.4",
        "http://10.20.30.40",
        "http://[fd00::1]:8080",
        "http://[::1]",
        "http://127.0.0.1",
        "http://203.0.113.1",
    ];
    let bare = [
        "api:8080",
        "api:81",
        "portless:80",
        "10.20.30.40:9000",
        "unknown:80",
        "localhost:80",
        "198.51.100.4:80",
        "redis:6379",
        "api:6379",
    ];
    let mut on_node = with_values("on-node", &["http://api"]);
    on_node["spec"]["hostNetwork"] = json!(true);
    let mut with_dns = on_node.clone();
    with_dns["metadata"]["name"] = json!("on-node-with-dns");
    with_dns["spec"]["dnsPolicy"] = json!("ClusterFirstWithHostNet");
    let field = |path: &str| json!({"fieldRef": {"fieldPath": path}});
    let own_node = pod(
        "own-node",
        json!({"env": [{"name": "H", "valueFrom": field("status.hostIP")}, {"name": "N", "valueFrom": field("metadata.name")},
        {"name": "P", "value": "x"}, {"name": "A", "value": "http://$(H):4317"}, {"name": "B", "value": "http://$(N):4317"}, {"name": "C", "value": "http://api:$(P)"}]}),
    );
    let named = pod(
        "named",
        json!({"env": [{"name": "API_TOKEN", "value": "http://unknown2 http://api.shop.svc.other.example http://api"},
        {"name": "KAFKA_SERVERS", "value": "api:8080"}, {"name": "LONG", "value": "http://abcdefgh1234"}]}),
    );
    vec![
        with_values("names", &names),
        with_values("addresses", &addresses),
        with_values("bare", &bare),
        on_node,
        with_dns,
        own_node,
        named,
    ]
}

/// Containers of which more than a variable counts.
fn containers() -> Vec<Value> {
    let files = |name: &str, image: &str| {
        let mut pod = pod(
            name,
            json!({"image": image, "volumeMounts": [{"name": "files", "mountPath": "/x"}]}),
        );
        pod["spec"]["volumes"] = json!([{"name": "files", "configMap": {"name": "files"}}, {"name": "unmounted", "configMap": {"name": "proxies"}}]);
        pod
    };
    let call =
        |name: &str, image: &str, command: &str| pod(name, json!({"image": image, "command": ["sh", "-c", command]}));
    let env_from = |name: &str, sources: Value| pod(name, json!({"envFrom": sources}));
    let both = [("HTTP_PROXY", "http://own:1"), ("http_proxy", "http://own:1")];
    let own = both.map(|(name, value)| json!({"name": name, "value": value}));
    let kept = pod(
        "kept",
        json!({"env": own, "envFrom": [{"configMapRef": {"name": "proxies"}}]}),
    );
    let mut mirror = with_values("mirror", &["http://api"]);
    mirror["metadata"]["annotations"] = json!({"kubernetes.io/config.mirror": "x"});
    let mut rejected = with_values("rejected", &["http://api"]);
    rejected["metadata"]["annotations"] = json!({"http-proxy.kubewarden.io/profile": "none"});
    let mut windows = pod("windows", json!({"image": "iis"}));
    windows["spec"]["os"] = json!({"name": "windows"});
    vec![
        files("files", "web"),
        files("nginx", "registry.example.com/nginx:1"),
        call("wget", "busybox:1", "wget http://10.30.0.1; wget http://api.shop.svc"),
        call("wget-of-alpine", "alpine:3", "wget http://api.shop.svc"),
        call("curl-of-busybox", "busybox:1", "curl http://api.shop.svc"),
        call("wget-of-debian", "debian:12", "wget http://api.shop.svc"),
        env_from("proxies", json!([{"configMapRef": {"name": "proxies"}}])),
        env_from("list", json!([{"configMapRef": {"name": "list"}}])),
        env_from(
            "prefixed",
            json!([{"prefix": "X_", "configMapRef": {"name": "proxies"}}]),
        ),
        env_from(
            "secret",
            json!([{"secretRef": {"name": "proxy"}}, {"secretRef": {"name": "other"}}]),
        ),
        env_from(
            "unseen",
            json!([{"configMapRef": {"name": "none"}}, {"secretRef": {"name": "none"}}]),
        ),
        kept,
        mirror,
        rejected,
        windows,
    ]
}

/// A finding in some lines.
fn shown(report: &Report) -> String {
    let json = serde_json::to_value(report).unwrap();
    let mut text = String::new();
    for (found, json) in report.findings.iter().zip(json["findings"].as_array().unwrap()) {
        let parts = [&found.container, &found.place, &found.value].map(|part| part.as_deref().unwrap_or("-"));
        text += &format!(
            "{} {} {} ({}): {}\n",
            json["severity"].as_str().unwrap(),
            json["kind"].as_str().unwrap(),
            found.object,
            found.pods,
            parts.join(", "),
        );
        text += &format!("  {}\n  → {}\n", found.why, found.fix);
        if let Some(entry) = &found.entry {
            text += &format!("  + {entry} # {}\n", found.source.as_deref().unwrap_or("-"));
        }
        found.notes.iter().for_each(|note| text += &format!("  note: {note}\n"));
    }
    text
}

#[test]
fn what_is_found_in_a_cluster_with_something_of_everything() {
    let settings = json!({"httpProxy": "http://proxy.example.com:3128", "profiles": [{"name": "p", "match": {"namespaces": ["other"]}, "httpProxy": "http://q:1"}]});
    let report = report_on(&settings, &[cluster(), destinations(), containers()].concat());
    is_as_in("findings.txt", &shown(&report));
    let suggested: String = report
        .suggestions
        .no_proxy
        .iter()
        .map(|suggestion| format!("{} {} # {}\n", suggestion.fixes, suggestion.entry, suggestion.source))
        .collect();
    let totals = serde_json::to_string_pretty(&json!([
        report.totals,
        report.destinations,
        report.suggestions.remaining
    ]));
    is_as_in("suggestions.txt", &format!("{suggested}{}\n", totals.unwrap()));
}
