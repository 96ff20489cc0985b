//! Settings, all of them valid.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::maybe;
use crate::certificates::{HOST, ROOT};
use crate::json::Json;

/// Settings that leave what is there, with a profile `edge`.
pub fn settings() -> impl Strategy<Value = Json> {
    let existing = select(&["Merge", "Merge", "Keep"]);
    let expand = select(&[0, 0, 0, 4, 4, 4, 4096]);
    let excluded = select(vec![json!(null), json!([]), json!(["skipped", "web-*"])]);
    let conditions = select(vec![
        json!({"podSelector": {"matchLabels": {"tier": "edge"}}}),
        json!({"nodeSelector": {"agentpool": "dmz"}}),
        json!({"namespaces": ["s*"]}),
    ]);
    let edge = maybe(0.5, (config(), conditions));
    (config(), existing, expand, excluded, edge).prop_map(|(mut settings, existing, expand, excluded, edge)| {
        settings["enabled"] = sets_anything(&settings).into();
        settings["existingVariables"] = existing.into();
        settings["expandCidrs"] = expand.into();
        settings["excludeContainers"] = excluded;
        let (mut profile, conditions) = edge.unwrap_or((
            json!({"enabled": false}),
            json!({"podSelector": {"matchLabels": {"tier": "other"}}}),
        ));
        profile["name"] = "edge".into();
        profile["match"] = conditions;
        settings["profiles"] = json!([profile]);
        Json(settings)
    })
}

/// Settings of which some replace what is there.
pub fn any_settings() -> impl Strategy<Value = Json> {
    (settings(), prop::bool::weighted(0.3)).prop_map(|(mut settings, replace)| {
        if replace {
            settings.0["existingVariables"] = "Override".into();
        }
        settings
    })
}

/// Settings that remove what the policy set.
pub fn off() -> Value {
    json!({"enabled": false})
}

/// These settings, or now and then those that turn the policy off.
pub fn or_off<S: Strategy<Value = Json>>(settings: S) -> impl Strategy<Value = Json> {
    maybe(0.8, settings).prop_map(|settings| settings.unwrap_or_else(|| Json(off())))
}

/// Settings without a proxy and a CA are valid only when they are not enabled.
fn sets_anything(config: &Value) -> bool {
    let set = [
        "httpProxy",
        "httpsProxy",
        "httpProxyFrom",
        "httpsProxyFrom",
        "trustedCa",
        "trustedCaFrom",
    ];
    set.iter().any(|field| config.get(field).is_some())
}

/// The fields that a profile and the top level of the settings share.
fn config() -> impl Strategy<Value = Value> {
    let entries = select(&[
        "nginx",
        ".svc",
        "10.0.0.0/30",
        "A.example",
        "$(OPTS)",
        "$(NODE_IP)",
        "10.0.0.0/20",
        "172.16.0.0/20",
    ]);
    let no_proxy = (prop::bool::weighted(0.1), vec(entries, 0..3));
    let [defaults, java, node] = [any::<bool>(); 3];
    (proxies(), trusted_ca(), no_proxy, defaults, java, node).prop_map(
        |(mut config, trusted_ca, (all, no_proxy), defaults, java, node)| {
            let members = config.as_object_mut().expect("it is an object");
            members.extend(trusted_ca.as_object().expect("it is an object").clone());
            let no_proxy = if all { vec!["*"] } else { no_proxy };
            members.insert("noProxy".to_owned(), no_proxy.into());
            members.insert("noProxyDefaults".to_owned(), defaults.into());
            members.insert("runtimes".to_owned(), json!({"java": java, "node": node}));
            config
        },
    )
}

/// The fields of the proxies.
fn proxies() -> impl Strategy<Value = Value> {
    let secret = |name: &str| json!({"secretKeyRef": {"name": name, "key": "url"}});
    select(vec![
        json!({}),
        json!({"httpProxy": "http://u:hunter2@p:3128"}),
        json!({"httpsProxy": "http://u:p$$hunter2@p/"}),
        json!({"httpProxy": "http://u:hunter2@other:8080", "httpsProxy": "https://[fd00::1]:8080"}),
        json!({"httpProxyFrom": secret("a")}),
        json!({"httpProxy": "http://p", "httpsProxyFrom": {"secretKeyRef": {"optional": true, "name": "b", "key": "u"}}}),
    ])
}

/// The fields of the trusted CA.
fn trusted_ca() -> impl Strategy<Value = Value> {
    let [root, both] = [ROOT.to_owned(), [ROOT, HOST].concat()].map(|pem| STANDARD.encode(pem));
    let config_map = |name: &str| json!({"configMapKeyRef": {"name": name, "key": "ca.pem"}});
    select(vec![
        json!({}),
        json!({"trustedCa": &root}),
        json!({"trustedCa": &both}),
        json!({"trustedCa": &root, "trustedCaUse": "Replace"}),
        json!({"trustedCa": &root, "trustedCaUse": "Mount"}),
        json!({"trustedCaFrom": config_map("a")}),
        json!({"trustedCaFrom": config_map("b"), "trustedCaUse": "Mount"}),
        json!({"trustedCaFrom": {"clusterTrustBundle": {"name": "corp"}}}),
        json!({"trustedCaFrom": {"clusterTrustBundle": {
            "signerName": "example.com/ca", "labelSelector": {"matchLabels": {"tier": "edge"}}, "optional": true,
        }}, "trustedCaUse": "Mount"}),
    ])
}
