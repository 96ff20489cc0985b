//! Pods, settings and records of all kinds.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::answers::Json;
use crate::oracles::{NAMES, PARTS};

/// Values that containers set.
pub const VALUES: [&str; 11] = [
    "",
    "*",
    "nginx",
    " a , b ",
    "é,.svc",
    "localhost,127.0.0.1",
    "http://own:3128",
    "$(HTTP_PROXY)",
    "$(no_proxy),x",
    "$$(no_proxy)",
    "$(OPTS),x",
];

/// A value that the policy has no business with, as text: numbers in all their spellings, odd strings, nested things.
pub fn foreign() -> impl Strategy<Value = String> {
    let leaf = select(&[
        "null",
        "true",
        "12345678901234567890",
        "2.50",
        "1e3",
        "-0",
        "1E-2",
        "\"\"",
        "\"a\\\"}\\\\\"",
        "\"\\u00e9\\ud83d\\ude00 ü\"",
        "[ ]",
        "{ }",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(|items| format!("[ {} ]", items.join(" ,"))),
            vec(("[a-z]{1,3}", inner), 0..3).prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .enumerate()
                    .map(|(i, (k, v))| format!("\"{k}{i}\" : {v}"))
                    .collect();
                format!("{{{}}}", members.join(",\n"))
            }),
        ]
    })
}

/// An object of some members, in any order, with foreign ones among them.
fn object(members: Vec<(&'static str, String)>) -> impl Strategy<Value = String> {
    (vec(foreign(), 0..3), any::<prop::sample::Index>()).prop_map(move |(foreign, at)| {
        let mut all: Vec<String> = members
            .iter()
            .map(|(key, value)| format!("\"{key}\": {value}"))
            .collect();
        for (index, value) in foreign.iter().enumerate() {
            let at = at.index(all.len() + 1);
            all.insert(at, format!("\"x-{index}\":{value}"));
        }
        format!("{{ {} }}", all.join(" , "))
    })
}

fn variable() -> impl Strategy<Value = String> {
    let mut names = NAMES.to_vec();
    names.extend([
        "PATH",
        "OPTS",
        "Http_Proxy",
        "JAVA_TOOL_OPTIONS",
        "NODE_USE_ENV_PROXY",
        "SSL_CERT_DIR",
    ]);
    let value = prop_oneof![
        select(&VALUES).prop_map(|text| ("value", json!(text).to_string())),
        Just(("valueFrom", r#"{"fieldRef": {"fieldPath": "status.podIP"}}"#.to_owned())),
        Just(("name", String::new())),
    ];
    (select(names), value).prop_flat_map(|(name, (key, value))| {
        let name = ("name", json!(name).to_string());
        match key {
            "name" => object(vec![name]).boxed(),
            _ => object(vec![name, (key, value)]).boxed(),
        }
    })
}

fn container(name: &'static str) -> impl Strategy<Value = String> {
    let env = option::of(prop_oneof![
        vec(variable(), 0..5).prop_map(|env| format!("[{}]", env.join(", "))),
        Just("null".to_owned()),
    ]);
    let mounts = option::of(select(&[
        "null",
        "[ ]",
        r#"[{"name": "tmp", "mountPath": "/tmp"}]"#,
        r#"[{"name": "tmp", "mountPath": "/etc"}]"#,
        r#"[{"name": "http-proxy-trusted-ca", "mountPath": "/ca"}]"#,
        r#"[{"name": "http-proxy-trusted-ca", "mountPath": "/etc/http-proxy/trusted-ca", "readOnly": true}]"#,
    ]));
    let env_from = option::weighted(0.2, Just(r#"[{"configMapRef": {"name": "c"}}]"#));
    (env, env_from, mounts).prop_flat_map(move |(env, env_from, mounts)| {
        let mut members = vec![("name", json!(name).to_string())];
        members.extend(env.map(|env| ("env", env)));
        members.extend(env_from.map(|env_from| ("envFrom", env_from.to_owned())));
        members.extend(mounts.map(|mounts| ("volumeMounts", mounts.to_owned())));
        object(members)
    })
}

/// A pod without a record.
pub fn pod() -> impl Strategy<Value = String> {
    let annotations = vec(
        select(&[
            r#""http-proxy.kubewarden.io/no-proxy": "db.example,bad entry""#,
            r#""http-proxy.kubewarden.io/exclude-containers": "skipped""#,
            r#""http-proxy.kubewarden.io/trusted-ca-use": "Mount""#,
            r#""http-proxy.kubewarden.io/inject": "true""#,
            r#""kubernetes.azure.com/no-http-proxy-vars": "true""#,
            r#""prometheus.io/scrape": "true""#,
        ]),
        0..2,
    );
    let annotations = option::of(annotations.prop_map(|annotations| format!("{{{}}}", annotations.join(", "))));
    let labels = option::of(Just(r#"{"tier": "edge"}"#));
    let metadata = (annotations, labels).prop_flat_map(|(annotations, labels)| {
        let mut members = Vec::new();
        members.extend(annotations.map(|annotations| ("annotations", annotations)));
        members.extend(labels.map(|labels| ("labels", labels.to_owned())));
        object(members)
    });
    let volumes = option::weighted(
        0.7,
        select(&[
            "null",
            "[]",
            r#"[{"name": "tmp", "emptyDir": {}}]"#,
            r#"[{"name": "http-proxy-trusted-ca", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}]"#,
        ]),
    );
    let containers = (
        container("app"),
        container("skipped"),
        container("istio-proxy"),
        container("web-1"),
    );
    let spec = (
        containers,
        0..4usize,
        option::of(container("init")),
        prop::bool::weighted(0.2),
        volumes,
    )
        .prop_flat_map(|((app, skipped, istio, web), count, init, windows, volumes)| {
            let containers = &[app, skipped, istio, web][..count];
            let mut members = vec![("containers", format!("[{}]", containers.join(" , ")))];
            members.extend(init.map(|init| ("initContainers", format!("[{init}]"))));
            members.extend(volumes.map(|volumes| ("volumes", volumes.to_owned())));
            if windows {
                members.push(("os", r#"{"name": "windows"}"#.to_owned()));
            }
            object(members)
        });
    (metadata, spec).prop_flat_map(|(metadata, spec)| object(vec![("metadata", metadata), ("spec", spec)]))
}

/// What an owner makes pods of: any pod, or the one that a real API server stored, with the variables of any.
pub fn owners_pod() -> impl Strategy<Value = Json> {
    let any = pod().prop_map(|pod| serde_json::from_str::<Value>(&pod).unwrap());
    let real = any_env().prop_map(|env| {
        let mut pod: Value = serde_json::from_str(include_str!("../../e2e-tests/requests/stored-pod.json")).unwrap();
        pod.as_object_mut().unwrap().remove("status");
        pod["metadata"].as_object_mut().unwrap().remove("managedFields");
        for (list, env) in PARTS.iter().zip(env) {
            pod["spec"][*list][0]["env"] = env;
        }
        pod
    });
    prop_oneof![9 => any, 1 => real].prop_map(Json)
}

fn any_env() -> impl Strategy<Value = Vec<Value>> {
    let variables = vec(variable(), 0..5);
    let env = variables.prop_map(|env| serde_json::from_str(&format!("[{}]", env.join(", "))).unwrap());
    vec(env, PARTS.len())
}

/// What a profile and the top level of the settings have in common.
fn config() -> impl Strategy<Value = Value> {
    let secret = |name: &str| json!({"secretKeyRef": {"name": name, "key": "url"}});
    let proxies = select(vec![
        json!({}),
        json!({"httpProxy": "http://p:3128"}),
        json!({"httpsProxy": "http://u:p$$w@p/"}),
        json!({"httpProxy": "http://other:8080", "httpsProxy": "https://p"}),
        json!({"httpProxyFrom": secret("a")}),
        json!({"httpProxy": "http://p", "httpsProxyFrom": {"secretKeyRef": {"optional": true, "name": "b", "key": "u"}}}),
    ]);
    let pem = [
        include_str!("../../e2e-tests/certificates/root.pem"),
        include_str!("../../e2e-tests/certificates/host.pem"),
    ];
    let [root, both] = [pem[0].to_owned(), pem.concat()].map(|pem| STANDARD.encode(pem));
    let config_map = |name: &str| json!({"configMapKeyRef": {"name": name, "key": "ca.pem"}});
    let trusted_ca = select(vec![
        json!({}),
        json!({"trustedCa": &root}),
        json!({"trustedCa": &both}),
        json!({"trustedCa": &root, "trustedCaUse": "Replace"}),
        json!({"trustedCa": &root, "trustedCaUse": "Mount"}),
        json!({"trustedCaFrom": config_map("a")}),
        json!({"trustedCaFrom": config_map("b"), "trustedCaUse": "Mount"}),
    ]);
    let no_proxy = vec(select(&["nginx", ".svc", "10.0.0.0/30", "A.example", "$(OPTS)"]), 0..3);
    let no_proxy = prop_oneof![9 => no_proxy, 1 => Just(vec!["*"])];
    let [defaults, java, node] = [any::<bool>(); 3];
    (proxies, trusted_ca, no_proxy, defaults, java, node).prop_map(
        |(mut config, trusted_ca, no_proxy, defaults, java, node)| {
            let members = config.as_object_mut().unwrap();
            members.extend(trusted_ca.as_object().unwrap().clone());
            members.insert("noProxy".to_owned(), no_proxy.into());
            members.insert("noProxyDefaults".to_owned(), defaults.into());
            members.insert("runtimes".to_owned(), json!({"java": java, "node": node}));
            config
        },
    )
}

/// Settings that leave what is there, with a profile `edge`.
pub fn settings() -> impl Strategy<Value = Json> {
    let existing = select(&["Merge", "Merge", "Keep"]);
    let expand = select(&[0, 4]);
    let excluded = select(vec![json!(null), json!([]), json!(["skipped", "web-*"])]);
    let edge = option::of((
        config(),
        select(vec![
            json!({"podSelector": {"matchLabels": {"tier": "edge"}}}),
            json!({"namespaces": ["s*"]}),
        ]),
    ));
    (config(), existing, expand, excluded, edge).prop_map(|(mut settings, existing, expand, excluded, edge)| {
        let anything = |config: &Value| {
            let members = config.as_object().unwrap();
            members
                .keys()
                .any(|key| key.contains("Proxy") && !key.starts_with("no") || key.starts_with("trustedCa"))
        };
        settings["enabled"] = anything(&settings).into();
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

/// Settings that take out what is the policy's.
pub fn off() -> Value {
    json!({"enabled": false})
}

/// A text that looks like a record: claims on what is there and on what is not, of well-formed and odd shapes.
pub fn forged_record() -> impl Strategy<Value = String> {
    let mut names = NAMES.to_vec();
    names.extend([
        "JAVA_TOOL_OPTIONS",
        "NODE_USE_ENV_PROXY",
        "SSL_CERT_DIR",
        "HTTP_PROXY,http_proxy",
        "PATH",
        "mount",
        "",
    ]);
    let mut values = VALUES.to_vec();
    values.push(r#"{"fieldRef":{"fieldPath":"status.podIP"}}"#);
    let digests = prop_oneof![
        9 => select(values).prop_map(digest),
        1 => select(&["00000000", "3FA91C02", "3fa9", "ééééé", ""]).prop_map(str::to_owned),
    ];
    let own = select(&[
        "",
        "",
        "-",
        "+0",
        "+1",
        "+2",
        "+5",
        "+11",
        "+18446744073709551615",
        "+99999999999999999999",
        ":",
        ":nginx",
        ":%c3%a9,x",
        ":%ff",
        ":%",
        "?",
    ]);
    let claim = (select(names), digests.clone(), own).prop_map(|(name, digest, own)| format!(" {name}={digest}{own}"));
    let container = select(&[
        "app",
        "app",
        "init",
        "skipped",
        "istio-proxy",
        "web",
        "migrate",
        "",
        "a:b",
    ]);
    let line = (container, vec(claim, 0..4)).prop_map(|(name, claims)| format!("\n{name}:{}", claims.concat()));
    let volume = prop_oneof![
        Just(String::new()),
        Just(format!(
            " volume={}",
            digest(r#"{"emptyDir":{},"name":"http-proxy-trusted-ca"}"#)
        )),
        digests.prop_map(|digest| format!(" volume={digest}")),
    ];
    let version = prop_oneof![9 => Just("v1"), 1 => select(&["v2", "", "v1 "])];
    (version, volume, vec(line, 0..4)).prop_map(|(version, volume, lines)| [version, &volume, &lines.concat()].concat())
}

/// FNV-1a.
fn digest(text: &str) -> String {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    format!("{:08x}", text.bytes().fold(0x811c_9dc5, step))
}

/// What may happen to a record on its way.
#[derive(Clone, Debug)]
pub enum Damage {
    /// It ends here.
    Cut(prop::sample::Index),
    /// One character is another one.
    Replace(prop::sample::Index, &'static str),
    /// A line is not there.
    WithoutLine(prop::sample::Index),
    /// A line belongs to the container of another one.
    Exchanged,
    /// Something stands behind.
    Behind(&'static str),
}

pub fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<prop::sample::Index>;
    let texts = select(&["", " ", "\n", ":", "=", ",", "+", "-", "0", "f", "%", "é", "HTTP_PROXY"]);
    prop_oneof![
        3 => index().prop_map(Damage::Cut),
        3 => (index(), texts.clone()).prop_map(|(at, text)| Damage::Replace(at, text)),
        1 => index().prop_map(Damage::WithoutLine),
        1 => Just(Damage::Exchanged),
        1 => texts.prop_map(Damage::Behind),
    ]
}

impl Damage {
    pub fn apply(&self, record: &str) -> String {
        let lines = || record.lines().collect::<Vec<_>>();
        match self {
            // A record is ASCII.
            Damage::Cut(at) => record[..at.index(record.len())].to_owned(),
            Damage::Replace(at, text) => {
                let at = at.index(record.len());
                [&record[..at], text, &record[at + 1..]].concat()
            }
            Damage::WithoutLine(at) => {
                let mut lines = lines();
                lines.remove(at.index(lines.len()));
                lines.join("\n")
            }
            Damage::Exchanged => {
                let mut lines = lines();
                lines[1..].reverse();
                let names: Vec<&str> = record
                    .lines()
                    .skip(1)
                    .filter_map(|line| line.split(':').next())
                    .collect();
                let exchanged = lines[1..].iter().zip(names).filter_map(|(line, name)| {
                    let (_, claims) = line.split_once(':')?;
                    Some(format!("{name}:{claims}"))
                });
                std::iter::once(lines[0].to_owned())
                    .chain(exchanged)
                    .collect::<Vec<_>>()
                    .join("\n")
            }
            Damage::Behind(text) => [record, text].concat(),
        }
    }
}
