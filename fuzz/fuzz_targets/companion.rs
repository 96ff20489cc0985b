//! The companion command, with what users give it: `check` and `nodes`.
//!
//! An input is a text, or a zero byte and bytes that make a document.

#![no_main]

use clap::ValueEnum;
use http_proxy::args::{self, Format};
use http_proxy::check::Findings;
use http_proxy::nodes;
use http_proxy::nodes::{File, NodeProxy};
use http_proxy_policy_fuzz::{check_secrecy, plain, temporary_file};
use libfuzzer_sys::fuzz_target;
use proptest::prelude::*;
use serde_json::Value;
use testkit::PASSWORD;
use testkit::generators::documents::document;
use testkit::generators::from_bytes;
use testkit::json::Json;

thread_local! {
    static DOCUMENT: BoxedStrategy<Json> = document().boxed();
}

fuzz_target!(|data: &[u8]| {
    let text = match data {
        [0, bytes @ ..] => DOCUMENT.with(|document| from_bytes(document, bytes)).to_string(),
        text => String::from_utf8_lossy(text).into_owned(),
    };
    let file = temporary_file("settings.yaml", &text);
    let mut findings = Findings::default();
    findings.check(&file, false);
    let mut said = findings.notes;
    said.extend(findings.problems.iter().map(ToString::to_string));
    assert!(said.iter().all(|line| line.starts_with(&file)), "{said:?}");
    for profile in [None, Some("edge")] {
        check_nodes(&file, profile, &mut said);
    }
    check_secrecy(&plain(&text), &said);
});

/// Every format is read back, and all of them have the same values.
fn check_nodes(file: &str, profile: Option<&str>, said: &mut Vec<String>) {
    let mut arguments = args::Nodes {
        settings: file.to_owned(),
        format: Format::Systemd,
        no_proxy: vec!["10.0.0.0/8".to_owned(), "fd00::/8".to_owned()],
        from_aks: None,
        profile: profile.map(str::to_owned),
        out: None,
        units: Vec::new(),
        whole_node: false,
        talos: None,
        variant: None,
        files: args::SourceFiles::default(),
    };
    let node = match NodeProxy::of(&arguments, said) {
        Ok(node) => node,
        Err(error) => {
            said.push(format!("{error:?}"));
            return;
        }
    };
    let mut read = Vec::new();
    for format in Format::value_variants() {
        arguments.format = *format;
        arguments.talos = (*format == Format::Talos).then_some(args::TalosVersion(1, 13));
        arguments.variant = (*format == Format::Butane).then_some(args::Variant::Fcos);
        let files = nodes::files(&node, &arguments, said).expect("every format can be written");
        for file in &files {
            assert!(file.mode == 0o600 || !file.content.contains(PASSWORD), "{}", file.path);
        }
        read.push((*format, read_back(*format, &files)));
    }
    let values = |wanted: Format, path: &str| {
        let (_, documents) = read
            .iter()
            .find(|(format, _)| *format == wanted)
            .expect("each format is read");
        documents.iter().find_map(|document| document.pointer(path)).cloned()
    };
    let proxy = values(Format::Talos, "/variables/https_proxy");
    // Bottlerocket's templates escape some characters, which are percent-encoded there.
    let decoded = |url: Option<Value>| {
        let url = url.and_then(|url| url.as_str().map(str::to_owned));
        url.map(|url| percent_encoding::percent_decode_str(&url).collect::<Vec<u8>>())
    };
    assert_eq!(
        decoded(values(Format::Bottlerocket, "/settings/network/https-proxy")),
        decoded(proxy.clone())
    );
    assert_eq!(values(Format::Openshift, "/spec/httpsProxy"), proxy);
    if let Some(Value::Array(no_proxy)) = values(Format::Bottlerocket, "/settings/network/no-proxy") {
        let no_proxy: Vec<&str> = no_proxy.iter().map(|entry| entry.as_str().expect("a string")).collect();
        let joined = Value::from(no_proxy.join(","));
        assert_eq!(values(Format::Talos, "/variables/no_proxy"), Some(joined));
    }
    let trusted = values(Format::Talos, "/certificates");
    assert_eq!(values(Format::Openshift, "/data/ca-bundle.crt"), trusted);
}

/// The documents of a format; none for one that is not YAML or TOML.
fn read_back(format: Format, files: &[File]) -> Vec<Value> {
    match (format, files) {
        (Format::Systemd | Format::Rke2 | Format::K3s | Format::Nodeadm, _) => Vec::new(),
        (Format::Bottlerocket, [file]) => vec![toml::from_str(&file.content).expect("TOML")],
        (_, [file]) => documents::values(documents::parse(&file.content).expect("YAML")),
        (format, files) => panic!("{format:?}: {} files", files.len()),
    }
}
