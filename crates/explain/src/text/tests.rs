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

/// A text with its escape codes, and those visible.
fn with_codes(text: &str) -> String {
    text.replace('\x1b', "^")
}

/// What becomes of a pod under a manifest with this specification.
fn explained(spec: &Value, pod: &Value) -> ObjectExplanation {
    let settings = json!({"httpProxy": "http://p.example:1", "noProxy": ["b.example"], "noProxyDefaults": false});
    let mut manifest = json!({"spec": spec});
    manifest["spec"]["rules"] = json!([
        {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]},
    ]);
    let manifest = crate::admission::Manifest::read(&manifest, &|path| format!("p.yaml:{path}"));
    let cluster = Cluster::new(settings.to_string(), Some(manifest));
    cluster.explain(pod, &Place::default(), &Native).unwrap().remove(0)
}

#[test]
fn what_is_rejected_is_red_and_what_changes_is_red_and_green() {
    let own = pod(&json!([{"name": "NO_PROXY", "value": "a.example"}]));
    let rejected = explained(&json!({"mutating": false}), &own);
    let text = with_codes(&object(&rejected, Layout::default()));
    assert!(text.starts_with("^[1mPod shop/api:^[0m ^[31mrejected^[0m\n"), "{text}");
    let changed = explained(&json!({"mutating": true}), &own);
    let text = with_codes(&object(&changed, Layout::default()));
    assert!(text.starts_with("^[1mPod shop/api:^[0m changed\n"), "{text}");
    let lines = "   - name: NO_PROXY\n^[31m-    value: a.example^[0m\n^[32m+    value: a.example,b.example^[0m\n^[32m+  - name: HTTP_PROXY^[0m\n";
    assert!(text.contains(lines), "{text}");
    let of = |objects: Vec<ObjectExplanation>| {
        let report = Report {
            objects,
            notes: Vec::new(),
        };
        with_codes(&super::report(&report, Layout::default()))
    };
    let count = "object: 1 changed, 0 unchanged, 0 rejected, 0 not sent\n";
    assert!(of(vec![changed.clone()]).ends_with(&format!("\n\n1 {count}")));
    let with_warnings = ObjectExplanation {
        warnings: vec!["one".to_owned(), "two".to_owned()],
        ..changed
    };
    let text = of(vec![with_warnings.clone(), rejected, with_warnings]);
    let count = "3 objects: 2 changed, 0 unchanged, 1 rejected, 0 not sent; 4 warnings";
    assert!(text.ends_with(&format!("\n\n^[31m{count}^[0m\n")), "{text}");
    assert!(
        text.contains("\n  ^[33mwarning:^[0m one\n  ^[33mwarning:^[0m two\n"),
        "{text}"
    );
}

#[test]
fn a_diff_has_the_parts_that_change_and_hides_what_is_not_the_policy_s() {
    let mut pod =
        pod(&json!([{"name": "TOKEN", "value": "s3cret"}, {"name": "http_proxy", "value": "http://own.example:1"}]));
    pod["spec"]["initContainers"] = json!([
        {"name": "init", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}, {"name": "istio-proxy", "env": []},
    ]);
    pod["spec"]["volumes"] = json!([{"name": "data", "hostPath": {"path": "/s3cret"}}]);
    pod["metadata"]["annotations"] = json!({"own": "s3cret"});
    let settings = json!({
        "httpProxy": "http://p.example:1", "noProxy": ["x.example"], "noProxyDefaults": false,
        "trustedCaFrom": {"configMapKeyRef": {"name": "ca", "key": "ca.crt"}}, "excludeContainers": ["istio-proxy"],
    });
    let cluster = Cluster::new(settings.to_string(), None);
    let explained = cluster.explain(&pod, &Place::default(), &Native).unwrap();
    let text = plain(&object(&explained[0], Layout::default()));
    let (_, diff) = text.split_once("\n--- before\n+++ after\n").unwrap();
    let metadata = "@@ metadata @@\n   annotations:\n+    http-proxy.kubewarden.io/injected: … (the record, 4 lines)\n     own: …\n";
    let init = "@@ init container init @@\n+  env:\n+  - name: HTTP_PROXY\n+    value: http://p.example:1\n+  - name: http_proxy\n";
    let mounts = "\n   volumeMounts:\n   - mountPath: /data\n     name: data\n+  - mountPath: /etc/http-proxy/trusted-ca\n+    \
                  name: http-proxy-trusted-ca\n+    readOnly: true\n@@ container app @@\n   - name: http_proxy\n     value: http://own.example:1\n+  - name: HTTPS_PROXY\n";
    let volumes = "\n@@ volumes @@\n   volumes:\n   - name: data\n+  - configMap:\n+      defaultMode: 420\n+      items:\n+      - \
                   key: ca.crt\n+        path: ca.crt\n+      name: ca\n+    name: http-proxy-trusted-ca\n";
    assert!(diff.starts_with(&format!("{metadata}{init}")), "{text}");
    assert!(diff.contains(mounts) && diff.ends_with(volumes), "{text}");
    assert!(!text.contains("s3cret") && !diff.contains("istio-proxy"), "{text}");
}

#[test]
fn a_debug_container_is_called_what_it_is() {
    let mut debug = pod(&json!([]));
    debug["spec"]["ephemeralContainers"] = json!([{"name": "debug"}]);
    let settings = json!({"httpProxy": "http://p.example:1", "noProxyDefaults": false});
    let mut cluster = Cluster::new(settings.to_string(), None);
    cluster.operation = crate::request::Operation::Update;
    let explained = cluster.explain(&debug, &Place::default(), &Native).unwrap();
    let text = plain(&object(&explained[0], Layout::default()));
    let expected = "
CONTAINER  VARIABLE                  OUTCOME  WHY
debug      HTTP_PROXY, http_proxy    set
           HTTPS_PROXY, https_proxy  set
           NO_PROXY, no_proxy        not set  the settings have no noProxy
                                              entries

--- before
+++ after
@@ ephemeral container debug @@
+  env:
+  - name: HTTP_PROXY
+    value: http://p.example:1
+  - name: http_proxy
+    value: http://p.example:1
+  - name: HTTPS_PROXY
+    value: http://p.example:1
+  - name: https_proxy
+    value: http://p.example:1
";
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn containers_of_unchanged_objects_are_shown_where_everything_is() {
    let own = pod(&json!([]));
    let mut excluded = own.clone();
    excluded["metadata"]["annotations"] = json!({"http-proxy.kubewarden.io/inject": "false"});
    let all = Layout {
        verbose: true,
        ..Layout::default()
    };
    for (pod, spec, verdict, in_short, in_full) in [
        (&own, json!({"mutating": true}), Verdict::Changed, true, true),
        (&own, json!({"mutating": false}), Verdict::Rejected, false, false),
        (
            &own,
            json!({"mutating": true, "mode": "monitor"}),
            Verdict::Unchanged,
            false,
            false,
        ),
    ] {
        let explained = explained(&spec, pod);
        assert_eq!(explained.verdict, verdict);
        let has_table = |layout| plain(&object(&explained, layout)).contains("\n\nCONTAINER ");
        assert_eq!([has_table(Layout::default()), has_table(all)], [in_short, in_full]);
    }
    let mut kept = pod(&json!([{"name": "http_proxy", "value": "x"}]));
    kept["spec"]["containers"][0]["name"] = json!("side");
    let settings = json!({"httpProxy": "http://p.example:1", "excludeContainers": ["side"]});
    let cluster = Cluster::new(settings.to_string(), None);
    let explained = cluster.explain(&kept, &Place::default(), &Native).unwrap();
    assert_eq!(explained[0].verdict, Verdict::Unchanged);
    let has_table = |layout| plain(&object(&explained[0], layout)).contains("\n\nCONTAINER ");
    assert_eq!([has_table(Layout::default()), has_table(all)], [false, true]);
}

#[test]
fn whether_an_object_is_sent_is_said_where_that_depends_on_something() {
    let base = explained(&json!({"mutating": true}), &pod(&json!([])));
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
    for (is_sent, unless, option, assumed, expected) in [
        (true, &[][..], None, &[][..], None),
        (true, &["a", "b"], None, &[], Some(&["yes, unless a, or b"][..])),
        (false, &["a"], None, &[], Some(&["no, unless a"])),
        (
            true,
            &[],
            None,
            &["namespace shop has no label", "c"],
            Some(&["yes, if c"]),
        ),
        (
            true,
            &["a"],
            None,
            &["c", "d"],
            Some(&["yes, unless a", "and if c", "and if d"]),
        ),
        (
            false,
            &[],
            Some("--namespace-labels a=b"),
            &[],
            Some(&["its labels are not in the input; give them: --namespace-labels\u{a0}a=b"]),
        ),
    ] {
        let explained = ObjectExplanation {
            sent: is_sent,
            unless: texts(unless),
            option: option.map(str::to_owned),
            assumed: texts(assumed),
            ..base.clone()
        };
        assert_eq!(sent(&explained), expected.map(texts));
    }
}

#[test]
fn a_layout_has_the_terminal_s_width_where_that_is_not_too_narrow() {
    for (width, expected) in [(None, 80), (Some(20), 40), (Some(40), 40), (Some(123), 123)] {
        for verbose in [false, true] {
            let layout = Layout::of_environment(width, verbose);
            assert_eq!((layout.width, layout.verbose), (expected, verbose));
        }
    }
}
