//! What a release of the chart says, and what is in its package.

use std::process::Command;

use admission::create_request;
use e2e_tests::both;
use e2e_tests::chart::FOLDER;
use serde_json::{Value, json};
use testkit::files::find;

use crate::helm::{Tools, scratch};

/// Runs the script of the test's pod, and returns its status and what it said.
fn run(script: &str, record: &str, proxies: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .env("NAMESPACE", "shop")
        .env("RECORD", record);
    let output = command.envs(proxies.iter().copied()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_pod_of_helm_test_says_whether_the_policy_reached_it() {
    let Some(tools) = Tools::find() else { return };
    let settings = json!({"httpProxy": "http://user:hunter2@proxy:3128/"});
    let mut objects = tools.objects(&json!({"settings": settings}));
    let pod = objects.remove("Pod/http-proxy-test").unwrap();
    assert_eq!(pod["metadata"]["annotations"]["helm.sh/hook"], "test");
    let container = &pod["spec"]["containers"][0];
    assert_eq!(container["command"], json!(["sh", "-c"]));
    let script = container["args"][0].as_str().unwrap();

    let (code, said) = run(script, "", &[]);
    assert_eq!(code, Some(1));
    let first = "The policy http-proxy did not reach this pod in the namespace shop.\n";
    let label = "kubectl label namespace shop http-proxy.kubewarden.io/inject=true";
    assert!(said.starts_with(first) && said.contains(label), "{said}");

    let reached = both::validate(&create_request(&pod).unwrap(), &settings)
        .mutated_object
        .unwrap();
    let path = container["env"][1]["valueFrom"]["fieldRef"]["fieldPath"]
        .as_str()
        .unwrap();
    let annotation = path
        .strip_prefix("metadata.annotations['")
        .unwrap()
        .strip_suffix("']")
        .unwrap();
    let record = reached["metadata"]["annotations"][annotation].as_str().unwrap();
    let proxies = [("HTTP_PROXY", "http://user:hunter2@proxy:3128/"), ("no_proxy", "a")];
    let (code, said) = run(script, record, &proxies);
    assert_eq!(code, Some(0));
    assert!(
        said.contains("\n  HTTP_PROXY\n") && said.contains("\n  no_proxy\n"),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn helm_test_has_no_pod_where_the_policy_is_turned_off() {
    let Some(tools) = Tools::find() else { return };
    for off in [json!(false), json!("false")] {
        let objects = tools.objects(&json!({"settings": {"enabled": off}}));
        assert_eq!(
            objects.into_keys().collect::<Vec<_>>(),
            ["ClusterAdmissionPolicy/http-proxy"]
        );
    }
}

#[test]
fn the_notes_say_how_to_verify_and_to_widen() {
    let Some(tools) = Tools::find() else { return };
    let notes = |values: &Value| {
        let install = [
            "install",
            "http-proxy",
            FOLDER,
            "--namespace",
            "http-proxy",
            "--dry-run=client",
        ];
        let said = tools.helm(&install, values).unwrap();
        said.split_once("\nNOTES:\n").unwrap().1.to_owned()
    };
    let settings = json!({"httpProxy": "http://user:hunter2@proxy/"});
    let few = notes(&json!({"settings": settings}));
    let all = notes(&json!({"settings": settings, "namespaces": {"mode": "All"}}));
    let none = notes(&json!({"settings": settings, "namespaces": {"mode": "All", "excluded": []}}));
    assert!(none.contains("2. It applies to all namespaces. While"), "{none}");
    for shown in [&few, &all, &none] {
        assert!(
            shown.contains("kubectl wait clusteradmissionpolicy/http-proxy --for=condition=PolicyUniquelyReachable")
        );
        assert!(shown.contains("helm test http-proxy --namespace http-proxy --logs"));
        assert!(!shown.contains("hunter2"));
    }
    assert!(
        few.contains("inject=true") && few.contains("namespaces.mode=All"),
        "{few}"
    );
    assert!(
        all.contains("all namespaces except kube-system, kube-public, kube-node-lease, calico-system, tigera-operator, gatekeeper-system"),
        "{all}"
    );
}

#[test]
fn the_packed_chart_has_all_that_a_catalogue_shows() {
    let Some(tools) = Tools::find() else { return };
    let packed = scratch("chart.tgz");
    let folder = packed.parent().unwrap().to_str().unwrap();
    let output = tools.run("helm", &["package", FOLDER, "--destination", folder]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let archive = find(packed.parent().unwrap(), &["tgz"]).remove(0);
    let listed = Command::new("tar")
        .args(["--list", "--gzip", "--file"])
        .arg(&archive)
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for file in [
        "Chart.yaml",
        "README.md",
        "questions.yaml",
        "values.schema.json",
        "values.yaml",
        "templates/NOTES.txt",
    ] {
        assert!(
            listed.contains(&format!("http-proxy-policy/{file}\n")),
            "{file}: {listed}"
        );
    }
}
