//! What `examples/` shows works as it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use admission::create_request;
use e2e_tests::both;
use e2e_tests::manifests::{Manifest, PolicySpec, Rule};
use e2e_tests::markdown;
use serde_json::{Value, json};
use testkit::files::find;
use url::Url;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn examples() -> PathBuf {
    project().join("examples")
}

/// The documents of a file of `examples/`.
fn read(file: impl AsRef<Path>) -> Vec<Value> {
    documents::read(examples().join(file).to_str().unwrap()).unwrap()
}

fn policy(file: &str) -> PolicySpec {
    match Manifest::read(&read(file)[0]) {
        Ok(Manifest::ClusterAdmissionPolicy(policy)) => policy.spec,
        other => panic!("{file}: {other:?}"),
    }
}

#[test]
fn every_manifest_has_the_schema_of_its_kind_and_valid_settings() {
    let mut policies = 0;
    for file in find(&examples(), &["yaml", "json"]) {
        for document in read(&file) {
            let settings = if document.get("kind").is_some() {
                let manifest = Manifest::read(&document).unwrap_or_else(|fault| panic!("{}: {fault}", file.display()));
                match manifest.policy() {
                    Some(policy) => policy.settings.clone(),
                    None => continue,
                }
            } else {
                document
            };
            let verdict = both::validate_settings(&settings);
            assert!(verdict.valid, "{}: {:?}", file.display(), verdict.message);
            policies += 1;
        }
    }
    assert!(policies > 9, "{policies}");
}

#[test]
fn every_policy_names_the_module_and_the_rules_of_its_metadata() {
    let metadata = &documents::read(project().join("policy-metadata.yml").to_str().unwrap()).unwrap()[0];
    let annotation = |key: &str| {
        metadata["annotations"][format!("io.kubewarden.policy.{key}")]
            .as_str()
            .unwrap()
    };
    let module = format!("{}:v{}", annotation("ociUrl"), annotation("version"));
    let rules: Vec<Rule> = serde_json::from_value(metadata["rules"].clone()).unwrap();
    let mut manifests: Vec<Value> = aks_policy().into_iter().collect();
    for file in find(&examples(), &["yaml"]) {
        manifests.extend(read(file));
    }
    let readme = fs::read_to_string(project().join("README.md")).unwrap();
    for block in markdown::blocks(&readme) {
        if block.language == "yaml" {
            manifests.extend(documents::parse(&block.text).unwrap());
        }
    }
    let mut policies = 0;
    for manifest in &manifests {
        if let Some(policy) = Manifest::read(manifest).unwrap().policy() {
            assert_eq!(policy.module, module, "{manifest}");
            let rules = if policy.mutating { &rules[..] } else { &rules[..1] };
            assert_eq!(policy.rules, rules, "{manifest}");
            policies += 1;
        }
    }
    assert!(policies > 8, "{policies}");
}

#[test]
fn the_report_asks_for_what_the_quickstart_sets() {
    let quickstart = policy("quickstart/policy.yaml");
    let report = policy("report/policy.yaml");
    let mut settings = quickstart.settings;
    settings["mode"] = json!("Report");
    assert_eq!(report.settings, settings);
    assert_eq!(report.namespace_selector, quickstart.namespace_selector);
    assert!(!report.mutating && report.background_audit);
}

#[test]
fn the_service_entry_is_for_the_proxy_of_the_policy() {
    let url: Url = policy("istio/policy.yaml").settings["httpProxy"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let Ok(Manifest::ServiceEntry(entry)) = Manifest::read(&read("istio/service-entry.yaml")[0]) else {
        panic!("no ServiceEntry");
    };
    assert_eq!(entry.spec.hosts, [url.host_str().unwrap()]);
    assert_eq!(entry.spec.ports[0].number, url.port().unwrap());
}

#[test]
fn pods_get_the_proxy_of_the_node_pool_that_they_pin_themselves_to() {
    let settings = policy("per-node-pool/policy.yaml").settings;
    for (pool, proxy) in [
        ("dmz", Some("http://dmz-proxy.example.com:3128/")),
        ("build", None),
        ("general", Some("http://proxy.example.com:3128/")),
    ] {
        let pod = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "app"},
            "spec": {"nodeSelector": {"agentpool": pool}, "containers": [{"name": "app", "image": "app"}]},
        });
        let answer = both::validate(&create_request(&pod).unwrap(), &settings);
        let pod = answer.mutated_object.unwrap_or(pod);
        assert_eq!(
            pod["spec"]["containers"][0]["env"][0]["value"].as_str(),
            proxy,
            "{pool}"
        );
    }
}

#[test]
fn the_report_names_pods_that_the_quickstart_would_change_and_passes_those_that_it_made() {
    let request = |pod: &Value| create_request(pod).unwrap();
    let old = read("pod.yaml").remove(0);
    let settings = policy("quickstart/policy.yaml").settings;
    let new = both::validate(&request(&old), &settings).mutated_object.unwrap();
    let report = policy("report/policy.yaml").settings;
    let failed = both::validate(&request(&old), &report);
    assert!(!failed.accepted && failed.code == Some(400), "{failed:?}");
    let page = fs::read_to_string(examples().join("report/README.md")).unwrap();
    assert!(
        page.contains(&failed.message.unwrap()),
        "the README shows another message"
    );
    let passed = both::validate(&request(&new), &report);
    assert!(passed.accepted && passed.mutated_object.is_none(), "{passed:?}");
}

/// What `policy.jq` makes of the configuration that `az aks show` prints, where there is a jq.
fn aks_policy() -> Option<Value> {
    if !has_jq() {
        return None;
    }
    let folder = examples().join("aks-migration");
    let output = Command::new("jq")
        .arg("--from-file")
        .args([folder.join("policy.jq"), folder.join("http-proxy-config.json")])
        .output()
        .unwrap();
    Some(serde_json::from_str(&said(output)).unwrap())
}

#[test]
fn an_aks_configuration_becomes_a_policy_with_the_no_proxy_list_that_pods_had() {
    let Some(manifest) = aks_policy() else {
        return;
    };
    let manifest = Manifest::read(&manifest).unwrap();
    let settings = &manifest.policy().unwrap().settings;
    let verdict = both::validate_settings(settings);
    assert!(verdict.valid, "{:?}", verdict.message);
    let config = &read("aks-migration/http-proxy-config.json")[0];
    assert_eq!(settings["httpProxy"], config["httpProxy"]);
    assert_eq!(settings["noProxy"], config["effectiveNoProxy"]);
    assert_eq!(settings.get("enabled"), None);
}

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
        let script = examples().join("report/restart-stale.sh");
        let output = cluster.run(Command::new("sh").arg(script).env("REPORTS", reports));
        assert_eq!(
            output
                .lines()
                .filter(|line| !line.starts_with("Restarting"))
                .collect::<Vec<_>>(),
            ["Pod/debug", "Pod/import-29381-hq8vd", "Pod/lonely-2xkqd"].map(|pod| format!(
                "Left alone: {pod} in infra, which no rollout renews. Delete it, or wait until it ends."
            ))
        );
        let mut calls = vec![format!(
            "get {reports},pods,replicasets.apps --all-namespaces --output json"
        )];
        for (namespace, owner) in [
            ("infra", "DaemonSet/agent"),
            ("shop", "Deployment/web"),
            ("shop", "StatefulSet/db"),
        ] {
            calls.push(format!("rollout restart --namespace {namespace} {owner}"));
            calls.push(format!("rollout status --namespace {namespace} {owner} --timeout 10m"));
        }
        assert_eq!(cluster.calls(), calls);
    }
}

#[test]
fn a_dry_run_restarts_nothing_and_a_namespace_is_enough() {
    if !has_jq() {
        return;
    }
    let cluster = Cluster::new(r#"{"kind": "List", "items": []}"#);
    let script = examples().join("report/restart-stale.sh");
    let output = cluster.run(Command::new("sh").arg(script).args(["--dry-run", "shop"]));
    assert_eq!(output, "No pod is out of date.\n");
    let call = "get reports.openreports.io,pods,replicasets.apps --namespace=shop --output json";
    assert_eq!(cluster.calls(), [call]);
}

#[test]
fn the_commands_of_the_report_list_the_pods_that_are_out_of_date() {
    if !has_jq() {
        return;
    }
    let page = fs::read_to_string(examples().join("report/README.md")).unwrap();
    let blocks = markdown::blocks(&page);
    let list = |kind: &str, marker: &str| {
        let block = blocks
            .iter()
            .find(|block| block.language == "console" && block.text.contains(marker))
            .unwrap();
        let mut objects = documents::parse(&stale_pods()).unwrap();
        objects.retain(|object| object["kind"] == kind);
        let cluster = Cluster::new(&json!({"items": objects}).to_string());
        cluster.run(Command::new("sh").args(["-c", &block.text]))
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

/// Reports, pods and ReplicaSets of a cluster with pods that are out of date, as Kubewarden's audit scanner and `kubectl get`
/// write them.
fn stale_pods() -> String {
    fs::read_to_string(project().join("e2e-tests/audit/stale-pods.json")).unwrap()
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
        let kubectl = "#!/bin/sh\necho \"$*\" >>\"${0%/*}/calls\"\n[ \"$1\" != get ] || cat \"${0%/*}/objects.json\"\n";
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

    fn run(&self, command: &mut Command) -> String {
        let path = std::env::var("PATH").unwrap();
        said(
            command
                .env("PATH", format!("{}:{path}", self.0.display()))
                .output()
                .unwrap(),
        )
    }

    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.0.join("calls")).unwrap();
        calls.lines().map(str::to_owned).collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn said(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Whether the examples' jq programs can be tried; `make test` says so where they cannot.
fn has_jq() -> bool {
    let there = Command::new("jq").arg("--version").output().is_ok();
    let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(there || !in_ci, "jq is missing, and CI leaves nothing out");
    there
}

/// Pod Security `restricted` allows volumes of these kinds only.
#[test]
fn a_pod_under_pod_security_restricted_stays_so() {
    let pod = read("pod.yaml").remove(0);
    let settings = read("aks-proxy-config-with-ca.json").remove(0);
    let answer = both::validate(&create_request(&pod).unwrap(), &settings);
    let mutated = answer.mutated_object.unwrap();
    let allowed = [
        "name",
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ];
    for volume in mutated["spec"]["volumes"].as_array().unwrap() {
        assert!(
            volume
                .as_object()
                .unwrap()
                .keys()
                .all(|key| allowed.contains(&key.as_str())),
            "{volume}"
        );
    }
    assert_eq!(mutated["spec"]["securityContext"], pod["spec"]["securityContext"]);
    assert_eq!(mutated["spec"]["volumes"].as_array().unwrap().len(), 3);
}
