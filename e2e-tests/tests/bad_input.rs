//! Whatever comes in, an answer goes out: a trap would deny every pod of a cluster.

use admission::{Answer, SettingsAnswer, create_request};
use e2e_tests::both;
use http_proxy_policy::policy;
use serde_json::json;
use testkit::requests::payload;

/// Payloads that are not what a policy server sends, and a word of the answer to each.
fn payloads() -> Vec<(Vec<u8>, &'static str)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let pod = |object: &str| payload(object, &json!({"httpProxy": "http://p"})).into_bytes();
    vec![
        (text(""), "is not valid JSON"),
        (text(" "), "is not valid JSON"),
        (text("hunter2"), "is not valid JSON"),
        (text("{\"request\": {}"), "is not valid JSON"),
        (text("{} {}"), "is not valid JSON"),
        (vec![0xff, 0xfe], "is not UTF-8"),
        (b"{\"request\": \"\xc3\x28\"}".to_vec(), "is not UTF-8"),
        (b"\xef\xbb\xbf{}".to_vec(), "is not valid JSON"),
        ("[".repeat(10_000).into_bytes(), "is not valid JSON"),
        ("{\"a\":".repeat(10_000).into_bytes(), "is not valid JSON"),
        (text("null"), "must have request and settings"),
        (text("[]"), "must be an object"),
        (text("1"), "must be an object"),
        (text("\"hunter2\""), "must be an object"),
        (text("{}"), "must have request and settings"),
        (text(r#"{"request": {}}"#), "AdmissionRequest"),
        (text(r#"{"request": {"operation": "CREATE"}}"#), "AdmissionRequest"),
        (text(r#"{"request": {"kind": {"kind": "Pod"}}}"#), "AdmissionRequest"),
        (text(r#"{"settings": {}}"#), "must have request and settings"),
        (text(r#"{"request": 1, "settings": {}}"#), "request: must be an object"),
        (
            text(r#"{"request": {"kind": {"kind": {}}}, "settings": {}}"#),
            "request.kind.kind: must be a string",
        ),
        (
            text(
                r#"{"request": {"kind": {"kind": "Pod"}, "operation": "CREATE", "object": {}}, "settings": "hunter2"}"#,
            ),
            "settings of this policy are invalid: must be an object",
        ),
        (pod("\"hunter2\""), "request.object: must be an object"),
        (pod("{\"spec\": \"hunter2\"}"), "spec: must be an object"),
        (
            pod(&format!("{{\"metadata\": {}", "[".repeat(10_000))),
            "is not valid JSON",
        ),
        (
            pod(&format!(
                "{{\"spec\": {{\"containers\": {}{}}}}}",
                "[".repeat(10_000),
                "]".repeat(10_000)
            )),
            "is not valid JSON",
        ),
        (
            pod("{\"spec\": {\"containers\": [{\"name\": \"\\ud800\"}]}}"),
            "is not valid Unicode text",
        ),
    ]
}

#[test]
fn a_bad_payload_is_rejected_with_what_is_wrong_and_nothing_of_it_quoted() {
    for (payload, word) in payloads() {
        let start = String::from_utf8_lossy(&payload[..payload.len().min(80)]).into_owned();
        let answer: Answer = serde_json::from_slice(&both::call("validate", &payload)).unwrap();
        assert!(!answer.accepted, "{start}");
        assert!(matches!(answer.code, Some(400 | 500)), "{start}: {:?}", answer.code);
        let message = answer.message.unwrap();
        assert!(message.contains(word), "{start}: {message}");
        assert!(!message.contains("hunter2"), "{start}: {message}");

        let answer: SettingsAnswer = serde_json::from_slice(&both::call("validate_settings", &payload)).unwrap();
        assert!(!answer.valid, "{start}");
        assert!(!answer.message.unwrap().contains("hunter2"), "{start}");
    }
}

/// The API server and Azure write `null` where nothing is set.
#[test]
fn a_field_of_the_settings_that_is_null_is_as_if_it_were_not_there() {
    let request = create_request(
        &json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "app"}]}}),
    );
    let request = request.unwrap();
    for field in policy::FIELDS {
        let proxy = if *field == "httpProxy" {
            "httpsProxy"
        } else {
            "httpProxy"
        };
        let expected = json!({proxy: "http://p"});
        let settings = json!({proxy: "http://p", *field: null});
        assert_eq!(both::validate_settings(&settings).message, None, "{field}");
        let [actual, expected] = [&settings, &expected].map(|settings| both::validate(&request, settings));
        assert_eq!(actual.mutated_object, expected.mutated_object, "{field}");
        assert!(actual.mutated_object.is_some(), "{field}");
    }
}

/// A policy server reads requests with a limit of 128 levels. The policy passes over what it does not know, however deep that is.
#[test]
fn what_the_policy_does_not_know_may_be_nested_deep() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let pod = format!(r#"{{"x": {deep}, "spec": {{"containers": [{{"name": "app"}}]}}}}"#);
    let answer = both::call("validate", payload(&pod, &json!({"httpProxy": "http://p"})).as_bytes());
    let start = r#"{"accepted":true,"mutated_object":{"metadata":"#;
    assert!(
        answer.starts_with(start.as_bytes()),
        "{}",
        String::from_utf8_lossy(&answer[..80])
    );

    // Settings are checked as a whole when the policy server starts, and described here where they are wrong all the same.
    let settings = format!(r#"{{"x": {deep}, "httpProxy": 1}}"#);
    let verdict: SettingsAnswer =
        serde_json::from_slice(&both::call("validate_settings", settings.as_bytes())).unwrap();
    assert_eq!(verdict.message.unwrap(), "is not valid JSON, or is nested too deeply");
    let request = payload("{}", &json!("SETTINGS")).replace(r#""SETTINGS""#, &settings);
    let answer: Answer = serde_json::from_slice(&both::call("validate", request.as_bytes())).unwrap();
    let message = answer.message.unwrap();
    assert!(message.contains("httpProxy: must be a string"), "{message}");
}

/// What API servers never send, and what JSON allows all the same. The last of several members of one name counts, as for the API
/// server; their order does not matter, and neither do escapes in their names.
#[test]
fn duplicate_members_any_order_and_escaped_names_get_the_answer_of_the_plain_payload() {
    let env = r#"[{"name":"HTTP_PROXY","value":"http://u:hunter2@p:1"},{"name":"http_proxy","value":"http://u:hunter2@p:1"},{"name":"HTTPS_PROXY","value":"http://u:hunter2@p:1"},{"name":"https_proxy","value":"http://u:hunter2@p:1"}]"#;
    let settings = r#""settings":{"httpProxy":"http://u:hunter2@p:1","noProxyDefaults":false}"#;
    let head = r#""kind":{"group":"","kind":"Pod"},"operation":"CREATE""#;
    for payload in [
        // The order of members.
        r#"{SETTINGS,"request":{HEAD,"object":{"metadata":{},"spec":{"containers":[{"name":"app"}]}}}}"#,
        r#"{"request":{"object":{"spec":{"containers":[{"name":"app"}]},"metadata":{}},HEAD},SETTINGS}"#,
        // Twice the same.
        r#"{"request":{HEAD,"object":{"spec":{"containers":1}},"object":{"spec":{"containers":[{"name":"app"}]}}},SETTINGS}"#,
        r#"{"request":{HEAD,"object":{"spec":{"containers":[{}]},"spec":{"containers":[{"name":"x","name":"app"}]}}},SETTINGS}"#,
        r#"{"request":{HEAD,"object":{"metadata":{"annotations":{"http-proxy.kubewarden.io/inject":"false","http-proxy.kubewarden.io/inject":"true"}},"spec":{"containers":[{"name":"app","env":[{"name":"A"}],"env":[]}]}}},SETTINGS}"#,
        r#"{"request":{HEAD,"object":{"spec":{"containers":[{"name":"app","env":[{"name":"HTTP_PROXY"}],"env":null}]}}},SETTINGS}"#,
        r#"{"settings":{"httpProxy":"hunter2"},"request":{HEAD,"object":{"spec":{"containers":[{"name":"app"}]}}},SETTINGS}"#,
        r#"{"request":{HEAD,"object":{"metadata":{"annotations":{"http-proxy.kubewarden.io/injected":"v1\napp: mount=36c2e500"}},"spec":{"containers":[{"name":"app","volumeMounts":[{"mountPath":"/etc/http-proxy/trusted-ca","name":"http-proxy-trusted-ca","readOnly":true}],"volumeMounts":null}]}}},SETTINGS}"#,
        r#"{"request":{HEAD,"object":{"metadata":{"annotations":{"http-proxy.kubewarden.io/injected":"v1 volume=5f15c80c"},"annotations":null},"spec":{"volumes":[{"name":"http-proxy-trusted-ca"}],"volumes":[],"containers":[{"name":"app"}]}}},SETTINGS}"#,
        // Escapes in names.
        r#"{"req\u0075est":{HEAD,"obj\u0065ct":{"sp\u0065c":{"cont\u0061iners":[{"n\u0061me":"app","\u0065nv":[]}]}}},SETTINGS}"#,
    ] {
        let payload = payload.replace("SETTINGS", settings).replace("HEAD", head);
        let answer: Answer = serde_json::from_slice(&both::call("validate", payload.as_bytes())).unwrap();
        let app = answer
            .mutated_object
            .unwrap_or_else(|| panic!("{payload}: {:?}", answer.message))["spec"]["containers"][0]
            .take();
        assert_eq!(app["env"].to_string().replace(' ', ""), env, "{payload}");
    }
}

/// Members of every name of a pod, twice and with values of other kinds.
#[test]
fn duplicate_members_of_any_kind_get_an_answer_without_secrets() {
    let record = r#""http-proxy.kubewarden.io/injected":"v1 volume=9901cd0c\napp: HTTPS_PROXY=e881d591 no_proxy=e881d591+1 mount=36c2e500""#;
    let pod = |members: &str, annotations: &str, spec: &str| {
        format!(
            r#"{{"metadata":{{"annotations":{{{record}{annotations}}}}},"spec":{{"volumes":[{{"name":"http-proxy-trusted-ca"}}],"containers":[{{"name":"app","env":[{{"name":"HTTPS_PROXY","value":"http://p:80"}},{{"name":"no_proxy","value":"a"}}],"volumeMounts":[{{"mountPath":"/etc/http-proxy/trusted-ca","name":"http-proxy-trusted-ca","readOnly":true}}]{members}}}]{spec}}}}}"#
        )
    };
    for value in ["null", "[]", "{}", "1", "\"x\"", "[null]", "[{}]"] {
        let mut pods = Vec::new();
        for key in ["name", "env", "envFrom", "volumeMounts", "securityContext"] {
            pods.push(pod(&format!(r#","{key}":{value}"#), "", ""));
        }
        for key in [
            "volumes",
            "containers",
            "initContainers",
            "os",
            "nodeSelector",
            "affinity",
        ] {
            pods.push(pod("", "", &format!(r#","{key}":{value}"#)));
        }
        pods.push(pod(
            "",
            &format!(r#",{record},"http-proxy.kubewarden.io/trusted-ca":{value}"#),
            "",
        ));
        for settings in [
            json!({"httpProxy": "http://u:hunter2@p:1"}),
            json!({"trustedCaFrom": {"configMapKeyRef": {"name": "a", "key": "b"}}, "httpProxy": "http://u:hunter2@p:1"}),
            json!({"enabled": false}),
        ] {
            for pod in &pods {
                let answer = both::call("validate", payload(pod, &settings).as_bytes());
                let answer: Answer = serde_json::from_slice(&answer).unwrap();
                let shown = format!("{:?} {:?}", answer.message, answer.warnings);
                assert!(!shown.contains("hunter2"), "{pod}: {shown}");
                if let Some(pod) = answer.mutated_object {
                    assert!(pod["spec"].is_object(), "{pod}");
                }
            }
        }
    }
}
