//! Any author of a pod can write what costs much for its size, such as references that refer to each other: it costs no more than in
//! proportion to the request.

use admission::payload;
use host::meter::Cost;
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::generators::config;
use testkit::generators::costly::costly_requests;
use testkit::generators::references::Request;

use crate::policy::MODULE;

fn check(Request { settings, request }: &Request) -> Result<Cost, String> {
    let payload = payload(request, settings);
    let cost = MODULE
        .call("validate", &payload)
        .map_err(|error| format!("{error:#}"))?;
    cost.check(&payload, settings)?;
    Ok(cost)
}

fn created(env: Value, annotation: Option<String>) -> Request {
    let annotations = annotation.map(|list| json!({"http-proxy.kubewarden.io/no-proxy": list}));
    Request {
        settings: json!({"httpProxy": "http://proxy.example.com:3128"}),
        request: json!({
            "kind": {"group": "", "version": "v1", "kind": "Pod"}, "operation": "CREATE", "namespace": "shop",
            "object": {"metadata": {"annotations": annotations}, "spec": {"containers": [{"name": "app", "env": env}]}},
        }),
    }
}

/// Each level refers to the one below eight times, and the text at the bottom is empty.
fn tree(levels: usize) -> Request {
    let mut env = vec![
        json!({"name": "NO_PROXY", "value": "x.example"}),
        json!({"name": "V0", "value": ""}),
    ];
    env.extend((1..=levels).map(|i| json!({"name": format!("V{i}"), "value": format!("$(V{})", i - 1).repeat(8)})));
    env.push(json!({"name": "KUBERNETES_SERVICE_HOST", "value": format!("$(V{levels})")}));
    created(json!(env), None)
}

/// Many variables stand for one text, and the annotation lists them all.
fn copies(text: &str, count: usize) -> Request {
    let mut env = vec![
        json!({"name": "NO_PROXY", "value": "x.example"}),
        json!({"name": "B", "value": text}),
    ];
    env.extend((0..count).map(|i| json!({"name": format!("A{i}"), "value": "$(B)"})));
    let list: Vec<String> = (0..count).map(|i| format!("$(A{i})")).collect();
    created(json!(env), Some(list.join(",")))
}

#[test]
fn trees_and_copies_of_references_cost_little() {
    let names: String = (0..4000).map(|i| format!("n{i}.example,")).collect();
    for (what, request) in [
        ("a tree of 9 levels", tree(9)),
        ("a tree of 2000 levels", tree(2000)),
        ("400 copies of 40 KB of names", copies(&names, 400)),
        ("2000 copies of 120 KB", copies(&"x".repeat(120_000), 2000)),
        ("20000 copies of 250 KB", copies(&"x".repeat(250_000), 20_000)),
        ("20000 copies of a short text", copies("x", 20_000)),
    ] {
        match check(&request) {
            Ok(cost) => println!("{what}: {cost}"),
            Err(fault) => panic!("{what}: {fault}"),
        }
    }
}

/// Many variables, in a report about a pod that has a record: a record claims some, and others came later.
fn reported(count: usize) -> Request {
    let env = vec![json!({"name": "a", "value": ""}); count];
    let mut request = created(json!(env), None);
    request.settings["mode"] = "Report".into();
    request.request["object"]["metadata"]["annotations"] =
        json!({"http-proxy.kubewarden.io/injected": "v1\napp: HTTP_PROXY=3fa91c02"});
    request
}

/// A list of many references that only the kubelet resolves, for Java too.
fn unresolved(count: usize) -> Request {
    let mut env = vec![json!({"name": "JAVA_TOOL_OPTIONS", "value": "-Xa"})];
    env.extend((0..count).map(|i| json!({"name": format!("V{i}"), "valueFrom": {}})));
    let list: Vec<String> = (0..count).map(|i| format!("$(V{i})")).collect();
    env.push(json!({"name": "NO_PROXY", "value": list.join(",")}));
    let mut request = created(json!(env), None);
    request.settings["runtimes"] = json!({"java": true});
    request
}

/// A forged record whose claims share one long value.
fn forged(bytes: usize) -> Request {
    let names: Vec<String> = (0..64)
        .map(|i: usize| {
            let upper = |(at, letter): (usize, char)| {
                if i >> (at % 6) & 1 == 1 && at < 6 {
                    letter.to_ascii_uppercase()
                } else {
                    letter
                }
            };
            "no_proxy".chars().enumerate().map(upper).collect()
        })
        .collect();
    let record = format!("v1\napp: {}=3fa91c02:{}", names.join(","), "x".repeat(bytes));
    let mut request = created(json!([]), None);
    request.request["object"]["metadata"]["annotations"] = json!({"http-proxy.kubewarden.io/injected": record});
    request
}

#[test]
fn variables_that_are_compared_with_each_other_and_records_cost_little() {
    for (what, request) in [
        ("60000 variables in a report", reported(60_000)),
        ("13000 references that do not resolve, for Java", unresolved(13_000)),
        ("a record of 1.9 MB", forged(1_900_000)),
    ] {
        match check(&request) {
            Ok(cost) => println!("{what}: {cost}"),
            Err(fault) => panic!("{what}: {fault}"),
        }
    }
}

#[test]
fn settings_that_are_refused_for_their_length_cost_little() {
    let networks: Vec<String> = (0..3000)
        .map(|i| format!("10.{}.{}.0/20", i / 16, i % 16 * 16))
        .collect();
    let inherited: Vec<Value> = (0..300)
        .map(|i| json!({"name": format!("p{i}"), "match": {"namespaces": [format!("n{i}")]}}))
        .collect();
    let own: Vec<Value> = (0..300)
        .map(|i| json!({"name": format!("p{i}"), "match": {"namespaces": [format!("n{i}")]}, "noProxy": networks[..3]}))
        .collect();
    for (what, count, profiles) in [
        ("3000 networks", 3000, json!([])),
        ("200 networks that 300 profiles inherit", 200, json!(inherited)),
        ("300 profiles with 3 networks each", 1, json!(own)),
    ] {
        let settings = json!({
            "httpProxy": "http://proxy.example.com:3128", "expandCidrs": 4096, "noProxy": networks[..count], "profiles": profiles,
        });
        let cost = MODULE.call("validate_settings", settings.to_string().as_bytes());
        let cost = cost.unwrap_or_else(|error| panic!("{what}: {error:#}"));
        println!("{what}: {cost}");
        assert!(
            cost.instructions < 1_000_000_000 && cost.memory < 96 << 20,
            "{what}: {cost}"
        );
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_is_made_costly_the_cost_is_in_proportion_to_the_request(request in costly_requests()) {
        let checked = check(&request);
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }
}
