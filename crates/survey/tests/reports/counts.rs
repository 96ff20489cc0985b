//! How pods, findings and destinations are counted.

use serde_json::{Value, json};
use survey::Report;
use survey::report::{Severity, Totals};

use crate::report_on;

fn settings() -> Value {
    json!({"httpProxy": "http://p:1"})
}

/// A pod of a Deployment in a namespace, whose label tells it from others.
fn pod(name: &str, label: &str, containers: &Value) -> Value {
    let (namespace, name) = name.split_once('/').unwrap();
    let (owner, _) = name.split_once('-').unwrap();
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace, "labels": {"label": label},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": owner, "controller": true}]},
        "spec": {"containers": containers}})
}

fn container(name: &str, env: &[(&str, &str)]) -> Value {
    let env = env.iter().map(|(name, value)| json!({"name": name, "value": value}));
    json!({"name": name, "image": "web", "env": env.collect::<Vec<_>>()})
}

/// `breaks 3 main env A http://10.0.0.1` for each finding, with its pods.
fn findings(report: &Report) -> Vec<String> {
    let shown = report.findings.iter().map(|found| {
        let severity = match found.severity {
            Severity::Breaks => "breaks",
            Severity::Check => "check",
            Severity::Info => "info",
        };
        let of = [&found.container, &found.place, &found.value].map(|text| text.as_deref().unwrap_or("-"));
        format!("{severity} {} {}", found.pods, of.join(" "))
    });
    shown.collect()
}

#[test]
fn pods_of_one_owner_with_the_same_finding_are_added_up_and_each_counts_once() {
    let containers = json!([
        container("main", &[("A", "http://10.0.0.1"), ("A", "http://10.0.0.1/x")]),
        container("side", &[("A", "http://10.0.0.1")]),
    ]);
    let mut objects = vec![
        pod("shop/web-1", "1", &containers),
        pod("shop/web-2", "1", &containers),
        pod("shop/web-3", "2", &containers),
    ];
    // A finding in one group of pods alone.
    objects.push(pod(
        "shop/web-4",
        "3",
        &json!([container("main", &[("B", "http://10.0.0.2")])]),
    ));
    let report = report_on(&settings(), &objects);
    assert_eq!(
        findings(&report),
        [
            "breaks 3 main env A http://10.0.0.1",
            "breaks 3 side env A http://10.0.0.1",
            "breaks 1 main env B http://10.0.0.2",
        ]
    );
    assert_eq!(report.destinations.breaks, 3);
    assert_eq!((report.totals.pods, report.totals.changed), (4, 4));
    let workloads: Vec<(String, usize, usize)> = report
        .workloads
        .iter()
        .map(|workload| (workload.object.to_string(), workload.totals.pods, workload.breaks))
        .collect();
    assert_eq!(workloads, [("Deployment shop/web".to_owned(), 4, 3)]);
}

#[test]
fn destinations_are_counted_by_what_becomes_of_them() {
    let env = [
        ("A", "http://10.0.0.1"),
        ("B", "http://10.0.0.2"),
        ("C", "http://nobody"),
        ("D", "https://www.example.org"),
        ("E", "https://www.example.org:8443 http://www.example.org"),
        (
            "F",
            "redis://cache http://api.shop.svc http://api.shop.svc:81 https://api.shop.svc http://localhost",
        ),
        ("G", "cache:6379 cache:99"),
    ];
    let count = |containers: Value| {
        let report = report_on(&settings(), &[pod("shop/web-1", "1", &containers)]);
        serde_json::to_value(report.destinations).unwrap()
    };
    assert_eq!(
        count(json!([container("main", &env)])),
        json!({"breaks": 2, "checks": 1, "throughProxy": 3, "direct": 4, "notAffected": 2})
    );
    // A container that uses its own proxy today still does.
    let own = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"].map(|name| (name, "http://own:1"));
    for (url, through_proxy) in [("http://10.0.0.1", 1), ("https://10.0.0.1", 1)] {
        let env = [&own[..], &[("A", url)]].concat();
        assert_eq!(
            count(json!([container("main", &env)])),
            json!({"breaks": 0, "checks": 0, "throughProxy": through_proxy, "direct": 0, "notAffected": 0}),
            "{url}"
        );
    }
}

#[test]
fn namespaces_have_their_pods_and_their_findings() {
    let workload = |namespace: &str, spec: Value| {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "late", "namespace": namespace},
            "spec": {"template": {"spec": spec}}})
    };
    let of = |env: &[(&str, &str)]| json!([container("main", env)]);
    let mut rejected = pod("bad/web-1", "1", &of(&[]));
    rejected["metadata"]["annotations"] = json!({"http-proxy.kubewarden.io/profile": "none"});
    let mut opted_out = pod("shop/job-1", "1", &of(&[("A", "http://10.0.0.1")]));
    opted_out["metadata"]["annotations"] = json!({"http-proxy.kubewarden.io/inject": "false"});
    let objects = [
        pod(
            "shop/web-1",
            "1",
            &of(&[("A", "http://10.0.0.1"), ("B", "http://nobody")]),
        ),
        pod(
            "shop/web-2",
            "1",
            &of(&[("A", "http://10.0.0.1"), ("B", "http://nobody")]),
        ),
        opted_out,
        rejected,
        workload(
            "breaking",
            json!({"containers": of(&[("A", "http://10.0.0.1"), ("C", "http://10.0.0.2")])}),
        ),
        workload("checked", json!({"containers": of(&[("B", "http://nobody")])})),
        workload("informed", json!({"containers": of(&[]), "os": {"name": "windows"}})),
        workload("quiet", json!({"containers": of(&[])})),
    ];
    let report = report_on(&settings(), &objects);
    let totals = |totals: Totals| {
        let Totals {
            pods,
            changed,
            unchanged,
            rejected,
            not_sent,
        } = totals;
        [pods, changed, unchanged, rejected, not_sent]
    };
    let namespaces = report.namespaces.iter().map(|namespace| {
        (
            &*namespace.name,
            totals(namespace.totals),
            [namespace.breaks, namespace.checks],
        )
    });
    assert_eq!(
        namespaces.collect::<Vec<_>>(),
        [
            ("bad", [1, 0, 0, 1, 0], [1, 0]),
            ("breaking", [0; 5], [2, 0]),
            ("checked", [0; 5], [0, 1]),
            ("shop", [3, 2, 1, 0, 0], [1, 1]),
        ]
    );
    let workloads = report
        .workloads
        .iter()
        .map(|workload| (workload.object.to_string(), totals(workload.totals), workload.breaks));
    assert_eq!(
        workloads.collect::<Vec<_>>(),
        [
            ("Deployment bad/web".to_owned(), [1, 0, 0, 1, 0], 1),
            ("Deployment breaking/late".to_owned(), [0; 5], 2),
            ("Deployment checked/late".to_owned(), [0; 5], 0),
            ("Deployment informed/late".to_owned(), [0; 5], 0),
            ("Deployment quiet/late".to_owned(), [0; 5], 0),
            ("Deployment shop/job".to_owned(), [1, 0, 1, 0, 0], 0),
            ("Deployment shop/web".to_owned(), [2, 2, 0, 0, 0], 1),
        ]
    );
    assert_eq!(totals(report.totals), [4, 2, 1, 1, 0]);
}

#[test]
fn reasons_have_their_pods_and_at_most_three_examples() {
    let annotated = |name: &str, annotation: &str, value: &str| {
        let mut pod = pod(name, name, &json!([container("main", &[])]));
        pod["metadata"]["annotations"] = json!({format!("http-proxy.kubewarden.io/{annotation}"): value});
        pod
    };
    let mut alone = annotated("shop/alone-1", "inject", "false");
    alone["metadata"].as_object_mut().unwrap().remove("ownerReferences");
    let names = ["shop/a-1", "shop/a-2", "shop/b-1", "shop/c-1"];
    let mut objects: Vec<Value> = names.iter().map(|name| annotated(name, "inject", "false")).collect();
    objects.insert(0, alone);
    objects.push(annotated("bad/x-1", "profile", "none"));
    let report = report_on(&settings(), &objects);
    let reasons = report
        .reasons
        .iter()
        .map(|reason| (reason.pods, reason.verdict.word(), reason.examples.join(" ")));
    assert_eq!(
        reasons.collect::<Vec<_>>(),
        [
            (5, "unchanged", "shop/alone-1 shop/a shop/a".to_owned()),
            (1, "rejected", "bad/x".to_owned()),
        ]
    );
}

#[test]
fn findings_are_ranked_by_severity_kind_and_pods() {
    let of = |env: &[(&str, &str)]| json!([container("main", env)]);
    let service =
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "api", "namespace": "shop"}, "spec": {}});
    let report = report_on(
        &settings(),
        &[
            service,
            pod(
                "shop/a-1",
                "1",
                &of(&[("A", "http://10.0.0.1"), ("B", "http://nobody")]),
            ),
            pod("shop/b-1", "1", &of(&[("A", "http://10.0.0.1"), ("B", "http://api")])),
            pod("shop/b-2", "1", &of(&[("A", "http://10.0.0.1"), ("B", "http://api")])),
            pod(
                "shop/c-1",
                "1",
                &json!([
                    container("b", &[("A", "http://10.0.0.1")]),
                    container(
                        "a",
                        &[("C", "http://10.0.0.1"), ("B", "http://10.0.0.1 http://10.0.0.0")]
                    )
                ]),
            ),
        ],
    );
    assert_eq!(
        findings(&report),
        [
            "breaks 2 main env B http://api",
            "breaks 2 main env A http://10.0.0.1",
            "breaks 1 main env A http://10.0.0.1",
            "breaks 1 a env B http://10.0.0.0",
            "breaks 1 a env B http://10.0.0.1",
            "breaks 1 a env C http://10.0.0.1",
            "breaks 1 b env A http://10.0.0.1",
            "check 1 main env B http://nobody",
        ]
    );
}

#[test]
fn nothing_is_found_in_an_excluded_container() {
    let env = [
        ("HTTP_PROXY", "http://own:1"),
        ("NODE_ENV", "x"),
        ("A", "http://10.0.0.1"),
    ];
    let mut excluded = pod(
        "shop/web-1",
        "1",
        &json!([container("main", &[]), container("side", &env)]),
    );
    excluded["metadata"]["annotations"] = json!({"http-proxy.kubewarden.io/exclude-containers": "side"});
    assert_eq!(findings(&report_on(&settings(), &[excluded])), Vec::<String>::new());
}
