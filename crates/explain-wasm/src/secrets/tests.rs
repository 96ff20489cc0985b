//! Spellings that a link must refuse, and those that it must not. A third of each is generated.

mod forms;

use ::base64::Engine;
use ::base64::engine::general_purpose::STANDARD;

use super::*;

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\n";

fn settings(text: &str) -> State {
    State {
        settings: text.to_owned(),
        ..State::default()
    }
}

fn objects(text: &str) -> State {
    State {
        objects: text.to_owned(),
        ..State::default()
    }
}

fn variable(name: &str, value: &str) -> State {
    objects(&format!(
        "{POD}spec:\n  containers:\n    - name: app\n      env:\n        - name: {name}\n          value: {value}\n"
    ))
}

fn command(words: &str) -> State {
    objects(&format!(
        "{POD}spec:\n  containers:\n    - name: app\n      args: {words}\n"
    ))
}

/// A key as openssl writes it, with nothing in it.
fn key(kind: &str) -> String {
    format!("-----BEGIN {kind}PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END {kind}PRIVATE KEY-----\n")
}

/// The settings' own fields, and what is mistyped in them.
fn hostile_settings() -> Vec<State> {
    let ca = |text: &str| format!("httpProxy: http://proxy:3128\ntrustedCa: {}", STANDARD.encode(text));
    let der = STANDARD.encode([
        0x30, 0x82, 4, 0xbd, 2, 1, 0, 0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7,
    ]);
    [
        "httpProxy: http://user:hunter2@proxy.example.com:3128/",
        "httpProxy: user:hunter2@proxy:3128",
        "httpProxy: http:/user:hunter2@proxy:3128",
        "httpProxy: http:\\\\user:hunter2@proxy:3128",
        "httpProxy: http://user:hunter2%40proxy:3128",
        "httpProxy: user:hunter2%40proxy:3128",
        "httpProxy: http://user:hun ter2@proxy:3128",
        "httpProxy: http://user:pa/ss@proxy:3128",
        "httpProxy: http://hunter2@proxy:3128",
        "httpProxy: hunter2@proxy:3128",
        "httpProxy: >-\n  http://user:\n  hunter2@proxy:3128",
        "httpProxy: |\n  http://us\n  er:hunter2@proxy",
        "httpProxy: \"http://user:hunter2\\u0040proxy:3128\"",
        "httpProxy: \"http:\\/\\/user:hunter2\\x40proxy:3128\"",
        "httpProxy: http://user:hunter2＠proxy:3128",
        "# httpProxy: http://user:hunter2@proxy:3128\nhttpProxy: http://proxy:3128",
        "noProxy: [\"user:hunter2@registry.example.com\"]",
        "profiles: [{name: a, httpProxy: \"user:hunter2@proxy\"}]",
        "httpProxy: [ user:hunter2@proxy",
        "proxyPassword: hunter2\nhttpProxy: http://proxy:3128",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([
        ca(&key("")),
        ca(&key("RSA ")),
        format!("trustedCa: |\n  {}", key("").replace('\n', "\n  ")),
        format!("trustedCa: {der}"),
        "{\"httpProxyConfig\": {\"httpProxy\": \"http:\\u002f\\u002fuser:hunter2@proxy\"}}".to_owned(),
    ])
    .map(|text| settings(&text))
    .collect()
}

fn hostile_objects() -> Vec<State> {
    [
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {url: aHR0cA==}",
        "apiVersion: v1\nkind: SecretList\nitems: [{metadata: {name: a}}]",
        "kind: SecretList\nitems: [{data: {a: aHR0cA==}}]",
        "kind: >-\n  Secret\napiVersion: v1",
        "kind: !!str Secret\napiVersion: v1",
        "a: &a Secret\nkind: *a\napiVersion: v1",
        "kind: \"\\u0053ecret\"\napiVersion: v1",
        "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"kind\": \"Secret\"}]}",
        "- kind: Secret\n  apiVersion: v1",
        "kind: Secret\ndata: [",
        "\"kind\" : 'Secret'\ndata: {{ .Values.url }}",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  id_rsa: |\n    -----BEGIN OPENSSH PRIVATE KEY-----\n    b3Blbn",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  app.properties: |\n    db.password=hunter2",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  app.yaml: |\n    db:\n      password: hunter2",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: '{\"auths\": {\"r\": {\"auth\": \"dXNlcjpodW50ZXIy\"}}}'",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  API_KEY: hunter2",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '{\"kind\":\"Secret\",\"data\":{}}'",
        "# DB_PASSWORD=hunter2",
        "# curl -U user:hunter2 http://example.com",
    ]
    .into_iter()
    .map(objects)
    .collect()
}

fn hostile_containers() -> Vec<State> {
    let mut all: Vec<State> = [
        "[\"-Dhttp.proxyPassword=hunter2\"]",
        "[curl, -U, \"user:hunter2\", \"http://example.com\"]",
        "[\"curl -u user:hunter2 http://example.com\"]",
        "[curl, --proxy-user, \"user:hunter2\"]",
        "[curl, -H, \"Proxy-Authorization: Basic dXNlcjpodW50ZXIy\"]",
        "[curl, -H, \"Authorization: Bearer abc123DEF456\"]",
        "[\"--password\", \"hunter2\"]",
        "[\"--db-password=hunter2\"]",
        "[\"git clone https://hunter2@git.example.com/a.git\"]",
    ]
    .map(command)
    .into();
    all.push(variable("GH", &format!("ghp_{}", "a1".repeat(18))));
    all.push(variable("HTTP_PROXY", "user:hunter2@proxy:3128"));
    all.push(variable("DATABASE_URL", "postgres://shop:hunter2@db:5432/shop"));
    all
}

/// Files in other languages, in a ConfigMap.
fn hostile_files() -> Vec<State> {
    let key = STANDARD.encode(key("RSA "));
    [
        "admin_password = S3cr3tPw",
        "password = \"S3cr3tPw\"",
        "password => \"S3cr3tPw\"",
        "<password>S3cr3tPw</password>",
        "requirepass S3cr3tPw",
        "machine h login u password S3cr3tPw",
        "db: {password: S3cr3tPw}",
        "PrivateKey = aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=",
        "PuTTY-User-Key-File-3: ssh-ed25519",
        "{\"kty\": \"EC\", \"crv\": \"P-256\", \"d\": \"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE\"}",
        "[{\"kind\":\"Secret\",\"data\":{\"p\":\"aHVudGVyMg==\"}}]",
        "- {kind: Secret, data: {p: aHVudGVyMg==}}",
        "[{\"name\":\"DB_PASSWORD\",\"value\":\"S3cr3tPw\"}]",
        "jdbc:mysql://db/app?user=app&password=S3cr3tPw",
        "https://x.example/?a=1&token=S3cr3tPw",
        "https://x.example/c?sp=r&sig=0Vq1S3cr3tPwS3cr3tPw%3D",
        "Server=db;User Id=sa;Password=S3cr3tPw",
        "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=S3cr3tPw==",
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.S3cr3tPw",
        "http://user:S3cr3tPw%2540proxy",
        "http://user:S3cr3tPw\\100proxy",
        "http://user:S3cr3tPw&#64;proxy",
        &STANDARD.encode("apiVersion: v1\nkind: Secret\ndata: {p: aHVudGVyMg==}\n"),
        &format!("echo {key} | base64 -d > /k"),
        &format!("data:;base64,{key}"),
        &STANDARD.encode([0x30, 0x80, 2, 1, 3, 0x30, 0x80, 6, 9, 0x2a, 0x86, 0x48, 0x86]),
        &STANDARD.encode([0x30, 0x83, 1, 0, 0, 2, 1, 3, 0x30, 0x82, 6, 9, 0x2a]),
        &STANDARD.encode([0xce, 0xce, 0xce, 0xce, 0, 0, 0, 2, 0, 0, 0, 1, 0]),
    ]
    .iter()
    .map(|text| {
        objects(&format!(
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  file: {}\n",
            serde_json::Value::from(*text)
        ))
    })
    .collect()
}

/// What commands and variables hold.
fn hostile_words() -> Vec<State> {
    let mut all: Vec<State> = [
        "[\"--set=db.password=S3cr3tPw\"]",
        "[--set, \"a=b,db.password=S3cr3tPw\"]",
        "[sh, -c, \"export A=1;DB_PASSWORD=S3cr3tPw\"]",
        "[sh, -c, \"mysql -uroot -pS3cr3tPw\"]",
        "[sh, -c, \"redis-cli -a S3cr3tPw ping\"]",
    ]
    .map(command)
    .into();
    for name in [
        "DB_PASSWORD2",
        "PGPASS",
        "TS_AUTHKEY",
        "clientsecret",
        "VAULT_SECRET_ID",
    ] {
        all.push(variable(name, "S3cr3tPw"));
    }
    for value in ["/S3cr3tPw", "<S3cr3tPw>"] {
        all.push(variable("DB_PASSWORD", value));
    }
    for token in ["hvs.", "ghu_", "pypi-", "sk-"] {
        all.push(variable("VALUE", &format!("{token}{}", "a1".repeat(18))));
    }
    all.push(objects("password: {value: S3cr3tPw}"));
    all.push(settings("# password = S3cr3tPw\nhttpProxy: http://proxy:3128"));
    all
}

/// Names and values in each other's spellings, and the two other fields.
fn hostile_generated() -> Vec<State> {
    let mut all = Vec::new();
    let words = [
        "password",
        "passwd",
        "token",
        "secret",
        "api key",
        "private key",
        "credentials",
        "passphrase",
    ];
    for word in words {
        let [upper, kebab, glued] = [("_", true), ("-", false), ("", false)].map(|(joint, is_upper)| {
            let name = format!("shop {word}").replace(' ', joint);
            if is_upper { name.to_uppercase() } else { name }
        });
        all.push(variable(&upper, "hunter2"));
        all.push(command(&format!("[\"--{kebab}=hunter2\"]")));
        if ["password", "passwd", "passphrase"].contains(&word) {
            all.push(objects(&format!("{glued}: hunter2")));
        }
    }
    for scheme in ["http", "https", "socks5", "HTTP", "amqp"] {
        for at in ["@", "%40", "\\u0040"] {
            all.push(settings(&format!("httpsProxy: \"{scheme}://user:hunter2{at}proxy\"")));
        }
    }
    for text in ["user:hunter2@shop", "token=hunter2", "http://hunter2@shop"] {
        let namespace = text.to_owned();
        all.push(State {
            namespace,
            ..State::default()
        });
        all.push(State {
            namespace_labels: text.to_owned(),
            ..State::default()
        });
    }
    all
}

#[test]
fn at_least_sixty_hostile_spellings_are_found_and_a_quarter_is_generated() {
    let generated = hostile_generated();
    let written = [
        hostile_settings(),
        hostile_objects(),
        hostile_containers(),
        hostile_files(),
        hostile_words(),
    ]
    .concat();
    let count = generated.len() + written.len();
    assert!(
        count >= 60 && generated.len() * 4 >= count,
        "{} of {count}",
        generated.len()
    );
    let missed: Vec<String> = written
        .iter()
        .chain(&generated)
        .filter(|state| find(state).is_empty())
        .map(|state| format!("{state:?}"))
        .collect();
    assert!(missed.is_empty(), "{} are missed:\n{}", missed.len(), missed.join("\n"));
}

fn harmless_written() -> Vec<State> {
    let digest = "a".repeat(64);
    let mut all: Vec<State> = [
        "httpProxy: http://proxy.example.com:3128/",
        "httpProxyFrom: {secretKeyRef: {name: http-proxy, key: url}}",
        "trustedCaFrom: {configMapKeyRef: {name: ca, key: ca.crt}}",
        "noProxy: [localhost, \"::1\", 10.0.0.0/8, \"[fd00::1]\"]",
        "# Ask platform@example.com for access.\nhttpProxy: http://proxy:3128",
        "# see https://example.com/a and write to admin@example.com\nhttpProxy: http://proxy:3128",
        "enabled: false",
        "",
    ]
    .map(settings)
    .into();
    all.extend(
        [
            &format!("imageID: docker-pullable://registry.example.com/a@sha256:{digest}"),
            &format!("image: registry.example.com:5000/shop/a:1.2@sha256:{digest}"),
            &format!("image: a@sha512:{digest}{digest}"),
            "secretName: shop-database",
            "automountServiceAccountToken: false",
            "volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: token, expirationSeconds: 3600}}]}}]",
            "volumes: [{name: a, secret: {secretName: a}}]",
            "imagePullSecrets: [{name: registry}]",
            "env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: a, key: password}}}]",
            "spec: {ref: {kind: Secret, name: a}}",
            "rules: [{resources: [secrets], verbs: [get]}]",
            "repository: git@github.com:shop/backend.git",
            "repository: ssh://git@github.com/shop/backend.git",
            "schedule: \"@daily\"",
            "url: https://cdn.example.com/npm/a@1.2.3/index.js",
            "url: https://registry.example.com:5000/a@latest",
            "owner: mailto:shop@example.com",
            "annotations: {contact: shop@example.com}",
            "securityContext: {runAsUser: 10001}",
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a}",
            "data: {ca.crt: \"-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\"}",
            "tokenExpirationSeconds: 3600",
            "args: [\"--password=$(PASSWORD)\", \"--token=${TOKEN}\"]",
            "# send it as Authorization: Bearer <token> to the server",
            "secretStoreRef: {kind: SecretStore, name: vault}",
            "args: [\"--authorization-mode=Node,RBAC\", \"--enable-bootstrap-token-auth=true\"]",
        ]
        .map(objects),
    );
    all.extend(
        [
            ("PASSWORD_FILE", "/run/secrets/password"),
            ("DB_PASSWORD", "$(SHOP_PASSWORD)"),
            ("TOKEN_URL", "https://login.example.com/token"),
            ("AUTH_MODE", "oidc"),
            ("TRUSTSTORE_PASSWORD", "changeit"),
            ("COMPASS_DIRECTION", "north"),
            ("KEYBOARD", "qwerty"),
        ]
        .map(|(name, value)| variable(name, value)),
    );
    all.push(command("[sh, -c, \"id -u 1000:1000\"]"));
    all.push(command("[npm, install, \"@scope/package@1.2.3\"]"));
    all
}

/// Names that only sound like a secret's, and digests of every length of a tag.
fn harmless_generated() -> Vec<State> {
    let mut all = Vec::new();
    for word in ["password", "token", "secret", "api-key", "credentials"] {
        for about in ["file", "name", "ref", "ttl"] {
            all.push(objects(&format!("{word}-{about}: {word}-1")));
        }
    }
    for tag in ["", ":1", ":1.29.0-alpine", ":latest"] {
        all.push(objects(&format!(
            "image: registry.example.com/a{tag}@sha256:{}",
            "0f".repeat(32)
        )));
    }
    all
}

#[test]
fn at_least_forty_harmless_texts_are_not_refused_and_a_third_is_generated() {
    let [written, generated] = [harmless_written(), harmless_generated()];
    let count = written.len() + generated.len();
    assert!(
        count >= 40 && generated.len() * 3 >= count,
        "{} of {count}",
        generated.len()
    );
    for state in written.iter().chain(&generated) {
        assert_eq!(find(state), [], "{state:?}");
    }
}

#[test]
fn the_line_of_a_secret_is_that_of_the_value_and_the_message_does_not_quote_it() {
    let found = find(&variable("DB_PASSWORD", "hunter2"));
    let [secret] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!((secret.field, secret.line), ("objects", 9));
    for state in [hostile_settings(), hostile_objects(), hostile_containers()].concat() {
        for secret in find(&state) {
            let lines = state
                .texts()
                .iter()
                .find(|(field, _)| *field == secret.field)
                .unwrap()
                .1
                .lines()
                .count();
            assert!(secret.line >= 1 && secret.line <= lines.max(1), "{secret:?} {state:?}");
            assert!(!secret.message.contains("hunter2"), "{secret:?}");
        }
    }
}

#[test]
fn no_example_of_the_repository_is_refused_but_its_secret() {
    for path in testkit::files::find(&testkit::files::project_file("examples"), &["yaml", "json"]) {
        let name = path.display().to_string();
        let found = find(&objects(&std::fs::read_to_string(&path).unwrap()));
        assert_eq!(
            found.is_empty(),
            !name.ends_with("credentials/secret.yaml"),
            "{name}: {found:?}"
        );
    }
}
