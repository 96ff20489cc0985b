//! No output of any command shows a password, in whatever form it is given.

use std::fs;
use std::path::Path;

use crate::with_input;

/// What no output may hold. The second is in base64 of PEM.
const SECRETS: [&str; 2] = ["hunter2", "aHVudGVyMg"];

/// Documents that hold a password where one may be expected, and where none may be.
const DOCUMENTS: [&str; 27] = [
    "httpProxy: http://user:hunter2@proxy.example.com:3128/\n",
    "httpProxy: http://user:hunter2@proxy.example.com:3128/path\n",
    "httpProxy: 'http://user:hunter2@@proxy.example.com'\nhttpsProxy: user:hunter2@proxy\n",
    "httpProxy: http://hunter2%zz@proxy.example.com\n",
    "httpProxy: http://proxy.example.com:3128/\nnoProxy: ['http://user:hunter2@a', 'user:hunter2@b', 'user:hunter2@c:99999']\n",
    "httpProxy: [http://user:hunter2@proxy\n",
    "httpProxy: &hunter2 a\nnoProxy: [*hunter3]\n",
    "{\"httpProxy\": \"http://user:hunter2@proxy\" \"a\"}",
    "{\"httpProxy\": \"http://user:hunter2@proxy\", \"httpProxy\": \"http://user:hunter2@proxy\"}",
    "httpProxy: http://user:{{ hunter2 }}@proxy\n{{ if hunter2 }}\n",
    "http://user:hunter2@proxy.example.com\n",
    "httpProxyConfig: {httpProxy: 'http://user:hunter2@proxy:3128/', noProxy: 'user:hunter2@a', trustedCa: aHVudGVyMg==}\n",
    "httpProxyConfig: {httpProxy: '[concat(''http://user:hunter2@'', ''a'')]'}\n",
    "httpProxyConfig: 'http://user:hunter2@proxy'\n",
    "http_proxy_config: [{http_proxy: 'http://user:hunter2@proxy:3128/', no_proxy: ['user:hunter2@a']}]\n",
    "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicyGroup\nspec: {policies: {a: {settings: {httpProxy: \
     'http://user:hunter2@proxy:x'}}}}\n",
    "httpProxy: http://user:%68unter2hunter2@proxy.example.com:99999/\n",
    "httpProxy: ['http://user:hunter2@proxy']\nhttpsProxy: {hunter2: http://user:hunter2@proxy}\n",
    "http://user:hunter2@proxy: a\nprofiles: [{name: 'http://user:hunter2@a', match: {namespaces: ['http://user:hunter2@b']}}]\n",
    "httpProxyFrom: {secret: 'http://user:hunter2@a', 'user:hunter2@b': c}\n",
    "httpProxy: \"http://user:hunter2@proxy\\nhunter2\"\n",
    "{\"properties\": {\"httpProxyConfig\": {\"httpProxy\": \"http://user:hunter2@[::1\", \"user:hunter2@a\": 1}}}",
    "{\"resources\": [{\"type\": \"azurerm_kubernetes_cluster\", \"instances\": [{\"attributes\": {\"http_proxy_config\": \
     [{\"http_proxy\": \"http://user:hunter2@a:x\", \"no_proxy\": [\"http://user:hunter2@b/c?hunter2\"]}]}}]}]}",
    "apiVersion: 'http://user:hunter2@a'\nkind: 'http://user:hunter2@a'\n",
    "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata: {name: 'http://user:hunter2@a'}\nspec: {mutating: \
     hunter2, mode: hunter2, rules: hunter2, namespaceSelector: hunter2, settings: 'http://user:hunter2@a'}\n",
    "apiVersion: v1\nkind: Secret\ndata: {url: aHVudGVyMg==}\nstringData: {url: 'http://user:hunter2@a'}\n",
    "trustedCa: aHVudGVyMg==\nhttpProxy: http://user:hunter2@squid.proxy.svc\n",
];

/// The commands, `FILE` for the document. What writes the configuration of a node is meant to hold the password: `--out` has it.
const COMMANDS: [&str; 18] = [
    "check FILE",
    "check FILE --output json",
    "check FILE --output github --skip-others",
    "check FILE --output sarif",
    "service-entry FILE",
    "probe FILE --timeout 1 --url http://a.invalid/ --url https://b.invalid/",
    "probe FILE --timeout 1 --output json --url http://127.0.0.1:1/",
    "nodes FILE --format systemd --no-proxy 10.0.0.0/8 --out OUT",
    "nodes FILE --format talos --no-proxy user:hunter2@a --no-proxy http://user:hunter2@b",
    "nodes FILE --format nodeadm --no-proxy 10.0.0.0/8 --from-aks FILE --out OUT",
    "nodes FILE --format cluster-api --no-proxy 10.0.0.0/8 --whole-node --out OUT",
    "nodes examples/quickstart/policy.yaml --format talos --no-proxy 10.0.0.0/8 --http-proxy-file FILE --ca-file FILE --out OUT",
    "explain FILE examples/explain/objects.yaml",
    "explain examples/quickstart/policy.yaml FILE",
    "survey FILE crates/survey/tests/fixtures/dump.json",
    "survey examples/quickstart/policy.yaml FILE",
    "trust-image --ca FILE --archive OUT",
    "nodes FILE --format openshift --no-proxy 10.0.0.0/8 --http-proxy-file FILE --ca-file FILE --out OUT",
];

/// Arguments with a password in the wrong place.
const ARGUMENTS: [&str; 14] = [
    "check http://user:hunter2@proxy/",
    "from-aks http://user:hunter2@proxy/",
    "probe - --url http://user:hunter2@proxy/",
    "probe - http://user:hunter2@proxy/",
    "nodes - --format systemd --no-proxy 10.0.0.0/8 --unit=http://user:hunter2@proxy/",
    "service-entry - --address=user:hunter2@proxy",
    "explain http://user:hunter2@proxy/ -",
    "survey - http://user:hunter2@proxy/",
    "trust-image --ca http://user:hunter2@proxy/ --archive target/none.tar",
    "nodes - --format talos --no-proxy 10.0.0.0/8 --http-proxy-file http://user:hunter2@proxy/",
    "nodes - --format talos --no-proxy 10.0.0.0/8 --ca-file http://user:hunter2@proxy/",
    "nodes - --format talos --from-aks http://user:hunter2@proxy/",
    "nodes - --format talos --no-proxy 10.0.0.0/8 --profile http://user:hunter2@proxy/",
    "explain - examples/explain/objects.yaml --policy http://user:hunter2@proxy/",
];

fn run(arguments: &[String], input: &str) -> String {
    let output = with_input(arguments, input.as_bytes());
    assert_ne!(output.status.code(), Some(101), "{arguments:?}\n{input}\n{output:?}");
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

fn assert_secret(arguments: &[String], input: &str) {
    let said = run(arguments, input);
    for secret in SECRETS {
        assert!(!said.contains(secret), "{arguments:?}\n{input}\n{said}");
    }
}

#[test]
fn no_command_shows_a_password() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("secrets");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("file.yaml");
    for document in DOCUMENTS {
        fs::write(&file, document).unwrap();
        for command in COMMANDS {
            let replaced = command.split(' ').map(|word| match word {
                "FILE" => file.to_str().unwrap().to_owned(),
                "OUT" => folder.join("out").to_str().unwrap().to_owned(),
                word => word.to_owned(),
            });
            assert_secret(&replaced.collect::<Vec<String>>(), "");
        }
        // The policy itself has the proxy's URL; what is said of it has not.
        let said = run(&["from-aks".to_owned(), file.to_str().unwrap().to_owned()], "");
        let notes: Vec<&str> = said.lines().filter(|line| !line.starts_with(' ')).collect();
        assert!(!notes.concat().contains("hunter2"), "{document}\n{said}");
    }
    for arguments in ARGUMENTS {
        let arguments: Vec<String> = arguments.split(' ').map(str::to_owned).collect();
        assert_secret(&arguments, "httpProxy: http://proxy.example.com:3128\n");
    }
}

#[test]
fn no_part_of_an_argument_with_a_password_is_shown() {
    let url = "http://user:hunter2=a:b@proxy.example.com";
    let option = format!("--output={url}");
    for arguments in [
        &["check", url][..],
        &["check", &option],
        &["check", "--no-such-option", url],
        &["completions", url],
        &["explain", "examples/quickstart/policy.yaml", url],
    ] {
        let output = with_input(arguments, b"");
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!said.is_empty() && !said.contains("hunter2"), "{arguments:?}: {said}");
    }
}
