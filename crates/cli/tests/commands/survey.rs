//! What `http-proxy survey` writes, and its exit statuses.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::{http_proxy, project, with_input};

const DUMP: &str = "crates/survey/tests/fixtures/dump.json";
const POLICY: &str = "examples/quickstart/policy.yaml";

fn survey(arguments: &[&str]) -> Output {
    http_proxy(["survey"]).args(arguments).output().unwrap()
}

fn target(name: &str) -> String {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(name)
        .to_str()
        .unwrap()
        .to_owned()
}

#[test]
fn the_written_settings_leave_nothing_that_breaks_and_keep_comments() {
    let written = target("better.yaml");
    assert_eq!(survey(&[POLICY, DUMP, "--fail-on", "breaks"]).status.code(), Some(1));
    assert!(survey(&[POLICY, DUMP, "--write", &written]).status.success());
    let again = survey(&[&written, DUMP, "--fail-on", "breaks", "--output", "json"]);
    assert!(again.status.success(), "{again:?}");
    let report: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(report["suggestions"]["noProxy"], Value::Array(Vec::new()));
    let text = fs::read_to_string(written).unwrap();
    assert!(
        text.contains("# A namespace opts out by setting this label to \"false\"."),
        "{text}"
    );
}

#[test]
fn a_block_list_gets_each_entry_with_its_source() {
    let settings = target("block.yaml");
    fs::write(
        &settings,
        "httpProxy: http://proxy.example.com:3128\nnoProxy: # mine\n  - 10.0.0.0/8 # all\n",
    )
    .unwrap();
    assert!(survey(&[&settings, DUMP, "--write", &settings]).status.success());
    let text = fs::read_to_string(settings).unwrap();
    assert!(
        text.contains("  - 10.0.0.0/8 # all\n  - prometheus # Service monitoring/prometheus, called by"),
        "{text}"
    );
}

#[test]
fn a_file_that_ends_in_the_middle_is_judged_as_far_as_it_goes() {
    let cut = target("cut.json");
    let whole = fs::read(project().join(DUMP)).unwrap();
    fs::write(&cut, &whole[..90_000]).unwrap();
    let output = survey(&[POLICY, &cut]);
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("The input is incomplete: cut.json: line "), "{text}");
}

#[test]
fn a_file_that_is_no_dump_is_refused_without_its_content() {
    for (name, content) in [
        ("text.txt", "S3cret text"),
        ("other.json", "{\"password\": \"S3cret\"}"),
        ("broken.json", "{\"password\": S3cret}"),
        ("empty.json", "{\"kind\": \"List\", \"items\": []}"),
    ] {
        let file = target(name);
        fs::write(&file, content).unwrap();
        let output = survey(&[POLICY, &file]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{name}");
        assert!(
            error.starts_with("error: ") && error.contains("kubectl") && !error.contains("S3cret"),
            "{error}"
        );
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn nothing_but_the_report_is_written_where_there_is_no_terminal() {
    let output = survey(&[POLICY, DUMP, "--output", "html"]);
    assert!(output.stderr.is_empty(), "{output:?}");
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("Content-Security-Policy"));
    assert!(!page.contains("src=") && !page.contains("http://www") && !page.contains("url(http"));
}

/// Writes the settings that a document has, with the suggested entries. Returns the text, and what the command said.
fn written(name: &str, document: &str) -> (Option<String>, String) {
    let (settings, better) = (target(name), target(&format!("better-{name}")));
    fs::write(&settings, document).unwrap();
    let _ = fs::remove_file(&better);
    let output = survey(&[&settings, DUMP, "--write", &better]);
    let said = String::from_utf8(output.stderr).unwrap();
    let text = fs::read_to_string(&better).ok();
    assert_eq!(output.status.code(), Some(if text.is_some() { 0 } else { 3 }), "{said}");
    (text, said)
}

#[test]
fn the_configuration_of_a_cluster_gets_the_entries_where_it_is() {
    let config = json!({"httpProxy": "http://x:1", "noProxy": ["a.b"]});
    for (name, document, pointer) in [
        (
            "show.json",
            json!({"httpProxyConfig": config, "name": "q"}),
            "/httpProxyConfig",
        ),
        (
            "arm.json",
            json!({"properties": {"httpProxyConfig": config}}),
            "/properties/httpProxyConfig",
        ),
        (
            "template.json",
            json!({"resources": [{"type": "Microsoft.ContainerService/managedClusters", "properties": {"httpProxyConfig": config}}]}),
            "/resources/0/properties/httpProxyConfig",
        ),
        (
            "operator.json",
            json!({"apiVersion": "containerservice.azure.com/v1api20231001", "kind": "ManagedCluster", "metadata": {"name": "q"}, "spec": {"httpProxyConfig": config}}),
            "/spec/httpProxyConfig",
        ),
        ("config.json", config.clone(), ""),
    ] {
        let (text, said) = written(name, &document.to_string());
        assert!(said.contains(" more noProxy entries"), "{said}");
        let better: Value = serde_json::from_str(&text.unwrap()).unwrap();
        let list = better.pointer(pointer).unwrap()["noProxy"].as_array().unwrap();
        assert!(
            list.contains(&json!("a.b")) && list.contains(&json!("prometheus")),
            "{name}: {list:?}"
        );
        let again = survey(&[&target(&format!("better-{name}")), DUMP, "--fail-on", "breaks"]);
        assert!(again.status.success(), "{name}: {again:?}");
    }
}

#[test]
fn where_the_entries_cannot_be_added_nothing_is_written() {
    let terraform = json!({"resource": {"azurerm_kubernetes_cluster": {"a": {"http_proxy_config": {"http_proxy": "http://x:1", "no_proxy": ["a.b"]}}}}});
    let (text, said) = written("terraform.json", &terraform.to_string());
    assert_eq!(text, None);
    assert!(said.contains("cannot be added") && !said.contains("wrote"), "{said}");
}

#[test]
fn the_written_settings_are_accepted_where_a_list_has_everything() {
    let profile = "profiles:\n  - name: p\n    match: {namespaces: [edge]}\n    noProxy:\n      - \"*\" # all\n";
    for (name, text) in [
        ("all.yaml", "httpProxy: http://x:1\nnoProxy: [\"*\"]\n".to_owned()),
        (
            "all-of-profile.yaml",
            format!("# Mine.\nhttpProxy: http://x:1\nnoProxy: [a.b]\n{profile}"),
        ),
    ] {
        let (better, _) = written(name, &text);
        let better = better.unwrap();
        assert!(better.contains('*') && better.starts_with(&text[..10]), "{better}");
        assert!(
            survey(&[&target(&format!("better-{name}")), DUMP]).status.success(),
            "{better}"
        );
    }
}

/// The lines that `diff` would have: those that only one of the texts has.
fn lines_lost(before: &str, after: &str) -> Vec<String> {
    let after: Vec<&str> = after.split('\n').collect();
    let lost = before.split('\n').filter(|line| !after.contains(line));
    lost.map(str::to_owned).collect()
}

#[test]
fn a_list_is_extended_in_place_whatever_its_form() {
    const PROXY: &str = "httpProxy: http://x:1 # the proxy\n";
    for (name, text, lost) in [
        (
            "crlf.yaml",
            "httpProxy: http://x:1\r\nnoProxy:\r\n  - a.b # ours\r\n",
            0,
        ),
        (
            "blank.yaml",
            &format!("{PROXY}noProxy: # c\n\n  - a.b\n\n  - b.b # c\n"),
            0,
        ),
        ("quoted.yaml", &format!("{PROXY}\"noProxy\": [a.b] # c\n"), 1),
        ("see.yaml", &format!("{PROXY}noProxy: [a.b] # see [1]\n"), 1),
        ("empty.yaml", &format!("{PROXY}noProxy: []  # c\n"), 1),
        ("none.yaml", &format!("# no list yet\n{PROXY}"), 0),
        (
            "no-end.yaml",
            &format!("{PROXY}noProxy:\n- a.b\nexcludeContainers:\n- a"),
            0,
        ),
        (
            "next.yaml",
            &format!("{PROXY}noProxy:\n- a.b\n# Of the next.\nexcludeContainers: [a]\n"),
            0,
        ),
        ("anchor.yaml", &format!("{PROXY}noProxy: &own\n- a.b\n"), 0),
        (
            "alias.yaml",
            &format!(
                "{PROXY}noProxy: &own [a.b] # c\nprofiles:\n- name: p\n  match: {{namespaces: [a]}}\n  noProxy: *own # same\n"
            ),
            1,
        ),
        (
            "lines.yaml",
            &format!("{PROXY}noProxy: [\n  a.b, # one\n  c.b # two\n  ] # end\n"),
            1,
        ),
        (
            "lines.json",
            "{\n  \"noProxy\": [\n    \"a.b\"\n  ],\n  \"httpProxy\": \"http://x:1\"\n}\n",
            1,
        ),
        (
            "one-line.json",
            "{\"noProxy\":[\"a.b\"],\"httpProxy\":\"http://x:1\"}",
            1,
        ),
    ] {
        let (better, said) = written(name, text);
        let better = better.unwrap();
        let gone = lines_lost(text, &better);
        assert_eq!(gone.len(), lost, "{gone:?}: {better}");
        assert!(
            better.contains("prometheus") && !said.contains("in place"),
            "{said}: {better}"
        );
        assert!(text.matches('#').count() <= better.matches('#').count(), "{better}");
        let is_unix = better.replace("\r\n", "").contains('\n');
        assert!(!(is_unix && text.contains('\r')), "{better:?}");
        let again = survey(&[&target(&format!("better-{name}")), DUMP, "--fail-on", "breaks"]);
        assert!(again.status.success(), "{name}: {again:?}");
    }
    let (better, _) = written(
        "next-2.yaml",
        &format!("{PROXY}noProxy:\n- a.b\n# Of the next.\nexcludeContainers: [a]\n"),
    );
    assert!(better.unwrap().contains("\n# Of the next.\nexcludeContainers"));
}

#[test]
fn all_policies_of_the_file_get_the_entries_and_keep_their_comments() {
    let policy = |name: &str, mode: &str| {
        format!(
            "# {name}\napiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata: {{name: {name}}}\nspec:\n  \
             module: ghcr.io/http-proxy-policy/http-proxy-policy:v0.1.0\n  mutating: {}\n  rules: [{{apiGroups: [\"\"], apiVersions: [v1], \
             resources: [pods], operations: [CREATE]}}]\n  settings:\n    mode: {mode}\n    httpProxy: http://x:1\n    noProxy: [a.{name}]\n",
            mode == "Inject"
        )
    };
    let text = [policy("inject", "Inject"), policy("report", "Report")].join("---\n");
    let (better, said) = written("policies.yaml", &text);
    let better = better.unwrap();
    assert_eq!(better.matches("prometheus").count(), 2, "{better}");
    assert!(
        better.starts_with("# inject\n") && better.contains("---\n# report\n"),
        "{better}"
    );
    assert!(
        said.contains("note: all policies of the file have them: inject, report"),
        "{said}"
    );
}

#[test]
fn what_a_new_text_does_not_keep_is_said() {
    let (better, said) = written("flow.yaml", "{httpProxy: http://x:1} # c\r\n");
    let better = better.unwrap();
    assert!(
        better.contains("prometheus") && !better.replace("\r\n", "").contains('\n'),
        "{better:?}"
    );
    assert!(
        said.contains("better-flow.yaml: the list cannot be edited in place, so comments"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn a_new_file_is_as_closed_as_the_one_with_the_settings() {
    use std::os::unix::fs::PermissionsExt;
    let (settings, better) = (target("closed.yaml"), target("better-closed.yaml"));
    fs::write(&settings, "httpProxy: http://user:S3cret@x:1\n").unwrap();
    fs::set_permissions(&settings, fs::Permissions::from_mode(0o600)).unwrap();
    let _ = fs::remove_file(&better);
    assert!(survey(&[&settings, DUMP, "--write", &better]).status.success());
    assert_eq!(fs::metadata(&better).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn standard_input_may_be_the_settings_or_a_dump_but_not_both() {
    let settings = b"httpProxy: http://proxy.example.com:3128\n";
    let dump = br#"{"kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "a"}]}}]}"#;
    let pods = target("one-pod.json");
    fs::write(&pods, dump).unwrap();
    for (arguments, input, status) in [
        (["survey", "-", &pods], &settings[..], 0),
        (["survey", POLICY, "-"], dump, 0),
        (["survey", "-", "-"], settings, 3),
    ] {
        let output = with_input(arguments, input);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            said.contains("standard input: can be read only once"),
            status == 3,
            "{said}"
        );
    }
}
