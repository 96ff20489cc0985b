//! The survey of a cluster: however its dump is written, cut and read, the report is the same; it counts as the policy answers, and shows
//! no secret.
//!
//! An input is a dump, or a zero byte and bytes that make a policy manifest and objects.

#![no_main]

use std::io::{self, Read};

use explain::answer::{Native, Verdict};
use explain::cluster::Cluster;
use explain::input::{Source, learn};
use explain::object::Place;
use explain::text::Layout;
use http_proxy_policy_fuzz::check_secrecy;
use libfuzzer_sys::fuzz_target;
use proptest::prelude::*;
use serde_json::{Value, json};
use survey::report::{Severity, Totals};
use survey::{Dump, Report, with_entries};
use testkit::PASSWORD;
use testkit::generators::clusters::{manifest, objects};
use testkit::generators::from_bytes;
use testkit::json::Json;

thread_local! {
    static CLUSTER: BoxedStrategy<(Json, Vec<Json>)> = (manifest(), objects()).boxed();
    static SOURCE: Source = source(&json!({"httpProxy": "http://proxy.example.com:3128/", "noProxy": ["10.0.0.0/8"]}));
}

fuzz_target!(|data: &[u8]| {
    if let [0, bytes @ ..] = data {
        let (manifest, objects) = CLUSTER.with(|cluster| from_bytes(cluster, bytes));
        let objects: Vec<Value> = objects.into_iter().map(|Json(object)| object).collect();
        check_cluster(&manifest, &objects);
        return;
    }
    let mut dump = Dump::default();
    let read = dump.read("dump.json", data, &mut |_| {});
    let mut said: Vec<String> = dump.unread().to_vec();
    said.extend(
        read.and_then(|()| dump.check(&["dump.json"]))
            .err()
            .map(|error| format!("{error:#}")),
    );
    assert!(said.iter().all(|line| line.starts_with("dump.json")), "{said:?}");
    let report = SOURCE
        .with(|source| survey::survey(source, &dump))
        .expect("the settings are valid");
    said.extend(show(&report));
    check_secrecy(&String::from_utf8_lossy(data), &said);
});

fn source(settings: &Value) -> Source {
    let documents = documents::parse(&settings.to_string()).expect("JSON is read");
    Source::find("settings", &documents, None).expect("a document with settings")
}

fn check_cluster(manifest: &Value, objects: &[Value]) {
    let source = source(manifest);
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
    let report = survey(&source, &[list.as_bytes()]);
    assert_eq!(report.totals, totals(&source, &list));
    let (first, second) = objects.split_at(objects.len() / 2);
    let halves = [first, second].map(|half| documents::to_yaml_documents(half).expect("JSON can be written as YAML"));
    let other = survey(&source, &halves.each_ref().map(String::as_bytes));
    assert_eq!(json!(report), json!(other));
    let texts = show(&report);
    let is_safe = |text: &String| ![PASSWORD, "<img", "\u{1b}]"].iter().any(|part| text.contains(part));
    assert!(texts.iter().all(is_safe), "{texts:#?}");
    if let Some(remaining) = report.suggestions.remaining {
        let mut better = manifest.clone();
        better["spec"]["settings"] = with_entries(&source.settings, &report.suggestions.entries());
        let again = survey(&self::source(&better), &[list.as_bytes()]);
        let counts = [again.count(Severity::Breaks), again.count(Severity::Check)];
        assert_eq!(counts, [remaining.breaks, remaining.checks]);
    }
}

/// Surveys files, of which a reader gives one byte at a time.
fn survey(source: &Source, files: &[&[u8]]) -> Report {
    let mut dump = Dump::default();
    for file in files.iter().filter(|file| !file.is_empty()) {
        dump.read("dump.yaml", Bytewise(file), &mut |_| {})
            .expect("a file that kubectl wrote");
    }
    assert_eq!(dump.unread(), [""; 0]);
    survey::survey(source, &dump).expect("the settings are valid")
}

struct Bytewise<'b>(&'b [u8]);

impl Read for Bytewise<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(1);
        self.0.read(&mut buffer[..length])
    }
}

/// The pods by what becomes of each, asked one by one.
fn totals(source: &Source, list: &str) -> Totals {
    let mut cluster = Cluster::new(source.settings.to_string(), source.manifest.clone());
    let documents = documents::parse(list).expect("JSON is read");
    learn(&mut cluster, "dump.yaml", &documents);
    let mut totals = Totals::default();
    for pod in documents.iter().filter(|document| document.value["kind"] == "Pod") {
        let explained = cluster
            .explain(&pod.value, &Place::default(), &Native)
            .expect("the policy answers");
        totals.pods += 1;
        *match explained[0].verdict {
            Verdict::Changed => &mut totals.changed,
            Verdict::Unchanged => &mut totals.unchanged,
            Verdict::Rejected => &mut totals.rejected,
            Verdict::NotSent => &mut totals.not_sent,
        } += 1;
    }
    totals
}

/// All forms of the report.
fn show(report: &Report) -> Vec<String> {
    let layout = |verbose| Layout {
        verbose,
        ..Layout::default()
    };
    let texts = [false, true].map(|verbose| survey::text::report(report, layout(verbose), true));
    let [json, page] = [json!(report).to_string(), survey::html::page(report)];
    texts.into_iter().chain([json, page]).collect()
}
