//! The tester says what the clients' rules say.

use clients::{Judgement, judge, measured};
use testkit::files::project_file;

use super::*;

/// As the AKS scenario of the page.
fn state() -> State {
    let example = |file: &str| std::fs::read_to_string(project_file(&format!("examples/{file}"))).unwrap();
    State {
        settings: example("aks-proxy-config.json"),
        objects: example("pod.yaml"),
        ..State::default()
    }
}

fn asked(destination: &str) -> Asked {
    Asked {
        state: state(),
        destination: destination.to_owned(),
        container: String::new(),
    }
}

/// The list of the first container, from the policy's own answer.
fn list() -> String {
    let answer = page::answer(&state(), &Native);
    let object = answer.objects[0].changes.as_ref().unwrap().object.clone();
    let document = documents::parse(&object).unwrap();
    let variables = document[0].value["spec"]["containers"][0]["env"]
        .as_array()
        .unwrap()
        .clone();
    let list = variables
        .iter()
        .find(|variable| variable["name"] == "NO_PROXY")
        .unwrap();
    list["value"].as_str().unwrap().to_owned()
}

#[test]
fn every_client_goes_the_way_that_its_rules_say() {
    let list = list();
    let mut ways = Vec::new();
    for url in [
        "http://10.20.30.40:9200/",
        "https://registry.example.com/",
        "http://api.internal.example.com/",
        "http://internal.example.com/",
        "http://kubernetes.default.svc/",
        "http://localhost:8080/",
        "https://www.example.org/",
        "http://[fd00::1]/",
        "http://127.0.0.1/",
        "http://db.shop.svc.cluster.local./",
    ] {
        let routes = answer(asked(url));
        assert_eq!(routes.problem, None, "{url}");
        assert_eq!(routes.clients.len(), measured().count());
        for (client, route) in measured().zip(&routes.clients) {
            let Judgement { way, because } = judge(client, &list, &Destination::parse(url).unwrap());
            let expected = match (&client.needs, way) {
                (Some(Need::RuntimesJava | Need::RuntimesNode), _) => Shown::NoProxy,
                (_, Way::Direct) => Shown::Direct,
                (_, Way::Proxy) => Shown::Proxy,
                (_, Way::Fails) => Shown::Fails,
            };
            assert_eq!((route.client, route.way), (client.name.as_str(), expected), "{url}");
            if let (Because::Entry(entry), true) = (&because, route.way != Shown::NoProxy) {
                assert!(route.why.starts_with(entry.as_str()), "{url} {route:?}");
            }
            ways.push(route.way);
        }
    }
    assert!(
        [Shown::Direct, Shown::Proxy, Shown::NoProxy]
            .iter()
            .all(|way| ways.contains(way))
    );
}

#[test]
fn runtimes_have_a_proxy_once_the_settings_give_it_to_them() {
    let with = |field: &str| {
        let mut asked = asked("http://10.1.2.3/");
        // The other one has an envFrom, which could set JAVA_TOOL_OPTIONS.
        asked.container = "migrate of Pod shop/shop-backend".to_owned();
        asked.state.settings =
            asked
                .state
                .settings
                .replacen('{', &format!("{{\"runtimes\": {{\"{field}\": true}},"), 1);
        let routes = answer(asked);
        let without = routes.clients.iter().filter(|route| route.way == Shown::NoProxy);
        without.map(|route| route.client).collect::<Vec<_>>()
    };
    let (java, node) = (with("java"), with("node"));
    assert!(!java.contains(&"Java") && node.contains(&"Java"), "{java:?} {node:?}");
    assert_ne!(java, node);
}

#[test]
fn java_reads_networks_that_end_at_a_dot() {
    let why = |network: &str| {
        let mut asked = asked("http://10.1.2.3/");
        asked.state.settings = format!(
            "httpProxy: http://proxy:3128\nnoProxyDefaults: false\nnoProxy: ['{network}']\nruntimes: {{java: true}}"
        );
        asked.container = "migrate of Pod shop/shop-backend".to_owned();
        let java = answer(asked)
            .clients
            .into_iter()
            .find(|route| route.client == "Java")
            .unwrap();
        (java.way, java.why)
    };
    assert_eq!(why("10.0.0.0/8"), (Shown::Direct, "10.0.0.0/8".to_owned()));
    let reason = "10.0.0.0/9 does not count: it reads only networks that end at a dot";
    assert_eq!(why("10.0.0.0/9"), (Shown::Proxy, reason.to_owned()));
}

#[test]
fn a_container_that_the_policy_leaves_alone_has_no_proxy() {
    let routes = answer(Asked {
        container: "istio-proxy of Pod shop/shop-backend".to_owned(),
        ..asked("http://10.1.2.3/")
    });
    assert_eq!(routes.container, "istio-proxy of Pod shop/shop-backend");
    assert!(routes.clients.iter().all(|route| route.way == Shown::NoProxy));
}

#[test]
fn what_is_typed_is_a_host_or_a_url() {
    for (text, shown) in [
        ("api", "http://api:80"),
        (" API.shop ", "http://api.shop:80"),
        ("api.shop:443", "https://api.shop:443"),
        ("fd00::1", "http://[fd00::1]:80"),
        ("[fd00::1]:8443", "http://[fd00::1]:8443"),
        ("wss://user:S3cret@api/x?y", "https://api:443"),
        ("my_service", "http://my_service:80"),
        ("api.shop.", "http://api.shop.:80"),
        ("api/8", "http://api:80"),
        ("10.0.0.1/x", "http://10.0.0.1:80"),
        ("http://[fd00::1]:443/", "http://[fd00::1]:443"),
    ] {
        assert_eq!(answer(asked(text)).destination, shown, "{text}");
    }
    for text in [
        "",
        "   ",
        "a b",
        "redis://cache:6379",
        "http://",
        "api:port",
        "api:99999",
        "api:0",
        "10.0.0.0/8",
        "1.2.3",
        "300.1.2.3",
        "bücher.example",
        "[fd00::1",
        "a..b",
        ".svc",
        "*.svc",
        "<img src=x>",
        "S3cret://S3cret",
        &"a".repeat(100_000),
    ] {
        let problem = answer(asked(text)).problem;
        let problem = problem.unwrap_or_else(|| panic!("{text} is taken"));
        assert!(!problem.contains("S3cret"), "{problem}");
    }
}

#[test]
fn other_protocols_are_not_asked_about() {
    let problem = |text: &str| answer(asked(text)).problem.unwrap_or_default();
    assert!(problem("redis://cache:6379").starts_with("Not HTTP"));
    assert!(problem("http://").starts_with("Neither a host nor a URL"));
}

#[test]
fn without_a_changed_pod_there_is_nothing_to_test() {
    let mut asked = asked("api");
    asked.state.objects = String::new();
    assert!(answer(asked).problem.unwrap().contains("changes no pod"));
}

/// What is said of the way that a client goes, where the list has this one entry.
fn why(no_proxy: &str, destination: &str, client: &str) -> (Shown, String) {
    let settings = format!("httpProxy: http://proxy:3128\nnoProxyDefaults: false\nnoProxy: ['{no_proxy}']");
    let routes = answer(Asked {
        state: State { settings, ..state() },
        ..asked(destination)
    });
    let found = routes.clients.into_iter().find(|route| route.client == client);
    let route = found.unwrap_or_else(|| panic!("{client}"));
    (route.way, route.why)
}

#[test]
fn each_way_has_its_reason() {
    let of_network = "http://10.1.2.3/";
    for (no_proxy, destination, client, way, reason) in [
        ("10.0.0.0/8", of_network, "curl", Shown::Direct, "10.0.0.0/8"),
        (
            "10.0.0.0/8",
            of_network,
            "wget",
            Shown::Proxy,
            "10.0.0.0/8 does not count: it reads no networks",
        ),
        (
            "10.0.0.0/8",
            of_network,
            "BusyBox",
            Shown::Proxy,
            "it does not read NO_PROXY",
        ),
        (
            "10.0.0.0/8",
            of_network,
            "aiohttp",
            Shown::Proxy,
            "10.0.0.0/8 does not count: it reads no networks (if its program asks for a proxy: trust_env=True)",
        ),
        (
            "10.0.0.0/8",
            of_network,
            "Node",
            Shown::NoProxy,
            "it needs NODE_USE_ENV_PROXY, which is not set here (runtimes.node)",
        ),
        (
            "10.0.0.0/8",
            of_network,
            "Java",
            Shown::NoProxy,
            "it reads JAVA_TOOL_OPTIONS, which has no proxy here (runtimes.java)",
        ),
        (
            "*",
            "a",
            "wget",
            Shown::Proxy,
            "* does not match: it reads this form otherwise",
        ),
        (
            "a",
            "http://127.0.0.1/",
            "Go",
            Shown::Direct,
            "it never asks a proxy for this destination",
        ),
        ("a", "http://127.0.0.1/", "curl", Shown::Proxy, "no entry matches"),
        (
            "fd00::/64",
            "http://example.com/",
            "urllib",
            Shown::Proxy,
            "no entry matches",
        ),
        (
            "10.0.0.0/8",
            "http://[fd00::1]/",
            "grpc-js",
            Shown::Fails,
            "it cannot ask a proxy for an IPv6 address",
        ),
        (
            "10.0.0.0/8",
            "http://[fd00::1]/",
            "httpx",
            Shown::Fails,
            "it cannot ask a proxy for an IPv6 address",
        ),
    ] {
        let said = why(no_proxy, destination, client);
        assert_eq!(said, (way, reason.to_owned()), "{no_proxy} {destination} {client}");
    }
}

#[test]
fn references_have_no_value_and_a_note_says_so_for_addresses() {
    let note = |no_proxy: &str, destination: &str| {
        let settings = format!("httpProxy: http://proxy:3128\nnoProxyDefaults: false\nnoProxy: ['{no_proxy}']");
        let mut asked = asked(destination);
        asked.state.settings = settings;
        answer(asked).notes.len()
    };
    assert_eq!(
        [note("$(A)", "10.1.2.3"), note("$(A)", "a"), note("a", "10.1.2.3")],
        [1, 0, 0]
    );
}

#[test]
fn the_containers_are_those_of_the_changed_objects_and_a_windows_pod_has_its_own_names() {
    let pod = |name: &str, os: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  os: {{name: {os}}}\n  initContainers: [{{name: init}}]\n  containers:\n    - {{name: app}}\n    - {{name: other}}\n"
        )
    };
    let mut asked = asked("10.1.2.3");
    asked.state.settings = "httpProxy: http://proxy:3128\nexcludeContainers: [other]".to_owned();
    asked.state.objects = pod("a", "linux") + &pod("b", "windows");
    asked.container = "app of Pod default/b".to_owned();
    let routes = answer(asked);
    let expected = ["a", "b"]
        .iter()
        .flat_map(|pod| ["app", "other", "init"].map(|name| format!("{name} of Pod default/{pod}")));
    assert_eq!(routes.containers, expected.collect::<Vec<_>>());
    assert_eq!(routes.container, "app of Pod default/b");
    // curl reads the lower-case name alone, which Windows does not tell apart.
    let curl = routes.clients.iter().find(|route| route.client == "curl").unwrap();
    assert_eq!(curl.way, Shown::Proxy);
}
