//! Policy manifests, and the objects of a cluster as `kubectl get` writes them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::pods::pod;
use super::{maybe, settings, text};
use crate::json::Json;

/// The namespaces of a cluster.
const NAMESPACES: [&str; 4] = ["default", "shop", "kube-system", "kubewarden"];

/// The keys and the values of labels.
const KEYS: [&str; 3] = ["team", "tier", "http-proxy.kubewarden.io/inject"];
const VALUES: [&str; 3] = ["edge", "a", "false"];

/// The workloads, with the path of their pod's template. A bare pod is its own.
const KINDS: [(&str, &str, &str); 8] = [
    ("v1", "Pod", ""),
    ("v1", "ReplicationController", "/spec/template"),
    ("apps/v1", "Deployment", "/spec/template"),
    ("apps/v1", "StatefulSet", "/spec/template"),
    ("apps/v1", "DaemonSet", "/spec/template"),
    ("apps/v1", "ReplicaSet", "/spec/template"),
    ("batch/v1", "Job", "/spec/template"),
    ("batch/v1", "CronJob", "/spec/jobTemplate/spec/template"),
];

/// What containers call, in the cluster and outside of it.
const DESTINATIONS: &[&str] = &[
    "http://search:9200",
    "http://search.shop/v1?token=hunter2",
    "https://api.shop.svc.cluster.local",
    "http://u:hunter2@10.244.1.7:8080",
    "https://[fd00:10:244::7]/",
    "http://10.96.0.10",
    "search:9200",
    "amqp://u:hunter2@queue.shop:5672",
    "https://api.example.com/v1",
    "http://$(SEARCH_SERVICE_HOST):9200",
    "http://<img src=x onerror=alert(1)>",
    "http://\u{1b}]0;x\u{7}/",
    "http://",
    "://@:/",
];

/// A policy manifest. Its rules and selectors send some of the objects, and not others.
pub fn manifest() -> impl Strategy<Value = Json> {
    let rules = vec(rule(), 0..4);
    let selectors = (maybe(0.6, selector()), maybe(0.4, selector()));
    let extras = (
        0..12,
        maybe(0.1, select(&["monitor", "protect"])),
        maybe(0.1, any::<bool>()),
    );
    (settings::any_settings(), rules, selectors, extras).prop_map(
        |(Json(settings), rules, (namespaces, objects), (kind, mode, mutating))| {
            // Most manifests send pods.
            let pods =
                json!({"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]});
            let rules: Vec<Value> = rules.into_iter().chain((kind > 2).then_some(pods)).collect();
            let mut spec = json!({
                "module": "registry://registry.example/http-proxy-policy:v1", "settings": settings, "rules": rules,
                "mutating": mutating.unwrap_or(true),
            });
            for (field, value) in [("namespaceSelector", namespaces), ("objectSelector", objects)] {
                if let Some(value) = value {
                    spec[field] = value;
                }
            }
            if let Some(mode) = mode {
                spec["mode"] = mode.into();
            }
            let kind = if kind == 11 {
                "AdmissionPolicy"
            } else {
                "ClusterAdmissionPolicy"
            };
            Json(json!({
                "apiVersion": "policies.kubewarden.io/v1", "kind": kind,
                "metadata": {"name": "http-proxy", "namespace": "shop"}, "spec": spec,
            }))
        },
    )
}

/// A rule of a manifest.
fn rule() -> impl Strategy<Value = Value> {
    let resources = select(&["pods", "*", "pods/*", "*/*", "deployments", "cronjobs", "pods/status"]);
    (
        select(&["CREATE", "UPDATE", "*"]),
        select(&["", "apps", "*"]),
        select(&["v1", "v2", "*"]),
        resources,
        maybe(0.2, select(&["*", "Namespaced", "Cluster"])),
    )
        .prop_map(|(operation, group, version, resource, scope)| {
            let mut rule = json!({
                "operations": [operation], "apiGroups": [group], "apiVersions": [version], "resources": [resource],
            });
            if let Some(scope) = scope {
                rule["scope"] = scope.into();
            }
            rule
        })
}

fn selector() -> impl Strategy<Value = Value> {
    let operators = select(&["In", "NotIn", "Exists", "DoesNotExist"]);
    let keys = select(&[KEYS[0], KEYS[1], KEYS[2], "kubernetes.io/metadata.name"]);
    let values = select(&["edge", "a", "false", "shop", "default"]);
    let requirement = (keys, operators, vec(values, 1..3)).prop_map(|(key, operator, values)| {
        if operator.ends_with("In") {
            json!({"key": key, "operator": operator, "values": values})
        } else {
            json!({"key": key, "operator": operator})
        }
    });
    (vec(requirement, 0..3), maybe(0.2, labels())).prop_map(|(expressions, labels)| {
        let mut selector = json!({"matchExpressions": expressions});
        if let Some(labels) = labels {
            selector["matchLabels"] = labels;
        }
        selector
    })
}

fn labels() -> impl Strategy<Value = Value> {
    let label = maybe(0.4, select(&VALUES));
    [label, maybe(0.4, select(&VALUES)), maybe(0.2, select(&VALUES))].prop_map(|values| {
        let labels = KEYS.iter().zip(values);
        labels
            .filter_map(|(key, value)| Some(((*key).to_owned(), json!(value?))))
            .collect()
    })
}

/// The objects of a cluster: pods with and without their owners, and what they call. Names are unique.
pub fn objects() -> impl Strategy<Value = Vec<Json>> {
    let namespaces = NAMESPACES.map(|name| {
        maybe(0.5, labels()).prop_map(move |labels| {
            labels.map(
                |labels| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}),
            )
        })
    });
    (vec(workload(), 1..6), namespaces, surroundings()).prop_map(|(workloads, namespaces, surroundings)| {
        let mut objects: Vec<Json> = namespaces.into_iter().flatten().chain(surroundings).map(Json).collect();
        for (index, Json(mut workload)) in workloads.into_iter().enumerate() {
            workload["metadata"]["name"] = format!("app-{index}").into();
            objects.push(Json(workload));
        }
        objects
    })
}

/// A pod or a workload, in a namespace.
fn workload() -> impl Strategy<Value = Json> {
    let env = vec(
        (select(&["API_URL", "API_TOKEN", "http_proxy"]), text(DESTINATIONS)),
        0..3,
    );
    let args = vec(text(DESTINATIONS), 0..2);
    (select(&KINDS), select(&NAMESPACES), labels(), pod(), env, args).prop_map(
        |((version, kind, template), namespace, labels, pod, env, args)| {
            let mut pod: Value = serde_json::from_str(&pod).expect("a pod is JSON");
            pod["metadata"]["labels"] = labels;
            let called = env
                .into_iter()
                .map(|(name, value)| json!({"name": name, "value": value}));
            if let Some(container) = pod.pointer_mut("/spec/containers/0") {
                container["image"] = "registry.example/app:1".into();
                container["args"] = args.into();
                if let Some(env) = container["env"].as_array_mut() {
                    env.extend(called);
                }
            }
            let mut object = json!({"apiVersion": version, "kind": kind, "metadata": {}});
            if template.is_empty() {
                object["metadata"] = pod["metadata"].take();
                object["spec"] = pod["spec"].take();
            } else {
                let mut place = &mut object;
                for field in template.split('/').skip(1) {
                    place = &mut place[field];
                }
                *place = pod;
            }
            object["metadata"]["namespace"] = namespace.into();
            Json(object)
        },
    )
}

/// What the survey knows a cluster by: Services, Nodes, ConfigMaps, Secrets.
fn surroundings() -> impl Strategy<Value = Vec<Value>> {
    let destinations = text(DESTINATIONS);
    (vec(any::<bool>(), 6), destinations).prop_map(|(chosen, destination)| {
        let all = [
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "search", "namespace": "shop"},
                "spec": {"clusterIP": "10.96.0.10", "clusterIPs": ["10.96.0.10", "fd00:10:96::10"], "ports": [{"port": 9200}]}}),
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "queue", "namespace": "shop"},
                "spec": {"clusterIP": "None", "ports": [{"port": 5672}]}}),
            json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"},
                "spec": {"podCIDR": "10.244.1.0/24", "podCIDRs": ["10.244.1.0/24", "fd00:10:244::/64"]},
                "status": {"addresses": [{"type": "InternalIP", "address": "192.168.7.4"}]}}),
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "shop"},
                "data": {"HTTP_PROXY": "http://u:hunter2@own.example:3128", "SEARCH": destination, "DB_PASSWORD": "hunter2"}}),
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "namespace": "shop"},
                "data": {"url": "aHVudGVyMg=="}, "stringData": {"url": "hunter2"}}),
            json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
                "metadata": {"name": "kubernetes", "namespace": "default", "labels": {"kubernetes.io/service-name": "kubernetes"}},
                "endpoints": [{"addresses": ["192.168.7.4"]}]}),
        ];
        let chosen = all.into_iter().zip(chosen).filter(|(_, chosen)| *chosen);
        chosen.map(|(object, _)| object).collect()
    })
}

/// The labels of the pod that an object is or creates.
pub fn pod_labels(object: &Value) -> &Value {
    let template = KINDS
        .iter()
        .find(|(_, kind, _)| object["kind"] == *kind)
        .map_or("", |(_, _, template)| template);
    object
        .pointer(template)
        .map_or(&Value::Null, |pod| &pod["metadata"]["labels"])
}
