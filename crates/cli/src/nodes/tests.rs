//! Every format against its golden files, and read back by its own parser.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Parser, ValueEnum};
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::args::{Cli, Command as Subcommand};

type Variables = BTreeMap<String, String>;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nodes")
}

fn arguments(format: Format, more: &[&str]) -> args::Nodes {
    let settings = fixtures().join("settings.yaml");
    let format = name(format);
    let fixed = [
        "http-proxy",
        "nodes",
        settings.to_str().unwrap(),
        "--format",
        &format,
        "--no-proxy",
        "10.96.0.0/12",
    ];
    match Cli::parse_from(fixed.iter().chain(more)).command {
        Subcommand::Nodes(args) => args,
        _ => unreachable!(),
    }
}

fn node() -> NodeProxy {
    NodeProxy::of(&arguments(Format::Systemd, &[]), &mut Vec::new()).unwrap()
}

/// The content of each file that a format writes.
fn written(node: &NodeProxy, format: Format) -> BTreeMap<String, String> {
    let files = files(node, &arguments(format, &[]), &mut Vec::new()).unwrap();
    files.into_iter().map(|file| (file.path, file.content)).collect()
}

fn document(node: &NodeProxy, format: Format) -> String {
    written(node, format).into_values().next().unwrap()
}

fn yaml(text: &str) -> Vec<Value> {
    documents::parse(text).unwrap()
}

/// What the variables of a node must be, with names in both cases.
fn expected(node: &NodeProxy) -> Variables {
    let no_proxy = node.no_proxy_value();
    let variables = node.variables_in_both_cases(&no_proxy).into_iter();
    variables
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// As PAM's file must have them.
fn expected_by_pam(node: &NodeProxy) -> Variables {
    let escaped = |(name, value): (String, String)| (name, value.replace('\'', "%27"));
    expected(node).into_iter().map(escaped).collect()
}

/// Whether a program is there. Output says so where it is not; in CI, it must be.
fn has(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output()
        .unwrap()
        .status
        .success();
    assert!(
        found || std::env::var_os("CI").is_none(),
        "{program} is missing; .ci/run installs it"
    );
    if !found {
        eprintln!("LEFT OUT: what needs {program}, which is not on this machine");
    }
    found
}

#[test]
fn every_format_writes_its_golden_files() {
    for format in Format::value_variants() {
        let folder = fixtures().join(name(*format));
        let mut files = files(&node(), &arguments(*format, &[]), &mut Vec::new()).unwrap();
        // The script is the same for all.
        files.retain(|file| file.path != "apply.sh");
        if std::env::var_os("GOLDEN").is_some_and(|wish| wish == "overwrite") {
            write_all(&folder, &files).unwrap();
        }
        for file in files {
            let path = folder.join(&file.path);
            let golden = fs::read_to_string(&path).unwrap_or_default();
            assert!(
                golden == file.content,
                "{} differs; GOLDEN=overwrite renews it",
                path.display()
            );
            assert_eq!(
                file.mode,
                if file.content.contains("user:p") { 0o600 } else { 0o644 },
                "{}",
                file.path
            );
        }
    }
}

/// What `Environment=` lines set, by systemd.syntax(7) and systemd.exec(5): C escapes in quotes, and specifiers.
fn unit_variables(drop_in: &str) -> Variables {
    let words = drop_in.lines().filter_map(|line| line.strip_prefix("Environment="));
    let variable = |word: &str| {
        let quoted = word
            .strip_prefix('"')
            .and_then(|word| word.strip_suffix('"'))
            .expect("quoted");
        let mut value = String::new();
        let mut characters = quoted.chars();
        while let Some(character) = characters.next() {
            value.push(match character {
                '\\' => characters
                    .next()
                    .filter(|escaped| "\\\"".contains(*escaped))
                    .expect("an escape that is known"),
                '%' => characters
                    .next()
                    .filter(|specifier| *specifier == '%')
                    .expect("no specifier but %%"),
                '"' => panic!("the quotes end early"),
                other => other,
            });
        }
        let (name, value) = value.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    words.map(variable).collect()
}

/// What PAM's pam_env reads: comments from a `#` on, a quote at either end taken off.
fn pam_variables(text: &str) -> Variables {
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap().trim())
        .filter(|line| !line.is_empty());
    let variable = |line: &str| {
        let (name, value) = line.split_once('=').unwrap();
        let value = value.trim_start_matches(['"', '\'']).trim_end_matches(['"', '\'']);
        (name.to_owned(), value.to_owned())
    };
    lines.map(variable).collect()
}

/// What a shell reads.
fn sh_variables(shell: &[&str], text: &str) -> Variables {
    let file = std::env::temp_dir().join(format!(
        "http-proxy-env-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    fs::write(&file, text).unwrap();
    let script = "set -a; . \"$0\"; exec /usr/bin/env -0";
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .args(["-c", script])
        .arg(&file)
        .env_clear()
        .output()
        .unwrap();
    fs::remove_file(file).unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let output = String::from_utf8(output.stdout).unwrap();
    let lines = output.split('\0').filter_map(|line| line.split_once('='));
    let ours = lines.filter(|(name, _)| name.to_ascii_uppercase().ends_with("_PROXY"));
    ours.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn shells() -> Vec<Vec<&'static str>> {
    let mut shells = vec![vec!["sh"]];
    if has("busybox") {
        shells.push(vec!["busybox", "sh"]);
    }
    shells
}

/// Reads every format back.
fn assert_read_back(node: &NodeProxy, shells: &[Vec<&str>]) {
    let expected = expected(node);
    let by_pam = expected_by_pam(node);
    let drop_in_path = format!("/{}", systemd::path("kubelet.service"));

    let tree = written(node, Format::Systemd);
    assert_eq!(unit_variables(&tree[&format!("file{drop_in_path}")]), expected);
    let environment = &tree["block/etc/environment"];
    assert_eq!(pam_variables(environment), by_pam);
    let upper: Variables = expected
        .clone()
        .into_iter()
        .filter(|(name, _)| name.starts_with(['H', 'N']))
        .collect();
    let env_file = &written(node, Format::Rke2)["block/etc/default/rke2-agent"];
    assert_eq!(
        env_file,
        &written(node, Format::K3s)["block/etc/systemd/system/k3s.service.env"]
    );
    for shell in shells {
        assert_eq!(sh_variables(shell, environment), by_pam);
        assert_eq!(sh_variables(shell, env_file), upper);
    }

    let talos = yaml(&document(node, Format::Talos));
    for (name, value) in talos[0]["machine"]["env"].as_object().unwrap() {
        assert_eq!(value.as_str(), Some(&*expected[name]));
    }
    let bottlerocket: toml::Table = document(node, Format::Bottlerocket).parse().unwrap();
    let network = &bottlerocket["settings"]["network"];
    assert_eq!(network["https-proxy"].as_str(), Some(&*expected["HTTPS_PROXY"]));
    let no_proxy = network["no-proxy"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry.as_str().unwrap());
    assert!(no_proxy.eq(node.no_proxy.iter().map(String::as_str)));

    let butane = yaml(&document(node, Format::Butane)).remove(0);
    let files = butane["storage"]["files"].as_array().unwrap();
    let file = |files: &[Value], path: &str| files.iter().find(|file| file["path"] == path).unwrap().clone();
    let drop_in = file(files, &drop_in_path);
    assert_eq!(
        unit_variables(drop_in["contents"]["inline"].as_str().unwrap()),
        expected
    );
    let environment = file(files, "/etc/environment");
    assert_eq!(
        pam_variables(environment["append"][0]["inline"].as_str().unwrap()),
        by_pam
    );

    for (format, field) in [(Format::CloudInit, "write_files"), (Format::ClusterApi, "files")] {
        let config = yaml(&document(node, format)).remove(0);
        let files = config[field].as_array().unwrap();
        assert_eq!(
            unit_variables(file(files, &drop_in_path)["content"].as_str().unwrap()),
            expected
        );
        assert_eq!(
            pam_variables(file(files, "/etc/environment")["content"].as_str().unwrap()),
            by_pam
        );
    }
    let openshift = yaml(&document(node, Format::Openshift));
    let proxy = openshift.iter().find(|object| object["kind"] == "Proxy").unwrap();
    assert_eq!(proxy["spec"]["httpProxy"].as_str(), Some(&*expected["HTTP_PROXY"]));
    assert_eq!(proxy["spec"]["httpsProxy"].as_str(), Some(&*expected["HTTPS_PROXY"]));
}

#[test]
fn every_format_is_read_back_as_the_same_values() {
    assert_read_back(&node(), &shells());
}

#[test]
fn every_format_has_the_certificates() {
    let node = node();
    let bundle = node.certificates.concat();
    assert_eq!(node.certificates.len(), 2);
    let tree = written(&node, Format::Systemd);
    assert_eq!([&*tree["ca/1.crt"], &tree["ca/2.crt"]].concat(), bundle);
    let roots = &yaml(&document(&node, Format::Talos))[1];
    assert_eq!(
        (&roots["kind"], &roots["certificates"]),
        (&"TrustedRootsConfig".into(), &bundle.clone().into())
    );
    let bottlerocket: toml::Table = document(&node, Format::Bottlerocket).parse().unwrap();
    let pki = &bottlerocket["settings"]["pki"]["http-proxy-policy"];
    assert_eq!(pki["trusted"].as_bool(), Some(true));
    let data = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        pki["data"].as_str().unwrap(),
    );
    assert_eq!(data.unwrap(), bundle.as_bytes());
    let cloud_init = yaml(&document(&node, Format::CloudInit)).remove(0);
    assert_eq!(cloud_init["ca_certs"]["trusted"], serde_json::json!(node.certificates));
    let config_map = yaml(&document(&node, Format::Openshift)).remove(0);
    assert_eq!(config_map["data"]["ca-bundle.crt"], Value::String(bundle));
}

#[test]
fn systemd_accepts_the_drop_in() {
    if !has("systemd-analyze") {
        return;
    }
    let folder = std::env::temp_dir().join(format!("http-proxy-units-{}", std::process::id()));
    let unit = folder.join("kubelet.service");
    fs::create_dir_all(folder.join("kubelet.service.d")).unwrap();
    fs::write(&unit, "[Service]\nExecStart=/bin/true\n").unwrap();
    fs::write(
        folder.join("kubelet.service.d/50-http-proxy-policy.conf"),
        systemd::drop_in(&node()),
    )
    .unwrap();
    let output = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .arg(&unit)
        .output()
        .unwrap();
    fs::remove_dir_all(folder).unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && !said.contains("http-proxy-policy.conf"),
        "{said}"
    );
}

#[test]
fn cloud_init_accepts_the_user_data() {
    if !has("cloud-init") {
        return;
    }
    let golden = fixtures().join("cloud-init/cloud-config.yaml");
    let output = Command::new("cloud-init")
        .args(["schema", "--config-file"])
        .arg(golden)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A URL with any user-info that settings accept.
fn url() -> impl Strategy<Value = String> {
    let character = prop_oneof!["[A-Za-z0-9._~!$&'()*+,;=-]", "%[0-9A-F]{2}"];
    let user_info = proptest::collection::vec(character, 1..12).prop_map(|characters| characters.concat());
    (user_info.clone(), user_info)
        .prop_map(|(user, password)| format!("http://{user}:{password}@proxy.example.com:3128/"))
        .prop_filter("settings accept it", |url| {
            http_proxy_policy::companion::proxy_url(url, false).is_ok()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn no_accepted_url_is_read_differently(http in url(), https in url()) {
        let mut node = node();
        node.http_proxy = Some(http);
        node.https_proxy = Some(https);
        assert_read_back(&node, &[vec!["sh"]]);
    }
}
