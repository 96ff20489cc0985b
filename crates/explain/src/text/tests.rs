use serde_json::{Value, json};

use super::*;
use crate::answer::Native;
use crate::cluster::Cluster;
use crate::object::Place;

fn shown(pod: &Value, layout: Layout) -> String {
    let settings = json!({"httpProxy": "http://user:hunter2@proxy.example.com:3128", "noProxy": ["10.0.0.0/8"]});
    let cluster = Cluster::new(settings.to_string(), None);
    let explained = cluster.explain(pod, &Place::default(), &Native).unwrap();
    plain(&object(&explained[0], layout))
}

/// A text without its escape codes.
fn plain(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |shown, part| {
        shown + part.split_once('m').map_or("", |(_, rest)| rest)
    })
}

fn pod(env: &Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "api", "namespace": "shop"},
        "spec": {"containers": [{"name": "app", "env": env}]},
    })
}

#[test]
fn a_pair_shares_a_row_and_a_list_shows_its_length() {
    let text = shown(&pod(&json!([])), Layout::default());
    assert!(text.starts_with("Pod shop/api: changed\n"), "{text}");
    assert!(text.contains("\napp        HTTP_PROXY, http_proxy    set\n"), "{text}");
    assert!(
        text.contains("\n           NO_PROXY, no_proxy        set      1"),
        "{text}"
    );
    assert!(text.contains("\n@@ container app @@\n+  env:\n"), "{text}");
}

#[test]
fn upper_case_only_is_said_of_windows_pods_alone() {
    let mut pod = pod(&json!([]));
    pod["spec"]["containers"] = json!([
        {"name": "istio-proxy", "env": [{"name": "HTTPS_PROXY", "value": "v"}]}, {"name": "app"},
    ]);
    assert!(!shown(&pod, Layout::default()).contains("upper case only"));
    pod["spec"]["os"] = json!({"name": "windows"});
    let text = shown(&pod, Layout::default());
    assert!(text.contains("upper case only: a Windows pod"), "{text}");
}

#[test]
fn a_name_forges_no_line() {
    let mut pod = pod(&json!([]));
    pod["metadata"]["name"] = json!("api\nPod shop/other: changed\r\u{202e}");
    let text = shown(&pod, Layout::default());
    assert!(
        !text.contains("\nPod shop/other") && !text.contains(['\r', '\u{202e}']),
        "{text}"
    );
}

#[test]
fn escape_codes_of_names_and_values_reach_no_terminal() {
    let hostile = "\u{1b}[2Jx\u{9b}";
    let mut pod = pod(&json!([{"name": hostile, "value": hostile}, {"name": "NO_PROXY", "value": hostile}]));
    pod["metadata"]["name"] = json!(hostile);
    pod["spec"]["containers"][0]["name"] = json!(hostile);
    let cluster = Cluster::new(json!({"httpProxy": "http://p:1"}).to_string(), None);
    let explained = cluster.explain(&pod, &Place::default(), &Native).unwrap();
    let text = object(&explained[0], Layout::default());
    assert!(!text.contains("\u{1b}[2J") && !text.contains('\u{9b}'), "{text:?}");
    assert!(text.contains("\u{fffd}[2Jx") && text.contains("\u{1b}[1m"), "{text:?}");
}

#[test]
fn a_long_list_is_short_unless_verbose() {
    let layout = Layout::default();
    let text = shown(&pod(&json!([])), layout);
    assert!(text.contains("value: 10.0.0.0/8,localhost,127.0.0.1, … 1"), "{text}");
    let text = shown(
        &pod(&json!([])),
        Layout {
            verbose: true,
            ..layout
        },
    );
    assert!(text.contains(",169.254.170.23,"), "{text}");
}

#[test]
fn no_password_and_no_foreign_value_is_shown() {
    let env = json!([{"name": "TOKEN", "value": "s3cret"}, {"name": "https_proxy", "value": "http://own:s3cret@own.example.com:80"}]);
    for verbose in [false, true] {
        let text = shown(
            &pod(&env),
            Layout {
                verbose,
                ..Layout::default()
            },
        );
        assert!(!text.contains("hunter2") && !text.contains("s3cret"), "{text}");
        assert!(text.contains("http://…@proxy.example.com:3128"), "{text}");
    }
}

#[test]
fn what_may_be_a_secret_is_hidden_wherever_it_stands() {
    let settings = json!({
        "httpProxy": "http://proxy.example.com:3128", "noProxy": ["$(LATER)", "shown.example"], "runtimes": {"java": true},
    });
    let mut pod = pod(&json!([
        {"name": "JAVA_TOOL_OPTIONS", "value": "-Dhttp.proxyPassword=hunter2"},
        {"name": "TWICE", "value": "hunter2"},
        {"name": "TWICE", "value": "hunter2 again"},
        {"name": "https_proxy", "value": "u:hunter2@own.example:1"},
        {"name": "no_proxy", "value": "u:hunter2@own.example,b.example"},
        {"name": "NO_PROXY", "value": "http://u:hunter2@own.example/,b.example"},
        {"name": "LATER", "value": "hunter2"},
    ]));
    pod["metadata"]["annotations"] = json!({"http-proxy.kubewarden.io/no-proxy": "u:hunter2@h, ok.example"});
    pod["spec"]["volumes"] = json!([{"name": "share", "flexVolume": {"options": {"password": "hunter2"}}}]);
    for existing in ["Merge", "Override"] {
        let mut settings = settings.clone();
        settings["existingVariables"] = json!(existing);
        let cluster = Cluster::new(settings.to_string(), None);
        let explained = cluster.explain(&pod, &Place::default(), &Native).unwrap();
        for verbose in [false, true] {
            let layout = Layout {
                verbose,
                ..Layout::default()
            };
            let text = plain(&object(&explained[0], layout));
            assert!(!text.contains("hunter2"), "{text}");
            assert!(text.contains("-Dhttp.proxyHost=proxy.example.com"), "{text}");
        }
        let all = Layout {
            verbose: true,
            ..Layout::default()
        };
        assert!(object(&explained[0], all).contains("shown.example"));
    }
}

#[test]
fn no_line_is_wider_than_the_terminal_unless_it_is_one_value() {
    let layout = Layout::default();
    let mut pod = pod(&json!([]));
    pod["spec"]["containers"][0]["name"] = json!("a-rather-long-name-of-a-container");
    for line in shown(&pod, layout).lines().filter(|line| !line.contains("value: ")) {
        assert!(line.chars().count() <= layout.width, "{line}");
    }
}

#[test]
fn without_unicode_everything_is_ascii() {
    let text = shown(
        &pod(&json!([])),
        Layout {
            unicode: false,
            ..Layout::default()
        },
    );
    assert!(text.is_ascii() && text.contains("127.0.0.1, ... 1"), "{text}");
}

#[test]
fn the_summary_always_has_the_four_words() {
    let mut summary = Summary::default();
    assert_eq!(
        summary.to_string(),
        "0 objects: 0 changed, 0 unchanged, 0 rejected, 0 not sent"
    );
    (summary.changed, summary.not_sent, summary.warnings) = (1, 1, 1);
    assert_eq!(
        summary.to_string(),
        "2 objects: 1 changed, 0 unchanged, 0 rejected, 1 not sent; 1 warning"
    );
}
