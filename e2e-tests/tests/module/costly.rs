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

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_is_made_costly_the_cost_is_in_proportion_to_the_request(request in costly_requests()) {
        let checked = check(&request);
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }
}
