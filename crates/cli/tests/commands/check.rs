//! What `http-proxy check` finds, in which forms it writes it, and what it passes over.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::{http_proxy, project};

fn check(file: &Path, more: &[&str]) -> Output {
    http_proxy(["check", file.to_str().unwrap()])
        .args(more)
        .output()
        .unwrap()
}

fn written(name: &str, content: &[u8]) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, content).unwrap();
    file
}

#[test]
fn a_problem_is_named_with_its_file_line_and_path() {
    let manifest = "\
apiVersion: v1
kind: List
items:
- apiVersion: policies.kubewarden.io/v1
  kind: ClusterAdmissionPolicy
  metadata: {name: http-proxy}
  spec:
    mutating: false
    module: registry.example/http-proxy-policy:v1
    rules:
    - {apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE]}
    settings:
      httpProxy: http://proxy.example.com:3128
      noProxy:
      - a
      - no
";
    let file = written("places.yaml", manifest.as_bytes());
    let name = file.to_str().unwrap();
    let text = String::from_utf8(check(&file, &[]).stdout).unwrap();
    let starts = [
        format!("{name}:8: items[0].spec.mutating: must be true"),
        format!("{name}:16: items[0].spec.settings.noProxy[1]: "),
    ];
    assert_eq!(text.lines().count(), 2, "{text}");
    for (line, start) in text.lines().zip(starts) {
        assert!(line.starts_with(&start), "{line}\n{start}");
    }
    let json: Value = serde_json::from_slice(&check(&file, &["--output", "json"]).stdout).unwrap();
    let problem = &json["problems"][1];
    assert_eq!((&problem["line"], &problem["rule"]), (&16.into(), &"settings".into()));
    let github = String::from_utf8(check(&file, &["--output", "github"]).stdout).unwrap();
    assert!(github.starts_with(&format!(
        "::error file={name},line=8,title=http-proxy check::items[0].spec.mutating: "
    )));
}

#[test]
fn sarif_has_the_schema_of_its_version() {
    let schema =
        project().join("target/clients/node/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
    if !schema.exists() {
        assert!(
            std::env::var_os("CI").is_none(),
            "{} is missing; e2e-tests/clients/install installs it",
            schema.display()
        );
        http_proxy::console::note("SKIPPED: SARIF's schema, which e2e-tests/clients/install installs");
        return;
    }
    for (name, content) in [
        ("sarif.yaml", &b"httpProxy: proxy\nnoProxi: []\n"[..]),
        ("sarif broken.yaml", b"a: [\n"),
        ("sarif-fine.yaml", b"httpProxy: http://proxy.example.com:3128\n"),
    ] {
        let output = check(&written(name, content), &["--output", "sarif"]);
        let found = written(&format!("{name}.sarif"), &output.stdout);
        let python = "import json, sys, jsonschema; jsonschema.Draft4Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))";
        let validated = Command::new("/usr/bin/python3")
            .args(["-c", python])
            .arg(&schema)
            .arg(&found)
            .output()
            .unwrap();
        assert!(
            validated.status.success(),
            "{}",
            String::from_utf8_lossy(&validated.stderr)
        );
    }
}

#[test]
fn what_is_not_of_this_policy_is_skipped_on_request_alone() {
    for (name, content) in [
        ("kustomization.yaml", "resources: [policy.yaml]\n"),
        ("config.yaml", "apiVersion: v1\nkind: ConfigMap\n"),
        ("values.yaml", "replicas: 3\n"),
        ("template.yaml", "a: {{ .Values.a }}\n"),
    ] {
        let file = written(name, content.as_bytes());
        assert_eq!(check(&file, &[]).status.code(), Some(1), "{content}");
        let skipped = check(&file, &["--skip-others"]);
        assert_eq!(skipped.status.code(), Some(0), "{content}: {skipped:?}");
        assert!(
            String::from_utf8_lossy(&skipped.stderr).contains("nothing is checked"),
            "{skipped:?}"
        );
    }
    for content in [
        "httpProxy: proxy\n",
        "trustedCA: x\n",
        "settings:\n  httpProxy: http://proxy.example.com:3128\nnoProxy: [a.example]\n",
        "apiVersion: policies.kubewarden.io/v1\nkind: clusteradmissionpolicy\nspec: {settings: {httpProxy: proxy}}\n",
        "kind: ClusterAdmissionPolicy\nspec: {settings: {httpProxy: proxy}}\n",
    ] {
        let broken = written("broken.yaml", content.as_bytes());
        assert_eq!(check(&broken, &["--skip-others"]).status.code(), Some(1), "{content}");
    }
}

#[test]
fn settings_beside_settings_are_lost_to_no_command() {
    let file = written(
        "misplaced.yaml",
        b"settings:\n  httpProxy: http://proxy.example.com:3128\nnoProxy: [a.example]\n",
    );
    let expected = format!("{}:3: noProxy: belongs in settings; move it there", file.display());
    let checked = check(&file, &[]);
    assert_eq!(String::from_utf8(checked.stdout).unwrap().trim(), expected);
    let nodes = [
        "nodes",
        file.to_str().unwrap(),
        "--format",
        "systemd",
        "--no-proxy",
        "10.0.0.0/8",
    ];
    let refused = http_proxy(nodes).output().unwrap();
    assert!(!refused.status.success());
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains(&expected),
        "{refused:?}"
    );
}

#[test]
fn a_template_in_quotes_is_named_beside_its_problems() {
    let file = written("quoted-template.yaml", b"httpProxy: '{{ .Values.proxy }}'\n");
    let output = check(&file, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("render it first: helm template"),
        "{output:?}"
    );
}

#[test]
fn an_expression_in_a_template_is_named_as_one() {
    for (config, path) in [
        ("\"[parameters('proxy')]\"", ""),
        (r#"{"httpProxy": "[variables('p').http]"}"#, ".httpProxy"),
        (
            r#"{"httpProxy": "http://a", "noProxy": ["a", "[parameters('x')]"]}"#,
            ".noProxy[1]",
        ),
    ] {
        let file = written(
            "expression.json",
            format!("{{\"properties\": {{\"httpProxyConfig\": {config}}}}}").as_bytes(),
        );
        let output = check(&file, &[]);
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stdout).unwrap();
        let expected = format!("properties.httpProxyConfig{path}: an ARM expression");
        assert!(text.lines().count() == 1 && text.contains(&expected), "{text}");
    }
}

#[test]
fn several_clusters_are_named_with_their_lines() {
    let file = written(
        "clusters.json",
        b"[{\"httpProxyConfig\": {\"httpProxy\": \"http://a\"}},\n{\"httpProxyConfig\": null}]",
    );
    let output = http_proxy(["from-aks", file.to_str().unwrap()]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("2 clusters (httpProxyConfig on line 1, httpProxyConfig on line 2)"),
        "{said}"
    );
}

#[test]
fn a_problem_in_terraform_s_state_has_the_name_and_line_that_it_has_there() {
    let state = "{\"version\": 4, \"resources\": [{\"type\": \"azurerm_kubernetes_cluster\", \"instances\": [{\"attributes\": {\n\
                 \"http_proxy_config\": [{\n\"http_proxy\": \"proxy\",\n\"no_proxy\": [\"a\",\n\"${b}\"]}]}}]}]}";
    let file = written("terraform.json", state.as_bytes());
    let output = check(&file, &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    let path = "resources[0].instances[0].attributes.http_proxy_config[0]";
    let starts = [
        (3, "http_proxy: must be an absolute URL"),
        (5, "no_proxy[1]: a Terraform expression"),
    ];
    assert_eq!(text.lines().count(), 2, "{text}");
    for (line, (number, start)) in text.lines().zip(starts) {
        assert!(
            line.starts_with(&format!("{}:{number}: {path}.{start}", file.display())),
            "{line}"
        );
    }
}

#[test]
fn what_windows_writes_is_read() {
    let text = "{\"httpProxyConfig\": {\"httpProxy\": \"http://proxy.example.com:3128/\"}}\r\n";
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, content) in [
        ("utf16.json", [b"\xff\xfe".to_vec(), utf16.clone()].concat()),
        ("utf16-without-mark.json", utf16),
        ("utf8.json", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
    ] {
        let file = written(name, &content);
        let output = http_proxy(["from-aks", "--strict", file.to_str().unwrap()])
            .output()
            .unwrap();
        assert!(output.status.success(), "{name}: {output:?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_decides_the_exit_status_among_any_number() {
    let fine = written("fine.yaml", b"httpProxy: http://proxy.example.com:3128\n");
    let broken = written("wrong.yaml", b"httpProxy: proxy\n");
    let missing = ["no-such-file-1.yaml", "no-such-file-2.yaml"].map(Path::new);
    for (files, status) in [
        (&[&*fine][..], 0),
        (&[&fine, &broken], 1),
        (&[&fine, missing[0]], 3),
        (&[missing[0], missing[1]], 3),
        (&[missing[0], &broken, missing[1]], 3),
    ] {
        let arguments = files.iter().map(|file| file.to_str().unwrap());
        let output = http_proxy(["check"].into_iter().chain(arguments)).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{files:?}: {output:?}");
        let unread = String::from_utf8(output.stdout).unwrap();
        let expected = files.iter().filter(|file| missing.contains(file)).count();
        assert_eq!(unread.matches(": cannot be read").count(), expected, "{unread}");
    }
}
