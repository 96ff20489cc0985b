//! Input that is cut, odd, or there twice.

use explain::input::Source;
use serde_json::{Value, json};
use survey::{Dump, Report, survey};
use testkit::files::project_file;

use crate::read;

fn surveyed(dump: &Dump) -> Report {
    let settings = documents::parse("httpProxy: http://p:1").unwrap();
    survey(&Source::find("settings.yaml", &settings, None).unwrap(), dump).unwrap()
}

fn report(objects: &[Value]) -> Report {
    let lines: Vec<String> = objects.iter().map(Value::to_string).collect();
    surveyed(&read(&lines.join("\n")))
}

fn pod(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"},
        "spec": {"containers": [{"name": "main", "env": [{"name": "U", "value": "http://10.0.0.1"}]}]}})
}

/// As text, and as a page.
fn rendered(report: &Report) -> [String; 2] {
    let layout = explain::text::Layout::default();
    [survey::text::report(report, layout, true), survey::html::page(report)]
}

#[test]
fn an_odd_object_does_not_stop_the_report_which_says_what_was_not_read() {
    let with = |pointer: &str, value: Value| {
        let mut object = pod("odd");
        object["metadata"]["labels"] = json!({});
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        object.pointer_mut(parent).unwrap()[field] = value;
        object
    };
    let mut deep = json!("x");
    (0..200).for_each(|_| deep = json!([deep]));
    for (odd, fault) in [
        (with("/metadata/name", json!(2024)), "metadata.name must be a string"),
        (with("/metadata/name", Value::Null), "metadata.name is missing"),
        (
            with("/metadata/namespace", json!(7)),
            "metadata.namespace must be a string",
        ),
        (with("/metadata", Value::Null), "metadata must be an object"),
        (with("/metadata", json!("x")), "metadata must be an object"),
        (
            with("/metadata/ownerReferences", json!([{"kind": 1}])),
            "metadata.ownerReferences must be a list",
        ),
        (
            with("/metadata/labels", json!({"x": 1})),
            "metadata.labels must have strings",
        ),
        (with("/metadata/labels", json!([])), "metadata.labels must have strings"),
        (with("/kind", json!(1)), "kind must be a string"),
        (
            json!({"password": "S3cret"}),
            "not a Kubernetes object: kind is missing",
        ),
        (with("/spec/containers", deep.clone()), "it is nested too deeply"),
    ] {
        let report = report(&[pod("first"), odd.clone(), pod("last")]);
        assert_eq!(report.totals.pods, 2, "{odd}");
        let said = &report.not_judged[0];
        assert!(said.starts_with(&format!("dump.json: line 2: {fault}")), "{said}");
        assert!(
            said.ends_with("; this object was not read") && !said.contains("S3cret"),
            "{said}"
        );
        let [text, page] = rendered(&report);
        assert!(
            text.starts_with("The input is incomplete: dump.json: line 2: "),
            "{text}"
        );
        assert!(page.contains("The input is incomplete:"));
    }
}

#[test]
fn pods_with_odd_parts_are_judged_or_named() {
    for (pointer, value) in [
        ("/spec", Value::Null),
        ("/spec", json!(7)),
        ("/spec/containers", json!(7)),
        ("/spec/containers", json!([7])),
        ("/spec/containers", json!([{"name": 7}])),
        ("/spec/containers/0/env", json!({"a": "b"})),
        ("/spec/containers/0/env", json!([{"name": 1}])),
        ("/spec/volumes", json!("x")),
        ("/metadata/annotations", json!({"a": 1})),
        ("/metadata/annotations", json!([])),
        ("/status", json!([])),
    ] {
        let mut odd = pod("odd");
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        odd.pointer_mut(parent).unwrap()[field] = value;
        let report = report(&[pod("first"), odd.clone(), pod("last")]);
        assert_eq!(report.totals.pods, 3, "{odd}");
        rendered(&report);
    }
}

#[test]
fn lists_in_lists_are_read_in_json_as_in_yaml() {
    let list = |items: &[Value]| json!({"apiVersion": "v1", "kind": "List", "items": items});
    let mut untyped = pod("d");
    untyped.as_object_mut().unwrap().remove("kind");
    let pods = json!({"apiVersion": "v1", "kind": "PodList", "items": [untyped]});
    let inner = list(&[pod("c"), pods]);
    for text in [
        json!([list(&[pod("a"), pod("b")]), inner]).to_string(),
        list(&[pod("a"), list(&[pod("b"), inner.clone()])]).to_string(),
    ] {
        let dump = read(&text);
        assert_eq!((surveyed(&dump).totals.pods, dump.unread()), (4, &[][..]), "{text}");
    }
    let odd = list(&[list(&[pod("a"), json!({"kind": "Pod"}), json!({"kind": 1})])]);
    assert_eq!(
        read(&odd.to_string()).unread(),
        ["dump.json: line 1: metadata.name is missing; this object and 1 more were not read"]
    );
    let dump = read(&json!([[pod("a")], pod("b")]).to_string());
    assert!(
        dump.unread()[0].contains("not a Kubernetes object"),
        "{:?}",
        dump.unread()
    );
    let mut deep = pod("deep");
    (0..20).for_each(|_| deep = list(&[deep.clone()]));
    let dump = read(&list(&[pod("a"), deep]).to_string());
    assert_eq!(surveyed(&dump).totals.pods, 1);
    assert!(
        dump.unread()[0].contains("it is nested too deeply"),
        "{:?}",
        dump.unread()
    );
}

#[test]
fn escape_codes_of_names_reach_no_terminal() {
    let hostile = "\u{1b}[31mred\u{7}\u{9b}";
    let mut pod = pod(hostile);
    let field = |pod: &mut Value, pointer: &str| *pod.pointer_mut(pointer).unwrap() = json!(hostile);
    field(&mut pod, "/metadata/namespace");
    field(&mut pod, "/spec/containers/0/name");
    field(&mut pod, "/spec/containers/0/env/0/name");
    pod["spec"]["containers"][0]["env"].as_array_mut().unwrap().extend([
        json!({"name": "HTTPS_PROXY", "value": format!("http://{hostile}:1")}),
        json!({"name": hostile, "valueFrom": {"secretKeyRef": {"name": hostile, "key": "k"}}}),
    ]);
    pod["spec"]["containers"][0]["envFrom"] = json!([{"configMapRef": {"name": hostile}}]);
    let mut rejected = pod.clone();
    rejected["metadata"]["name"] = json!(format!("{hostile}2"));
    let report = report(&[pod, rejected]);
    for width in [60, 120] {
        for verbose in [false, true] {
            let layout = explain::text::Layout {
                width,
                verbose,
                ..explain::text::Layout::default()
            };
            let text = survey::text::report(&report, layout, true);
            assert!(!text.contains("[31mred") || text.contains("\u{fffd}[31mred"), "{text}");
            assert!(!text.contains(hostile) && !text.contains("\u{1b}[31mred"), "{text}");
            assert!(
                !text.contains(['\u{7}', '\u{9b}']) && text.contains("\u{1b}[1m"),
                "{text}"
            );
        }
    }
}

#[test]
fn the_time_grows_in_proportion_to_the_size_of_an_object() {
    let config_map = |data: Value| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "shop"}, "data": data});
    let with = |field: &str, value: Value| {
        let mut pod = pod("a");
        pod["spec"]["containers"][0][field] = value;
        pod
    };
    let numbers = |count: usize| (0..count).map(|number| number.to_string());
    let urls: String = numbers(60_000)
        .map(|number| format!("http://h{number}.example.com/\n"))
        .collect();
    let keys: serde_json::Map<String, Value> = numbers(30_000)
        .map(|number| (format!("K{number}"), json!("1")))
        .collect();
    let mut many = with("envFrom", json!([{"configMapRef": {"name": "c"}}]));
    let env = numbers(30_000).map(|number| json!({"name": format!("E{number}"), "value": "x"}));
    many["spec"]["containers"][0]["env"] = env.collect();
    for objects in [
        vec![with("args", numbers(30_000).map(Value::String).collect())],
        vec![config_map(json!({"a": urls})), pod("a")],
        vec![config_map(Value::Object(keys)), many],
    ] {
        let start = std::time::Instant::now();
        assert_eq!(report(&objects).totals.pods, 1);
        // A hundredth of it on a fast machine; where the time grows with the square, several times as much.
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }
}

#[test]
fn of_many_odd_objects_the_first_is_named() {
    let odd = json!({"kind": "Pod", "metadata": {"name": 1}});
    let report = report(&[pod("first"), odd.clone(), odd.clone(), odd]);
    assert_eq!(
        report.not_judged[0],
        "dump.json: line 2: metadata.name must be a string; this object and 2 more were not read"
    );
}

#[test]
fn odd_documents_of_yaml_are_left_out_too() {
    let mut dump = Dump::default();
    let text = format!(
        "# Two pods.\n{}\n---\nkind: Pod\nmetadata: {{name: 2024}}\n",
        pod("first")
    );
    dump.read("dump.yaml", text.as_bytes(), &mut |_| {}).unwrap();
    assert_eq!(
        dump.unread(),
        ["dump.yaml: line 4: metadata.name must be a string; this object was not read"]
    );
    assert_eq!(surveyed(&dump).totals.pods, 1);
}

#[test]
fn a_pod_that_is_there_twice_counts_once() {
    let report = report(&[pod("a"), pod("b"), pod("a")]);
    assert_eq!(report.totals.pods, 2);
    let said = "1 pod that is in the input again: the first counts".to_owned();
    assert!(report.not_judged.contains(&said), "{:?}", report.not_judged);
}

#[test]
fn what_has_finished_is_not_judged() {
    let mut done = pod("done");
    done["status"] = json!({"phase": "Succeeded"});
    let job = |name: &str, condition: &str| {
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": "shop"},
            "spec": {"template": {"spec": pod("x")["spec"]}}, "status": {"conditions": [{"type": condition, "status": "True"}]}})
    };
    let report = report(&[
        pod("runs"),
        done,
        job("ended", "Complete"),
        job("broken", "Failed"),
        job("waits", "Suspended"),
    ]);
    assert_eq!((report.totals.pods, report.totals.changed), (1, 1));
    let breaking: Vec<String> = report.findings.iter().map(|found| found.object.to_string()).collect();
    assert_eq!(breaking, ["Pod shop/runs", "Job shop/waits"]);
    assert!(
        report.not_judged.contains(&"1 pod that has finished".to_owned()),
        "{:?}",
        report.not_judged
    );
}

#[test]
fn wherever_a_dump_is_cut_it_is_surveyed_as_far_as_it_goes_or_refused_in_words() {
    let whole = std::fs::read(project_file("crates/survey/tests/fixtures/dump.json")).unwrap();
    let mut surveys = 0;
    for end in (100..whole.len()).step_by(100) {
        let mut dump = Dump::default();
        let result = dump.read("dump.json", &whole[..end], &mut |_| {});
        let said = match &result {
            Ok(()) => dump.unread()[0].clone(),
            Err(error) => error.to_string(),
        };
        let is_said = said.starts_with("dump.json: line ") && said.contains("ends in the middle");
        assert!(is_said, "{end}: {said}");
        if result.is_ok() && end % 5000 == 0 {
            let report = surveyed(&dump);
            let [text, page] = rendered(&report);
            let is_said = text.starts_with("The input is incomplete: dump.json: line ");
            assert!(is_said, "{end}: {text}");
            assert!(page.contains("The input is incomplete:</b> dump.json: line "), "{end}");
            surveys += 1;
        }
    }
    assert!(surveys > 20, "{surveys}");
}
