//! Each reason for which something is unchanged.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use testkit::certificates::ROOT;

use super::explain;

const CA: &str = r#"{"name": "ca", "key": "ca.crt"}"#;

/// The explanation of a request of namespace `a`, as JSON.
fn explained(mut request: Value, settings: &Value) -> String {
    request["uid"] = "u".into();
    request["namespace"] = "a".into();
    let payload = json!({"request": request, "settings": settings}).to_string();
    serde_json::to_string(&explain(payload.as_bytes())).unwrap()
}

fn create(pod: &Value) -> Value {
    json!({"kind": {"group": "", "version": "v1", "kind": "Pod"}, "operation": "CREATE", "object": pod})
}

/// What `kubectl debug` sends.
fn debug(pod: &Value) -> Value {
    let mut changed = pod.clone();
    changed["spec"]["ephemeralContainers"] = json!([{"name": "debugger"}]);
    json!({"kind": {"group": "", "version": "v1", "kind": "Pod"}, "operation": "UPDATE", "subResource": "ephemeralcontainers",
        "object": changed, "oldObject": pod})
}

fn update(kind: &str, object: Value, old_object: Value) -> Value {
    let group = if kind == "Job" { "batch" } else { "apps" };
    json!({"kind": {"group": group, "version": "v1", "kind": kind}, "operation": "UPDATE", "object": object, "oldObject": old_object})
}

#[track_caller]
fn check(request: Value, settings: &Value, reason: &str) {
    let explained = explained(request, settings);
    assert!(explained.contains(reason), "{reason}: {explained}");
}

#[test]
fn an_unchanged_object_has_a_reason() {
    let proxy = json!({"httpProxy": "http://p:80"});
    let pod = json!({"spec": {"containers": [{"name": "app"}]}});
    let with = |metadata: Value| json!({"metadata": metadata, "spec": pod["spec"]});
    let deleted = json!({"deletionTimestamp": "2026-01-01T00:00:00Z"});
    check(create(&with(deleted.clone())), &proxy, "it is being deleted");
    let mirror = with(json!({"annotations": {"kubernetes.io/config.mirror": "x"}}));
    check(create(&mirror), &proxy, "the mirror pod of a static pod");
    let disabled = json!({"httpProxy": "http://p:80", "enabled": false});
    check(create(&pod), &disabled, "the settings have enabled: false");
    let profile = json!({"name": "b", "match": {"namespaces": ["a"]}, "enabled": false});
    let by_profile = json!({"httpProxy": "http://p:80", "profiles": [profile]});
    check(create(&pod), &by_profile, "the profile has enabled: false");
    let unknown = with(json!({"annotations": {"http-proxy.kubewarden.io/profile": "c"}}));
    check(debug(&unknown), &proxy, "there is no such profile for its namespace");
    let report = json!({"httpProxy": "http://p:80", "mode": "Report"});
    let finished = json!({"spec": pod["spec"], "status": {"phase": "Succeeded"}});
    check(create(&finished), &report, "its containers have finished");
    check(debug(&pod), &report, "ephemeral containers are never re-created");

    let of = |kind: &str, template: &Value| update(kind, json!({"spec": {"template": template}}), json!({"spec": {}}));
    let mut delete = create(&pod);
    delete["operation"] = "DELETE".into();
    check(delete, &proxy, "neither CREATE nor UPDATE");
    check(
        of("ControllerRevision", &pod),
        &proxy,
        "objects of this kind have no pod",
    );
    let mut status = create(&pod);
    status["subResource"] = "status".into();
    check(status, &proxy, "the subresource has no effect");
    let mut updated = create(&pod);
    updated["operation"] = "UPDATE".into();
    check(updated, &proxy, "cannot change after the pod has been created");
    check(of("Job", &pod), &proxy, "cannot change after the Job has been created");
    let same = json!({"spec": {"template": pod}});
    check(
        update("Deployment", same.clone(), same),
        &proxy,
        "must not roll out the workload",
    );
    let deployment = |metadata: Value| json!({"metadata": metadata, "spec": {"template": pod}});
    check(
        update("Deployment", deployment(deleted), json!({})),
        &proxy,
        "it is being deleted",
    );
    let owner = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "b", "uid": "u", "controller": true});
    let controlled = deployment(json!({"ownerReferences": [owner]}));
    check(
        update("ReplicaSet", controlled, json!({})),
        &proxy,
        "another workload controls it",
    );
    check(
        update("Deployment", json!({}), json!({})),
        &proxy,
        "it has no pod template",
    );
}

#[test]
fn a_container_without_the_trusted_ca_has_a_reason() {
    let ca = |more: Value| {
        let mut settings = json!({"trustedCaFrom": {"configMapKeyRef": serde_json::from_str::<Value>(CA).unwrap()}});
        settings
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        settings
    };
    let plain = ca(json!({}));
    let pod = |container: Value| json!({"spec": {"containers": [container]}});
    let app = pod(json!({"name": "app"}));
    check(
        create(&app),
        &json!({"httpProxy": "http://p:80"}),
        "the settings have no trusted CA",
    );
    let windows = json!({"spec": {"os": {"name": "windows"}, "containers": [{"name": "app"}]}});
    check(create(&windows), &plain, "Windows pods get no trusted CA");
    let volume = json!({"name": "http-proxy-trusted-ca", "emptyDir": {}});
    let foreign = json!({"spec": {"volumes": [volume], "containers": [{"name": "app"}]}});
    check(create(&foreign), &plain, "the pod has another volume named");
    let mounted = pod(json!({"name": "app", "volumeMounts": [{"name": "etc", "mountPath": "/etc"}]}));
    check(
        create(&mounted),
        &plain,
        "the container mounts a volume at, above or below",
    );
    let device = pod(json!({"name": "app", "volumeDevices": [{"name": "etc", "devicePath": "/etc/http-proxy"}]}));
    check(
        create(&device),
        &plain,
        "the container has a block device at, above or below",
    );
    check(debug(&app), &plain, "the running pod has no volume with the trusted CA");
    let of_store = |optional: bool, how: &str| {
        let store = json!({"name": "ca", "key": "ca.crt", "pkcs12Key": "ca.p12", "optional": optional});
        json!({"trustedCaFrom": {"configMapKeyRef": store}, "trustedCaUse": how, "runtimes": {"java": true}})
    };
    check(create(&app), &of_store(false, "Mount"), "trustedCaUse is Mount");
    let replaced = json!({"metadata": {"annotations": {"http-proxy.kubewarden.io/trusted-ca-use": "Replace"}}, "spec": app["spec"]});
    check(
        create(&replaced),
        &of_store(true, "Mount"),
        "so Replace could break all TLS",
    );
    let image = json!({"image": {"reference": "registry.example.com/trust:1"}});
    let appended = json!({"trustedCaFrom": image, "trustedCaUse": "Append", "runtimes": {"java": true}});
    check(
        create(&app),
        &appended,
        "a trust store goes with trustedCaUse: Replace alone",
    );
    let full = json!({"metadata": {"annotations": {"a": "x".repeat(256 * 1024 - 100)}}, "spec": app["spec"]});
    let bundle = json!({"trustedCa": STANDARD.encode(ROOT)});
    check(
        create(&full),
        &bundle,
        "the annotations of the pod would exceed 256 KiB",
    );
    let without_store = ca(json!({"trustedCaUse": "Replace", "runtimes": {"java": true}}));
    check(create(&app), &without_store, "has no PKCS#12 store");
}

#[test]
fn a_variable_that_is_not_set_has_a_reason() {
    let app = json!({"spec": {"containers": [{"name": "app"}]}});
    let http = json!({"httpsProxy": "http://p:80"});
    check(create(&app), &http, "the settings have no proxy for http");
    let ca = json!({"trustedCaFrom": {"configMapKeyRef": serde_json::from_str::<Value>(CA).unwrap()}, "runtimes": {"java": true}});
    check(create(&app), &ca, "the settings have no proxy for https");
    let own = json!({"spec": {"containers": [{"name": "app", "env": [{"name": "HTTP_PROXY", "value": "x"}, {"name": "HTTPS_PROXY", "value": "x"}]}]}});
    let java = json!({"httpProxy": "http://p:80", "runtimes": {"java": true}});
    check(create(&own), &java, "the container gets no proxy from the policy");
    let options = "-Dhttp.proxyHost=x -Dhttps.proxyHost=x";
    let own =
        json!({"spec": {"containers": [{"name": "app", "env": [{"name": "JAVA_TOOL_OPTIONS", "value": options}]}]}});
    let said = lines(&own, &java);
    assert!(
        said.contains("JAVA_TOOL_OPTIONS kept: the container sets JAVA_TOOL_OPTIONS\n"),
        "{said}"
    );
}

#[test]
fn what_chose_the_settings_is_said() {
    let profile = |name: &str, matches: Value| json!({"name": name, "match": matches});
    let settings = json!({"httpProxy": "http://p:80", "profiles": [
        profile("namespace", json!({"namespaces": ["b", "a-*"]})),
        profile("pod", json!({"podSelector": {"matchLabels": {"x": "1"}}})),
        profile("node", json!({"nodeSelector": {"pool": "1"}})),
    ]});
    let because = |namespace: &str, metadata: Value, node: Value| {
        let mut spec = json!({"containers": [{"name": "app"}]});
        spec["nodeSelector"] = node;
        let mut request = create(&json!({"metadata": metadata, "spec": spec}));
        request["uid"] = "u".into();
        request["namespace"] = namespace.into();
        let payload = json!({"request": request, "settings": settings}).to_string();
        let profile = explain(payload.as_bytes()).profile.unwrap();
        (profile.name.unwrap_or_default(), profile.because)
    };
    let none = || json!({});
    let chosen = |name: &str, because: &str| (name.to_owned(), because.to_owned());
    assert_eq!(because("c", none(), none()), chosen("", "no profile matches"));
    assert_eq!(
        because("a-1", none(), none()),
        chosen("namespace", "match.namespaces[1]")
    );
    let labels = json!({"labels": {"x": "1"}});
    assert_eq!(because("c", labels, none()), chosen("pod", "match.podSelector"));
    assert_eq!(
        because("c", none(), json!({"pool": "1"})),
        chosen("node", "match.nodeSelector")
    );
    let annotation = json!({"annotations": {"http-proxy.kubewarden.io/profile": "node"}});
    let by_annotation = "annotation http-proxy.kubewarden.io/profile";
    assert_eq!(because("c", annotation, none()), chosen("node", by_annotation));
}

/// What is said of the first container: a line for the container, each variable and the CA.
fn lines(pod: &Value, settings: &Value) -> String {
    let explained: Value = serde_json::from_str(&explained(create(pod), settings)).unwrap();
    let container = &explained["containers"][0];
    let line = |name: &Value, part: &Value| {
        let reason = part["reason"].as_str().map(|reason| format!(": {reason}"));
        format!(
            "{} {}{}\n",
            name.as_str().unwrap(),
            part["outcome"].as_str().unwrap(),
            reason.unwrap_or_default()
        )
    };
    let variables = container["variables"].as_array().unwrap();
    let variables: String = variables
        .iter()
        .map(|variable| line(&variable["name"], variable))
        .collect();
    line(&container["name"], container) + &variables + &line(&json!("CA"), &container["trustedCa"])
}

/// The pod as the policy changes it.
fn injected(pod: &Value, settings: &Value) -> Value {
    let payload = json!({"request": create(pod), "settings": settings}).to_string();
    let answer: Value = serde_json::from_str(&crate::policy::validate(payload.as_bytes())).unwrap();
    answer["mutated_object"].clone()
}

#[test]
fn what_happens_to_each_variable_is_said() {
    let env = |env: Value| json!({"spec": {"containers": [{"name": "app", "env": env}]}});
    let http = json!({"httpProxy": "http://p:80", "noProxy": ["b"], "noProxyDefaults": false});
    let both =
        env(json!([{"name": "HTTP_PROXY", "value": "http://x:1"}, {"name": "https_proxy", "value": "http://x:1"}]));
    let kept = "HTTP_PROXY kept: the container sets HTTP_PROXY
http_proxy notSet: the container sets HTTP_PROXY
HTTPS_PROXY notSet: the container sets https_proxy
https_proxy kept: the container sets https_proxy
NO_PROXY notSet: the container chose both proxies itself
no_proxy notSet: the container chose both proxies itself
";
    let has_no_ca = "CA notSet: the settings have no trusted CA\n";
    let reason = "app unchanged: the container chose both proxies itself\n";
    assert_eq!(lines(&both, &http), [reason, kept, has_no_ca].concat());
    // Something of it changes, so there is no reason for all of the container.
    let with_ca = lines(&both, &all_settings());
    assert!(with_ca.starts_with(&["app changed\n", kept].concat()), "{with_ca}");
    assert!(with_ca.ends_with("DENO_CERT set\nCA set\n"), "{with_ca}");
    let mut overriding = http.clone();
    overriding["existingVariables"] = "Override".into();
    for (pod, settings, expected) in [
        (
            &both,
            &overriding,
            "HTTP_PROXY replaced\nhttp_proxy set\nHTTPS_PROXY set\nhttps_proxy replaced\n",
        ),
        (
            &env(json!([{"name": "NO_PROXY", "value": "b"}])),
            &http,
            "NO_PROXY kept: the container has the value already\nno_proxy extended\n",
        ),
        (
            &env(json!([{"name": "no_proxy", "value": "b"}])),
            &overriding,
            "NO_PROXY set\nno_proxy kept: the container has the value already\n",
        ),
        (
            &env(json!([{"name": "NO_PROXY", "value": "a"}, {"name": "NO_PROXY", "value": "c"}])),
            &http,
            "NO_PROXY extended\nno_proxy extended\n",
        ),
    ] {
        let lines = lines(pod, settings);
        assert!(lines.contains(expected), "{expected}: {lines}");
    }
}

#[test]
fn what_happens_to_each_variable_of_a_windows_pod_is_said() {
    let own = json!([{"name": "no_proxy", "value": "a"}, {"name": "Http_Proxy", "value": "http://x:1"}]);
    let pod = json!({"spec": {"os": {"name": "windows"}, "containers": [{"name": "app", "env": own}]}});
    let mut settings = json!({"httpProxy": "http://p:80", "noProxy": ["b"], "noProxyDefaults": false});
    let said = |[http, https, no_proxy, ca]: [&str; 4]| {
        let other = "a Windows pod, where environment names ignore case";
        format!(
            "app changed\nHTTP_PROXY {http}\nhttp_proxy notSet: {other}\nHTTPS_PROXY {https}\nhttps_proxy notSet: {other}\nNO_PROXY {no_proxy}\nno_proxy notSet: {other}\nCA notSet: {ca}\n"
        )
    };
    let has_no_ca = "the settings have no trusted CA";
    assert_eq!(
        lines(&pod, &settings),
        said(["kept: the container sets Http_Proxy", "set", "extended", has_no_ca])
    );
    settings["existingVariables"] = "Override".into();
    assert_eq!(lines(&pod, &settings), said(["replaced", "set", "replaced", has_no_ca]));
    let after = injected(&pod, &settings);
    let settings = json!({"trustedCaFrom": all_settings()["trustedCaFrom"]});
    let removed = [
        "removed: the settings have no proxy for http",
        "removed: the settings have no proxy for https",
        "removed: the settings have no proxy",
        "Windows pods get no trusted CA",
    ];
    assert_eq!(lines(&after, &settings), said(removed));
}

#[test]
fn what_the_settings_no_longer_set_is_said() {
    let pod = json!({"spec": {"containers": [{"name": "app"}]}});
    let after = injected(&pod, &all_settings());
    let proxies =
        "app changed\nHTTP_PROXY set\nhttp_proxy set\nHTTPS_PROXY set\nhttps_proxy set\nNO_PROXY set\nno_proxy set\n";
    let runtimes = "NODE_USE_ENV_PROXY removed: runtimes has it off\nJAVA_TOOL_OPTIONS removed: runtimes has it off\n";
    let ca = "SSL_CERT_FILE removed: the settings no longer set it\n";
    let said = lines(&after, &json!({"httpProxy": "http://p:80", "noProxy": ["b"]}));
    assert!(said.starts_with(&[proxies, runtimes, ca].concat()), "{said}");
    assert!(
        said.ends_with(
            "DENO_CERT removed: the settings no longer set it\nCA removed: the settings have no trusted CA\n"
        )
    );
    let said = lines(&after, &json!({"httpProxy": "http://p:80", "enabled": false}));
    assert!(said.starts_with(
        "app changed: the settings have enabled: false\nHTTP_PROXY removed: the settings have enabled: false\n"
    ));
}

/// Settings with a proxy, both runtimes and a trusted CA.
fn all_settings() -> Value {
    let ca = json!({"configMapKeyRef": {"name": "ca", "key": "ca.crt"}});
    json!({"httpProxy": "http://p:80", "trustedCaFrom": ca, "trustedCaUse": "Replace", "runtimes": {"node": true, "java": true}})
}
