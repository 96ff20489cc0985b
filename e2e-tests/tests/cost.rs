//! What a request costs, in WebAssembly instructions: the same count on every machine.

use std::fmt::Write;
use std::sync::LazyLock;

use admission::{create_request, payload};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use host::meter::{Cost, Meter};
use host::policy::module_bytes;
use serde_json::{Value, json};
use testkit::cases;
use testkit::certificates::ROOT;
use testkit::files::project_file;

/// What the cases cost when somebody last looked. A change that alters them renews the table, and says why it is worth it:
/// `make policy.wasm && cargo test --package e2e-tests --test cost table -- --nocapture` prints it as it is now.
const INSTRUCTIONS: &[(&str, u64)] = &[
    ("typical pod", 98931),
    ("opted-out pod", 35603),
    ("10 containers", 371074),
    ("100 containers", 3083134),
    ("0 noProxy entries", 92934),
    ("10 noProxy entries", 108510),
    ("1000 noProxy entries", 1684591),
    ("CA of 20 certificates", 1124485),
    ("50 profiles", 357813),
    ("1.5 MB pod", 48454205),
];

/// In percent of the table's count. What costs much less is out of date too: the gain could be lost unseen.
const MOST: u64 = 103;
const LEAST: u64 = 90;

static METER: LazyLock<Meter> = LazyLock::new(|| Meter::new(&module_bytes().unwrap()).unwrap());

fn cost(object: &Value, settings: &Value) -> u64 {
    let payload = payload(&create_request(object).unwrap(), settings);
    let Cost {
        answer, instructions, ..
    } = METER.call("validate", &payload).unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["accepted"], true, "{answer}");
    instructions
}

fn example(file: &str) -> Value {
    let documents = documents::read(project_file(&format!("examples/{file}")).to_str().unwrap());
    documents.unwrap().remove(0).value
}

fn pod(containers: usize) -> Value {
    let containers: Vec<Value> = (0..containers)
        .map(|i| json!({"name": format!("c{i}"), "image": "app"}))
        .collect();
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": containers}})
}

fn names(count: usize) -> Value {
    let names: Vec<String> = (0..count).map(|i| format!("host-{i}.corp.example")).collect();
    json!({"httpProxy": "http://p", "noProxy": names})
}

/// Settings and a pod with a `NO_PROXY` of its own of as many entries.
fn merging(count: usize) -> (Value, Value) {
    let own: Vec<String> = (0..count).map(|i| format!("own-{i}.example")).collect();
    let mut pod = pod(1);
    pod["spec"]["containers"][0]["env"] = json!([{"name": "NO_PROXY", "value": own.join(",")}]);
    (pod, names(count))
}

#[test]
fn each_case_costs_what_the_table_says() {
    let call = |function, payload: &[u8]| {
        let cost = METER.call(function, payload).unwrap();
        let answer: Value = serde_json::from_slice(&cost.answer).unwrap();
        (answer, cost.instructions)
    };
    let (mut recorded, mut wrong, mut table) = (INSTRUCTIONS.to_vec(), Vec::new(), String::new());
    for case in cases::all() {
        let name = case.name.as_str();
        let (verdict, _) = call("validate_settings", case.settings.to_string().as_bytes());
        assert_eq!(verdict["valid"], true, "{name}: {verdict}");
        let (answer, instructions) = call("validate", &case.payload());
        assert_eq!(answer["accepted"], true, "{name}: {answer}");
        assert_eq!(answer["mutated_object"].is_object(), case.mutates, "{name}");

        writeln!(table, "    ({name:?}, {instructions}),").unwrap();
        let before: Vec<u64> = recorded.extract_if(.., |row| row.0 == name).map(|row| row.1).collect();
        if !matches!(before[..], [before] if (before * LEAST..=before * MOST).contains(&(instructions * 100))) {
            wrong.push(format!("{name}: {instructions}, and in the table {before:?}"));
        }
    }
    wrong.extend(recorded.iter().map(|(name, _)| format!("{name}: is no case")));
    assert!(
        wrong.is_empty(),
        "the table INSTRUCTIONS is out of date:\n{}\nIt is now:\n{table}",
        wrong.join("\n")
    );
    println!("{table}");
}

/// The certificates are not parsed again for each request, only their subjects are looked up.
#[test]
fn a_ca_costs_less_than_the_rest_of_a_request() {
    let (pod, mut settings) = (example("pod.yaml"), example("aks-proxy-config.json"));
    let without = cost(&pod, &settings);
    let mut with = |count: usize| {
        settings["trustedCa"] = STANDARD.encode(ROOT.repeat(count)).into();
        cost(&pod, &settings)
    };
    let (one, twenty) = (with(1), with(20));
    println!("without a CA: {without} instructions, with one certificate {one}, with twenty {twenty}");
    assert!(one < without * 2, "{without} {one}");
}

#[test]
fn no_proxy_costs_in_proportion_to_its_entries() {
    let linear = |what: &str, small: u64, large: u64| {
        println!("{what}: {small} instructions, four times as many entries {large}");
        assert!(large < small * 5, "{what}: {small} {large}");
    };
    linear("500 entries", cost(&pod(1), &names(500)), cost(&pod(1), &names(2000)));
    let expanded =
        |prefix: u8| json!({"httpProxy": "http://p", "noProxy": [format!("10.0.0.0/{prefix}")], "expandCidrs": 4096});
    linear(
        "expanding 1024 addresses",
        cost(&pod(1), &expanded(22)),
        cost(&pod(1), &expanded(20)),
    );
    let merged = |(pod, settings): (Value, Value)| cost(&pod, &settings);
    linear("merging 500 with 500", merged(merging(500)), merged(merging(2000)));
}

/// What a pod's author can write costs in proportion to its size, whatever it is: a request has two seconds.
#[test]
fn nothing_in_a_pod_costs_more_than_its_size() {
    let settings = json!({"httpProxy": "http://p", "noProxyDefaults": false});
    let env = |env: Value| json!({"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": {"containers": [{"name": "c", "env": env}]}});
    let variables = |count: usize| {
        (0..count)
            .map(|i| json!({"name": format!("V{i}"), "value": "$(HTTP_PROXY)"}))
            .collect::<Value>()
    };
    let shapes: [(&str, &dyn Fn(usize) -> Value); 5] = [
        ("unclosed references", &|count| {
            env(json!([{"name": "A", "value": "$(".repeat(count)}]))
        }),
        ("variables", &|count| env(variables(count))),
        ("references to own variables", &|count| {
            let mut list = variables(count);
            let own: Vec<String> = (0..count).map(|i| format!("$(V{i})")).collect();
            list.as_array_mut()
                .unwrap()
                .push(json!({"name": "no_proxy", "value": own.join(",")}));
            env(list)
        }),
        (
            "containers without a name",
            &|count| json!({"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": {"containers": vec![json!({}); count]}}),
        ),
        ("excluded names and containers", &|count| {
            let names: Vec<String> = (0..count).map(|i| format!("n{i}")).collect();
            let mut pod = pod(count);
            pod["metadata"]["annotations"] = json!({"http-proxy.kubewarden.io/exclude-containers": names.join(",")});
            pod
        }),
    ];
    for (what, shape) in shapes {
        let (small, large) = (cost(&shape(500), &settings), cost(&shape(2000), &settings));
        println!("{what}: 500 {small} instructions, 2000 {large}");
        assert!(large < small * 5, "{what}: {small} {large}");
    }
}

/// Each profile has a list of its own, and an instance frees no memory.
#[test]
fn the_lists_of_profiles_take_memory_in_proportion() {
    for entries in [0, 40, 300] {
        let list: Vec<String> = (0..entries).map(|i| format!("h{i}.x")).collect();
        let profile = |i: usize| json!({"name": format!("p{i}"), "match": {"namespaces": ["x"]}, "noProxy": list});
        let count = 2_000_000 / profile(0).to_string().len();
        let settings = json!({"httpProxy": "http://p", "profiles": (0..count).map(profile).collect::<Value>()});
        let Cost { answer, memory, .. } = METER
            .call("validate_settings", settings.to_string().as_bytes())
            .unwrap();
        let verdict: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(verdict["valid"], true, "{verdict}");
        println!("{count} profiles with {entries} entries: {} KiB", memory >> 10);
        assert!(memory < 64 << 20, "{memory}");
    }
}
