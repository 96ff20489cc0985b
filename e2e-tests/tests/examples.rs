//! What `examples/` shows works as it is.

use std::fs;
use std::path::{Path, PathBuf};

use admission::create_request;
use e2e_tests::artifact_hub::Metadata;
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
    documents::values(documents::read(examples().join(file).to_str().unwrap()).unwrap())
}

fn policy(file: &str) -> PolicySpec {
    match Manifest::read(&read(file)[0]) {
        Ok(Manifest::ClusterAdmissionPolicy(policy)) => policy.spec,
        other => panic!("{file}: {other:?}"),
    }
}

/// All manifests and settings: without the one that Kustomize completes, the dashboard, a cluster, and the values of the chart.
fn complete(extensions: &[&str]) -> Vec<PathBuf> {
    let others = [
        examples().join("kustomize/report/settings/report.yaml"),
        examples().join("monitoring/grafana-dashboard.json"),
        // What kubectl prints of a cluster.
        examples().join("survey/cluster.yaml"),
    ];
    let mut files = find(&examples(), extensions);
    files.retain(|file| !others.contains(file) && !file.ends_with("values.yaml"));
    files
}

#[test]
fn every_manifest_has_the_schema_of_its_kind_and_valid_settings() {
    let mut policies = 0;
    for file in complete(&["yaml", "json"]) {
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
    let metadata = &documents::read(project().join("policy-metadata.yml").to_str().unwrap()).unwrap()[0].value;
    let annotation = |key: &str| {
        metadata["annotations"][format!("io.kubewarden.policy.{key}")]
            .as_str()
            .unwrap()
    };
    let module = format!("{}:v{}", annotation("ociUrl"), annotation("version"));
    let rules: Vec<Rule> = serde_json::from_value(metadata["rules"].clone()).unwrap();
    let mut manifests: Vec<Value> = Vec::new();
    for file in complete(&["yaml"]) {
        manifests.extend(read(file));
    }
    let mut policies = 0;
    for manifest in &manifests {
        if let Some(policy) = Manifest::read(manifest).unwrap().policy() {
            assert_eq!(policy.module, module, "{manifest}");
            let rules = if policy.mutating { &rules[..] } else { &rules[..1] };
            // examples/workloads has more.
            assert!(policy.rules.starts_with(rules), "{manifest}");
            policies += 1;
        }
    }
    assert!(policies > 8, "{policies}");
}

/// Kubewarden shows them, and its audit scanner copies them into reports.
#[test]
fn every_policy_has_the_severity_and_category_of_its_metadata() {
    let metadata = Metadata::read().unwrap();
    let mut policies = 0;
    for file in find(&examples(), &["yaml"]) {
        for manifest in read(&file) {
            if !manifest["kind"]
                .as_str()
                .is_some_and(|kind| kind.ends_with("AdmissionPolicy"))
            {
                continue;
            }
            for key in ["io.kubewarden.policy.severity", "io.kubewarden.policy.category"] {
                let annotation = &manifest["metadata"]["annotations"][key];
                assert_eq!(annotation, metadata.annotation(key).unwrap(), "{}", file.display());
            }
            policies += 1;
        }
    }
    assert!(policies > 10, "{policies}");
}

#[test]
fn the_index_leads_to_every_example() {
    let page = fs::read_to_string(examples().join("README.md")).unwrap();
    let links = markdown::links(&page);
    for folder in fs::read_dir(examples()).unwrap().map(|entry| entry.unwrap()) {
        if folder.path().is_dir() {
            let link = format!("{}/README.md", folder.file_name().to_str().unwrap());
            assert!(links.contains(&&*link), "{link}");
        }
    }
}

#[test]
fn every_policy_can_be_tried_by_a_command_in_its_readme() {
    for file in find(&examples(), &["yaml"]) {
        let path = file.strip_prefix(examples()).unwrap().to_str().unwrap().to_owned();
        let folder = file.parent().unwrap();
        if path.ends_with("/policy.yaml") && !path.starts_with("report/") && !path.starts_with("kustomize/") {
            let page = fs::read_to_string(folder.join("README.md")).unwrap();
            let command = format!("make run SETTINGS=examples/{path}");
            assert!(page.contains(&command), "{path}: {command}");
        }
    }
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

/// What `kubectl kustomize` makes of the component, as far as it can be told without it: the report of `examples/report`.
/// `e2e-tests/cluster/run` asks kubectl itself.
#[test]
fn kustomize_completes_the_report_with_what_the_policy_sets() {
    let base = read("kustomize/base/policy.yaml").remove(0);
    let quickstart = read("quickstart/policy.yaml").remove(0);
    assert_eq!(base, quickstart);

    let component = read("kustomize/report/settings/kustomization.yaml").remove(0);
    let mut report = read("kustomize/report/settings/report.yaml").remove(0);
    for replacement in component["replacements"].as_array().unwrap() {
        assert_eq!(replacement["source"]["name"], base["metadata"]["name"]);
        let path = replacement["source"]["fieldPath"].as_str().unwrap();
        let field = path.strip_prefix("spec.").unwrap();
        assert!(!base["spec"][field].is_null(), "{path}");
        for target in replacement["targets"].as_array().unwrap() {
            assert_eq!(target["select"]["name"], report["metadata"]["name"]);
            assert_eq!(target["fieldPaths"], json!([path]));
            // Kustomize adds a field that is missing only if it may.
            assert!(
                !report["spec"][field].is_null() || target["options"]["create"] == true,
                "{path}"
            );
        }
        report["spec"][field] = base["spec"][field].clone();
    }
    report["spec"]["settings"]["mode"] = json!("Report");
    assert_eq!(report, read("report/policy.yaml").remove(0));
}

#[test]
fn kustomizations_name_files_that_are_there_and_patch_policies_that_are_there() {
    let mut policies = Vec::new();
    for file in find(&examples().join("kustomize"), &["yaml"]) {
        policies.extend(
            read(file)
                .into_iter()
                .filter(|document| document["kind"] == "ClusterAdmissionPolicy"),
        );
    }
    let mut patches = 0;
    for file in find(&examples().join("kustomize"), &["yaml"]) {
        if !file.ends_with("kustomization.yaml") {
            continue;
        }
        let kustomization = read(&file).remove(0);
        for list in ["resources", "components"] {
            for name in kustomization[list].as_array().into_iter().flatten() {
                let path = file.parent().unwrap().join(name.as_str().unwrap());
                let exists = path.is_file() || path.join("kustomization.yaml").is_file();
                assert!(exists, "{}: {name}", file.display());
            }
        }
        for patch in kustomization["patches"].as_array().into_iter().flatten() {
            let target = &patch["target"];
            let is_target =
                |policy: &Value| policy["kind"] == target["kind"] && policy["metadata"]["name"] == target["name"];
            assert!(policies.iter().any(is_target), "{}: {target}", file.display());
            let operations = documents::values(documents::parse(patch["patch"].as_str().unwrap()).unwrap());
            for operation in &operations {
                assert!(
                    operation["path"].as_str().unwrap().starts_with("/spec/settings"),
                    "{operation}"
                );
                if operation["op"] == "replace" {
                    let verdict = both::validate_settings(&operation["value"]);
                    assert!(verdict.valid, "{:?}", verdict.message);
                }
            }
            patches += 1;
        }
    }
    assert_eq!(patches, 2);
}

/// The metrics of Kubewarden, the API server and kube-state-metrics that `docs/monitoring.md` explains.
#[test]
fn alerts_and_dashboard_ask_for_metrics_that_the_page_on_monitoring_names() {
    let page = fs::read_to_string(project().join("docs/monitoring.md")).unwrap();
    let rules = read("monitoring/prometheus-rule.yaml").remove(0);
    let dashboard = read("monitoring/grafana-dashboard.json").remove(0);
    let alerts = rules["spec"]["groups"][0]["rules"].as_array().unwrap();
    let alerts = alerts.iter().map(|alert| {
        let name = alert["alert"].as_str().unwrap();
        assert!(page.contains(&format!("`{name}`")), "{name}");
        &alert["expr"]
    });
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let panels = panels.flat_map(|panel| {
        panel["targets"]
            .as_array()
            .unwrap()
            .iter()
            .map(|target| &target["expr"])
    });
    let mut metrics = 0;
    for expression in alerts.chain(panels) {
        let words = expression
            .as_str()
            .unwrap()
            .split(|c: char| !c.is_alphanumeric() && c != '_');
        let prefixes = ["kubewarden_", "apiserver_", "kube_"];
        for metric in words.filter(|word| prefixes.iter().any(|prefix| word.starts_with(prefix))) {
            let documented = metric.strip_suffix("_bucket").unwrap_or(metric);
            assert!(page.contains(documented), "{metric}");
            metrics += 1;
        }
    }
    assert!(metrics > 15, "{metrics}");
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
            "spec": {"nodeSelector": {"kubernetes.azure.com/agentpool": pool}, "containers": [{"name": "app", "image": "app"}]},
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
