//! The ways of clients from one container.

use clients::{Destination, Way};
use serde_json::json;

/// `curl Direct, Java -`: the ways of some clients.
fn ways(env: &[(&str, &str)], is_windows: bool, url: &str) -> String {
    let env: Vec<_> = env
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    let destination = Destination::parse(url).unwrap();
    let ways = survey::ways(&json!({"name": "main", "env": env}), is_windows, &destination);
    let some = ways
        .iter()
        .filter(|way| ["curl", "Node", "Java"].contains(&&*way.client.name));
    let shown = some.map(|way| {
        let shown = match way.judgement.as_ref().map(|judgement| judgement.way) {
            Some(Way::Proxy) => "proxy",
            Some(Way::Direct) => "direct",
            Some(_) => "other",
            None => "-",
        };
        format!("{} {shown}", way.client.name)
    });
    shown.collect::<Vec<_>>().join(", ")
}

#[test]
fn runtimes_have_a_way_only_with_what_they_need() {
    let proxies = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"].map(|name| (name, "http://p:1"));
    let lists = [("NO_PROXY", ".example.org"), ("no_proxy", ".example.org")];
    let java = ("JAVA_TOOL_OPTIONS", "-Dhttp.proxyHost=p");
    let node = ("NODE_USE_ENV_PROXY", "1");
    let with = |others: &[(&'static str, &'static str)]| [&proxies[..], &lists, others].concat();
    for (env, url, expected) in [
        (vec![], "http://a.example.com", "curl -, Node -, Java -"),
        (with(&[]), "http://a.example.com", "curl proxy, Node -, Java -"),
        (with(&[]), "http://a.example.org", "curl direct, Node -, Java -"),
        (with(&[java]), "http://a.example.com", "curl proxy, Node -, Java proxy"),
        (with(&[node]), "https://a.example.com", "curl proxy, Node proxy, Java -"),
        (
            with(&[java, node]),
            "https://a.example.org",
            "curl direct, Node direct, Java direct",
        ),
        (
            with(&[("JAVA_TOOL_OPTIONS", "-Xmx1g"), ("NODE_USE_ENV_PROXY", "0")]),
            "http://a.example.com",
            "curl proxy, Node -, Java -",
        ),
        (
            vec![("HTTP_PROXY", "http://p:1"), java],
            "http://a.example.com",
            "curl -, Node -, Java proxy",
        ),
        (
            vec![("HTTP_PROXY", "http://p:1"), java],
            "https://a.example.com",
            "curl -, Node -, Java -",
        ),
    ] {
        assert_eq!(ways(&env, false, url), expected, "{env:?} {url}");
    }
}

#[test]
fn on_windows_names_differ_in_case_alone() {
    let env = [("Http_Proxy", "http://p:1"), ("No_Proxy", ".example.org")];
    for (is_windows, url, expected) in [
        (false, "http://a.example.com", "curl -, Node -, Java -"),
        (true, "http://a.example.com", "curl proxy, Node -, Java -"),
        (true, "http://a.example.org", "curl direct, Node -, Java -"),
    ] {
        assert_eq!(ways(&env, is_windows, url), expected, "{url}");
    }
}
