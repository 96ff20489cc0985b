//! What is a finding and what is not, for one container and its settings.

use serde_json::{Value, json};
use survey::Report;

use crate::report_on;

fn service(namespace: &str, name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace},
        "spec": {"clusterIP": "10.96.0.10", "ports": [{"port": 80}]}})
}

fn pod(container: &Value) -> Value {
    let mut container = container.clone();
    container["name"] = json!("main");
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"containers": [container]}})
}

/// Names and values of variables.
type Env<'e> = &'e [(&'e str, &'e str)];

/// The report on a container with these variables, next to a Service `shop/api`.
fn of_env(settings: &Value, env: Env) -> Report {
    let env: Vec<Value> = env
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    report_on(settings, &[service("shop", "api"), pod(&json!({"env": env}))])
}

/// `breaks http://api` for each finding about a destination.
fn shown(report: &Report) -> Vec<String> {
    let report = serde_json::to_value(report).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| finding["value"].is_string() && finding["kind"] != "ownProxyDiffers");
    findings
        .map(|finding| format!("{} {}", text(&finding["severity"]), text(&finding["value"])))
        .collect()
}

#[test]
fn a_scheme_whose_proxy_the_policy_does_not_set_does_not_break() {
    let both = json!({"httpProxy": "http://p:1"});
    let https = json!({"httpsProxy": "http://p:1"});
    let cases: [(&Value, Env, &str, &str); 6] = [
        (
            &both,
            &[("HTTP_PROXY", "http://own:1"), ("http_proxy", "http://own:1")],
            "http",
            "grpc-go",
        ),
        (&both, &[("HTTP_PROXY", "http://own:1")], "http", "grpc-go"),
        (&both, &[("HTTP_PROXY", "")], "http", "grpc-go"),
        (&both, &[("HTTPS_PROXY", "")], "https", "Ruby"),
        (&both, &[("https_proxy", "http://own:1")], "https", "Ruby"),
        (&https, &[], "http", "grpc-go"),
    ];
    for (settings, own, scheme, client) in cases {
        let url = format!("{scheme}://api");
        let env = [own, &[("U", url.as_str())]].concat();
        let report = of_env(settings, &env);
        assert_eq!(shown(&report), [format!("check {url}")], "{env:?}");
        let found = report
            .findings
            .iter()
            .find(|found| found.value.as_ref() == Some(&url))
            .unwrap();
        assert!(
            found.why.contains(client) && !found.why.contains("urllib"),
            "{}",
            found.why
        );
        assert!(found.fix.ends_with("call api.shop.svc"), "{}", found.fix);
        assert!(!report.suggestions.entries().contains(&"api"), "{env:?}");
    }
}

#[test]
fn two_other_proxies_of_a_container_are_two_findings() {
    let own: Env = &[
        ("HTTP_PROXY", "http://a:1"),
        ("http_proxy", "http://a:1"),
        ("HTTPS_PROXY", "http://b:2"),
    ];
    let report = of_env(&json!({"httpProxy": "http://p:1"}), own);
    let differing = report
        .findings
        .iter()
        .filter(|found| found.why.contains("another proxy"));
    let shown: Vec<String> = differing
        .map(|found| [found.place.clone().unwrap(), found.value.clone().unwrap()].join(" "))
        .collect();
    assert_eq!(
        shown,
        ["env HTTPS_PROXY http://b:2", "env HTTP_PROXY, http_proxy http://a:1"]
    );
}

#[test]
fn the_other_scheme_of_the_same_container_breaks() {
    let settings = json!({"httpProxy": "http://p:1"});
    let own = ("HTTP_PROXY", "http://own:1");
    assert_eq!(
        shown(&of_env(&settings, &[own, ("U", "https://api")])),
        ["breaks https://api"]
    );
    assert_eq!(
        shown(&of_env(&settings, &[("HTTPS_PROXY", ""), ("U", "http://api")])),
        ["breaks http://api"]
    );
    let report = of_env(&json!({"httpsProxy": "http://p:1"}), &[("U", "https://api")]);
    assert_eq!(shown(&report), ["breaks https://api"]);
}

#[test]
fn a_list_with_everything_gets_no_entry() {
    let url = ("U", "http://api");
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "status": {"addresses": [{"type": "InternalIP", "address": "10.1.0.4"}]}});
    let env = json!({"env": [{"name": url.0, "value": url.1}]});
    let mut of_profile = pod(&env);
    of_profile["metadata"]["name"] = json!("of-profile");
    of_profile["metadata"]["labels"] = json!({"a": "b"});
    let objects = [service("shop", "api"), node, pod(&env), of_profile];
    let profile = |list: Value| json!([{"name": "p", "match": {"podSelector": {"matchLabels": {"a": "b"}}}, "httpProxy": "http://q:1", "noProxy": list}]);
    for (settings, lists) in [
        (json!({"httpProxy": "http://p:1", "noProxy": ["*"]}), json!([["*"]])),
        (
            json!({"httpProxy": "http://p:1", "noProxy": ["a.b"], "profiles": profile(json!(["*"]))}),
            json!([["a.b", "api", "10.96.0.0/24", "10.1.0.0/24"], ["*"]]),
        ),
        (
            json!({"httpProxy": "http://p:1", "noProxy": ["*"], "profiles": profile(json!(["a.b"]))}),
            json!([["*"], ["a.b", "api"]]),
        ),
        (
            json!({"httpProxy": "http://p:1", "noProxy": ["*"], "profiles": profile(json!(["*"]))}),
            json!([["*"], ["*"]]),
        ),
    ] {
        let report = report_on(&settings, &objects);
        let changed = survey::with_entries(&settings, &report.suggestions.entries());
        let mut written = vec![changed["noProxy"].clone()];
        written.extend(changed.pointer("/profiles/0/noProxy").cloned());
        assert_eq!(json!(written), lists);
        let again = report_on(&changed, &objects);
        let breaks = shown(&again).into_iter().filter(|shown| shown.starts_with("breaks"));
        assert_eq!(breaks.collect::<Vec<_>>(), Vec::<String>::new(), "{changed}");
        assert!(!report.suggestions.existing.contains(&"*".to_owned()));
        let is_tried = report.suggestions.remaining.is_some();
        assert_eq!(is_tried, !report.suggestions.entries().is_empty(), "{settings}");
    }
}

#[test]
fn addresses_for_callers_from_outside_are_known() {
    let mut api = service("shop", "api");
    api["spec"]["externalIPs"] = json!(["203.0.113.8"]);
    api["status"] = json!({"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}, {"ip": "10.9.9.9"}, {"hostname": "x.example.com"}]}});
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "status": {"addresses": [
        {"type": "InternalIP", "address": "10.1.0.4"}, {"type": "ExternalIP", "address": "203.0.113.7"}]}});
    for (address, severity, of) in [
        ("203.0.113.7", "check", "node n"),
        ("203.0.113.8", "check", "Service shop/api"),
        ("203.0.113.9", "check", "Service shop/api"),
        ("10.9.9.9", "breaks", "Service shop/api"),
    ] {
        let env = json!({"env": [{"name": "U", "value": format!("http://{address}")}]});
        let report = report_on(
            &json!({"httpProxy": "http://p:1"}),
            &[api.clone(), node.clone(), pod(&env)],
        );
        assert_eq!(shown(&report), [format!("{severity} http://{address}")]);
        let found = &report.findings[0];
        assert!(
            found.why.starts_with(&format!("An external address of {of}.")),
            "{}",
            found.why
        );
        assert!(found.fix.contains(address), "{}", found.fix);
        let entries = report.suggestions.entries();
        assert_eq!(entries.contains(&address), severity == "breaks", "{entries:?}");
    }
}

#[test]
fn a_fix_says_what_to_do_and_which_clients_need_it() {
    let settings = json!({"httpProxy": "http://p:1", "noProxyDefaults": false});
    let fix = |url: &str| {
        let report = of_env(&settings, &[("U", url)]);
        let found = report.findings.iter().find(|found| found.value.is_some()).unwrap();
        (found.why.clone(), found.fix.clone())
    };
    let (why, sentence) = fix("http://localhost:1");
    assert_eq!(sentence, "If the container uses one of them, add localhost to noProxy");
    assert!(why.contains("axios, axios (switch), axios 1.7"), "{why}");
    let service = service("io", "docker");
    let env = json!({"env": [{"name": "U", "value": "http://docker.io:8080"}]});
    let report = report_on(&json!({"httpProxy": "http://p:1"}), &[service, pod(&env)]);
    let notes = report.findings[0].notes.join("; ");
    assert!(
        notes.contains("if pods also call a public docker.io, call docker.io.svc instead"),
        "{notes}"
    );
}

#[test]
fn a_key_that_is_missing_is_added_to_the_object() {
    let settings =
        json!({"httpProxy": "http://p:1", "trustedCaFrom": {"configMapKeyRef": {"name": "ca", "key": "ca.crt"}}});
    let config_map = |name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop"}, "data": {"x": ""}});
    for (name, fix) in [
        ("ca", "Add the key ca.crt to it before the policy is switched on"),
        (
            "other",
            "Create it in the namespace shop before the policy is switched on",
        ),
    ] {
        let report = report_on(&settings, &[config_map(name), pod(&json!({}))]);
        assert_eq!(report.findings[0].fix, fix);
    }
}

#[test]
fn a_proxy_of_a_command_line_is_no_destination() {
    for text in [
        "HTTP_PROXY=http://10.0.0.1:1",
        "export https_proxy='http://10.0.0.1:1'",
        "{\"httpProxy\": 1, \"HTTP_PROXY\": \"http://10.0.0.1:1\"}",
    ] {
        let report = report_on(&json!({"httpProxy": "http://p:1"}), &[pod(&json!({"args": [text]}))]);
        assert_eq!(shown(&report), Vec::<String>::new(), "{text}");
    }
    let report = report_on(
        &json!({"httpProxy": "http://p:1"}),
        &[pod(
            &json!({"args": ["HTTP_PROXY=http://10.0.0.1:1 curl http://10.0.0.2"]}),
        )],
    );
    assert_eq!(shown(&report), ["breaks http://10.0.0.2"]);
}

#[test]
fn what_a_text_names_like_a_secret_is_not_shown() {
    for (name, value) in [
        ("CREDS", "http://S3CRETc"),
        ("CONFIG", "{\"password\":\"http://S3CRETj\"}"),
        ("CONFIG", "{\\\"password\\\": \\\"http://S3CRETj\\\"}"),
        ("CONFIG", "token: http://S3CRETy"),
        ("CONFIG", "--api-key=http://S3CRETz"),
    ] {
        let report = of_env(&json!({"httpProxy": "http://p:1"}), &[(name, value)]);
        let text = serde_json::to_string(&report).unwrap();
        assert!(!text.contains("S3CRET"), "{text}");
    }
    // What the cluster knows is no secret.
    let value = "{\"token_url\": \"http://api\"}";
    let report = of_env(&json!({"httpProxy": "http://p:1"}), &[("CONFIG", value)]);
    assert_eq!(shown(&report), ["breaks http://api"]);
}

#[test]
fn what_some_clients_alone_would_send_has_a_fix_for_them() {
    let network = json!({"apiVersion": "networking.k8s.io/v1", "kind": "ServiceCIDR", "metadata": {"name": "a"}, "spec": {"cidrs": ["10.96.0.0/16"]}});
    let with = |entry: &str| json!({"httpProxy": "http://p:1", "noProxy": [entry]});
    let https = json!({"httpsProxy": "http://p:1"});
    for (settings, value, expected) in [
        // Some read no networks, and some no addresses of IPv6.
        (&with("10.96.0.0/16"), "http://10.96.0.10", vec!["add 10.96.0.10"]),
        (&with("fd00::1"), "http://[fd00::1]:8080", vec!["add fd00::1"]),
        (&with("fd00::1"), "[fd00::1]:8080", vec![]),
        (&with("other"), "[fd00::1]:8080", vec!["Add fd00::1 to noProxy"]),
        // Some ask the proxy of the other scheme.
        (&https, "http://api", vec!["call api.shop.svc"]),
        (&https, "http://unknown", vec![]),
        (
            &https,
            "https://unknown",
            vec!["Look where it leads; if it is in the cluster, call its full name"],
        ),
        (&with("unknown"), "http://unknown:81", vec![]),
    ] {
        let pod = pod(&json!({"env": [{"name": "U", "value": value}]}));
        let report = report_on(settings, &[service("shop", "api"), network.clone(), pod]);
        let found = report.findings.iter().filter(|found| found.value.is_some());
        let fixes: Vec<String> = found
            .map(|found| found.fix.replace("If the container uses one of them, ", ""))
            .collect();
        assert_eq!(fixes, expected, "{settings} {value}");
    }
}
