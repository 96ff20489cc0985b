use serde_json::json;

use super::*;

const CONFIG: &str = "httpProxy: http://proxy:3128/";

fn values(text: &str) -> Vec<Value> {
    let documents = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    documents.into_iter().map(|document| document.value).collect()
}

fn recognise(text: &str) -> Content {
    Content::recognise(&values(text)[0])
}

fn error(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn settings_are_found_in_each_form_in_which_users_have_them() {
    for (text, path) in [
        (CONFIG, ""),
        ("settings: {httpProxy: http://proxy:3128/}", "settings"),
        (
            "{apiVersion: policies.kubewarden.io/v1, kind: ClusterAdmissionPolicy, spec: {settings: {httpProxy: \
             http://proxy:3128/}}}",
            "spec.settings",
        ),
        (
            "{apiVersion: policies.kubewarden.io/v1, kind: AdmissionPolicy, spec: {settings: {httpProxy: \
             http://proxy:3128/}}}",
            "spec.settings",
        ),
        (
            "{apiVersion: policies.kubewarden.io/v1, kind: AdmissionPolicyGroup, spec: {policies: {a: {settings: {httpProxy: \
             http://proxy:3128/}}}}}",
            "spec.policies.a.settings",
        ),
        ("httpProxyConfig: {httpProxy: http://proxy:3128/}", "httpProxyConfig"),
        (
            "{apiVersion: containerservice.azure.com/v1api20240901, kind: ManagedCluster, spec: {httpProxyConfig: {httpProxy: \
             http://proxy:3128/}}}",
            "spec.httpProxyConfig",
        ),
    ] {
        assert_eq!(
            recognise(text).settings(),
            [(path, &json!({"httpProxy": "http://proxy:3128/"}))],
            "{text}"
        );
    }
}

#[test]
fn a_manifest_of_another_kind_holds_no_settings() {
    let content = recognise("{apiVersion: v1, kind: ConfigMap, data: {settings: a}}");
    assert!(
        matches!(&content, Content::Other(kind) if kind == "ConfigMap"),
        "{content:?}"
    );
    assert!(content.settings().is_empty());
}

#[test]
fn a_kustomization_is_one_by_its_files() {
    let is_one = |text: &str| matches!(recognise(text), Content::Other(kind) if kind == "Kustomization");
    assert!(is_one("resources: [pod.yaml]"));
    for text in [
        "resources: []",
        "resources: [pod.yaml, {a: b}]",
        "resources: pod.yaml",
        "{}",
    ] {
        assert!(!is_one(text), "{text}");
    }
}

#[test]
fn a_file_is_named_unless_its_name_can_hold_a_password() {
    for (path, expected) in [
        ("-", "standard input"),
        ("", "a file without a name"),
        ("http://user:hunter2@proxy", "a URL with a user"),
        ("http://user@proxy", "a URL with a user"),
        ("user:hunter2@proxy", "a URL with a user"),
        ("u:hunter2@proxy", "a URL with a user"),
        ("me@corp:hunter2@proxy", "a URL with a user"),
        ("me@http://u:hunter2", "a URL with a user"),
        ("C:\\user:hunter2@proxy", "a URL with a user"),
        ("http://proxy/", "http://proxy/"),
        ("C:\\shop\\a@b.yaml", "C:\\shop\\a@b.yaml"),
        ("c:/a@b.yaml", "c:/a@b.yaml"),
        ("a@b:c.yaml", "a@b:c.yaml"),
        ("a@b.yaml", "a@b.yaml"),
    ] {
        assert_eq!(label(path), expected);
    }
    for (kind, expected) in [
        ("Pod", "Pod"),
        ("", "without a kind"),
        ("a b", "without a kind"),
        (&"a".repeat(63), &"a".repeat(63)),
        (&"a".repeat(64), "without a kind"),
    ] {
        assert_eq!(kind_label(kind), expected);
    }
}

#[test]
fn a_policy_of_the_same_name_in_another_group_is_another_kind() {
    assert!(matches!(
        recognise("{apiVersion: example.com/v1, kind: AdmissionPolicy, spec: {settings: {}}}"),
        Content::Other(_)
    ));
}

#[test]
fn a_policy_with_a_wrong_version_or_kind_is_one_all_the_same() {
    for head in [
        "kind: ClusterAdmissionPolicy",
        "apiVersion: kubewarden.io/v1, kind: ClusterAdmissionPolicy",
        "apiVersion: policies.kubewarden.io/v1, kind: clusteradmissionpolicy",
    ] {
        let Content::Policy(policy) = recognise(&format!("{{{head}, spec: {{settings: {{}}}}}}")) else {
            panic!("{head}");
        };
        assert_eq!(policy.kind, "ClusterAdmissionPolicy");
    }
}

#[test]
fn the_other_policies_of_a_group_have_no_settings_of_this_one() {
    let content = recognise(
        "{apiVersion: policies.kubewarden.io/v1, kind: AdmissionPolicyGroup, spec: {policies: {a: {module: other, settings: {a: 1}}, b: \
         {settings: {b: 1}}}}}",
    );
    assert_eq!(content.settings(), [("spec.policies.b.settings", &json!({"b": 1}))]);
}

#[test]
fn a_policy_without_settings_has_empty_ones() {
    let content = recognise("{apiVersion: policies.kubewarden.io/v1, kind: ClusterAdmissionPolicy, spec: {}}");
    assert_eq!(content.settings(), [("spec.settings", &json!({}))]);
}

#[test]
fn lists_arrays_and_streams_are_several_documents_with_their_paths_and_lines() {
    for (text, paths) in [
        ("a: 1\n---\n---\nb: 2\n", vec![("", 1), ("", 4)]),
        ("{\"a\": 1}\n{\"b\":\n2}", vec![("", 1), ("", 2)]),
        ("{\"a\": 1} {\"b\": 2}", vec![("", 1), ("", 1)]),
        (
            "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n{\"a\": 1},\n{\"b\": 2}]}",
            vec![("items[0]", 2), ("items[1]", 3)],
        ),
        (
            "apiVersion: v1\nkind: List\nitems:\n- a: 1\n- b: 2\n",
            vec![("items[0]", 4), ("items[1]", 5)],
        ),
        ("[{\"a\": 1},\n{\"b\": 2}]", vec![("[0]", 1), ("[1]", 2)]),
    ] {
        let documents = parse(text).unwrap();
        let found: Vec<(&str, usize)> = documents
            .iter()
            .map(|document| (&*document.path, document.line()))
            .collect();
        assert_eq!(found, paths, "{text}");
    }
}

#[test]
fn the_items_of_a_list_of_a_kind_are_of_that_kind() {
    let list = r#"{"apiVersion": "v1", "kind": "PodList", "items": [{"metadata": {}}]}"#;
    assert_eq!(
        values(list),
        [json!({"apiVersion": "v1", "kind": "Pod", "metadata": {}})]
    );
    assert_eq!(values("{kind: ShoppingList, items: [{}]}").len(), 1, "no manifest");
}

#[test]
fn each_value_has_its_line() {
    let yaml = "spec:\n  settings:\n    httpProxy:\n      http://p\n    noProxy:\n    - a\n    - b\n  a.b: {c: 1,\n    d: 2}\n";
    let json = "{\"spec\": {\n\"settings\": {\n\"httpProxy\":\n\"\", \"noProxy\": [\n\n\"a\",\n\"b\"]},\n\"a.b\": {\"c\":\n1,\"d\": 2}}}";
    for (text, lines) in [(yaml, [3, 7, 5, 9, 2]), (json, [4, 7, 4, 9, 2])] {
        let document = parse(text).unwrap().remove(0);
        let paths = [
            "spec.settings.httpProxy",
            "spec.settings.noProxy[1]",
            "spec.settings.noProxy[7].x",
            "spec.a.b.d",
            "spec.settings",
        ];
        assert_eq!(paths.map(|path| document.line_of(path)), lines, "{text}");
    }
}

#[test]
fn an_alias_stands_for_the_last_anchor_of_its_name() {
    assert_eq!(
        values("a: &x [1]\nb: *x\nc: &x [2]\nd: *x\ne: &y [3]\nf: *y\ng: *x\n"),
        [json!({"a": [1], "b": [1], "c": [2], "d": [2], "e": [3], "f": [3], "g": [2]})]
    );
}

#[test]
fn merge_keys_are_read_as_kubectl_reads_them() {
    for (text, value) in [
        ("a: &a {x: 1, z: 1}\nb: {<<: *a, z: 2}\n", json!({"x": 1, "z": 2})),
        ("a: &a {x: 1, z: 1}\nb: {z: 2, <<: *a}\n", json!({"x": 1, "z": 1})),
        ("b: {<<: [{x: 1}, {x: 2, z: 2}]}\n", json!({"x": 1, "z": 2})),
        ("b: {<<: {x: 1}, \"<<\": 3}\n", json!({"x": 1, "<<": 3})),
    ] {
        assert_eq!(values(text)[0]["b"], value, "{text}");
    }
    assert_eq!(
        error("b: {<<: 1}"),
        "line 1, column 9: a merge key (<<) takes a mapping, or a list of mappings"
    );
}

#[test]
fn a_key_that_is_there_twice_is_an_error() {
    for (text, place) in [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1"),
        ("{\"b\": 1,\n \"a\": {\"c\": 1, \"c\": 2}}", "line 2, column 18"),
        ("<<: {a: 1}\na: 2\na: 3\n", "line 3, column 1"),
    ] {
        let expected = format!("{place}: this key is in the same mapping twice; remove one of them");
        assert_eq!(error(text), expected, "{text}");
    }
}

#[test]
fn a_floating_point_key_has_the_name_that_kubectl_gives_it() {
    assert_eq!(
        values("- &million 1000000.0\n- {*million : 1, 123456.789: 2, '123456.789': 3, 1.10: 4}\n"),
        [
            json!(1_000_000),
            json!({"1e+06": 1, "123456.79": 2, "123456.789": 3, "1.1": 4})
        ]
    );
    let error = parse("18446744073709551615: 1\n").unwrap_err().to_string();
    assert!(error.contains("put it in quotes"), "{error}");
}

#[test]
fn tags_and_quotes_say_what_a_scalar_is() {
    assert_eq!(
        values("[no, 'no', !!str no, !!int '5', !!binary aGk=, !own 5, 08]"),
        [
            json!(false),
            json!("no"),
            json!("no"),
            json!(5),
            json!("hi"),
            json!("5"),
            json!(8)
        ]
    );
    for (text, value) in [
        ("+5", json!(5)),
        ("+0x1f", json!(31)),
        ("-0b11", json!(-3)),
        ("0o17", json!(15)),
        ("1_000", json!(1000)),
        ("+.5", json!(0.5)),
        ("+1e3", json!(1000)),
        ("+", json!("+")),
        ("0x", json!("0x")),
        ("+-5", json!("+-5")),
        ("0x-1", json!("0x-1")),
        ("-9223372036854775808", json!(i64::MIN)),
        ("18446744073709551615", json!(u64::MAX)),
    ] {
        assert_eq!(values(&format!("a: {text}"))[0]["a"], value, "{text}");
    }
    assert_eq!(
        values("1: a\nyes: b\n1.5: c\n"),
        [json!({"1": "a", "true": "b", "1.5": "c"})]
    );
    assert!(error("~: a").starts_with("line 1, column 1: kubectl does not take this value for a key"));
    assert!(error("a: .nan").starts_with("line 1, column 4: this value has no form in JSON"));
}

#[test]
fn numbers_of_json_stay_what_they_are() {
    let text = r#"{"a": [1.0, 18446744073709551615, -5, 0.1, 1e300, 2.2250738585072014e-308], "b": "\ud83d\ude00\/"}"#;
    assert_eq!(
        values(text)[0].to_string(),
        r#"{"a":[1.0,18446744073709551615,-5,0.1,1e+300,2.2250738585072014e-308],"b":"😀/"}"#
    );
}

#[test]
fn an_error_names_the_place_and_quotes_nothing() {
    for (text, expected) in [
        (
            "a: 1\nb: [http://u:hunter2@proxy",
            "line 2, column 4: invalid YAML or JSON",
        ),
        ("{\"a\": 1}\n{\"b\": hunter2}", "line 2, column 7: invalid YAML or JSON"),
        (
            "{\"a\": 1,\n\"b\" \"hunter2\"}",
            "line 2, column 5: invalid YAML or JSON",
        ),
        ("a: *hunter2", "line 1, column 4: invalid YAML or JSON"),
        ("{\"a\": 1} {\"b\": hunter2}", "line 1, column 16: invalid YAML or JSON"),
        (
            "{\"a\": 1}\n {\"b\": 1, \"b\": 2}",
            "line 2, column 13: this key is in the same mapping twice; remove one of them",
        ),
        (
            "a: &a [*a]",
            "line 1, column 8: this alias has no anchor above it; write the anchor (&NAME) first",
        ),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
}

#[test]
fn a_comment_in_json_is_named_as_one() {
    for (text, place) in [
        ("{\"a\": 1, // b\n\"c\": 2}", "line 1, column 10: "),
        ("{\n  /* b */ \"a\": 1}", "line 2, column 3: "),
        ("// a\n{\"b\": 1}", ""),
    ] {
        let error = error(text);
        assert!(error.starts_with(place), "{text}: {error}");
        assert!(
            place.is_empty() || error.ends_with("a comment, which JSON does not have; remove it"),
            "{error}"
        );
    }
    assert_eq!(values("{\"a\": \"http://b/*\"}")[0]["a"], "http://b/*");
}

#[test]
fn a_template_is_named_as_one() {
    for text in [
        "a: 1\n{{- if .Values.proxy }}\nb: 2\n{{- end }}\n",
        "a: 1\nhttpProxy: {{ .Values.proxy }}\n",
    ] {
        let message = error(text);
        assert!(message.starts_with("line 2, column"), "{message}");
        assert!(message.contains("render it first: helm template"), "{message}");
    }
    assert_eq!(values("a: '{{ $labels.pod }}'\n").len(), 1);
}

#[test]
fn what_is_nested_too_deeply_is_refused() {
    let aliases: String = (1..5000)
        .map(|level| format!("a{level}: &a{level} [*a{}]\n", level - 1))
        .collect();
    for text in [
        "[".repeat(100_000),
        "{\"a\":".repeat(400_000),
        "{a: ".repeat(500_000),
        "- ".repeat(1 << 20),
        "? ".repeat(1 << 20),
        format!("a0: &a0 []\n{aliases}"),
        format!("{}{}", "[".repeat(300), "]".repeat(300)),
    ] {
        assert!(error(&text).contains("nested too deeply"), "{}", error(&text));
    }
    assert_eq!(values(&format!("a: {}{}", "[".repeat(200), "]".repeat(200))).len(), 1);
}

#[test]
fn an_alias_is_as_deep_as_what_it_stands_for() {
    let nested = |levels: usize, inner: &str| format!("{}{inner}{}", "[".repeat(levels), "]".repeat(levels));
    let with_alias = |levels: usize| format!("a: &a {}\nb: {}\n", nested(100, ""), nested(levels, "*a"));
    assert_eq!(values(&with_alias(156)).len(), 1);
    assert!(error(&with_alias(157)).contains("nested too deeply"));
}

#[test]
fn aliases_do_not_multiply_without_limit() {
    let lists: String = (1..9)
        .map(|level| {
            format!(
                "a{level}: &a{level} [{}]\n",
                vec![format!("*a{}", level - 1); 10].join(",")
            )
        })
        .collect();
    let message = error(&format!("a0: &a0 [1, 2]\n{lists}"));
    assert!(
        message.ends_with("the aliases stand for more than 1,000,000 values; write fewer"),
        "{message}"
    );
}

#[test]
fn what_is_written_is_read_as_it_was() {
    let value = json!({
        "a": ["no", "y", "0644", "1e3", "null", "~", "a: b", "*x", "&y", "- a", "x #y", "a\nb\n", "", "  a", "a ", "%", "@a", "\u{7f}",
              "12:30", ".5", "a\r\nb", "\na\n\n", "=", "<<", "a".repeat(300), format!("{} ", "a b".repeat(100)), "{{ x }}"],
        "on": {}, "z": null, "1": 5, "f": 1.5, "g": u64::MAX, "h": -5, "c-d/e.f": true,
    });
    let text = to_yaml(&value).unwrap();
    assert_eq!(values(&text), [value], "{text}");
    assert!(!text.contains(">"), "{text}");
}
