//! Pods and settings, made of a fuzzer's bytes: mostly of texts that mean something to the policy.

use arbitrary::{Arbitrary, Result, Unstructured};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::PASSWORD;
use crate::oracles::NAMES;

/// A pod, as text.
#[derive(Debug)]
pub struct Pod(pub String);

/// Settings with a profile `edge`, valid ones mostly.
#[derive(Debug)]
pub struct Settings(pub Value);

impl<'a> Arbitrary<'a> for Pod {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let annotations = list(u, 3, |u, _| annotation(u))?;
        let mut metadata = vec![format!(r#""annotations": {{{}}}"#, annotations.join(", "))];
        metadata.extend(optional(u, &[r#""labels": {"tier": "edge"}"#, r#""labels": null"#])?);
        let containers = list(u, 4, |u, index| {
            container(u, ["app", "skipped", "istio-proxy", "web-1"][index])
        })?;
        let init_containers = list(u, 1, |u, _| container(u, "init"))?;
        let mut spec = vec![
            format!(r#""containers": [{}]"#, containers.join(" , ")),
            format!(r#""initContainers": [{}]"#, init_containers.join(" , ")),
        ];
        spec.extend(optional(
            u,
            &[
                r#""os": {"name": "windows"}"#,
                r#""nodeSelector": {"kubernetes.io/os": "windows"}"#,
                r#""nodeSelector": {"agentpool": "dmz"}"#,
            ],
        )?);
        spec.extend(optional(
            u,
            &[
                r#""volumes": null"#,
                r#""volumes": [{"name": "tmp", "emptyDir": {}}]"#,
                r#""volumes": [{"name": "http-proxy-trusted-ca", "emptyDir": {}}]"#,
            ],
        )?);
        let members = vec![
            format!(r#""metadata": {}"#, object(u, metadata)?),
            format!(r#""spec": {}"#, object(u, spec)?),
        ];
        Ok(Pod(object(u, members)?))
    }
}

fn container(u: &mut Unstructured, name: &str) -> Result<String> {
    let env = list(u, 6, |u, _| variable(u))?;
    let mut members = vec![
        format!(r#""name": "{name}""#),
        format!(r#""env": [{}]"#, env.join(", ")),
    ];
    members.extend(optional(u, &[r#""envFrom": [{"configMapRef": {"name": "c"}}]"#])?);
    members.extend(optional(
        u,
        &[
            r#""volumeMounts": null"#,
            r#""volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]"#,
            r#""volumeMounts": [{"name": "tmp", "mountPath": "/etc/"}]"#,
            r#""volumeMounts": [{"name": "http-proxy-trusted-ca", "mountPath": "/ca"}]"#,
            r#""volumeMounts": [{"name": "http-proxy-trusted-ca", "mountPath": "/etc/http-proxy/trusted-ca", "readOnly": true}]"#,
        ],
    )?);
    object(u, members)
}

fn variable(u: &mut Unstructured) -> Result<String> {
    let others = [
        "PATH",
        "OPTS",
        "Http_Proxy",
        "JAVA_TOOL_OPTIONS",
        "NODE_USE_ENV_PROXY",
        "SSL_CERT_DIR",
    ];
    let mut members = vec![format!(r#""name": "{}""#, u.choose(&[NAMES, others].concat())?)];
    let value = text(
        u,
        &[
            "nginx",
            "",
            "*",
            " a , b ",
            "é,.svc",
            "localhost,127.0.0.1",
            "$(HTTP_PROXY)",
            "$(no_proxy),x",
            "$$(no_proxy)",
            "$(OPTS),x",
            "http://own:hunter2@p",
        ],
    )?;
    match u.int_in_range(0..=63)? {
        // Near to what the system takes, with the policy's behind it.
        0 => members.push(format!(
            r#""value": "{}""#,
            "long.example,".repeat(u.int_in_range(10_070..=10_082)?)
        )),
        1..=6 => {}
        7..=14 => members.push(r#""valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}"#.to_owned()),
        _ => members.push(format!(r#""value": {}"#, json!(value))),
    }
    object(u, members)
}

fn annotation(u: &mut Unstructured) -> Result<String> {
    let known: [(&str, &[&str]); 8] = [
        (
            "http-proxy.kubewarden.io/no-proxy",
            &["db.example,bad entry", "*", "10.0.0.0/20", "http://u:hunter2@p"],
        ),
        (
            "http-proxy.kubewarden.io/exclude-containers",
            &["skipped", "app, web-1", ","],
        ),
        (
            "http-proxy.kubewarden.io/trusted-ca-use",
            &["Mount", "Replace", "Append", "mount"],
        ),
        ("http-proxy.kubewarden.io/profile", &["edge", ""]),
        ("http-proxy.kubewarden.io/inject", &["false", "true"]),
        ("kubernetes.azure.com/no-http-proxy-vars", &["true", "false"]),
        (
            "http-proxy.kubewarden.io/injected",
            &[
                "v1",
                "v1\napp: HTTP_PROXY,http_proxy=811c9dc5",
                "v1 volume=00000000\napp: NO_PROXY=811c9dc5+1 mount=00000000",
            ],
        ),
        ("prometheus.io/scrape", &["true"]),
    ];
    let (key, values) = *u.choose(&known)?;
    Ok(format!(r#""{key}": {}"#, json!(text(u, values)?)))
}

impl<'a> Arbitrary<'a> for Settings {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut settings = config(u)?;
        settings["existingVariables"] = (*u.choose(&["Merge", "Keep", "Override"])?).into();
        settings["expandCidrs"] = (*u.choose(&[0, 0, 0, 4, 4, 4, 4096])?).into();
        settings["excludeContainers"] = u
            .choose(&[json!(null), json!([]), json!(["skipped", "web-*"])])?
            .clone();
        if u.ratio(1, 2)? {
            let mut profile = config(u)?;
            profile["name"] = "edge".into();
            profile["match"] = u
                .choose(&[
                    json!({"podSelector": {"matchLabels": {"tier": "edge"}}}),
                    json!({"nodeSelector": {"agentpool": "dmz"}}),
                    json!({"namespaces": ["s*"]}),
                ])?
                .clone();
            settings["profiles"] = json!([profile]);
        }
        Ok(Settings(settings))
    }
}

/// What a profile and the top level of the settings have in common.
fn config(u: &mut Unstructured) -> Result<Value> {
    let mut config = json!({});
    let secret = |name: &str| json!({"secretKeyRef": {"name": name, "key": "url"}});
    match u.int_in_range(0..=5)? {
        0 => {}
        1 => config["httpProxyFrom"] = secret("a"),
        2 => config["httpsProxyFrom"] = secret("b"),
        index => {
            let urls = [
                "http://u:hunter2@p:3128",
                "http://u:p$$hunter2@p/",
                "http://[fd00::1]:8080",
            ];
            if index > 3 {
                config["httpProxy"] = text(u, &urls)?.into();
            }
            if index < 5 {
                config["httpsProxy"] = text(u, &urls)?.into();
            }
        }
    }
    let certificates = [
        include_str!("../../e2e-tests/certificates/root.pem"),
        include_str!("../../e2e-tests/certificates/host.pem"),
    ];
    let config_map = json!({"configMapKeyRef": {"name": "a", "key": "ca.pem"}});
    match u.int_in_range(0..=4)? {
        0 => {}
        1 => config["trustedCaFrom"] = config_map,
        2 => config["trustedCa"] = json!(null),
        3 => config["trustedCa"] = STANDARD.encode(certificates[0]).into(),
        _ => config["trustedCa"] = STANDARD.encode(certificates.concat()).into(),
    }
    if u.ratio(1, 4)? {
        config["trustedCaUse"] = (*u.choose(&["Append", "Replace", "Mount"])?).into();
    }
    let entries = [
        "nginx",
        ".svc",
        "10.0.0.0/30",
        "A.example",
        "$(OPTS)",
        "10.0.0.0/20",
        "172.16.0.0/20",
    ];
    config["noProxy"] = list(u, 6, |u, _| text(u, &entries))?.into();
    for field in ["noProxyDefaults", "enabled"] {
        if u.ratio(1, 4)? {
            config[field] = u.arbitrary::<bool>()?.into();
        }
    }
    config["runtimes"] = json!({"java": u.arbitrary::<bool>()?, "node": u.arbitrary::<bool>()?});
    Ok(config)
}

/// One of the known texts, or now and then another one, which is no password.
fn text(u: &mut Unstructured, known: &[&str]) -> Result<String> {
    if u.ratio(15, 16)? {
        Ok((*u.choose(known)?).to_owned())
    } else {
        Ok(u.arbitrary::<&str>()?.replace(PASSWORD, ""))
    }
}

fn optional(u: &mut Unstructured, members: &[&str]) -> Result<Option<String>> {
    let index = u.int_in_range(0..=members.len())?;
    Ok(members.get(index).map(|member| (*member).to_owned()))
}

fn list<'a>(
    u: &mut Unstructured<'a>,
    most: usize,
    mut item: impl FnMut(&mut Unstructured<'a>, usize) -> Result<String>,
) -> Result<Vec<String>> {
    (0..u.int_in_range(0..=most)?).map(|index| item(u, index)).collect()
}

/// An object of some members, perhaps with one among them that is not the policy's business.
fn object(u: &mut Unstructured, mut members: Vec<String>) -> Result<String> {
    let foreign = [
        "12345678901234567890",
        "[ 2.50, 1e3 ,-0]",
        r#"{ "a" : "\u00e9\ud83d\ude00 ü" }"#,
        r#""a\"}\\""#,
        "null",
        "{ }",
    ];
    if u.ratio(1, 4)? {
        let member = format!("\"x\":{}", u.choose(&foreign)?);
        members.insert(u.int_in_range(0..=members.len())?, member);
    }
    Ok(format!("{{ {} }}", members.join(" , ")))
}
