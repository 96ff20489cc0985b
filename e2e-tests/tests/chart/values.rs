//! What each value of the chart changes.

use e2e_tests::chart::FOLDER;
use serde_json::{Value, json};
use testkit::files::project_file;

use crate::helm::{PROXY, Tools, example};

/// Values in YAML, and the paths of what they change: of the policy's spec, of the report's, of both, or of another object.
const CHANGES: &[(&str, &[&str])] = &[
    ("settings: {noProxy: [.corp.example.com]}", &["both/settings/noProxy"]),
    (
        "settings: {httpProxy: http://other:8080/}",
        &["both/settings/httpProxy"],
    ),
    ("module: {registry: registry.example.com:5000}", &["both/module"]),
    ("module: {tag: v9.9.9}", &["both/module"]),
    ("policyServer: proxies", &["both/policyServer"]),
    ("objectSelector: {matchLabels: {a: b}}", &["both/objectSelector"]),
    ("failurePolicy: Ignore", &["policy/failurePolicy"]),
    ("namespaces: {mode: All}", &["both/namespaceSelector/matchExpressions"]),
    ("namespaces: {excluded: []}", &[]),
    (
        "namespaceSelector: {matchLabels: {a: b}}",
        &["both/namespaceSelector/matchExpressions"],
    ),
    (
        "report: {enabled: false}",
        &["/ClusterAdmissionPolicy~1http-proxy-report"],
    ),
    (
        "serviceEntries: {enabled: true}",
        &["/ServiceEntry~1http-proxy-proxy-example-com"],
    ),
    (
        "test: {image: busybox}",
        &["/Pod~1http-proxy-test/spec/containers/0/image"],
    ),
];

/// The paths that one of [`CHANGES`] stands for.
fn paths(path: &str) -> Vec<String> {
    let of = |name: &str, field: &str| format!("/ClusterAdmissionPolicy~1{name}/spec/{field}");
    match path.split_once('/') {
        Some(("policy", field)) => vec![of("http-proxy", field)],
        Some(("both", field)) => vec![of("http-proxy", field), of("http-proxy-report", field)],
        _ => vec![path.to_owned()],
    }
}

#[test]
fn a_change_of_values_changes_what_was_asked_and_nothing_else() {
    let Some(tools) = Tools::find() else { return };
    let base = json!({"settings": {"httpProxy": PROXY}, "report": {"enabled": true}});
    let before = json!(tools.objects(&base));
    for (change, expected) in CHANGES {
        let mut values = base.clone();
        json_patch::merge(&mut values, &documents::parse(change).unwrap()[0].value);
        let changed: Vec<String> = json_patch::diff(&before, &json!(tools.objects(&values)))
            .iter()
            .map(|operation| operation.path().to_string())
            // The test's pod names what may be the reason.
            .filter(|path| path != "/Pod~1http-proxy-test/spec/containers/0/args/0")
            .collect();
        let expected: Vec<String> = expected.iter().flat_map(|path| paths(path)).collect();
        let is_expected = |path: &String| expected.iter().any(|expected| path.starts_with(expected.as_str()));
        let is_changed = |expected: &String| changed.iter().any(|path| path.starts_with(expected.as_str()));
        assert!(changed.iter().all(is_expected), "{change}: {changed:?}");
        assert!(expected.iter().all(is_changed), "{change}: {changed:?}");
    }
}

#[test]
fn selectors_become_expressions_which_every_version_of_kubewarden_reads() {
    let Some(tools) = Tools::find() else { return };
    let requirement = json!({"key": "tier", "operator": "Exists"});
    let selector = json!({"matchLabels": {"team": "shop"}, "matchExpressions": [requirement]});
    let values = json!({"settings": {"httpProxy": PROXY}, "namespaceSelector": selector, "objectSelector": selector});
    let policy = &tools.objects(&values)["ClusterAdmissionPolicy/http-proxy"]["spec"];
    let expected = json!({"matchExpressions": [{"key": "team", "operator": "In", "values": ["shop"]}, requirement]});
    assert_eq!(policy["namespaceSelector"], expected);
    assert_eq!(policy["objectSelector"], expected);
}

#[test]
fn the_module_is_the_published_one_or_that_of_a_private_registry() {
    let Some(tools) = Tools::find() else { return };
    let module = |values: Value| {
        let mut all = json!({"settings": {"httpProxy": PROXY}});
        json_patch::merge(&mut all, &values);
        tools.objects(&all)["ClusterAdmissionPolicy/http-proxy"]["spec"]["module"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let published = example("quickstart/policy.yaml").remove(0)["spec"]["module"].clone();
    assert_eq!(module(json!({})), published);
    let digest = format!("sha256:{}", "a".repeat(64));
    let private = json!({"module": {"registry": "registry.example.com:5000", "repository": "mirror/http-proxy", "digest": digest}});
    assert_eq!(
        module(private),
        format!("registry.example.com:5000/mirror/http-proxy@{digest}")
    );
    let of_rancher =
        json!({"global": {"cattle": {"systemDefaultRegistry": "rancher.example.com", "clusterId": "c-1"}}});
    assert!(module(of_rancher).starts_with("rancher.example.com/http-proxy-policy/"));
}

#[test]
fn a_value_that_is_null_is_the_default() {
    let Some(tools) = Tools::find() else { return };
    let settings = json!({"httpProxy": PROXY});
    let on = json!({"settings": settings, "report": {"enabled": true}, "serviceEntries": {"enabled": true}, "namespaces": {"mode": "All"}});
    let defaults = documents::read(project_file(FOLDER).join("values.yaml").to_str().unwrap());
    let mut paths = Vec::new();
    paths_below("", &defaults.unwrap().remove(0).value, &mut paths);
    assert!(
        paths.contains(&"/global/cattle/systemDefaultRegistry".to_owned()),
        "{paths:?}"
    );
    for path in paths.iter().filter(|path| *path != "/settings") {
        let mut base = on.clone();
        // What this value is without the null.
        let (parent, name) = path.rsplit_once('/').unwrap();
        if let Some(Value::Object(parent)) = base.pointer_mut(parent) {
            parent.remove(name);
        }
        let mut values = base.clone();
        let null = path[1..]
            .split('/')
            .rfold(Value::Null, |value, name| json!({ name: value }));
        // A patch would remove what is null.
        merge_nulls(&mut values, &null);
        assert_eq!(tools.objects(&values), tools.objects(&base), "{values}");
    }
}

/// The paths of all values, those with other values below included.
fn paths_below(path: &str, value: &Value, paths: &mut Vec<String>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let path = format!("{path}/{name}");
        paths_below(&path, value, paths);
        paths.push(path);
    }
}

fn merge_nulls(values: &mut Value, more: &Value) {
    for (name, more) in more.as_object().unwrap() {
        if more.is_null() || values.get(name).is_none() {
            values[name] = more.clone();
        } else {
            merge_nulls(&mut values[name], more);
        }
    }
}

#[test]
fn a_name_that_reads_like_another_kind_of_value_is_a_text() {
    let Some(tools) = Tools::find() else { return };
    for name in ["123", "true", "on", "null", "1e3", "0x1f", "1.5", "2026-01-01"] {
        let values = json!({
            "settings": {"httpProxy": format!("http://{name}.example.com:3128")},
            "name": name,
            "policyServer": name,
            "report": {"enabled": true},
            "serviceEntries": {"enabled": true, "namespace": if name.contains('.') { "a" } else { name }},
        });
        let objects = tools.objects(&values);
        let pod = format!("Pod/{name}-test");
        assert!(objects.contains_key(&pod), "{objects:?}");
        for object in [name.to_owned(), format!("{name}-report")] {
            let policy = &objects[&format!("ClusterAdmissionPolicy/{object}")];
            assert_eq!(policy["spec"]["policyServer"], name);
        }
    }
}

#[test]
fn every_proxy_of_the_settings_gets_one_service_entry() {
    let Some(tools) = Tools::find() else { return };
    let mut of_example = example("istio/service-entry.yaml").remove(0)["spec"].clone();
    of_example["ports"][0]["name"] = json!("tcp-3128");
    let settings = json!({
        "httpProxy": "http://user:p%40@proxy.example.com:3128/",
        "profiles": [
            {"name": "a", "match": {"namespaces": ["a"]}, "httpProxy": "http://dmz_proxy.example.com:08080", "httpsProxy": "https://DMZ_proxy.example.com:8443"},
            {"name": "b", "match": {"namespaces": ["b"]}, "httpProxy": "http://192.0.2.7:3128/", "httpsProxy": "https://[fd00::1]"},
            {"name": "c", "match": {"namespaces": ["c"]}, "httpProxy": "http://unused", "enabled": false},
        ],
    });
    let addresses = json!({"proxy.example.com": ["192.0.2.10"]});
    let objects =
        tools.objects(&json!({"settings": settings, "serviceEntries": {"enabled": true, "addresses": addresses}}));
    let entries: Vec<&Value> = objects
        .values()
        .filter(|object| object["kind"] == "ServiceEntry")
        .collect();
    let ports = |entry: &Value| -> Vec<u64> {
        entry["spec"]["ports"]
            .as_array()
            .unwrap()
            .iter()
            .map(|port| port["number"].as_u64().unwrap())
            .collect()
    };
    let found: Vec<(&str, Vec<u64>)> = entries
        .iter()
        .map(|entry| (entry["spec"]["hosts"][0].as_str().unwrap(), ports(entry)))
        .collect();
    assert_eq!(
        found,
        [
            ("http-proxy-192-0-2-7.internal", vec![3128]),
            ("dmz-proxy.example.com", vec![8080, 8443]),
            ("http-proxy-fd00-0-0-0-0-0-0-1.internal", vec![443]),
            ("proxy.example.com", vec![3128]),
        ]
    );
    assert_eq!(objects["ServiceEntry/http-proxy-proxy-example-com"]["spec"], of_example);
    assert!(!format!("{entries:?}").contains("p%40"));
}
