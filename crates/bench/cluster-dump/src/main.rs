//! Writes what `kubectl get … -A -o json` would print of a large cluster to standard output: `cluster-dump PODS`. The same number gives
//! the same bytes. A pod takes some 10 kB, as a real one does.

use std::io::{self, BufWriter, Write};

use serde_json::{Value, json};

/// Pods of a Deployment.
const REPLICAS: usize = 3;
const NAMESPACES: usize = 80;
/// Pods on a node.
const PER_NODE: usize = 100;
/// Of so many Deployments, one calls a short name.
const SHORT_NAMES: usize = 7;

fn main() -> io::Result<()> {
    let pods = std::env::args().nth(1).and_then(|count| count.parse().ok());
    let Some(pods) = pods else {
        eprintln!("usage: cluster-dump PODS (their number)");
        std::process::exit(2);
    };
    let mut output = BufWriter::new(io::stdout().lock());
    write!(output, "{{\n    \"apiVersion\": \"v1\",\n    \"items\": [")?;
    let mut is_first = true;
    for object in objects(pods) {
        let separator = if is_first { "" } else { "," };
        is_first = false;
        writeln!(output, "{separator}")?;
        // kubectl indents by four columns.
        let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
        let mut serializer = serde_json::Serializer::with_formatter(&mut output, formatter);
        serde::Serialize::serialize(&object, &mut serializer)?;
    }
    writeln!(
        output,
        "\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {{\n        \"resourceVersion\": \"\"\n    }}\n}}"
    )?;
    output.flush()
}

/// Pods first, as kubectl prints what it was asked for.
fn objects(pods: usize) -> impl Iterator<Item = Value> {
    let deployments = pods.div_ceil(REPLICAS);
    (0..pods)
        .map(pod)
        .chain((0..deployments).map(deployment))
        .chain((0..deployments).map(replica_set))
        .chain((0..deployments).map(service))
        .chain((0..NAMESPACES).map(namespace))
        .chain((0..pods.div_ceil(PER_NODE)).map(node))
        .chain([
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "ServiceCIDR", "metadata": {"name": "kubernetes"},
            "spec": {"cidrs": ["10.96.0.0/12"]}}),
        ])
        .chain((0..deployments).map(config_map))
}

fn name(deployment: usize) -> String {
    format!("app-{deployment}")
}

fn namespace_of(deployment: usize) -> String {
    format!("team-{}", deployment % NAMESPACES)
}

fn metadata(kind: &str, name: &str, deployment: usize) -> Value {
    json!({
        "annotations": {"deployment.kubernetes.io/revision": "3", "kubectl.kubernetes.io/last-applied-configuration":
            json!({"kind": kind, "spec": pod_spec(deployment)}).to_string()},
        "creationTimestamp": "2026-11-29T20:04:59Z",
        "labels": {"app.kubernetes.io/name": self::name(deployment), "pod-template-hash": "7df8cf9f46"},
        "name": name,
        "namespace": namespace_of(deployment),
        "resourceVersion": "123456",
        "uid": "8b0c8c99-a745-4a0c-af06-5f02c13f7d98",
    })
}

fn pod(index: usize) -> Value {
    let deployment = index / REPLICAS;
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": metadata("Pod", &format!("{}-7df8cf9f46-{index:05}", name(deployment)), deployment),
        "spec": pod_spec(deployment),
        "status": status(index),
    });
    pod["metadata"]["annotations"] = json!({
        "checksum/config": "d41d8cd98f00b204e9800998ecf8427ed41d8cd98f00b204e9800998ecf8427e",
        "prometheus.io/scrape": "true",
    });
    pod["metadata"]["ownerReferences"] = json!([{"apiVersion": "apps/v1", "blockOwnerDeletion": true, "controller": true,
        "kind": "ReplicaSet", "name": format!("{}-7df8cf9f46", name(deployment)), "uid": "8b0c8c99-a745-4a0c-af06-5f02c13f7d98"}]);
    let token = format!("kube-api-access-{index:05}");
    pod["spec"]["nodeName"] = json!(format!("node-{}", index / PER_NODE));
    pod["spec"]["volumes"] = json!([
        {"name": token, "projected": {"defaultMode": 420, "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
            {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}},
        ]}},
        {"name": "config", "configMap": {"defaultMode": 420, "name": name(deployment)}},
    ]);
    for container in pod["spec"]["containers"].as_array_mut().into_iter().flatten() {
        container["volumeMounts"] = json!([
            {"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": token, "readOnly": true},
            {"mountPath": "/etc/app", "name": "config"},
        ]);
    }
    pod
}

fn pod_spec(deployment: usize) -> Value {
    let other = deployment.saturating_sub(NAMESPACES);
    let url = if deployment.is_multiple_of(SHORT_NAMES) {
        format!("http://{}.{}:8080", name(other), namespace_of(other))
    } else {
        format!("http://{}.{}.svc.cluster.local:8080", name(other), namespace_of(other))
    };
    let mut env: Vec<Value> = (0..5)
        .map(|index| json!({"name": format!("SETTING_{index}"), "value": format!("value-{index}-of-{deployment}")}))
        .collect();
    env.push(json!({"name": "UPSTREAM_URL", "value": url}));
    env.push(json!({"name": "PARTNER_URL", "value": "https://partner.example.org/v1"}));
    env.push(json!({"name": "DATABASE_PASSWORD", "valueFrom": {"secretKeyRef": {"key": "password", "name": name(deployment)}}}));
    let probe = json!({"failureThreshold": 3, "httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10,
        "successThreshold": 1, "timeoutSeconds": 1});
    json!({
        "containers": [{
            "args": ["--listen=:8080", "--log-level=info"],
            "env": env,
            "image": format!("registry.example.com/team/{}:1.2.3", name(deployment)),
            "imagePullPolicy": "IfNotPresent",
            "readinessProbe": probe,
            "name": "app",
            "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
            "resources": {"limits": {"cpu": "1", "memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
            "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": true},
            "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        }],
        "dnsPolicy": "ClusterFirst", "enableServiceLinks": true, "preemptionPolicy": "PreemptLowerPriority", "priority": 0,
        "restartPolicy": "Always", "schedulerName": "default-scheduler", "securityContext": {"fsGroup": 1000},
        "serviceAccountName": "default", "terminationGracePeriodSeconds": 30,
        "tolerations": [
            {"effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300},
            {"effect": "NoExecute", "key": "node.kubernetes.io/unreachable", "operator": "Exists", "tolerationSeconds": 300},
        ],
    })
}

fn status(index: usize) -> Value {
    let conditions = [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
    ];
    let condition = |kind: &str| json!({"lastProbeTime": null, "lastTransitionTime": "2026-11-29T20:05:02Z", "status": "True", "type": kind});
    let address = format!("10.244.{}.{}", index / 250 % 250, index % 250);
    json!({
        "conditions": conditions.map(condition),
        "containerStatuses": [{"containerID": format!("containerd://{index:064x}"), "image": "registry.example.com/team/app:1.2.3",
            "imageID": format!("registry.example.com/team/app@sha256:{index:064x}"), "lastState": {}, "name": "app", "ready": true,
            "restartCount": 0, "started": true, "state": {"running": {"startedAt": "2026-11-29T20:05:01Z"}}}],
        "hostIP": format!("10.1.{}.{}", index / PER_NODE / 250, index / PER_NODE % 250),
        "phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "qosClass": "Burstable",
        "startTime": "2026-11-29T20:04:59Z",
    })
}

fn deployment(index: usize) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata("Deployment", &name(index), index),
        "spec": {"replicas": REPLICAS, "template": {"metadata": {"labels": {"app.kubernetes.io/name": name(index)}}, "spec": pod_spec(index)}},
        "status": {"replicas": REPLICAS, "readyReplicas": REPLICAS}})
}

fn replica_set(index: usize) -> Value {
    let mut object = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": metadata("ReplicaSet", &format!("{}-7df8cf9f46", name(index)), index),
        "spec": {"replicas": REPLICAS, "template": {"spec": pod_spec(index)}}});
    object["metadata"]["ownerReferences"] =
        json!([{"apiVersion": "apps/v1", "controller": true, "kind": "Deployment", "name": name(index)}]);
    object
}

fn service(index: usize) -> Value {
    let address = format!("10.{}.{}.{}", 96 + index / 62_500, index / 250 % 250, index % 250);
    json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata("Service", &name(index), index),
        "spec": {"clusterIP": address, "clusterIPs": [address], "ports": [{"port": 8080, "protocol": "TCP", "targetPort": 8080}]}})
}

fn config_map(index: usize) -> Value {
    let data = json!({"app.yaml": format!("listen: 8080\ncache: redis://redis.{}:6379/0\n", namespace_of(index))});
    json!({"apiVersion": "v1", "data": data, "kind": "ConfigMap", "metadata": metadata("ConfigMap", &name(index), index)})
}

fn namespace(index: usize) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"kubernetes.io/metadata.name": namespace_of(index)},
        "name": namespace_of(index)}})
}

fn node(index: usize) -> Value {
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("node-{index}")},
        "spec": {"podCIDRs": [format!("10.244.{}.0/24", index % 250)]},
        "status": {"addresses": [{"type": "InternalIP", "address": format!("10.1.{}.{}", index / 250, index % 250)}]}})
}
