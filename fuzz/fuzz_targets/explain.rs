//! The explanation of a policy and the objects of a cluster: it agrees with what the policy does, and with the API server's rules.
//!
//! An input is two texts with a zero byte between them, or a zero byte and bytes that make a manifest and objects.

#![no_main]

use anyhow::Result;
use documents::Document;
use explain::answer::{Native, Policy};
use explain::cluster::Cluster;
use explain::input::{self, PassedOver, Report, Source};
use explain::text::{self, Layout};
use http_proxy_policy_fuzz::{check_secrecy, webhook};
use libfuzzer_sys::fuzz_target;
use proptest::prelude::*;
use serde_json::Value;
use testkit::PASSWORD;
use testkit::generators::clusters::{manifest, objects, pod_labels};
use testkit::generators::from_bytes;
use testkit::json::Json;

const SETTINGS: &str = "settings";
const OBJECTS: &str = "objects";

thread_local! {
    static QUESTION: BoxedStrategy<(Json, Vec<Json>)> = (manifest(), objects()).boxed();
}

/// The policy's own code, compared with the explanation.
struct Compared;

impl Policy for Compared {
    fn validate(&self, payload: &[u8]) -> Result<Vec<u8>> {
        Native.validate(payload)
    }

    fn is_compared(&self) -> bool {
        true
    }
}

fuzz_target!(|data: &[u8]| {
    if let [0, bytes @ ..] = data {
        let (manifest, objects) = QUESTION.with(|question| from_bytes(question, bytes));
        let objects: Vec<Value> = objects.into_iter().map(|Json(object)| object).collect();
        let report = ask(&manifest.to_string(), &Value::from(objects.clone()).to_string());
        let report = report.expect("settings and objects are valid");
        check_sent(&report, &manifest, &objects);
        let shown = show(&report);
        assert!(!shown.iter().any(|text| text.contains(PASSWORD)), "{shown:#?}");
        return;
    }
    let text = String::from_utf8_lossy(data);
    let (settings, objects) = text.split_once('\0').unwrap_or((&text, ""));
    let said = match ask(settings, objects) {
        Ok(report) => show(&report),
        Err(problems) => {
            let is_located = |line: &String| [SETTINGS, OBJECTS].iter().any(|file| line.starts_with(file));
            assert!(!problems.is_empty() && problems.iter().all(is_located), "{problems:?}");
            problems
        }
    };
    check_secrecy(&text, &said);
});

/// Asks as `http-proxy explain` does. The problems name their lines.
fn ask(settings: &str, objects: &str) -> Result<Report, Vec<String>> {
    let source = source(settings)?;
    let notes = source.doubts();
    let mut cluster = Cluster::new(source.settings.to_string(), source.manifest);
    let documents = parse(OBJECTS, objects)?;
    input::learn(&mut cluster, OBJECTS, &documents);
    let explained = input::explain(&cluster, OBJECTS, &documents, &Compared, &mut PassedOver::default());
    let objects = explained.map_err(|error| vec![format!("{error:#}")])?;
    for object in &objects {
        assert_eq!(object.disagreement, None, "{}", object.object);
        assert_eq!(object.change.is_some(), object.reason.is_none(), "{}", object.object);
    }
    Ok(Report { objects, notes })
}

fn source(settings: &str) -> Result<Source, Vec<String>> {
    let documents = parse(SETTINGS, settings)?;
    let source = Source::find(SETTINGS, &documents, None).map_err(|error| vec![format!("{error:#}")])?;
    match source.problems() {
        problems if problems.is_empty() => Ok(source),
        problems => Err(problems),
    }
}

fn parse(name: &str, text: &str) -> Result<Vec<Document>, Vec<String>> {
    documents::parse(text).map_err(|mut error| {
        error.file = name.to_owned();
        vec![error.to_string()]
    })
}

/// Whether each pod is sent, by the API server's rules.
fn check_sent(report: &Report, manifest: &Value, objects: &[Value]) {
    let pods = report.objects.iter().filter(|explained| explained.object.kind == "Pod");
    for explained in pods {
        let pod = &explained.object;
        let named = |object: &&Value| match &pod.owner {
            Some(owner) => object["kind"] == *owner.kind && object["metadata"]["name"] == *owner.name,
            None => object["kind"] == "Pod" && object["metadata"]["name"].as_str() == pod.name.as_deref(),
        };
        let object = objects.iter().find(named).expect("each pod is of an object");
        let namespace = object["metadata"]["namespace"].as_str().expect("each has a namespace");
        let sent = webhook::is_sent(manifest, objects, namespace, pod_labels(object));
        assert_eq!(explained.sent, sent, "{pod}: {:?}", explained.reason);
    }
}

/// All forms of the report, on narrow and wide terminals.
fn show(report: &Report) -> Vec<String> {
    let texts = [40, 80, 200].map(|width| {
        let layout = Layout {
            width,
            unicode: width > 40,
            verbose: width > 80,
        };
        text::report(report, layout)
    });
    let json = serde_json::to_string(report).expect("a report is JSON");
    texts.into_iter().chain([json]).collect()
}
