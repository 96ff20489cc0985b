//! Every format against its golden files, and read back by its own parser.

mod consumers;

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
    NodeProxy::of(&arguments(Format::Systemd, &["--whole-node"]), &mut Vec::new()).unwrap()
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
    documents::values(documents::parse(text).unwrap())
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
        crate::console::note(&format!("SKIPPED: what needs {program}, which is not on this machine"));
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
            let _ = fs::remove_dir_all(&folder);
            out::write_all(&folder, &files).unwrap();
            fs::remove_file(folder.join(".http-proxy-nodes")).unwrap();
        }
        for file in files {
            let path = folder.join(&file.path);
            let golden = fs::read_to_string(&path).unwrap_or_default();
            assert!(
                golden == file.content,
                "{} differs; GOLDEN=overwrite renews it",
                path.display()
            );
            assert!(file.mode == 0o600 || !file.content.contains("user:p"), "{}", file.path);
        }
    }
}

/// What `DefaultEnvironment=` lines set, by systemd.syntax(7) and systemd.exec(5): C escapes in quotes, and specifiers.
fn unit_variables(drop_in: &str) -> Variables {
    let words = drop_in
        .lines()
        .filter_map(|line| line.strip_prefix("DefaultEnvironment="));
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
    let drop_in = &tree[&format!("file{drop_in_path}")];
    assert!(
        drop_in.contains("\nEnvironmentFile=-/etc/http-proxy-policy.env\n"),
        "{drop_in}"
    );
    let service = &tree["file/etc/http-proxy-policy.env"];
    assert_eq!(
        unit_variables(&tree["file/etc/systemd/system.conf.d/50-http-proxy-policy.conf"]),
        expected
    );
    let environment = &tree["block/etc/environment"];
    assert_eq!(pam_variables(environment), by_pam);
    let upper: Variables = expected
        .clone()
        .into_iter()
        .filter(|(name, _)| name.starts_with(['H', 'N']))
        .collect();
    let env_file = &written(node, Format::Rke2)["block/etc/default/rke2-agent"];
    assert_eq!(env_file, &written(node, Format::K3s)["block/etc/default/k3s"]);
    for shell in shells {
        assert_eq!(sh_variables(shell, environment), by_pam);
        assert_eq!(sh_variables(shell, service), expected);
        assert_eq!(sh_variables(shell, env_file), upper);
    }

    let talos = yaml(&document(node, Format::Talos));
    for (name, value) in talos[0]["variables"].as_object().unwrap() {
        assert_eq!(value.as_str(), Some(&*expected[name]));
    }
    let user_data = document(node, Format::Nodeadm);
    let config = user_data.split("application/node.eks.aws\n\n").nth(1).unwrap();
    let config = yaml(config.split("\n--http-proxy-policy").next().unwrap()).remove(0);
    let variables: Variables =
        serde_json::from_value(config["spec"]["instance"]["environment"]["default"].clone()).unwrap();
    assert_eq!(variables, expected);
    let bottlerocket: toml::Table = document(node, Format::Bottlerocket).parse().unwrap();
    let network = &bottlerocket["settings"]["network"];
    let https_proxy = network["https-proxy"].as_str().unwrap();
    assert_eq!(decoded(https_proxy), decoded(&expected["HTTPS_PROXY"]));
    assert!(!https_proxy.contains(['&', '\'', '=']), "{https_proxy}");
    let no_proxy = network["no-proxy"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry.as_str().unwrap());
    assert!(no_proxy.eq(node.no_proxy.iter().map(String::as_str)));

    let butane = yaml(&document(node, Format::Butane)).remove(0);
    let files = butane["storage"]["files"].as_array().unwrap();
    let file = |files: &[Value], path: &str| files.iter().find(|file| file["path"] == path).unwrap().clone();
    assert_eq!(
        file(files, "/etc/http-proxy-policy.env")["contents"]["inline"],
        **service
    );
    let environment = file(files, "/etc/environment");
    assert_eq!(
        pam_variables(environment["append"][0]["inline"].as_str().unwrap()),
        by_pam
    );

    let cloud_init = yaml(&document(node, Format::CloudInit)).remove(0);
    let files = cloud_init["write_files"].as_array().unwrap();
    assert_eq!(file(files, "/etc/http-proxy-policy.env")["content"], **service);
    let environment = file(files, "/etc/environment");
    assert_eq!(pam_variables(environment["content"].as_str().unwrap()), by_pam);
    // With credentials, Cluster API has them in a Secret.
    let [secret, spec] = &yaml(&document(node, Format::ClusterApi))[..] else {
        panic!("a Secret and the spec");
    };
    assert_eq!(secret["stringData"]["etc-http-proxy-policy.env"], **service);
    let reference =
        serde_json::json!({"secret": {"name": "http-proxy-policy-nodes", "key": "etc-http-proxy-policy.env"}});
    let files = spec["files"].as_array().unwrap();
    assert_eq!(file(files, "/etc/http-proxy-policy.env")["contentFrom"], reference);
    for file in files {
        assert!(
            file["content"]
                .as_str()
                .is_none_or(|content| content.len() <= 10_240 && !content.contains('@')),
            "{file}"
        );
    }
    let openshift = yaml(&document(node, Format::Openshift));
    let proxy = openshift.iter().find(|object| object["kind"] == "Proxy").unwrap();
    assert_eq!(proxy["spec"]["httpProxy"].as_str(), Some(&*expected["HTTP_PROXY"]));
    assert_eq!(proxy["spec"]["httpsProxy"].as_str(), Some(&*expected["HTTPS_PROXY"]));
}

fn decoded(url: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(url).collect()
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
    let files = cloud_init["write_files"].as_array().unwrap();
    let certificates = files
        .iter()
        .filter(|file| file["path"].as_str().unwrap().ends_with(".crt"));
    let certificates: Vec<&str> = certificates.map(|file| file["content"].as_str().unwrap()).collect();
    assert_eq!(certificates.concat(), bundle);
    assert_eq!(
        cloud_init["runcmd"][0],
        serde_json::json!(["sh", "/etc/http-proxy-policy/trust.sh"])
    );
    let user_data = document(&node, Format::Nodeadm);
    for certificate in &node.certificates {
        assert!(user_data.contains(certificate), "{user_data}");
    }
    let config_map = yaml(&document(&node, Format::Openshift)).remove(0);
    assert_eq!(config_map["data"]["ca-bundle.crt"], Value::String(bundle));
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

#[test]
fn networks_and_a_name_of_the_api_server_are_asked_for() {
    let asked = |more: &[&str]| {
        let mut notes = Vec::new();
        let mut args = arguments(Format::Systemd, &[]);
        args.no_proxy = more.iter().map(|text| (*text).to_owned()).collect();
        NodeProxy::of(&args, &mut notes)
            .map(|_| notes.concat())
            .map_err(|error| error.to_string())
    };
    assert!(asked(&["api.example.com"]).unwrap_err().contains("no network is given"));
    assert!(asked(&["10.0.0.1"]).unwrap_err().contains("no network is given"));
    assert!(
        asked(&["10.0.0.0/8"])
            .unwrap()
            .contains("no name of the API server's endpoint")
    );
    let notes = asked(&["10.0.0.0/8", "api.example.com"]).unwrap();
    assert!(!notes.contains("endpoint"), "{notes}");
}

#[test]
fn a_ca_alone_needs_no_network_and_says_nothing_of_a_list() {
    let mut args = arguments(Format::Talos, &[]);
    args.no_proxy = Vec::new();
    args.settings = fixtures().join("../cmd/ca.yaml").to_str().unwrap().to_owned();
    let mut notes = Vec::new();
    let node = NodeProxy::of(&args, &mut notes).unwrap();
    assert!(notes.is_empty() && node.no_proxy.is_empty(), "{notes:?}");
}

#[test]
fn units_are_services_and_each_counts_once() {
    let args = arguments(
        Format::Systemd,
        &["--unit", "docker", "--unit", "docker.service", "--unit", "a.b"],
    );
    let node = NodeProxy::of(&args, &mut Vec::new()).unwrap();
    assert_eq!(node.units, ["docker.service", "a.b.service"]);
    let parsed = Cli::try_parse_from([
        "http-proxy",
        "nodes",
        "-",
        "--format",
        "systemd",
        "--unit",
        "docker.socket",
    ]);
    assert!(parsed.is_err());
}

#[test]
fn networks_and_names_come_from_az_aks_show() {
    let cluster = fixtures().join("aks.json");
    let mut args = arguments(Format::Systemd, &["--from-aks", cluster.to_str().unwrap()]);
    args.no_proxy = Vec::new();
    let mut notes = Vec::new();
    let node = NodeProxy::of(&args, &mut notes).unwrap();
    for entry in [
        "10.244.0.0/16",
        "10.0.0.0/16",
        "shop-dns-0123abcd.hcp.westeurope.azmk8s.io",
    ] {
        assert!(node.no_proxy.iter().any(|known| known == entry), "{entry}");
    }
    assert!(notes.concat().contains("pass that of the nodes"), "{notes:?}");
}

#[test]
fn an_option_that_the_format_would_ignore_is_refused() {
    for (format, options) in [
        (Format::Talos, ["--unit", "kubelet.service"]),
        (Format::Systemd, ["--talos", "1.12"]),
        (Format::CloudInit, ["--variant", "fcos"]),
    ] {
        let refused = files(&node(), &arguments(format, &options), &mut Vec::new());
        let fault = refused.err().unwrap().to_string();
        assert!(fault.starts_with(options[0]), "{fault}");
    }
}

#[test]
fn talos_up_to_1_12_has_the_variables_in_the_machine_s_configuration() {
    for (version, path) in [
        ("1.12", "/machine/env"),
        ("v1.12.4", "/machine/env"),
        ("1.13", "/variables"),
        ("1.14", "/variables"),
    ] {
        let files = files(
            &node(),
            &arguments(Format::Talos, &["--talos", version]),
            &mut Vec::new(),
        );
        let document = yaml(&files.unwrap_or_default()[0].content).remove(0);
        assert!(document.pointer(path).is_some(), "{version}: {document}");
    }
}

#[test]
fn what_takes_a_reboot_is_said() {
    let mut notes = Vec::new();
    for format in [Format::Talos, Format::Openshift] {
        files(&node(), &arguments(format, &[]), &mut notes).unwrap();
    }
    files(&node(), &arguments(Format::Systemd, &["--whole-node"]), &mut notes).unwrap();
    let notes = notes.concat();
    for part in [
        "reboot each node to apply them, and to undo them",
        "reboots the nodes one by one",
        "reboot the node to apply and to undo it",
    ] {
        assert!(notes.contains(part), "{notes}");
    }
}

#[test]
fn user_data_that_is_too_long_for_ec2_is_said() {
    let mut node = node();
    for has_note in [false, true] {
        for format in [Format::Nodeadm, Format::Bottlerocket, Format::CloudInit] {
            let mut notes = Vec::new();
            files(&node, &arguments(format, &[]), &mut notes).unwrap();
            assert_eq!(notes.concat().contains("at most 16384"), has_note, "{notes:?}");
        }
        let certificate = node.certificates[0].clone();
        node.certificates.resize(20, certificate.repeat(3));
    }
}

#[test]
fn a_line_that_pam_does_not_read_is_not_written() {
    const FORMATS: [Format; 4] = [Format::Systemd, Format::Butane, Format::CloudInit, Format::ClusterApi];
    // `NO_PROXY=` and the end of the line are ten bytes.
    for (length, is_written, note) in [
        (1_013, true, None),
        (
            1_014,
            true,
            Some("PAM before version 1.4 skips a line of more than 1023"),
        ),
        (8_181, true, Some("if nodes have one, replace names in noProxy")),
        (
            8_182,
            false,
            Some("its block is omitted, because a line would have 8192 bytes"),
        ),
    ] {
        let mut node = node();
        node.no_proxy = vec!["a".repeat(length)];
        for format in FORMATS {
            let mut notes = Vec::new();
            let files = files(&node, &arguments(format, &[]), &mut notes).unwrap();
            // Of the files with the variables, it alone has these quotes.
            let has_block = |file: &File| file.content.contains("HTTP_PROXY='http://");
            assert_eq!(files.iter().any(has_block), is_written, "{length} {}", name(format));
            let is_listed = |file: &File| file.path == "manifest" && file.content.contains("block etc/environment ");
            assert_eq!(files.iter().any(is_listed), is_written && format == Format::Systemd);
            let said: Vec<&String> = notes
                .iter()
                .filter(|said| said.starts_with("/etc/environment: "))
                .collect();
            assert_eq!(said.len(), note.iter().count(), "{length} {}: {notes:?}", name(format));
            assert!(
                said.iter().all(|said| said.contains(note.unwrap_or_default())),
                "{notes:?}"
            );
        }
    }
}

#[test]
fn an_interrupted_run_leaves_no_manifest_and_no_file_that_is_cut() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/tmp")
        .join(format!("cut-{}", std::process::id()));
    let files = |paths: &[&str]| -> Vec<File> {
        let file = |path: &&str| File {
            path: (*path).to_owned(),
            mode: 0o600,
            content: "new".to_owned(),
        };
        paths.iter().map(file).collect()
    };
    out::write_all(&folder, &files(&["1", "2", "manifest"])).unwrap();
    fs::write(folder.join(".http-proxy-nodes.new"), "of an interrupted run").unwrap();
    fs::write(folder.join("1"), "old").unwrap();
    // A file cannot be where a folder has to be.
    fs::create_dir(folder.join("own")).unwrap();
    fs::write(folder.join("own/a"), "").unwrap();
    out::write_all(&folder, &files(&["1", "own/a/b", "2", "manifest"])).unwrap_err();
    assert!(!folder.join("manifest").exists());
    assert_eq!(fs::read_to_string(folder.join("1")).unwrap(), "new");
    out::write_all(&folder, &files(&["1", "manifest"])).unwrap();
    assert!(folder.join("manifest").exists() && !folder.join(".http-proxy-nodes.new").exists());
    let tree = written(&node(), Format::Systemd);
    let files = super::files(&node(), &arguments(Format::Systemd, &[]), &mut Vec::new()).unwrap();
    assert_eq!(files.last().unwrap().path, "manifest");
    assert!(tree["manifest"].ends_with("\nend\n"));
    fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_not_followed() {
    let folder = std::env::temp_dir().join(format!("http-proxy-link-{}", std::process::id()));
    fs::create_dir_all(folder.join("out")).unwrap();
    std::os::unix::fs::symlink("../outside", folder.join("out/a")).unwrap();
    let file = File {
        path: "a".to_owned(),
        mode: 0o600,
        content: String::new(),
    };
    let fault = out::write_all(&folder.join("out"), &[file]).unwrap_err().to_string();
    assert!(fault.contains("this command did not write it"), "{fault}");
    assert!(!folder.join("outside").exists());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn files_that_are_no_longer_written_are_removed_and_no_others() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/tmp")
        .join(format!("out-{}", std::process::id()));
    let file = |path: &str| File {
        path: path.to_owned(),
        mode: 0o600,
        content: "a".to_owned(),
    };
    out::write_all(&folder, &[file("a/b/1"), file("a/2")]).unwrap();
    fs::write(folder.join("a/own"), "").unwrap();
    fs::write(folder.join("../outside"), "").unwrap();
    let list = fs::read_to_string(folder.join(".http-proxy-nodes")).unwrap();
    fs::write(folder.join(".http-proxy-nodes"), list + "../outside\n").unwrap();
    out::write_all(&folder, &[file("a/2")]).unwrap();
    let exists = ["a/b", "a/2", "a/own", "../outside"].map(|path| folder.join(path).exists());
    assert_eq!(exists, [false, true, true, true]);
    let fault = out::write_all(&folder, &[file("a/own")]).unwrap_err().to_string();
    assert!(fault.contains("a/own: this command did not write it"), "{fault}");
    assert_eq!(fs::read_to_string(folder.join("a/own")).unwrap(), "");
    fs::remove_dir_all(folder).unwrap();
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

#[test]
fn bottlerocket_has_the_proxy_for_https_and_a_note_about_another_for_http() {
    let url = |host: &str| Some(format!("http://{host}.example:3128"));
    for (http, https, has_network, has_note) in [
        (url("a"), url("a"), true, false),
        (url("a"), url("b"), true, true),
        (url("a"), None, false, true),
        (None, url("b"), true, false),
        (None, None, false, false),
    ] {
        let node = NodeProxy {
            http_proxy: http.clone(),
            https_proxy: https.clone(),
            ..node()
        };
        let mut notes = Vec::new();
        let text = bottlerocket::document(&node, &mut notes).unwrap();
        let data: toml::Table = toml::from_str(&text).unwrap();
        let network = data["settings"].get("network");
        assert_eq!(
            network.map(|network| network["https-proxy"].as_str()),
            https.as_deref().map(Some)
        );
        assert_eq!(
            (network.is_some(), !notes.is_empty()),
            (has_network, has_note),
            "{http:?} {https:?}"
        );
        assert_eq!(node.has_proxy(), http.is_some() || https.is_some());
    }
}

#[test]
fn lengths_count_from_the_byte_after_the_most() {
    let with = |no_proxy: usize| NodeProxy {
        http_proxy: Some("http://proxy.example.com:3128".to_owned()),
        https_proxy: Some("http://proxy.example.com:3128".to_owned()),
        no_proxy: vec!["a".repeat(no_proxy)],
        certificates: Vec::new(),
        ..node()
    };
    let user_data = |no_proxy: usize| {
        let mut notes = Vec::new();
        let files = files(&with(no_proxy), &arguments(Format::Bottlerocket, &[]), &mut notes).unwrap();
        (files[0].content.len(), notes.len())
    };
    let (length, _) = user_data(1);
    let most = MAX_USER_DATA - length + 1;
    assert_eq!(user_data(most), (MAX_USER_DATA, 0));
    assert_eq!(user_data(most + 1), (MAX_USER_DATA + 1, 1));

    let line = |no_proxy: usize| {
        let mut notes = Vec::new();
        let block = tree::environment_block(&with(no_proxy), &mut notes);
        (block.is_some(), notes.len())
    };
    let more = env_file::pam_line("NO_PROXY", "").len();
    for (length, expected) in [
        (env_file::MAX_OLD_PAM_LINE, (true, 0)),
        (env_file::MAX_OLD_PAM_LINE + 1, (true, 1)),
        (env_file::MAX_PAM_LINE, (true, 1)),
        (env_file::MAX_PAM_LINE + 1, (false, 1)),
    ] {
        assert_eq!(line(length - more), expected, "{length}");
    }
}

#[test]
fn cluster_api_takes_from_a_secret_what_is_secret_or_too_long() {
    let with = |user: &str, certificate: usize| NodeProxy {
        http_proxy: Some(format!("http://{user}proxy.example.com:3128")),
        https_proxy: None,
        certificates: vec!["a".repeat(certificate)],
        ..node()
    };
    let kept_in_secret = |node: &NodeProxy| {
        let mut notes = Vec::new();
        let documents = yaml(&cluster_api::document(node, &mut notes).unwrap());
        assert_eq!(notes.len(), documents.len() - 1, "{notes:?}");
        let spec = documents.last().unwrap();
        let files = spec["files"].as_array().unwrap().iter();
        let secret = files.filter(|file| file["content"].is_null());
        secret
            .map(|file| file["path"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(kept_in_secret(&with("", 10_240)), [""; 0]);
    assert_eq!(kept_in_secret(&with("", 10_241)).len(), 1);
    let with_credentials = kept_in_secret(&with("user:p@", 10_240));
    assert!(
        with_credentials.contains(&"/etc/environment".to_owned()),
        "{with_credentials:?}"
    );
}

#[test]
fn a_node_with_a_proxy_for_https_alone_has_a_list() {
    let file = std::env::temp_dir().join(format!("http-proxy-https-{}.yaml", std::process::id()));
    fs::write(
        &file,
        "httpsProxy: http://proxy.example.com:3128\nnoProxy: [a.example]\n",
    )
    .unwrap();
    let args = args::Nodes {
        settings: file.to_str().unwrap().to_owned(),
        ..arguments(Format::Systemd, &[])
    };
    let node = NodeProxy::of(&args, &mut Vec::new()).unwrap();
    fs::remove_file(file).unwrap();
    assert_eq!(node.http_proxy, None);
    assert!(
        ["a.example", "10.96.0.0/12"]
            .iter()
            .all(|entry| node.no_proxy.iter().any(|own| own == entry))
    );
}

#[test]
fn the_whole_node_gets_a_proxy_where_that_is_wished_and_there_is_one() {
    let paths = |node: &NodeProxy| {
        let files = tree::systemd(node, &mut Vec::new()).into_iter();
        files.map(|file| file.path).collect::<Vec<String>>()
    };
    let has_apt = |node: &NodeProxy| paths(node).iter().any(|path| path.contains("apt"));
    let without_proxy = || NodeProxy {
        http_proxy: None,
        https_proxy: None,
        ..node()
    };
    assert!(has_apt(&node()));
    for node in [
        NodeProxy {
            whole_node: false,
            ..node()
        },
        without_proxy(),
    ] {
        assert!(!has_apt(&node), "{:?}", paths(&node));
    }
    let certificates_alone = paths(&without_proxy());
    assert!(
        !certificates_alone.iter().any(|path| path.contains("environment")),
        "{certificates_alone:?}"
    );
}
