//! Every request that a real API server sent, and those of the audit scanner, get the right answer.

use std::collections::BTreeMap;
use std::path::PathBuf;

use admission::create_request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use e2e_tests::both;
use serde_json::{Value, json};
use testkit::VARIABLES;
use testkit::certificates::ROOT;

/// Which containers get variables, by file; nothing means that the answer has no `mutated_object`.
const EXPECTED: &[(&str, &[&str])] = &[
    ("create-controllerrevision-2", &[]),
    ("create-controllerrevision", &[]),
    ("create-cronjob", &["nightly"]),
    ("create-daemonset", &["agent"]),
    ("create-deployment", &["web", "metrics", "migrate", "log-shipper"]),
    // A CronJob's own: its controller would undo the change.
    ("create-job-2", &[]),
    ("create-job", &["once"]),
    ("create-pod-2", &["web", "metrics", "migrate", "log-shipper"]),
    ("create-pod-3", &["web", "metrics", "migrate", "log-shipper"]),
    ("create-pod-4", &["once"]),
    ("create-pod-5", &["nightly"]),
    ("create-pod-6", &["app"]),
    ("create-pod-7", &["db"]),
    ("create-pod-8", &["old"]),
    ("create-pod", &["web", "metrics", "migrate", "log-shipper"]),
    ("create-podtemplate", &["t"]),
    // A Deployment's own.
    ("create-replicaset-2", &[]),
    ("create-replicaset", &[]),
    ("create-replicationcontroller", &["old"]),
    ("create-statefulset", &["db"]),
    ("delete-job", &[]),
    ("delete-pod-2", &[]),
    ("delete-pod-3", &[]),
    ("delete-pod-4", &[]),
    ("delete-pod-5", &[]),
    ("delete-pod-6", &[]),
    ("delete-pod-7", &[]),
    ("delete-pod", &[]),
    ("update-daemonset-status", &[]),
    ("update-deployment-2", &["web", "metrics", "migrate", "log-shipper"]),
    ("update-deployment-3", &["web", "metrics", "migrate", "log-shipper"]),
    ("update-deployment-status", &[]),
    ("update-deployment", &[]),
    ("update-job-2", &[]),
    ("update-job-status", &[]),
    ("update-job", &[]),
    ("update-pod-2", &[]),
    ("update-pod-ephemeralcontainers-2", &["debugger2"]),
    ("update-pod-ephemeralcontainers", &["debugger"]),
    ("update-pod-resize", &[]),
    ("update-pod", &[]),
    ("update-replicaset-2", &[]),
    ("update-replicaset-3", &[]),
    ("update-replicaset-status", &[]),
    ("update-replicaset", &[]),
    ("update-scale-scale", &[]),
    ("update-statefulset-status", &[]),
];

fn requests() -> BTreeMap<String, Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("requests");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap())
        })
        .collect()
}

fn settings() -> Value {
    json!({"httpProxy": "http://proxy.example.com:3128/", "noProxy": ["10.0.0.0/8"]})
}

/// The containers of all kinds in a pod spec, wherever it is in the object, by name.
fn containers<'a>(value: &'a Value, found: &mut BTreeMap<&'a str, &'a Value>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::Array(items) if key.to_lowercase().ends_with("containers") => {
                        found.extend(items.iter().map(|item| (item["name"].as_str().unwrap(), item)));
                    }
                    _ => containers(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| containers(item, found)),
        _ => {}
    }
}

#[test]
fn every_request_of_an_api_server_changes_the_containers_that_it_should() {
    let mut requests = requests();
    requests.remove("stored-pod");
    let expected: BTreeMap<_, _> = EXPECTED.iter().copied().collect();
    assert!(
        requests.keys().eq(expected.keys()),
        "a file without an expectation, or the reverse"
    );
    for (file, request) in &requests {
        let answer = both::validate(request, &settings());
        assert!(answer.accepted, "{file}: {:?}", answer.message);
        assert_eq!(answer.warnings, Vec::<String>::new(), "{file}");

        let mut before = BTreeMap::new();
        containers(&request["object"], &mut before);
        let mut after = BTreeMap::new();
        if let Some(mutated) = &answer.mutated_object {
            containers(mutated, &mut after);
        }
        let mut changed: Vec<&str> = after
            .iter()
            .filter(|(name, c)| before[*name] != **c)
            .map(|(name, _)| *name)
            .collect();
        changed.sort_by_key(|name| expected[file.as_str()].iter().position(|expected| expected == name));
        assert_eq!(changed, expected[file.as_str()], "{file}");
        for name in changed {
            let env = after[name]["env"].as_array().unwrap();
            let set = |name: &&str| env.iter().any(|variable| variable["name"] == *name);
            let windows = file == "create-pod-6";
            let missing: Vec<_> = VARIABLES.iter().filter(|name| !set(name)).collect();
            assert_eq!(
                missing.len(),
                if windows { 3 } else { 0 },
                "{file}: {name} lacks {missing:?}"
            );
        }
    }
}

/// What the audit scanner sends: `CREATE` for what is there, the kind as resource, neither user nor options.
#[test]
fn the_audit_scanners_requests_are_told_by_kind() {
    let pod = &requests()["stored-pod"];
    let kind = json!({"group": "", "version": "v1", "kind": "Pod"});
    let request = json!({
        "uid": pod["metadata"]["uid"],
        "kind": kind,
        "resource": {"group": "", "version": "v1", "resource": "Pod"},
        "requestKind": kind,
        "name": pod["metadata"]["name"],
        "namespace": pod["metadata"]["namespace"],
        "operation": "CREATE",
        "userInfo": {},
        "object": pod,
        "oldObject": null,
        "options": null,
    });
    let answer = both::validate(&request, &settings());
    assert!(answer.accepted);
    let mutated = answer.mutated_object.unwrap();
    for container in mutated["spec"]["containers"].as_array().unwrap() {
        assert!(
            container["env"]
                .as_array()
                .unwrap()
                .iter()
                .any(|variable| variable["name"] == "HTTPS_PROXY")
        );
    }
}

/// A stored pod has all of the API server's defaults, so what the policy emits must look as if they were filled in.
#[test]
fn what_the_policy_made_of_a_stored_pod_comes_back_unchanged() {
    let mut settings = settings();
    settings["trustedCa"] = STANDARD.encode(ROOT).into();
    let pod = requests().remove("stored-pod").unwrap();
    let once = both::validate(&create_request(&pod).unwrap(), &settings)
        .mutated_object
        .unwrap();
    let twice = both::validate(&create_request(&once).unwrap(), &settings);
    assert!(twice.accepted);
    assert_eq!(twice.mutated_object, None);
    assert_eq!(twice.warnings, Vec::<String>::new());
    let volume = once["spec"]["volumes"].as_array().unwrap().last().unwrap();
    assert_eq!(volume["downwardAPI"]["defaultMode"], 420);
    assert_eq!(volume["downwardAPI"]["items"][0]["fieldRef"]["apiVersion"], "v1");
}
