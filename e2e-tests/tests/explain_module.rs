//! `explain.wasm`, which the playground calls: the same answer as natively, its size, and its time.

use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

use clients::{Destination, Need, Way, judge, measured};
use explain::answer::Native;
use explain::command::{Question, answer};
use host::policy::Policy;
use serde_json::{Value, json};
use testkit::files::project_file;

/// What a browser has to load, as it is without compression, in bytes.
const MAX_SIZE: usize = 2_500_000;

fn module() -> Vec<u8> {
    let path = project_file("explain.wasm");
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; make explain.wasm builds it", path.display()))
}

static MODULE: LazyLock<Policy> = LazyLock::new(|| Policy::compile_quickly(&module()).unwrap());

fn ask(question: &Value) -> Value {
    call("explain", question)
}

fn call(function: &str, question: &Value) -> Value {
    let answer = MODULE.call(function, question.to_string().as_bytes()).unwrap();
    serde_json::from_slice(&answer.bytes).unwrap()
}

fn text(file: &str) -> String {
    std::fs::read_to_string(project_file(file)).unwrap()
}

#[test]
fn the_module_explains_as_the_command_does() {
    let wasm = module();
    assert!(wasm.len() < MAX_SIZE, "{} bytes", wasm.len());
    LazyLock::force(&MODULE);
    let [settings, objects] = ["examples/quickstart/policy.yaml", "examples/explain/objects.yaml"];
    let question = json!({"settings": text(settings), "objects": text(objects)});
    let start = Instant::now();
    let of_module = ask(&question);
    println!(
        "explain.wasm: {} bytes, {:?} for {objects}",
        wasm.len(),
        start.elapsed()
    );

    let native = Question {
        settings: project_file(settings).display().to_string(),
        files: vec![project_file(objects).display().to_string()],
        ..Question::default()
    };
    let native = serde_json::to_string(&answer(&native, &Native).unwrap()).unwrap();
    // Reasons name the editors of the page instead of files.
    let named = |path: &str| Path::new(&project_file(path)).display().to_string();
    let native = native
        .replace(&named(settings), "settings")
        .replace(&named(objects), "objects");
    assert_eq!(of_module, serde_json::from_str::<Value>(&native).unwrap());
    assert_eq!(of_module["objects"].as_array().unwrap().len(), 6);
}

#[test]
fn problems_are_listed_with_their_lines() {
    for (settings, objects, shown) in [
        (
            "httpProxy: http://proxy:3128\nnoProxi: []",
            "",
            "settings:2: noProxi: unknown field; did you mean noProxy?",
        ),
        ("httpProxy: [", "", "settings:1:12: invalid YAML or JSON"),
        (
            "httpProxy: http://proxy:3128",
            "a: 1",
            "objects:1: not a Kubernetes object: apiVersion or kind is missing",
        ),
    ] {
        let answer = ask(&json!({"settings": settings, "objects": objects}));
        assert_eq!(answer["problems"], json!([shown]), "{answer}");
    }
}

/// The tester of the page, for every client that has been run.
#[test]
fn clients_take_the_ways_that_their_rules_say() {
    let list = ["10.0.0.0/8", ".internal.example.com", "registry.example.com", "fd00::7"];
    let settings = json!({"httpProxy": "http://proxy.example.com:3128/", "noProxy": list, "noProxyDefaults": false});
    let state = json!({"settings": settings.to_string(), "objects": text("examples/pod.yaml")});
    for url in [
        "http://10.20.30.40:9200/",
        "https://registry.example.com/v2/",
        "http://api.internal.example.com:8080/",
        "http://internal.example.com/",
        "http://localhost/",
        "https://www.example.org/",
        "http://[fd00::7]/",
        "http://[fd00::8]/",
    ] {
        let asked = json!({"state": state, "destination": url, "container": "migrate of Pod shop/shop-backend"});
        let routes = call("routes", &asked);
        assert_eq!(routes["problem"], Value::Null);
        let routes = routes["clients"].as_array().unwrap();
        assert_eq!(routes.len(), measured().count());
        for (client, route) in measured().zip(routes) {
            let judgement = judge(client, &list.join(","), &Destination::parse(url).unwrap());
            let way = match (&client.needs, judgement.way) {
                (Some(Need::RuntimesJava | Need::RuntimesNode), _) => "noProxy",
                (_, Way::Direct) => "direct",
                (_, Way::Proxy) => "proxy",
                (_, Way::Fails) => "fails",
            };
            assert_eq!(
                (&route["version"], &route["way"]),
                (&json!(client.version), &json!(way)),
                "{url}"
            );
        }
    }
}
