//! What containers have and are: own proxies, runtimes, profiles.

use serde_json::{Value, json};

use crate::report_on;

/// `check java image -` for each finding on a pod with one container, with the reason in brackets where it is of these kinds.
fn found(settings: &Value, container: &Value, others: &[Value]) -> Vec<String> {
    let mut container = container.clone();
    container["name"] = json!("main");
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"containers": [container]}});
    let report = report_on(settings, &[&[pod], others].concat());
    let report = serde_json::to_value(report).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let shown = findings.map(|found| {
        let text = |field: &str| found[field].as_str().unwrap_or("-").to_owned();
        [text("severity"), text("kind"), text("where"), text("value")].join(" ")
    });
    shown.collect()
}

fn env(variables: &[(&str, &str)]) -> Value {
    let variables = variables
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}));
    json!({"env": variables.collect::<Vec<_>>()})
}

#[test]
fn images_commands_and_variables_tell_runtimes() {
    let settings = json!({"httpProxy": "http://p:1"});
    for (image, expected) in [
        ("eclipse-temurin:21", "java"),
        ("registry.example.com:5000/team/openjdk", "java"),
        ("app:17-jdk17", "java"),
        ("app:8_jre", "java"),
        ("tomcat10.1", "java"),
        ("java/app:1", ""),
        ("javascript:1", ""),
        ("app@sha256:0123", ""),
        ("node", "node"),
        ("node20:lts", "node"),
        ("registry:5000/node", "node"),
        ("docker.io/library/node:20@sha256:0123", "node"),
        ("my-nodejs18-app", "node"),
        ("node-exporter:1", ""),
        ("node/app", ""),
        ("app:node", ""),
        ("", ""),
    ] {
        let kinds: Vec<String> = found(&settings, &json!({"image": image}), &[]);
        let expected: Vec<String> = [expected]
            .iter()
            .filter(|kind| !kind.is_empty())
            .map(|kind| format!("check {kind} image -"))
            .collect();
        assert_eq!(kinds, expected, "{image}");
    }
    for (command, expected) in [
        (json!(["/usr/bin/java", "-jar"]), vec!["check java image -"]),
        (json!(["java"]), vec!["check java image -"]),
        (json!(["/usr/local/bin/npm", "start"]), vec!["check node image -"]),
        (json!(["node"]), vec!["check node image -"]),
        (json!(["sh", "java", "node"]), vec![]),
        (json!(["/java/x"]), vec![]),
    ] {
        assert_eq!(
            found(&settings, &json!({"command": command, "image": "app"}), &[]),
            expected,
            "{command}"
        );
    }
}

#[test]
fn a_runtime_that_has_the_proxy_is_no_finding() {
    let plain = json!({"httpProxy": "http://p:1"});
    let with = |runtimes: Value| json!({"httpProxy": "http://p:1", "runtimes": runtimes});
    let (java, node) = (("JAVA_HOME", "/x"), ("NODE_ENV", "x"));
    let [is_java, is_node] = ["check java image -", "check node image -"];
    for (settings, variables, expected) in [
        (&plain, &[java, node][..], vec![is_java, is_node]),
        (&with(json!({"java": true})), &[java, node], vec![is_node]),
        (&with(json!({"node": true})), &[java, node], vec![is_java]),
        (&plain, &[java, ("JAVA_OPTS", "-Xmx1g -Dhttps.proxyHost=p")], vec![]),
        (
            &plain,
            &[java, ("CATALINA_OPTS", "-Djava.net.useSystemProxies=true")],
            vec![],
        ),
        (
            &plain,
            &[java, ("JAVA_OPTS", "-Djava.net.useSystemProxies=false")],
            vec![is_java],
        ),
        (&plain, &[java, ("OTHER", "-Dhttp.proxyHost=p")], vec![is_java]),
        (&plain, &[node, ("NODE_USE_ENV_PROXY", "1")], vec![]),
        (&plain, &[node, ("NODE_USE_ENV_PROXY", "0")], vec![is_node]),
        (&plain, &[("NODE_OPTIONS", "--use-env-proxy")], vec![]),
        (&plain, &[("NODE_OPTIONS", "--inspect")], vec![is_node]),
    ] {
        assert_eq!(found(settings, &env(variables), &[]), expected, "{variables:?}");
    }
}

#[test]
fn busybox_is_a_limit_where_it_calls_wget() {
    let settings = json!({"httpProxy": "http://p:1"});
    for (image, command, is_found) in [
        ("busybox", "wget x", true),
        ("registry:5000/library/busybox-musl:1@sha256:0", "a;wget", true),
        ("busybox", "curl x", false),
        ("busybox", "/usr/bin/wget2 x", false),
        ("app-busybox", "wget x", false),
        ("busybox/app", "wget x", false),
        ("debian", "wget x", false),
    ] {
        let container = json!({"image": image, "command": ["sh", "-c", command]});
        assert_eq!(
            found(&settings, &container, &[]).len(),
            usize::from(is_found),
            "{image} {command}"
        );
    }
}

#[test]
fn an_own_proxy_is_the_same_another_or_none() {
    let settings = json!({"httpProxy": "http://proxy.example.com:3128", "noProxy": ["a.example"]});
    let same = ("HTTP_PROXY", "http://proxy.example.com:3128");
    let is_same = |names: &str| vec![format!("info ownProxySame env {names} -")];
    let differs = |names: &str, value: &str| vec![format!("check ownProxyDiffers env {names} {value}")];
    for (variables, expected) in [
        (&[same][..], is_same("HTTP_PROXY")),
        (
            &[("http_proxy", "HTTP://Proxy.example.com:3128/ ")],
            is_same("http_proxy"),
        ),
        (&[("HTTP_PROXY", "proxy.example.com:3128")], is_same("HTTP_PROXY")),
        (&[same, ("https_proxy", same.1)], is_same("HTTP_PROXY, https_proxy")),
        (
            &[same, ("NO_PROXY", "a.example, LOCALHOST,")],
            is_same("HTTP_PROXY, NO_PROXY"),
        ),
        (&[same, ("NO_PROXY", "")], is_same("HTTP_PROXY, NO_PROXY")),
        (&[same, ("NO_PROXY", "a.example,b.example")], is_same("HTTP_PROXY")),
        (&[same, ("OTHER", "a.example")], is_same("HTTP_PROXY")),
        (&[("NO_PROXY", "a.example")], vec![]),
        (&[("HTTP_PROXY", "")], vec![]),
        (&[("ALL_PROXY", "http://x:1")], vec![]),
        (
            &[("HTTP_PROXY", "https://proxy.example.com:3128")],
            differs("HTTP_PROXY", "https://proxy.example.com:3128"),
        ),
        (
            &[("HTTP_PROXY", "http://proxy.example.com:3129")],
            differs("HTTP_PROXY", "http://proxy.example.com:3129"),
        ),
    ] {
        assert_eq!(found(&settings, &env(variables), &[]), expected, "{variables:?}");
    }
    let secret = json!({"env": [{"name": "HTTP_PROXY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]});
    assert_eq!(found(&settings, &secret, &[]), differs("HTTP_PROXY", "-"));
    let from_secret = json!({"httpProxyFrom": {"secretKeyRef": {"name": "s", "key": "k"}}});
    assert_eq!(found(&from_secret, &env(&[same]), &[]), differs("HTTP_PROXY", same.1));
    let https = json!({"httpsProxy": same.1});
    assert_eq!(found(&https, &env(&[same]), &[]), differs("HTTP_PROXY", same.1));
}

#[test]
fn what_becomes_of_another_proxy_is_said() {
    for (existing, becomes) in [
        ("Merge", "would be kept"),
        ("Keep", "would be kept"),
        ("Override", "would be replaced"),
    ] {
        let settings = json!({"httpProxy": "http://p:1", "existingVariables": existing});
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"containers": [{"name": "main", "env": [{"name": "HTTP_PROXY", "value": "http://own:1"}]}]}});
        let report = report_on(&settings, &[pod]);
        let why = &report.findings.iter().find(|found| found.value.is_some()).unwrap().why;
        assert_eq!(
            *why,
            format!("HTTP_PROXY is http://own:1 and {becomes}: the container has another proxy than the settings")
        );
    }
}

#[test]
fn the_policys_own_variables_are_no_proxy_of_the_container() {
    let settings = json!({"httpProxy": "http://p:1"});
    let pod = |annotations: Value| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop", "annotations": annotations},
            "spec": {"containers": [{"name": "main", "env": [{"name": "HTTP_PROXY", "value": "http://before:1"}]}]}})
    };
    let count = |annotations: Value| report_on(&settings, &[pod(annotations)]).findings.len();
    assert_eq!(count(json!({})), 1);
    assert_eq!(count(json!({"http-proxy.kubewarden.io/injected": "{}"})), 0);
}

#[test]
fn a_proxy_of_env_from_that_the_settings_keep_is_information() {
    let proxies = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "proxies", "namespace": "shop"},
        "data": {"HTTP_PROXY": "http://old:1", "http_proxy": "http://old:1", "HTTPS_PROXY": "http://old:1", "https_proxy": "http://old:1",
            "NO_PROXY": "a", "no_proxy": "a"}});
    let container = json!({"envFrom": [{"configMapRef": {"name": "proxies"}}]});
    for (kept, severity) in [
        (json!(["proxies"]), "info"),
        (json!(["others"]), "check"),
        (json!([]), "check"),
    ] {
        let settings = json!({"httpProxy": "http://p:1", "proxyEnvFrom": kept});
        let found = found(&settings, &container, std::slice::from_ref(&proxies));
        assert_eq!(
            found,
            [format!(
                "{severity} envFromProxy envFrom ConfigMap proxies http://old:1"
            )],
            "{kept}"
        );
    }
}

#[test]
fn a_pod_is_judged_by_its_profile() {
    let profile = |name: &str, fields: Value| {
        let mut profile = json!({"name": name, "match": {"namespaces": [name]}});
        profile
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        profile
    };
    let settings = json!({"httpProxy": "http://p:1", "profiles": [
        profile("other", json!({"runtimes": {"node": true}})),
        profile("shop", json!({"httpProxy": "http://q:1", "noProxy": ["10.0.0.1"], "runtimes": {"java": true}})),
    ]});
    let container = env(&[
        ("HTTP_PROXY", "http://q:1"),
        ("JAVA_HOME", "x"),
        ("NODE_ENV", "x"),
        ("A", "https://10.0.0.1 https://10.0.0.2"),
    ]);
    assert_eq!(
        found(&settings, &container, &[]),
        [
            "breaks privateAddress env A https://10.0.0.2",
            "check node image -",
            "info ownProxySame env HTTP_PROXY -",
        ]
    );
}
