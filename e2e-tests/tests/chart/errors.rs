//! What the chart refuses.

use serde_json::{Value, json};

use crate::helm::{PROXY, Tools};

#[test]
fn values_that_cannot_work_are_an_error_that_says_what_to_write() {
    let Some(tools) = Tools::find() else { return };
    let with_proxy = |more: Value| {
        let mut values = json!({"settings": {"httpProxy": PROXY}});
        json_patch::merge(&mut values, &more);
        values
    };
    for (values, message) in [
        (json!({}), "settings: no proxy and no CA is set; set settings.httpProxy"),
        (
            with_proxy(json!({"settings": {"mode": "Report"}})),
            "set report.enabled: true",
        ),
        (
            with_proxy(json!({"settings": {"noProxi": []}})),
            "additional properties 'noProxi' not allowed",
        ),
        (
            with_proxy(json!({"report": {"enable": true}})),
            "additional properties 'enable' not allowed",
        ),
        (
            with_proxy(json!({"namespaces": {"mode": "optIn"}})),
            "'/namespaces/mode': value must be one of 'OptIn', 'All'",
        ),
        (
            with_proxy(json!({"global": {"cattle": {"systemDefaultRegistry": ""}}})),
            "set module.registry, for example ghcr.io",
        ),
        (with_proxy(json!({"module": {"digest": "0123"}})), "'/module/digest'"),
        (
            with_proxy(
                json!({"settings": {"httpProxy": "http://proxy.example.com/"}, "serviceEntries": {"enabled": true}}),
            ),
            "serviceEntries.addresses.proxy.example.com: without an address, an entry would catch all traffic of the mesh to port 80",
        ),
        (
            with_proxy(json!({"serviceEntries": {"enabled": true, "addresses": {"proxy.example.org": ["192.0.2.1"]}}})),
            "serviceEntries.addresses: a key is not the host of a proxy in the settings; remove it, or write one of: proxy.example.com",
        ),
    ] {
        let error = tools.template(&values).unwrap_err();
        assert!(error.contains(message), "{values}: {error}");
    }
}

#[test]
fn no_error_shows_a_password_or_a_private_key() {
    let Some(tools) = Tools::find() else { return };
    let mut errors = 0;
    for settings in [
        json!({"httpProxy": "https://user:hunter2@proxy/"}),
        json!({"httpProxy": "http://user:hunter2@proxy/ x"}),
        json!({"httpProxy": {"url": "hunter2"}}),
        json!({"httpProxy": PROXY, "trustedCa": "-----BEGIN PRIVATE KEY-----\nhunter2"}),
        json!({"httpProxy": PROXY, "noProxy": ["http://user:hunter2@host"]}),
        json!({"httpProxy": PROXY, "noProxy": "hunter2"}),
        json!({"httpProxy": PROXY, "mode": "hunter2", "existingVariables": "hunter2"}),
        json!({"httpProxyFrom": {"secretKeyRef": {"name": "hunter2", "key": "http://user:hunter2@proxy/"}}, "httpProxy": PROXY}),
    ] {
        if let Err(error) = tools.template(&json!({"settings": settings, "serviceEntries": {"enabled": true}})) {
            assert!(!error.contains("hunter2"), "{error}");
            errors += 1;
        }
    }
    assert!(errors > 2, "{errors}");
}
