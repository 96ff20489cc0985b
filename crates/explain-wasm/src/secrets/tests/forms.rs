//! Each form of a secret by itself, next to harmless texts that look like it.

use ::base64::Engine;
use ::base64::engine::general_purpose::STANDARD;

use crate::secrets::{Kind, assignments, base64, find, names, text, user_info};

use super::objects;

#[track_caller]
fn check(is_secret: impl Fn(&str) -> bool, secret: &[&str], harmless: &[&str]) {
    for text in secret {
        assert!(is_secret(text), "{text} is missed");
    }
    for text in harmless {
        assert!(!is_secret(text), "{text} is refused");
    }
}

#[test]
fn names_of_secrets() {
    check(
        names::is_secret,
        &[
            "password",
            "DB_PASSWORD2",
            "proxyPassword",
            "dbpassword",
            "x-api-key",
            "accessKey",
            "SIGNING_KEY",
            "role_secret_id",
            "secretId",
            "Authorization",
            "pw",
        ],
        &[
            "",
            "-",
            "secretName",
            "TOKEN_FILE",
            "password.ttl",
            "keyboard",
            "publicKey",
            "key",
            "key-access",
            "passage",
            "author",
        ],
    );
    check(
        names::is_proxy,
        &[
            "HTTP_PROXY",
            "httpsProxy",
            "proxy",
            "myhttpproxy.httpproxy",
            "https-proxy",
        ],
        &["", "NO_PROXY", "noProxy", "proxyPort", "proxies", "no_httpproxy"],
    );
}

#[test]
fn values_that_are_no_secrets() {
    let is_secret = |value: &str| !names::is_harmless(value);
    check(
        is_secret,
        &[
            "hunter2",
            "$(A",
            "${A",
            "A)",
            "(A)",
            "/hunter2",
            "/aB3/d+e",
            "/aB3/d=",
            "hunter/2/",
            "<hunter2>",
            "<hunterTwo>",
            "<your hunterTwo>",
            "<hunter",
            "hunter>",
            "changeit2",
            "x-x",
        ],
        &[
            "",
            " true ",
            "\"No\"",
            "'~'",
            "changeit",
            "$(A)",
            "${A}",
            "/run/secrets/password",
            "*****",
            "xxx",
            "…",
            "<your password>",
            "<Your  Password>",
            "<YOUR_PASSWORD>",
            "<your.pass-word>",
            "<naïVe>",
            "<>",
        ],
    );
}

#[test]
fn names_with_their_values() {
    check(
        assignments::has_secret,
        &[
            "password=hunter2",
            "a password = \"hunter2\"",
            "'password' => 'hunter2'",
            "?user=a&token=hunter2&b=c",
            "<password>hunter2</password>",
            "<a><client-secret>hunter2</client-secret></a>",
            "https://a/?sig=abcdefghijklmnopqrst",
        ],
        &[
            "password",
            "password=",
            "password == other",
            "password=~a",
            "password=$(A) b",
            "password=${A}b",
            "password=<your password>",
            "user=hunter2",
            "<password>hunter2",
            "<password>hunter2</user>",
            "<password></password>",
            "<user>hunter2</user>",
            "sig=abcdefghijklmnopqrs",
        ],
    );
}

#[test]
fn user_info_of_urls() {
    check(
        user_info::is_in,
        &[
            "http://user:hunter2@proxy",
            "http://hunter2@proxy",
            "http:/user:hunter2@proxy",
            "user:hunter2@proxy",
            "http://user:pa/ss@proxy",
            "http://user:22/x@proxy:3128",
            "http://a/b user:hunter2@c",
            "see http://a.example, user:hunter2@b",
            "ssh://git:hunter2@host/a",
            "x user:hunter2@$HOST",
        ],
        &[
            "",
            "@",
            "shop@example.com",
            "mailto:shop@example.com",
            "ssh://git@host/a",
            "git+ssh://git@host/a",
            "http://host:5000/a@latest",
            "http://host/npm/a@1.2.3",
            "http://host/b:c/a@latest",
            "http://@proxy",
            ":@proxy",
            "user:hunter2@ host",
            "user:hunter2@-",
            "a:1@sha256:0123456789abcdef0123456789abcdef",
        ],
    );
    assert!(user_info::is_in("a:1@sha256:0123456789abcdef0123456789abcde"));
}

#[test]
fn options_and_headers() {
    let has = |line: &str| text::in_value(line).is_some();
    check(
        has,
        &[
            "curl -u user:hunter2 a",
            "curl -uuser:hunter2 a",
            "curl --proxy-user user:hunter2",
            "mysql -phunter2",
            "/usr/bin/mysql -p hunter2",
            "sshpass -p hunter2 ssh a",
            "redis-cli -a hunter2",
            "requirepass hunter2",
            "machine a login b password hunter2",
            "Authorization: Bearer hunter2abc",
            "user\\u003Ahunter2\\U00000040proxy",
            "user\\x3ahunter2&#64;proxy",
            "user:hunter2\\100proxy",
            "user：hunter2＠proxy",
            "user:hunter2&#x40;proxy and more",
            "pass&#119;ord=hunter2",
            "eyJhbGciOiJub25l.eyJzdWIiOiJhIn0.x",
            "x Bearer hunter2abc",
            "x bearer HUNTERabc",
        ],
        &[
            "id -u 1000:1000",
            "id -u1000:1000",
            "curl -u user:",
            "curl -u :hunter2",
            "curl -u http://a",
            "ssh -p 22",
            "mysql a",
            "machine a login b",
            "eyJhbGciOiJub25l.a",
            "a.eyJzdWIiOiJhIn0",
            "mysql -p --host=a",
            "mysql -p $(PASSWORD)",
            "mysql -p",
            "Bearer /var/run/Token1",
            "Bearer of news",
            "Bearer short1",
            "basic configuration",
        ],
    );
}

#[test]
fn keys_by_their_first_bytes() {
    let is_key = |text: &[u8]| base64::is_key(text);
    for bytes in [
        &[0x30, 0x2e, 2, 1, 0, 0x30][..],
        &[0x30, 0x7f, 2, 1, 1],
        &[0x30, 0x80, 2, 1, 3],
        &[0x30, 0x81, 0x90, 2, 1, 0],
        &[0x30, 0x82, 4, 0xbd, 2, 1, 0],
        &[0x30, 0x83, 1, 0, 0, 2, 1, 0],
        &[0xfe, 0xed, 0xfe, 0xed, 0, 0],
        &[0xce, 0xce, 0xce, 0xce],
        b"openssh-key-v1\0",
    ] {
        assert!(is_key(bytes), "{bytes:02x?} is missed");
    }
    for bytes in [
        &[][..],
        &[0x30],
        &[0x30, 0x2e, 2, 1],
        &[0x30, 0x2e, 2, 1, 4],
        &[0x30, 0x2e, 2, 2, 1, 0],
        &[0x30, 0x84, 2, 1, 0],
        // A certificate.
        &[0x30, 0x82, 4, 0xbd, 0x30, 0x82, 3, 0xa5],
        &[0xfe, 0xed, 0xfe],
        b"openssh-key-v",
    ] {
        assert!(!is_key(bytes), "{bytes:02x?} is refused");
    }
}

#[test]
fn keys_in_base64() {
    let encoded = |text: &str| STANDARD.encode(text);
    check(
        |text| base64::has_key(&encoded(text)),
        &["-----BEGIN PRIVATE KEY-----", "-----BEGIN EC PRIVATE KEY-----\nMIIE\n"],
        &["-----BEGIN CERTIFICATE-----", "PRIVATE KEY", ""],
    );
    assert_eq!(base64::decode("aHVudGVyMmh1bnRlcjI=").unwrap(), b"hunter2hunter2");
    assert_eq!(base64::decode("aHVudGVy\nMmh1bnRl").unwrap(), b"hunter2hunte");
    assert_eq!(base64::decode("aHVudGVyMmh1bnQ"), None, "15 characters are a word");
    assert_eq!(base64::decode("not base64, at all"), None);
}

#[test]
fn a_secret_in_a_document_that_cannot_be_read() {
    for (text, line) in [
        ("a: [\nkind: Secret\n", Some(2)),
        ("a: [\nkind: !!str \"SecretList\"\n", Some(2)),
        ("a: [\nkind:\n  - |\n    Secret", Some(4)),
        ("a: [\nkind: SecretStore\n", None),
        ("a: [\nthe kind of a thing that has no Secret\n", None),
        ("a: [\nname: Secret\n", None),
    ] {
        assert_eq!(text::in_broken(text), line.map(|line| (line, Kind::Object)), "{text}");
    }
}

#[test]
fn numbers_and_web_keys_in_documents() {
    let is_found = |text: &str| !find(&objects(text)).is_empty();
    check(
        is_found,
        &[
            "password:\n  12345\n",
            "{\"kty\": \"RSA\", \"d\": \"x\"}",
            "{\"kty\": \"oct\", \"k\": \"x\"}",
        ],
        &[
            "password:\n  0\n",
            "replicas:\n  12345\n",
            "{\"kty\": \"RSA\", \"n\": \"x\"}",
            "{\"d\": \"x\"}",
        ],
    );
}

#[test]
fn a_name_is_short_and_one_word() {
    let is_found = |name: &str| find(&objects(&format!("# {name}: hunter2\n"))).len() == 1;
    assert!(is_found("password"));
    assert!(is_found(&format!("{}-password", "a".repeat(71))));
    assert!(!is_found(&format!("{}-password", "a".repeat(72))));
    assert!(!is_found("the password is here"));
}

#[test]
fn each_kind_has_its_own_message_and_a_line_is_named_once() {
    let messages = [
        (Kind::UserInfo, "a user name or password before @"),
        (Kind::PrivateKey, "a private key"),
        (Kind::Object, "a Secret"),
        (Kind::Named, "a value whose name says that it is secret"),
        (Kind::Credentials, "a user name and password"),
        (Kind::Token, "an access token"),
    ];
    for (kind, start) in messages {
        assert!(kind.message().starts_with(start), "{kind:?}");
    }
    let found = find(&objects(
        "kind: Secret\ndata: {password: hunter2, token: hunter2}\nkey: AKIA0123456789ABCDEF\n",
    ));
    let lines: Vec<(usize, &str)> = found.iter().map(|secret| (secret.line, &secret.message[..8])).collect();
    assert_eq!(lines, [(1, "a Secret"), (2, "a value "), (3, "an acces")]);
}
