//! `http-proxy from-aks`, with what `az aks show`, templates and people give it: the policy that comes of it is valid, and nothing of
//! `noProxy` is lost in silence.
//!
//! An input is a text, or a zero byte and bytes that make a document.

#![no_main]

use http_proxy::check::Findings;
use http_proxy::from_aks;
use http_proxy_policy::companion;
use http_proxy_policy_fuzz::{check_secrecy, plain, temporary_file};
use libfuzzer_sys::fuzz_target;
use proptest::prelude::*;
use serde_json::Value;
use testkit::generators::documents::document;
use testkit::generators::from_bytes;
use testkit::json::Json;

thread_local! {
    static DOCUMENT: BoxedStrategy<Json> = document().boxed();
}

fuzz_target!(|data: &[u8]| {
    let is_made = data.first() == Some(&0);
    let text = match data {
        [0, bytes @ ..] => DOCUMENT.with(|document| from_bytes(document, bytes)).to_string(),
        text => String::from_utf8_lossy(text).into_owned(),
    };
    let file = temporary_file("cluster.json", &text);
    let said = match from_aks::migrate(&file) {
        Ok(migration) => {
            if is_made {
                check_kept(&text, &migration);
            }
            let mut findings = Findings::default();
            findings.check(&temporary_file("policy.yaml", &migration.manifest), false);
            assert!(findings.problems.is_empty(), "{}", migration.manifest);
            migration.changes.into_iter().chain(migration.remarks).collect()
        }
        Err(error) => {
            let error = format!("{error:#}");
            assert!(!error.is_empty());
            vec![error]
        }
    };
    check_secrecy(&plain(&text), &said);
});

/// Whatever `noProxy` listed stands in the policy, or a sentence says what became of it.
fn check_kept(text: &str, migration: &from_aks::Migration) {
    let documents = documents::values(documents::parse(text).expect("it was read"));
    let lists: Vec<&Value> = documents.iter().flat_map(no_proxy).collect();
    // Of several clusters, it is not clear whose list it is.
    let [Value::Array(entries)] = lists.as_slice() else {
        return;
    };
    let manifest = documents::values(documents::parse(&migration.manifest).expect("a manifest is YAML")).remove(0);
    let kept = manifest["spec"]["settings"]["noProxy"].as_array().into_iter().flatten();
    let kept: Vec<&str> = kept.filter_map(Value::as_str).collect();
    let replaced = migration
        .changes
        .iter()
        .any(|change| change.contains("every other entry"));
    for (index, entry) in entries.iter().enumerate() {
        let meant = entry.as_str().and_then(|entry| companion::no_proxy_entry(entry).ok());
        let is_kept = meant.is_some_and(|meant| kept.iter().any(|entry| entry.eq_ignore_ascii_case(&meant)));
        let is_told = migration
            .changes
            .iter()
            .any(|change| change.contains(&format!("[{index}]")));
        assert!(
            is_kept || is_told || replaced || entries[..index].contains(entry),
            "{entry} is lost"
        );
    }
}

/// The lists under `noProxy` in a document.
fn no_proxy(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(members) => {
            let of_member = |(key, value)| if key == "noProxy" { vec![value] } else { no_proxy(value) };
            members.iter().flat_map(of_member).collect()
        }
        Value::Array(items) => items.iter().flat_map(no_proxy).collect(),
        _ => Vec::new(),
    }
}
