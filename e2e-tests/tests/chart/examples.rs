//! The chart gives what the examples have.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use e2e_tests::artifact_hub::Metadata;
use e2e_tests::both;
use e2e_tests::chart::{self, FOLDER};
use http_proxy::args::Cli;
use serde_json::{Value, json};
use testkit::files::{find, project_file};

use crate::helm::{PROXY, Tools, by_name, example, scratch, without_labels};

/// Every ClusterAdmissionPolicy of the examples that gives pods the proxy, and settings that are AKS's, with their files.
fn settings_of_examples() -> Vec<(PathBuf, Value)> {
    let mut found = Vec::new();
    for file in find(&project_file("examples"), &["yaml", "json"]) {
        for document in documents::values(documents::read(file.to_str().unwrap()).unwrap()) {
            let settings = match document["kind"].as_str() {
                Some("ClusterAdmissionPolicy") => document["spec"]["settings"].clone(),
                None if document.get("httpProxy").is_some() => document,
                _ => continue,
            };
            if !settings.is_null() && settings["mode"] != "Report" {
                found.push((file.clone(), settings));
            }
        }
    }
    found
}

/// `http-proxy check`
fn check(rendered: &str) -> ExitCode {
    let file = scratch("rendered.yaml");
    std::fs::write(&file, rendered).unwrap();
    http_proxy::run(Cli::parse_from(["http-proxy", "check", file.to_str().unwrap()]).command).unwrap()
}

#[test]
fn helm_finds_nothing_wrong_with_the_chart() {
    let Some(tools) = Tools::find() else { return };
    for values in [
        json!({}),
        json!({"settings": {"httpProxy": PROXY}, "report": {"enabled": true}, "serviceEntries": {"enabled": true}}),
    ] {
        let said = tools.helm(&["lint", "--strict", FOLDER], &values).unwrap();
        assert!(said.contains("0 chart(s) failed"), "{said}");
    }
}

#[test]
fn the_settings_of_every_example_pass_through_the_chart_unchanged() {
    let Some(tools) = Tools::find() else { return };
    let mut examples = 0;
    // In a profile, null says something: no CA.
    let profile = json!({"name": "a", "match": {"namespaces": ["a"]}, "trustedCa": null});
    let of_test = (
        PathBuf::from("this test"),
        json!({"httpProxy": PROXY, "profiles": [profile]}),
    );
    for (file, settings) in settings_of_examples().into_iter().chain([of_test]) {
        let values = json!({"settings": settings, "report": {"enabled": true}, "serviceEntries": {"enabled": true}});
        let objects = tools.objects(&values);
        assert_eq!(
            objects["ClusterAdmissionPolicy/http-proxy"]["spec"]["settings"],
            settings,
            "{}",
            file.display()
        );
        let mut of_report = settings.clone();
        of_report["mode"] = json!("Report");
        assert_eq!(
            objects["ClusterAdmissionPolicy/http-proxy-report"]["spec"]["settings"],
            of_report
        );
        assert!(both::validate_settings(&of_report).valid, "{}", file.display());
        assert!(
            check(&tools.template(&values).unwrap()) == ExitCode::SUCCESS,
            "{}",
            file.display()
        );
        examples += 1;
    }
    assert!(examples > 10, "{examples}");
}

#[test]
fn the_default_is_the_policy_of_the_example_that_starts_with_a_few_namespaces() {
    let Some(tools) = Tools::find() else { return };
    let policy = example("opt-in/policy.yaml").remove(0);
    let objects = tools.objects(&json!({"settings": policy["spec"]["settings"]}));
    let names: Vec<&String> = objects.keys().collect();
    assert_eq!(names, ["ClusterAdmissionPolicy/http-proxy", "Pod/http-proxy-test"]);
    assert_eq!(without_labels(&objects["ClusterAdmissionPolicy/http-proxy"]), policy);
}

#[test]
fn for_all_namespaces_it_is_the_quickstart_and_its_report() {
    let Some(tools) = Tools::find() else { return };
    let policy = example("quickstart/policy.yaml").remove(0);
    let report = example("report/policy.yaml").remove(0);
    let settings = &policy["spec"]["settings"];
    let objects =
        tools.objects(&json!({"settings": settings, "namespaces": {"mode": "All"}, "report": {"enabled": true}}));
    assert_eq!(without_labels(&objects["ClusterAdmissionPolicy/http-proxy"]), policy);
    assert_eq!(
        without_labels(&objects["ClusterAdmissionPolicy/http-proxy-report"]),
        report
    );
}

#[test]
fn kustomize_and_the_chart_give_the_same_objects() {
    let Some(tools) = Tools::find() else { return };
    let output = tools.run("kubectl", &["kustomize", "examples/kustomize/my-cluster"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let of_kustomize = by_name(documents::values(
        documents::parse(std::str::from_utf8(&output.stdout).unwrap()).unwrap(),
    ));
    assert_eq!(of_kustomize.len(), 2);
    let values: Value = documents::read(project_file("examples/gitops/values.yaml").to_str().unwrap())
        .unwrap()
        .remove(0)
        .value;
    let objects = tools.objects(&values);
    for (name, object) in of_kustomize {
        assert_eq!(without_labels(&objects[&name]), object, "{name}");
    }
}

#[test]
fn the_values_for_rancher_give_the_policy_for_rancher() {
    let Some(tools) = Tools::find() else { return };
    let policy = example("rancher/policy.yaml").remove(0);
    let objects = tools.objects(&example("rancher/values.yaml").remove(0));
    assert_eq!(without_labels(&objects["ClusterAdmissionPolicy/http-proxy"]), policy);
}

#[test]
fn argo_cd_and_flux_install_this_version_with_the_same_values() {
    let values = example("gitops/values.yaml").remove(0);
    let metadata = Metadata::read().unwrap();
    let version = metadata.annotation("io.kubewarden.policy.version").unwrap();
    let chart = chart::reference(&metadata).unwrap();

    let source = &example("gitops/argocd.yaml")[1]["spec"]["source"];
    assert_eq!(source["helm"]["valuesObject"], values);
    assert_eq!(source["targetRevision"], version);
    let (repository, name) = [&source["repoURL"], &source["chart"]]
        .map(|text| text.as_str().unwrap())
        .into();
    assert_eq!(format!("oci://{repository}/{name}"), chart);

    let release = example("gitops/release.yaml");
    assert_eq!(release[2]["spec"]["values"], values);
    assert_eq!(release[1]["spec"]["url"], chart);
    let minor = version.rsplit_once('.').unwrap().0;
    assert_eq!(release[1]["spec"]["ref"]["semver"], format!("{minor}.x"));
    assert_eq!(release[2]["spec"]["chartRef"]["name"], release[1]["metadata"]["name"]);
}
