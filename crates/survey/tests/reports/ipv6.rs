//! Clusters with IPv6 alone, and with both families.

use serde_json::{Value, json};
use survey::{Report, with_entries};

use crate::report_on;

fn settings() -> Value {
    json!({"httpProxy": "http://proxy.example.com:3128"})
}

fn node(number: usize, addresses: &[&str], pod_networks: &[&str]) -> Value {
    let addresses: Vec<Value> = addresses
        .iter()
        .map(|address| json!({"type": "InternalIP", "address": address}))
        .collect();
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("node-{number}")}, "spec": {"podCIDRs": pod_networks},
        "status": {"addresses": addresses}})
}

fn service(addresses: &[&str]) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "api", "namespace": "shop"},
        "spec": {"clusterIP": addresses[0], "clusterIPs": addresses, "ports": [{"port": 8080}]}})
}

fn service_networks(networks: &[&str]) -> Value {
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "ServiceCIDR", "metadata": {"name": "kubernetes"}, "spec": {"cidrs": networks}})
}

fn api_server(address: &str) -> Value {
    json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "kubernetes", "namespace": "default",
        "labels": {"kubernetes.io/service-name": "kubernetes"}}, "endpoints": [{"addresses": [address]}]})
}

/// A pod with a variable for each URL, and one for the address of its node.
fn pod(address: &str, urls: &[&str]) -> Value {
    let mut env = vec![json!({"name": "HOST_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}}})];
    env.extend(
        urls.iter()
            .enumerate()
            .map(|(index, url)| json!({"name": format!("URL_{index}"), "value": url})),
    );
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"containers": [{"name": "main", "image": "web", "env": env}]}, "status": {"podIPs": [{"ip": address}]}})
}

/// The addresses are those of a cloud that gives nodes and pods public ones.
fn of_ipv6_alone(urls: &[&str]) -> Vec<Value> {
    vec![
        node(1, &["2001:db8:1::4"], &[]),
        node(2, &["2001:db8:2::4"], &[]),
        service(&["fd00:96::10"]),
        service_networks(&["fd00:96::/108"]),
        api_server("2001:db8:9::1"),
        pod("2001:db8:1:1::7", urls),
    ]
}

fn of_both(urls: &[&str]) -> Vec<Value> {
    vec![
        node(1, &["172.16.0.4", "fd00:16::4"], &["10.244.0.0/24", "fd00:244::/64"]),
        node(
            2,
            &["172.16.0.5", "fd00:16::5"],
            &["10.244.1.0/24", "fd00:244:0:1::/64"],
        ),
        service(&["10.96.0.10", "fd00:96::10"]),
        service_networks(&["10.96.0.0/16", "fd00:96::/108"]),
        api_server("172.16.0.2"),
        pod("10.244.0.7", urls),
    ]
}

fn breaks(report: &Report) -> Vec<String> {
    let report = serde_json::to_value(report).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| finding["severity"] == "breaks");
    findings
        .map(|finding| finding["value"].as_str().unwrap().to_owned())
        .collect()
}

/// Surveys, and surveys again with what is suggested, which leaves nothing that breaks.
fn suggested(objects: &[Value]) -> Vec<String> {
    let report = report_on(&settings(), objects);
    let entries: Vec<&str> = report.suggestions.entries();
    let again = report_on(&with_entries(&settings(), &entries), objects);
    assert_eq!(breaks(&again), Vec::<String>::new());
    assert_eq!(again.suggestions.no_proxy, []);
    assert_eq!(report.suggestions.remaining.unwrap().breaks, 0);
    let mut entries: Vec<String> = entries.into_iter().map(str::to_owned).collect();
    entries.sort();
    entries
}

#[test]
fn with_ipv6_alone_addresses_are_suggested_and_leave_nothing_that_breaks() {
    let urls = [
        "http://[fd00:96::10]:8080",
        "http://[fd00:96::11]:8080",
        "http://[2001:db8:1:1::7]:9090",
        "http://[2001:db8:2::4]:10250",
        "http://[$(HOST_IP)]:4317",
        "http://$(HOST_IP):4318",
    ];
    let objects = of_ipv6_alone(&urls);
    let mut found = breaks(&report_on(&settings(), &objects));
    found.sort();
    assert_eq!(
        found,
        [
            "http://$(HOST_IP):4317",
            "http://$(HOST_IP):4318",
            "http://[2001:db8:1:1::7]:9090",
            "http://[2001:db8:2::4]:10250",
            "http://[fd00:96::10]:8080",
            "http://[fd00:96::11]:8080",
        ]
    );
    assert_eq!(
        suggested(&objects),
        [
            "2001:db8:1:1::7",
            "2001:db8:1::4",
            "2001:db8:2::4",
            "2001:db8:9::1",
            "fd00:96::10",
            "fd00:96::11",
        ]
    );
}

#[test]
fn with_both_families_networks_are_those_of_ipv4() {
    let urls = [
        "http://[fd00:96::10]:8080",
        "http://[fd00:244:0:1::9]:8080",
        "http://$(HOST_IP):4317",
        "http://10.244.1.9",
    ];
    assert_eq!(
        suggested(&of_both(&urls)),
        [
            "10.244.0.0/16",
            "10.96.0.0/16",
            "172.16.0.0/24",
            "fd00:16::4",
            "fd00:16::5",
            "fd00:244:0:1::9",
            "fd00:96::10",
        ]
    );
}

#[test]
fn an_address_of_one_node_does_not_hide_those_of_the_others() {
    let objects = of_ipv6_alone(&["http://$(HOST_IP):4317"]);
    let settings = with_entries(&settings(), &["2001:db8:1::4"]);
    let report = report_on(&settings, &objects);
    assert_eq!(breaks(&report), ["http://$(HOST_IP):4317"]);
    assert_eq!(report.findings[0].fix, "Add the IPv6 address of each node to noProxy");
}

#[test]
fn what_of_ipv6_is_not_suggested_is_said() {
    let sentence = |objects: &[Value]| {
        let not_judged = report_on(&settings(), objects).not_judged;
        not_judged.into_iter().find(|sentence| sentence.contains("IPv6"))
    };
    let of = |what: &str| {
        let start = format!("networks of IPv6 are not suggested ({what}): httpx fails at every request");
        move |sentence: Option<String>| {
            assert!(
                sentence.as_ref().is_some_and(|known| known.starts_with(&start)),
                "{sentence:?}"
            );
        }
    };
    of("fd00:96::/108")(sentence(&of_ipv6_alone(&[])));
    of("fd00:96::/108 and 2 more")(sentence(&of_both(&[])));
    of("that of the pods")(sentence(&[pod("2001:db8:1:1::7", &[])]));
    let addresses: Vec<String> = (1..=51).map(|number| format!("fd00:16::{number:x}")).collect();
    let mut nodes: Vec<Value> = addresses
        .iter()
        .enumerate()
        .map(|(number, address)| node(number, &[address], &[]))
        .collect();
    nodes.push(pod("10.244.0.7", &[]));
    of("that of the nodes")(sentence(&nodes));
    assert_eq!(report_on(&settings(), &nodes).suggestions.entries(), ["10.244.0.0/24"]);
    assert_eq!(sentence(&[pod("10.244.0.7", &[])]), None);
}

#[test]
fn the_own_node_stands_for_all_nodes_and_another_for_itself() {
    for (url, expected) in [
        ("http://$(HOST_IP):4317", "Add the IPv6 address of each node to noProxy"),
        ("http://[2001:db8:1::4]:4317", "Add 2001:db8:1::4 to noProxy"),
    ] {
        let report = report_on(&settings(), &of_ipv6_alone(&[url]));
        let fixes: Vec<&str> = report.findings.iter().map(|found| found.fix.as_str()).collect();
        assert_eq!(fixes, [expected], "{url}");
    }
}
