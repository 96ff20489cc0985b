//! What becomes of single destinations, whatever their form and place.

use serde_json::{Value, json};
use survey::Report;

use crate::report_on;

fn settings() -> Value {
    json!({"httpProxy": "http://proxy.example.com:3128"})
}

/// A cluster with Services of each sort, in the namespaces shop, dev and data.
fn cluster() -> Vec<Value> {
    let service = |namespace: &str, name: &str, spec: Value| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec});
    let namespaces = ["shop", "dev", "data"];
    let mut objects: Vec<Value> = namespaces
        .iter()
        .map(|name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}}}))
        .collect();
    let ports = json!([{"port": 8080}]);
    objects.extend([
        service("shop", "api", json!({"clusterIP": "10.96.0.10", "clusterIPs": ["10.96.0.10", "fd00:96::10"], "ports": ports})),
        service("dev", "build", json!({"clusterIP": "10.96.0.11", "ports": ports})),
        service("shop", "app", json!({"clusterIP": "10.96.0.12", "ports": ports})),
        service("shop", "partner", json!({"type": "ExternalName", "externalName": "partner.example.org"})),
        service("data", "search", json!({"clusterIP": "None", "ports": [{"port": 9200}]})),
        service("shop", "peers", json!({"clusterIP": "None", "ports": ports})),
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}, "spec": {"podCIDR": "10.244.0.0/24", "podCIDRs": ["10.244.0.0/24"]},
            "status": {"addresses": [{"type": "InternalIP", "address": "172.16.0.4"}]}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "ServiceCIDR", "metadata": {"name": "kubernetes"}, "spec": {"cidrs": ["10.96.0.0/16"]}}),
        json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "kubernetes", "namespace": "default",
            "labels": {"kubernetes.io/service-name": "kubernetes"}}, "endpoints": [{"addresses": ["192.0.2.2"]}]}),
    ]);
    objects
}

fn pod(container: Value) -> Value {
    let mut container = container;
    container["name"] = json!("main");
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"containers": [container],
        "volumes": [{"name": "files", "configMap": {"name": "config"}},
            {"name": "both", "projected": {"sources": [{"configMap": {"name": "config", "items": [{"key": "other", "path": "other"}]}}]}}]}})
}

fn report(container: Value) -> Report {
    report_on(&settings(), &[cluster(), vec![pod(container)]].concat())
}

/// `breaks shortServiceName http://api:8080` for each finding with a value.
fn shown(report: &Report) -> Vec<String> {
    let report = serde_json::to_value(report).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| finding["value"].is_string());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .map(|finding| {
            format!(
                "{} {} {}",
                text(&finding["severity"]),
                text(&finding["kind"]),
                text(&finding["value"])
            )
        })
        .collect()
}

fn of_value(value: &str) -> Vec<String> {
    shown(&report(json!({"env": [{"name": "URL", "value": value}]})))
}

#[test]
fn what_is_in_the_cluster_or_private_and_would_go_to_the_proxy_breaks() {
    for (value, kind, shown) in [
        ("http://api:8080/x?y", "shortServiceName", "http://api:8080"),
        ("http://API:8080", "shortServiceName", "http://API:8080"),
        ("https://user:S3cret@api/", "shortServiceName", "https://api"),
        ("ws://api:8080/feed", "shortServiceName", "ws://api:8080"),
        ("wss://api.shop", "shortServiceName", "wss://api.shop"),
        ("http://api.shop.", "shortServiceName", "http://api.shop."),
        ("http://build.dev:8080", "shortServiceName", "http://build.dev:8080"),
        ("http://search.data:9200", "shortServiceName", "http://search.data:9200"),
        (
            "http://search-0.search.data:9200",
            "shortServiceName",
            "http://search-0.search.data:9200",
        ),
        (
            "http://peers-0.peers:8080",
            "shortServiceName",
            "http://peers-0.peers:8080",
        ),
        ("http://partner", "shortServiceName", "http://partner"),
        ("http://node-1:9100", "shortServiceName", "http://node-1:9100"),
        ("http://10.96.0.10:8080", "privateAddress", "http://10.96.0.10:8080"),
        (
            "http://[fd00:96::10]:8080",
            "privateAddress",
            "http://[fd00:96::10]:8080",
        ),
        ("http://10.96.7.7", "privateAddress", "http://10.96.7.7"),
        ("http://10.244.0.9:8080", "privateAddress", "http://10.244.0.9:8080"),
        ("http://172.16.0.4:10250", "privateAddress", "http://172.16.0.4:10250"),
        ("https://192.0.2.2:6443", "privateAddress", "https://192.0.2.2:6443"),
        ("http://192.168.3.4", "privateAddress", "http://192.168.3.4"),
        ("http://100.64.1.2", "privateAddress", "http://100.64.1.2"),
        ("dns:///api.shop:8080", "shortServiceName", "api.shop:8080"),
        ("grpc://api:8080", "shortServiceName", "api:8080"),
        ("git+http://api:8080/x.git", "shortServiceName", "git+http://api:8080"),
    ] {
        assert_eq!(of_value(value), [format!("breaks {kind} {shown}")], "{value}");
    }
}

#[test]
fn what_no_http_proxy_carries_and_what_is_public_is_no_finding() {
    for value in [
        "redis://api:6379",
        "postgres://app:S3cret@api:5432/app",
        "jdbc:mysql://api:3306/x",
        "amqp://api",
        "smtp://api:25",
        "mongodb+srv://api",
        "unix:///run/api.sock",
        "https://example.org",
        "http://api.example.com",
        "http://8.8.8.8",
        "http://0.0.0.0:8080",
        "http://localhost:8080",
        "http://api.shop.svc:8080",
        "http://api.shop.svc.cluster.local:8080",
        "https://kubernetes.default.svc",
        "http://169.254.169.254/latest",
        "api:6379",
        "redis:7",
        "postgres:17",
        "a sentence: with 3:4 colons",
        "http://$(UNKNOWN):8080",
        "http://{{ .Values.host }}/",
    ] {
        assert_eq!(of_value(value), Vec::<String>::new(), "{value}");
    }
}

#[test]
fn what_the_input_cannot_decide_is_to_check() {
    assert_eq!(of_value("api:8080"), ["check shortServiceName api:8080"]);
    assert_eq!(
        of_value("http://nobody:8080"),
        ["check shortServiceName http://nobody:8080"]
    );
    // Some clients read no addresses of IPv6 in the list.
    assert_eq!(of_value("http://[::1]:8080"), ["check clientLimit http://[::1]:8080"]);
    assert_eq!(
        of_value("http://nobody.dev"),
        ["check shortServiceName http://nobody.dev"]
    );
}

#[test]
fn every_place_of_a_container_is_looked_at() {
    let url = "http://api:8080";
    let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "config", "namespace": "shop"},
        "data": {"URL": url, "other": format!("{{\"url\": \"{url}/x\"}}")}});
    let mounts = |name: &str| json!({"volumeMounts": [{"name": name, "mountPath": "/x"}]});
    for (container, place) in [
        (json!({"env": [{"name": "A", "value": url}]}), "env A"),
        (
            json!({"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "config", "key": "URL"}}}]}),
            "env A from ConfigMap config, URL",
        ),
        (json!({"args": ["x", format!("--url={url}")]}), "args[1]"),
        (
            json!({"command": ["sh", "-c", format!("curl -s {url}/x | jq .")]}),
            "command[2]",
        ),
        (
            json!({"envFrom": [{"prefix": "P_", "configMapRef": {"name": "config"}}]}),
            "envFrom ConfigMap config, P_URL",
        ),
        (mounts("files"), "file of ConfigMap config, URL"),
        (mounts("both"), "file of ConfigMap config, other"),
        (
            json!({"env": [{"name": "H", "value": "api"}, {"name": "A", "value": "http://$(H):8080"}]}),
            "env A",
        ),
    ] {
        let report = report_on(
            &settings(),
            &[cluster(), vec![config.clone(), pod(container.clone())]].concat(),
        );
        let found = report
            .findings
            .iter()
            .find(|finding| finding.place.as_deref() == Some(place));
        assert!(
            found.is_some_and(|found| found.value.as_deref() == Some(url)),
            "{container} {:?}",
            report.findings
        );
    }
}

#[test]
fn init_containers_are_judged_and_excluded_ones_are_not() {
    let mut object = pod(json!({}));
    object["spec"]["initContainers"] = json!([{"name": "wait", "image": "busybox:1", "command": ["sh", "-c", "until wget -qO- http://api:8080; do sleep 1; done"]}]);
    object["spec"]["containers"][0]["env"] = json!([{"name": "A", "value": "http://build.dev:8080"}]);
    object["metadata"]["annotations"] = json!({"http-proxy.kubewarden.io/exclude-containers": "main"});
    let report = report_on(&settings(), &[cluster(), vec![object]].concat());
    assert_eq!(shown(&report), ["breaks shortServiceName http://api:8080"]);
    assert!(report.findings.iter().any(|finding| finding.why.contains("BusyBox")));
}

#[test]
fn a_container_that_bypasses_its_own_proxy_today_is_not_broken_by_the_policy() {
    let own = json!([{"name": "HTTP_PROXY", "value": "http://other:1"}, {"name": "http_proxy", "value": "http://other:1"},
        {"name": "HTTPS_PROXY", "value": "http://other:1"}, {"name": "https_proxy", "value": "http://other:1"}, {"name": "URL", "value": "http://api:8080"}]);
    let report = report(json!({"env": own}));
    assert!(
        !shown(&report).iter().any(|finding| finding.starts_with("breaks")),
        "{:?}",
        shown(&report)
    );
}

#[test]
fn the_address_of_a_pods_own_node_is_one_of_the_nodes() {
    let env = json!([{"name": "HOST_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}}}, {"name": "OTLP", "value": "http://$(HOST_IP):4317"}]);
    assert_eq!(
        shown(&report(json!({"env": env}))),
        ["breaks privateAddress http://$(HOST_IP):4317"]
    );
}

#[test]
fn a_name_that_is_a_public_domain_is_not_suggested() {
    for (url, entry) in [("http://app", None), ("http://app:8080", Some("app:8080"))] {
        let report = report(json!({"env": [{"name": "A", "value": url}]}));
        let found = &report.findings[0];
        assert_eq!(found.entry.as_deref(), entry);
        assert!(
            found.fix.contains("Call app.shop.svc") && found.fix.contains("public domain"),
            "{}",
            found.fix
        );
        assert_eq!(
            report.suggestions.remaining.unwrap().breaks,
            usize::from(entry.is_none())
        );
    }
    let urls = (0..9).map(|index| json!({"name": format!("A{index}"), "value": format!("http://s{index}.dev")}));
    let services = (0..9).map(|index| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": format!("s{index}"), "namespace": "dev"}, "spec": {}}));
    let objects = [
        cluster(),
        services.collect(),
        vec![pod(json!({"env": urls.collect::<Vec<_>>()}))],
    ]
    .concat();
    let report = report_on(&settings(), &objects);
    let entries: Vec<&str> = report.suggestions.entries();
    assert!(entries.contains(&"s0.dev") && !entries.contains(&".dev"), "{entries:?}");
}

#[test]
fn nothing_that_may_be_a_secret_is_in_the_report() {
    let secret = "S3cretValue99";
    let env = json!([
        {"name": "DB_PASSWORD", "value": secret},
        {"name": "API_TOKEN", "value": format!("http://{secret}:8080")},
        {"name": "PLAIN", "value": format!("https://user:{secret}@api:8080/{secret}?t={secret}")},
        {"name": "HTTPS_PROXY", "value": format!("http://user:{secret}@other.example.com:1")},
        {"name": "ALL_PROXY", "value": format!("http://user:{secret}")},
        {"name": "https_proxy", "value": format!("http://user:{secret}")},
        {"name": "ODD", "value": format!("http://user:a/{secret}@api:8080")},
        {"name": "TOKENISH", "value": "http://ghp_0123456789abcdefABCDEF0123456789"},
    ]);
    let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old", "namespace": "shop"},
        "data": {"HTTP_PROXY": format!("http://user:{secret}@old.example.com:1"), "ALL_PROXY": format!("http://proxy:3128:{secret}")}});
    let secrets = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "shop"}, "stringData": {"HTTP_PROXY": secret}});
    let container = json!({"env": env, "envFrom": [{"configMapRef": {"name": "old"}}, {"secretRef": {"name": "s"}}]});
    let report = report_on(
        &settings(),
        &[cluster(), vec![config, secrets, pod(container)]].concat(),
    );
    let layout = explain::text::Layout::default();
    let outputs = [
        serde_json::to_string(&report).unwrap(),
        survey::text::report(&report, layout, true),
        survey::html::page(&report),
    ];
    for output in outputs {
        assert!(!output.contains(secret) && !output.contains("ghp_"), "{output}");
        assert!(
            output.contains("http://old.example.com:1") || output.contains("other.example.com"),
            "{output}"
        );
    }
}

#[test]
fn what_the_settings_name_and_a_namespace_lacks_is_missing() {
    let settings = json!({"httpProxyFrom": {"secretKeyRef": {"name": "proxy", "key": "url"}},
        "trustedCaFrom": {"configMapKeyRef": {"name": "ca", "key": "ca.crt"}}});
    let other =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "other", "namespace": "shop"}, "data": {}});
    let config =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "shop"}, "data": {}});
    let report = report_on(&settings, &[cluster(), vec![other, config, pod(json!({}))]].concat());
    let missing: Vec<String> = report
        .findings
        .iter()
        .map(|finding| finding.object.to_string())
        .collect();
    assert_eq!(missing, ["ConfigMap shop/ca", "Secret shop/proxy"]);
}

#[test]
fn what_the_input_lacks_is_said() {
    let report = report_on(
        &settings(),
        &[pod(json!({"env": [{"name": "A", "value": "http://api"}]}))],
    );
    for sentence in [
        "no nodes in the input",
        "no services in the input",
        "no namespaces in the input",
        "no configmaps in the input",
    ] {
        assert!(
            report.not_judged.iter().any(|known| known.starts_with(sentence)),
            "{:?}",
            report.not_judged
        );
    }
    assert_eq!(shown(&report), ["check shortServiceName http://api"]);
}

#[test]
fn the_same_input_gives_the_same_page_and_markup_in_it_is_text() {
    let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old", "namespace": "shop"},
        "data": {"<script>alert(1)</script>": "http://api:8080"}});
    let container = json!({"envFrom": [{"configMapRef": {"name": "old"}}]});
    let page = || {
        survey::html::page(&report_on(
            &settings(),
            &[cluster(), vec![config.clone(), pod(container.clone())]].concat(),
        ))
    };
    assert_eq!(page(), page());
    assert!(page().contains("&lt;script&gt;alert"));
    assert!(!page().contains("<script>alert"));
}
