//! Each reason for which something is unchanged.

use serde_json::{Value, json};

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
}
