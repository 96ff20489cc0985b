//! What could not be judged, in sentences.

use serde_json::{Value, json};

use crate::report_on;

fn object(kind: &str, name: &str, spec: Value) -> Value {
    let version = if kind == "Deployment" { "apps/v1" } else { "v1" };
    json!({"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, "spec": spec})
}

/// A pod with variables of these names from a Secret.
fn pod(name: &str, from_secret: &[&str]) -> Value {
    let env = from_secret
        .iter()
        .map(|name| json!({"name": name, "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}));
    let container = json!({"name": "main", "image": "web", "env": env.collect::<Vec<_>>()});
    object("Pod", name, json!({"containers": [container]}))
}

/// A Deployment that wants so many pods, and those that are there.
fn deployment(name: &str, wanted: u64, there: usize) -> Vec<Value> {
    let mut objects = vec![object(
        "Deployment",
        name,
        json!({"replicas": wanted, "template": {"spec": {}}}),
    )];
    for index in 0..there {
        let mut pod = pod(&format!("{name}-{index}"), &[]);
        pod["metadata"]["ownerReferences"] = json!([{"kind": "Deployment", "name": name, "controller": true}]);
        objects.push(pod);
    }
    objects
}

type Difference = [Vec<String>; 2];

/// The sentences that `objects` add to those about what is always unknown, and those that they take away.
fn said(settings: &Value, objects: &[Value]) -> Difference {
    let usual = report_on(&plain(), &[pod("usual", &[])]).not_judged;
    let sentences = report_on(settings, objects).not_judged;
    let only = |of: &[String], others: &[String]| of.iter().filter(|one| !others.contains(one)).cloned().collect();
    [only(&sentences, &usual), only(&usual, &sentences)]
}

const NONE: Difference = [vec![], vec![]];

fn plain() -> Value {
    json!({"httpProxy": "http://p:1"})
}

#[test]
fn what_is_unknown_of_a_pod_alone_is_this() {
    let sentences = report_on(&plain(), &[pod("usual", &[])]).not_judged;
    assert_eq!(
        sentences,
        [
            "no nodes in the input: pod networks and addresses of nodes unknown; add nodes",
            "no services in the input: short names and cluster IPs unknown; add services",
            "no namespaces in the input: their labels were assumed to be absent; add namespaces",
            "no configmaps in the input: what containers take from them is unknown; add configmaps",
            "no servicecidrs in the input: the service network is unknown; add servicecidrs (Kubernetes 1.33 and later)",
            "no endpointslices in the input: addresses of the API server unknown; add endpointslices",
            "no workloads in the input: those without a pod now are unknown; add deployments, statefulsets, daemonsets, cronjobs",
            "addresses in code, in images, and in files of volumes other than ConfigMaps",
            "host names without a scheme or a port",
            "whether the proxy inspects TLS: the settings have no trustedCa",
        ]
    );
}

#[test]
fn what_the_input_has_is_not_said_to_be_unknown() {
    for (kind, start) in [
        ("Node", "no nodes"),
        ("Service", "no services"),
        ("Namespace", "no namespaces"),
        ("ConfigMap", "no configmaps"),
        ("ServiceCIDR", "no servicecidrs"),
        ("EndpointSlice", "no endpointslices"),
        ("StatefulSet", "no workloads"),
    ] {
        let [more, less] = said(&plain(), &[pod("usual", &[]), object(kind, "a", json!({}))]);
        assert!(
            more.is_empty() && less.len() == 1 && less[0].starts_with(start),
            "{kind}: {more:?} {less:?}"
        );
    }
    let [more, less] = said(&plain(), &deployment("web", 1, 0));
    assert_eq!(
        more,
        ["no pods in the input: only what workloads would create was judged; add pods"]
    );
    assert_eq!(less.len(), 1, "{less:?}");
}

#[test]
fn what_depends_on_secrets_is_said() {
    let from = |field: &str| json!({field: {"secretKeyRef": {"name": "s", "key": "k"}}});
    let sentence = "whether each namespace has the Secret that the settings name: no secrets in the input";
    let both = json!({"httpProxyFrom": from("x")["x"], "httpsProxyFrom": from("x")["x"]});
    let secret = object("Secret", "s", json!({}));
    for settings in [from("httpProxyFrom"), from("httpsProxyFrom"), both] {
        assert_eq!(
            said(&settings, &[pod("a", &[])]),
            [vec![sentence.to_owned()], vec![]],
            "{settings}"
        );
        assert_eq!(said(&settings, &[pod("a", &[]), secret.clone()]), NONE, "{settings}");
    }
    assert_eq!(said(&plain(), &[pod("a", &[]), secret]), NONE);
    for (pods, expected) in [
        (
            vec![pod("a", &["A"])],
            "1 variable that comes from a Secret: A of Pod shop/a",
        ),
        (
            vec![pod("a", &["A", "A"])],
            "1 variable that comes from a Secret: A of Pod shop/a",
        ),
        (
            vec![pod("a", &["B", "A"])],
            "2 variables that come from Secrets, such as B of Pod shop/a",
        ),
        (
            vec![pod("a", &["A"]), pod("b", &["A"])],
            "2 variables that come from Secrets, such as A of Pod shop/a",
        ),
    ] {
        assert_eq!(said(&plain(), &pods), [vec![expected.to_owned()], vec![]]);
    }
    let mut opted_out = pod("a", &["A"]);
    opted_out["metadata"]["annotations"] = json!({"http-proxy.kubewarden.io/inject": "false"});
    assert_eq!(said(&plain(), &[opted_out]), NONE);
    let with_ca =
        json!({"httpProxy": "http://p:1", "trustedCaFrom": {"configMapKeyRef": {"name": "ca", "key": "ca.crt"}}});
    let [_, less] = said(&with_ca, &[pod("a", &[])]);
    assert_eq!(less, ["whether the proxy inspects TLS: the settings have no trustedCa"]);
}

#[test]
fn workloads_with_fewer_pods_than_they_want_are_said() {
    for (workloads, expected) in [
        (
            vec![deployment("web", 3, 1)],
            Some("2 of the 3 pods of Deployment shop/web: not there yet"),
        ),
        (
            vec![deployment("web", 3, 2)],
            Some("1 of the 3 pods of Deployment shop/web: not there yet"),
        ),
        (vec![deployment("web", 3, 3)], None),
        (vec![deployment("web", 3, 4)], None),
        (vec![deployment("web", 3, 0), deployment("api", 1, 1)], None),
        (
            vec![deployment("web", 3, 1), deployment("api", 2, 1), deployment("db", 1, 1)],
            Some("1 of the 2 pods of Deployment shop/api, and of 1 other workloads: not there yet"),
        ),
    ] {
        let [more, _] = said(&plain(), &workloads.concat());
        assert_eq!(more, Vec::from_iter(expected), "{}", workloads.len());
    }
}

#[test]
fn pods_that_do_not_count_are_said() {
    let finished = |name: &str| {
        let mut pod = pod(name, &[]);
        pod["status"] = json!({"phase": "Failed"});
        pod
    };
    let repeated = || pod("a", &[]);
    for (objects, expected) in [
        (vec![finished("b")], vec!["1 pod that has finished"]),
        (vec![finished("b"), finished("c")], vec!["2 pods that have finished"]),
        (
            vec![repeated()],
            vec!["1 pod that is in the input again: the first counts"],
        ),
        (
            vec![repeated(), finished("b"), repeated()],
            vec![
                "1 pod that has finished",
                "2 pods that are in the input again: the first counts",
            ],
        ),
    ] {
        assert_eq!(said(&plain(), &[objects, vec![pod("a", &[])]].concat())[0], expected);
    }
}
