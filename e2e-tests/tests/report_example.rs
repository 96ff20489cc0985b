//! What `examples/report` runs against a cluster: the script that restarts, and the commands of its README.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use e2e_tests::markdown;
use serde_json::{Value, json};
use testkit::files::project_file;

const LEFT_ALONE: [&str; 5] = [
    "Skipped: Job/import-29381 in infra (wait until it ends, or delete it)",
    "Skipped: Pod/debug in infra (it has no owner: delete it and create it again)",
    "Skipped: ReplicaSet/lonely in infra (kubectl rollout does not know this kind: restart it with its own tool, or delete its pods)",
    "Skipped: Pod/inbox-0 in shop (the API server lacks the ClusterTrustBundle feature: re-creating the pod does not help)",
    "Skipped: Rollout/canary in shop (kubectl rollout does not know this kind: restart it with its own tool, or delete its pods)",
];

const RESTARTED: [(&str, &str); 3] = [
    ("infra", "DaemonSet/agent"),
    ("shop", "Deployment/web"),
    ("shop", "StatefulSet/db"),
];

#[test]
fn the_owners_of_the_pods_that_a_report_names_are_restarted_one_after_the_other() {
    if !has_jq() {
        return;
    }
    let audit = stale_pods();
    let former = audit
        .replace("openreports.io/v1alpha1", "wgpolicyk8s.io/v1alpha2")
        .replace("\"Report\"", "\"PolicyReport\"");
    for (reports, objects) in [
        ("reports.openreports.io", audit),
        ("policyreports.wgpolicyk8s.io", former),
    ] {
        let cluster = Cluster::new(&objects);
        let output = said(cluster.run(script(&[]).env("REPORTS", reports)));
        let mut lines = LEFT_ALONE.map(str::to_owned).to_vec();
        let mut calls = vec![get(reports, "--all-namespaces")];
        for (namespace, owner) in RESTARTED {
            lines.push(format!("Restarting {owner} in {namespace}"));
            calls.push(format!("rollout restart --namespace {namespace} {owner}"));
            calls.push(format!("rollout status --namespace {namespace} {owner} --timeout 10m"));
        }
        assert_eq!(output.lines().collect::<Vec<_>>(), lines);
        assert_eq!(cluster.calls(), calls);
    }
}

#[test]
fn a_dry_run_says_what_it_would_restart_and_restarts_nothing() {
    if !has_jq() {
        return;
    }
    let cluster = Cluster::new(&stale_pods());
    let output = said(cluster.run(&mut script(&["--dry-run"])));
    let would = RESTARTED.map(|(namespace, owner)| format!("Would restart {owner} in {namespace}"));
    let expected: Vec<&str> = LEFT_ALONE.into_iter().chain(would.iter().map(String::as_str)).collect();
    assert_eq!(output.lines().collect::<Vec<_>>(), expected);
    assert_eq!(cluster.calls(), [get("reports.openreports.io", "--all-namespaces")]);
}

#[test]
fn options_are_taken_in_any_order() {
    if !has_jq() {
        return;
    }
    for arguments in [
        &["--dry-run", "shop"][..],
        &["shop", "--dry-run"],
        &["-n", "shop", "--dry-run"],
        &["--dry-run", "-n", "shop"],
        &["--namespace", "shop", "--dry-run"],
        &["--dry-run", "--namespace=shop"],
    ] {
        let cluster = Cluster::new(&stale_pods());
        let output = said(cluster.run(&mut script(arguments)));
        assert!(
            output.contains("Would restart StatefulSet/db in shop"),
            "{arguments:?}: {output}"
        );
        assert_eq!(
            cluster.calls(),
            [get("reports.openreports.io", "--namespace=shop")],
            "{arguments:?}"
        );
    }
}

#[test]
fn what_is_not_an_option_is_refused_before_anything_is_asked() {
    for (arguments, reason) in [
        (&["--dryrun"][..], "unknown option: --dryrun"),
        (&["shop", "--all"], "unknown option: --all"),
        (&["--dry-run=server"], "unknown option: --dry-run=server"),
        (&["shop", "infra"], "more than one namespace: shop, infra"),
        (&["-n", "shop", "infra"], "more than one namespace: shop, infra"),
        (&["-n"], "-n needs a namespace"),
        (&["-n", "--dry-run"], "not a namespace: '--dry-run'"),
        (&["--namespace="], "not a namespace: ''"),
    ] {
        let cluster = Cluster::new(&stale_pods());
        let output = cluster.run(&mut script(arguments));
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let errors = String::from_utf8(output.stderr).unwrap();
        let expected = format!("restart-stale.sh: {reason}\nusage: restart-stale.sh ");
        assert!(errors.starts_with(&expected), "{arguments:?}: {errors}");
        assert_eq!(cluster.calls(), [""; 0], "{arguments:?}");
    }
}

#[test]
fn help_shows_the_usage_and_asks_nothing() {
    for option in ["-h", "--help"] {
        let cluster = Cluster::new(&stale_pods());
        let output = said(cluster.run(&mut script(&["shop", option])));
        assert!(output.starts_with("usage: restart-stale.sh "), "{output}");
        assert_eq!(cluster.calls(), [""; 0]);
    }
}

#[test]
fn a_report_without_a_failure_names_no_pod() {
    if !has_jq() {
        return;
    }
    let result = json!({"policy": "clusterwide-http-proxy-report", "result": "pass"});
    let cluster = Cluster::new(&json!({"items": [{"kind": "Report", "results": [result]}]}).to_string());
    assert_eq!(
        said(cluster.run(&mut script(&[]))),
        "No report lists an out-of-date pod.\n"
    );
}

#[test]
fn without_a_result_of_the_report_nobody_knows_which_pods_are_out_of_date() {
    if !has_jq() {
        return;
    }
    for objects in [
        json!({"items": []}),
        json!({"items": [{"kind": "Report", "results": []}]}),
        json!({"items": [{"kind": "Report", "results": [{"policy": "clusterwide-other", "result": "fail"}]}]}),
    ] {
        let cluster = Cluster::new(&objects.to_string());
        let output = cluster.run(&mut script(&[]));
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("nobody knows which pods are out of date"), "{said}");
    }
}

/// A pod of a Deployment that the report names. The Deployment was restarted at the first time, the policy changed at the last.
fn restarted(restarted_at: Option<&str>, created_at: &str, policy_changed_at: Option<&str>) -> String {
    let owner = |kind: &str, uid: &str| json!([{"controller": true, "kind": kind, "name": "web", "uid": uid}]);
    let annotations = restarted_at.map(|time| json!({"kubectl.kubernetes.io/restartedAt": time}));
    let policy = policy_changed_at.map(|time| {
        json!({"kind": "ClusterAdmissionPolicy", "metadata": {"name": "http-proxy-report", "uid": "policy", "managedFields": [
            {"time": time}, {"time": "2030-01-01T00:00:00Z", "subresource": "status"},
        ]}})
    });
    let result = json!({"policy": "clusterwide-http-proxy-report", "result": "fail", "message": "out of date"});
    let mut items = vec![
        json!({"kind": "Report", "scope": {"uid": "pod"}, "results": [result]}),
        json!({"kind": "Pod", "metadata": {
            "name": "web-1", "namespace": "shop", "uid": "pod", "creationTimestamp": created_at, "ownerReferences": owner("ReplicaSet", "set"),
        }}),
        json!({"kind": "ReplicaSet", "metadata": {"name": "web", "uid": "set", "ownerReferences": owner("Deployment", "deployment")}}),
        json!({"kind": "Deployment", "metadata": {"name": "web", "uid": "deployment"},
            "spec": {"template": {"metadata": {"annotations": annotations}}}}),
    ];
    items.extend(policy);
    json!({"items": items}).to_string()
}

#[test]
fn an_owner_whose_pods_are_younger_than_its_last_restart_is_left_alone() {
    if !has_jq() {
        return;
    }
    let restart = "Would restart Deployment/web in shop\n";
    let leave =
        "Skipped: Deployment/web in shop (its pods are younger than its last restart: a restart did not help)\n";
    let noon = "2026-11-29T12:00:00Z";
    for (objects, expected) in [
        (restarted(None, noon, None), restart),
        (restarted(Some("2026-11-29T12:30:00Z"), noon, None), restart),
        (restarted(Some("2026-11-29T11:59:59Z"), noon, None), leave),
        // kubectl writes the time with the zone of the machine where it runs.
        (restarted(Some("2026-11-29T12:59:59+01:00"), noon, None), leave),
        (
            restarted(Some("2026-11-29T11:00:00Z"), noon, Some("2026-11-29T10:00:00Z")),
            leave,
        ),
        // The policy was changed since.
        (
            restarted(Some("2026-11-29T11:00:00Z"), noon, Some("2026-11-29T12:30:00Z")),
            restart,
        ),
    ] {
        let output = said(Cluster::new(&objects).run(&mut script(&["--dry-run"])));
        assert_eq!(output, expected, "{objects}");
    }
}

#[test]
fn it_stops_at_the_first_command_that_fails() {
    if !has_jq() {
        return;
    }
    let get = get("reports.openreports.io", "--all-namespaces");
    let restart = "rollout restart --namespace infra DaemonSet/agent".to_owned();
    let status = "rollout status --namespace infra DaemonSet/agent --timeout 10m".to_owned();
    let calls = [get, restart, status];
    for (index, failing) in calls.iter().enumerate() {
        let cluster = Cluster::new(&stale_pods());
        cluster.fail_at(failing);
        let output = cluster.run(&mut script(&[]));
        assert_eq!(output.status.code(), Some(1), "{failing}");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("No pod"), "{failing}");
        assert_eq!(cluster.calls(), calls[..=index], "{failing}");
    }
}

#[test]
fn the_commands_of_the_readme_list_the_pods_that_are_out_of_date() {
    if !has_jq() {
        return;
    }
    let page = fs::read_to_string(project_file("examples/report/README.md")).unwrap();
    let blocks = markdown::blocks(&page);
    let list = |kind: &str, marker: &str| {
        let block = blocks
            .iter()
            .find(|block| block.language == "console" && block.text.contains(marker))
            .unwrap();
        let mut objects: Vec<Value> = documents::values(documents::parse(&stale_pods()).unwrap());
        objects.retain(|object| object["kind"] == kind);
        let cluster = Cluster::new(&json!({"items": objects}).to_string());
        said(cluster.run(Command::new("sh").args(["-c", &block.text])))
    };
    let stale = [
        "shop/web-656d48c888-4vkj2",
        "shop/db-0",
        "infra/agent-7zk2p",
        "infra/debug",
    ];
    let current = "shop/api-5f7c9-kd82s";
    for (kind, marker) in [("Report", "http-proxy-report"), ("Pod", "HTTP_PROXY")] {
        let listed = list(kind, marker);
        assert!(stale.iter().all(|pod| listed.contains(pod)), "{listed}");
        assert!(!listed.contains(current), "{listed}");
    }
}

fn script(arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command
        .arg(project_file("examples/report/restart-stale.sh"))
        .args(arguments);
    command
}

/// The call by which the script asks for reports and what they are about.
fn get(reports: &str, scope: &str) -> String {
    let owners = "replicasets.apps,deployments.apps,statefulsets.apps,daemonsets.apps";
    let policies = "clusteradmissionpolicies.policies.kubewarden.io";
    format!("get {reports},pods,{owners},{policies} {scope} --output json --show-managed-fields")
}

/// Reports, pods and ReplicaSets of a cluster with pods that are out of date, as Kubewarden's audit scanner and `kubectl get`
/// write them.
fn stale_pods() -> String {
    fs::read_to_string(project_file("e2e-tests/audit/stale-pods.json")).unwrap()
}

/// A `kubectl` that gets these objects, whatever it is asked for, and writes down its arguments.
struct Cluster(PathBuf);

impl Cluster {
    fn new(objects: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cluster-{}-{count}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("objects.json"), objects).unwrap();
        fs::write(folder.join("fails"), "").unwrap();
        let kubectl = r#"#!/bin/sh
folder=${0%/*}
echo "$*" >>"$folder/calls"
[ "$*" != "$(cat "$folder/fails")" ] || exit 1
[ "$1" != get ] || cat "$folder/objects.json"
"#;
        fs::write(folder.join("kubectl"), kubectl).unwrap();
        said(
            Command::new("chmod")
                .arg("+x")
                .arg(folder.join("kubectl"))
                .output()
                .unwrap(),
        );
        Cluster(folder)
    }

    /// Makes the call with these arguments fail.
    fn fail_at(&self, call: &str) {
        fs::write(self.0.join("fails"), call).unwrap();
    }

    fn run(&self, command: &mut Command) -> Output {
        let path = std::env::var("PATH").unwrap();
        command
            .env("PATH", format!("{}:{path}", self.0.display()))
            .output()
            .unwrap()
    }

    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.0.join("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a command that succeeded printed.
fn said(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Whether there is a jq; `make test` says so if there is not.
fn has_jq() -> bool {
    let there = Command::new("jq").arg("--version").output().is_ok();
    let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(there || !in_ci, "jq is missing, and CI leaves nothing out");
    there
}
