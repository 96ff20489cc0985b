//! What the system below limits: a variable's length, the size of a pod's annotations.

use admission::{Answer, create_request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use e2e_tests::both;
use serde_json::{Value, json};
use testkit::certificates::ROOT;

/// Linux's limit for one `NAME=value`, its closing NUL included.
const MAX_VARIABLE_BYTES: usize = 131_072;

/// As many bytes of a list as asked for, made of names.
fn list(bytes: usize) -> Vec<String> {
    let name = |i: usize| format!("host-{i:06}.corp.example");
    let each = name(0).len() + 1;
    let mut list: Vec<String> = (0..bytes / each).map(name).collect();
    let rest = bytes - list.join(",").len();
    list.last_mut().unwrap().insert_str(0, &"x".repeat(rest));
    list
}

fn validate(pod: &Value, settings: &Value) -> Answer {
    both::validate(&create_request(pod).unwrap(), settings)
}

#[test]
fn settings_that_make_a_variable_too_long_are_refused_with_the_numbers() {
    let settings = |bytes: usize| json!({"httpProxy": "http://p", "noProxyDefaults": false, "noProxy": list(bytes)});
    let longest = MAX_VARIABLE_BYTES - "NO_PROXY=".len() - 1;
    let verdict = both::validate_settings(&settings(longest));
    assert_eq!(verdict.message, None);
    let message = both::validate_settings(&settings(longest + 1)).message.unwrap();
    assert!(
        message.contains("131072 bytes or more; Linux allows fewer"),
        "{message}"
    );

    let of_profile = |profile: Value| json!({"httpProxy": "http://p", "noProxyDefaults": false, "profiles": [profile]});
    let own_list = of_profile(json!({"name": "a", "noProxy": list(longest + 1)}));
    let message = both::validate_settings(&own_list).message.unwrap();
    assert!(message.contains("131072 bytes or more"), "{message}");

    let expanded: Vec<String> = (0..3).map(|i| format!("10.{i}.0.0/20")).collect();
    let settings = json!({"httpProxy": "http://p", "noProxy": expanded, "expandCidrs": 4096});
    let message = both::validate_settings(&settings).message.unwrap();
    assert!(message.contains("lower expandCidrs"), "{message}");

    let url = format!("http://{}@proxy", "$".repeat(70_000));
    let message = both::validate_settings(&json!({"httpProxy": url})).message.unwrap();
    assert!(message.starts_with("httpProxy: is too long: 140028 bytes"), "{message}");
}

#[test]
fn a_container_whose_list_would_grow_too_long_keeps_its_own() {
    let own = list(MAX_VARIABLE_BYTES - 30).join(",");
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
        "spec": {"containers": [{"name": "app", "env": [{"name": "NO_PROXY", "value": own}]}]}});
    let answer = validate(&pod, &json!({"httpProxy": "http://p"}));
    assert_eq!(
        answer.warnings,
        [
            "container app: NO_PROXY is not changed, because its new value would be longer than the operating system allows; shorten it"
        ]
    );
    let env = answer.mutated_object.unwrap()["spec"]["containers"][0]["env"].take();
    let names: Vec<&str> = env
        .as_array()
        .unwrap()
        .iter()
        .map(|variable| variable["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["NO_PROXY", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"]
    );
    assert_eq!(env[0]["value"], own);
}

#[test]
fn java_gets_as_many_entries_as_jdk_8_reads_and_the_rest_is_counted() {
    let own = format!("-Dx={}", "x".repeat(700));
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
        "spec": {"containers": [{"name": "app", "env": [{"name": "JAVA_TOOL_OPTIONS", "value": own}]}]}});
    let answer = |entries: &[String]| {
        let settings =
            json!({"httpProxy": "http://p", "noProxyDefaults": false, "noProxy": entries, "runtimes": {"java": true}});
        let answer = validate(&pod, &settings);
        let mutated = answer.mutated_object.unwrap();
        let options = mutated["spec"]["containers"][0]["env"][0]["value"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(options.len() < 1_024 && options.ends_with(&own), "{options}");
        (options.matches("|*.host").count(), answer.warnings)
    };
    let entries = list(1_000);
    let (given, warnings) = answer(&entries);
    let left_out = entries.len() - given;
    let warning = format!(
        "container app: {left_out} entries of NO_PROXY are omitted from JAVA_TOOL_OPTIONS, because they would make it longer than JDK 8 accepts; shorten noProxy"
    );
    assert_eq!(warnings, [warning]);
    assert_eq!(answer(&entries[1..=given]), (given, Vec::new()));
    assert!(given > 0);
}

#[test]
fn a_windows_container_has_a_lower_limit() {
    let pod = |os: &str| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
        "spec": {"os": {"name": os}, "containers": [{"name": "app"}]}})
    };
    let settings = json!({"httpsProxy": "http://p", "noProxyDefaults": false, "noProxy": list(40_000)});
    assert_eq!(validate(&pod("linux"), &settings).warnings, Vec::<String>::new());
    let answer = validate(&pod("windows"), &settings);
    assert_eq!(answer.mutated_object, None);
    assert!(answer.warnings[0].starts_with("no proxy is set: NO_PROXY would be longer than Windows allows"));

    // The pod's own entries are what can be omitted.
    let mut pod = pod("windows");
    pod["metadata"]["annotations"] = json!({"http-proxy.kubewarden.io/no-proxy": list(40_000).join(",")});
    let answer = validate(
        &pod,
        &json!({"httpsProxy": "http://p", "noProxyDefaults": false, "noProxy": ["a"]}),
    );
    assert!(answer.warnings[0].starts_with("annotation http-proxy.kubewarden.io/no-proxy is ignored"));
    let env = &answer.mutated_object.unwrap()["spec"]["containers"][0]["env"];
    assert_eq!(
        env,
        &json!([{"name": "HTTPS_PROXY", "value": "http://p:80"}, {"name": "NO_PROXY", "value": "a"}])
    );
}

#[test]
fn a_url_that_is_too_long_for_windows_is_not_set_there() {
    let url = format!("http://{}@p:80", "u".repeat(32_760));
    let settings = json!({"httpProxy": "http://p:80", "httpsProxy": url, "noProxyDefaults": false});
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
        "spec": {"os": {"name": "windows"}, "containers": [{"name": "app"}]}});
    let answer = validate(&pod, &settings);
    assert_eq!(
        answer.warnings,
        ["HTTPS_PROXY is not set: its URL is longer than Windows allows; shorten the URL"]
    );
    let env = &answer.mutated_object.unwrap()["spec"]["containers"][0]["env"];
    assert_eq!(env, &json!([{"name": "HTTP_PROXY", "value": "http://p:80"}]));
}

#[test]
fn a_pod_that_would_grow_without_bounds_is_refused() {
    let containers: Vec<Value> = (0..40_000).map(|i| json!({"name": format!("c{i}")})).collect();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": containers}});
    let answer = validate(&pod, &json!({"httpProxy": "http://p", "noProxyDefaults": false}));
    assert_eq!(answer.code, Some(400));
    assert!(
        answer
            .message
            .unwrap()
            .contains("larger than the API server can store (4194304 bytes)")
    );
}

#[test]
fn a_pod_with_more_containers_than_there_is_time_for_a_long_list_is_refused() {
    let pod = |containers: usize| {
        let own = json!([{"name": "NO_PROXY", "value": "*"}]);
        let containers: Vec<Value> = (0..containers)
            .map(|i| json!({"name": format!("c{i}"), "env": own}))
            .collect();
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": containers}})
    };
    let settings = json!({"httpProxy": "http://p", "noProxyDefaults": false, "noProxy": list(64 * 1024)});
    assert!(validate(&pod(24), &settings).accepted);
    let answer = validate(&pod(25), &settings);
    assert_eq!(answer.code, Some(400));
    assert_eq!(
        answer.message.unwrap(),
        "request.object: the pod has too many containers for a NO_PROXY list this long; shorten noProxy, or split the pod"
    );
}

#[test]
fn a_list_with_more_items_than_any_node_runs_is_refused() {
    let pod = |variables: usize| {
        let env: Vec<Value> = (0..variables).map(|i| json!({"name": format!("V{i}")})).collect();
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
            "spec": {"containers": [{"name": "app", "env": env}]}})
    };
    let settings = json!({"httpProxy": "http://p"});
    assert!(validate(&pod(100_000), &settings).accepted);
    let answer = validate(&pod(100_001), &settings);
    assert_eq!(answer.code, Some(400));
    assert_eq!(
        answer.message.unwrap(),
        "spec.containers[0].env[100000]: is more than the 100000 items that a list may have; no node could run such a pod"
    );
}

#[test]
fn a_list_for_a_pod_is_read_as_far_as_there_is_time() {
    let networks: Vec<String> = (0..10_000)
        .map(|i| format!("10.{}.{}.0/20", i / 16 % 256, i % 16 * 16))
        .collect();
    let long = networks.join(",");
    for list in [&long[..MAX_VARIABLE_BYTES], &long] {
        let pod = json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "a", "annotations": {"http-proxy.kubewarden.io/no-proxy": list}},
            "spec": {"containers": [{"name": "app"}]}});
        let settings =
            json!({"httpProxy": "http://p", "noProxyDefaults": false, "noProxy": ["a"], "expandCidrs": 4096});
        let answer = validate(&pod, &settings);
        assert!(
            answer.warnings.last().unwrap().contains("no-proxy is ignored"),
            "{:?}",
            answer.warnings
        );
        let env = &answer.mutated_object.unwrap()["spec"]["containers"][0]["env"];
        assert_eq!(env[4], json!({"name": "NO_PROXY", "value": "a"}));
    }
}

#[test]
fn warnings_are_few_however_much_is_wrong() {
    let pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "a", "annotations": {"http-proxy.kubewarden.io/no-proxy": "!,".repeat(50_000)}}, "spec": {}});
    assert_eq!(validate(&pod, &json!({"httpProxy": "http://p"})).warnings.len(), 21);
}

#[test]
fn a_report_names_twenty_containers_and_counts_the_rest() {
    let message = |count: usize| {
        let containers: Vec<Value> = (0..count).map(|i| json!({"name": format!("c{i}")})).collect();
        let pod =
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": containers}});
        let answer = validate(&pod, &json!({"mode": "Report", "httpProxy": "http://p"}));
        answer.message.unwrap()
    };
    assert!(message(20).ends_with("no_proxy") && message(20).contains("container c19: "));
    assert!(message(21).ends_with("; and 1 more") && !message(21).contains("container c20: "));
}

#[test]
fn a_pod_whose_annotations_leave_no_room_gets_no_ca() {
    let settings = json!({"trustedCa": STANDARD.encode(ROOT)});
    let pod = |bytes: usize| {
        json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "a", "annotations": {"x": "é".repeat((bytes - 1) / 2)}},
        "spec": {"containers": [{"name": "app"}]}})
    };
    let annotations = validate(&pod(3), &settings).mutated_object.unwrap()["metadata"]["annotations"].take();
    let added = annotations.as_object().unwrap().iter().filter(|(key, _)| *key != "x");
    let added: usize = added
        .map(|(key, value)| key.len() + value.as_str().unwrap().len())
        .sum();
    // The record needs room as well. The key counts, and "é" is two bytes.
    let room = 256 * 1024 - added;
    let fits = validate(&pod(room - 1), &settings);
    assert_eq!(fits.warnings, Vec::<String>::new());
    assert!(fits.mutated_object.is_some());
    let full = validate(&pod(room + 2), &settings);
    assert_eq!(full.warnings.len(), 1);
    assert!(full.warnings[0].starts_with("the trusted CA is not added, because with it"));
    assert_eq!(full.mutated_object, None);
}

#[test]
fn a_pod_whose_annotations_leave_no_room_gets_no_record() {
    const RECORD: &str = "http-proxy.kubewarden.io/injected";
    let settings = json!({"httpProxy": "http://p"});
    let pod = |bytes: usize, record: Option<&Value>| {
        let mut annotations = json!({"x": "x".repeat(bytes - 1)});
        if let Some(record) = record {
            annotations[RECORD] = record.clone();
        }
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "annotations": annotations},
            "spec": {"containers": [{"name": "app"}]}})
    };
    let record = |pod: &Value| {
        let answer = validate(pod, &settings);
        let mutated = answer.mutated_object.unwrap();
        assert_eq!(mutated["spec"]["containers"][0]["env"].as_array().unwrap().len(), 6);
        let record = mutated["metadata"]["annotations"].get(RECORD).cloned();
        let told = answer.warnings.iter().filter(|warning| {
            warning.starts_with(&format!(
                "annotation {RECORD} is omitted, because the annotations of the pod would exceed 256 KiB"
            ))
        });
        assert_eq!(told.count(), usize::from(record.is_none()), "{:?}", answer.warnings);
        record
    };
    let written = record(&pod(1, None)).unwrap();
    let room = 256 * 1024 - RECORD.len() - written.as_str().unwrap().len();
    assert_eq!(record(&pod(room, None)), Some(written));
    assert_eq!(record(&pod(room + 1, None)), None);
    // Another one that is there makes room.
    let other = json!("v1\nother: NO_PROXY=77aa01ff+5");
    assert!(record(&pod(room, Some(&other))).is_some());
    assert_eq!(record(&pod(room + 1, Some(&other))), None);
}

#[test]
fn a_pod_whose_lists_leave_no_room_in_its_record_gets_neither_record_nor_ca() {
    let settings = json!({"httpProxy": "http://p", "trustedCa": STANDARD.encode(ROOT)});
    // The record keeps a list whose repeated entries merging omits.
    let list = json!([{"name": "NO_PROXY", "value": "long.example,".repeat(10_080)}]);
    let pod = |containers: &[&str]| {
        let containers: Vec<Value> = containers
            .iter()
            .map(|name| json!({"name": name, "env": list}))
            .collect();
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": containers}})
    };
    let one = validate(&pod(&["a"]), &settings);
    assert_eq!(one.warnings, Vec::<String>::new());
    let one = one.mutated_object.unwrap();
    assert_eq!(one["metadata"]["annotations"].as_object().unwrap().len(), 2);
    let two = validate(&pod(&["a", "b"]), &settings);
    assert_eq!(two.warnings.len(), 2, "{:?}", two.warnings);
    let two = two.mutated_object.unwrap();
    assert_eq!(two["metadata"].get("annotations"), None);
    assert_eq!(two["spec"].get("volumes"), None);
    // What nothing records is the user's from then on.
    let off = validate(&two, &json!({"enabled": false}));
    assert_eq!(off.mutated_object, None);
    let again = validate(&two, &settings).mutated_object.unwrap();
    assert_eq!(again["metadata"]["annotations"].as_object().unwrap().len(), 2);
}
