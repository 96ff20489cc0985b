//! `service-entry` and the chart, which writes the same entries: rendered by the real helm, which `e2e-tests/chart/install` installs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use crate::{http_proxy, project};

/// helm, or nothing on a machine without it.
fn helm() -> Option<PathBuf> {
    let helm = project().join("target/chart-tools/helm");
    let is_in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(
        helm.is_file() || !is_in_ci,
        "helm is missing, and CI leaves nothing out"
    );
    if !helm.is_file() {
        http_proxy::console::note(
            "SKIPPED: the entries of the chart, because helm is missing; e2e-tests/chart/install installs it",
        );
    }
    helm.is_file().then_some(helm)
}

const HOSTS: [&str; 15] = [
    "proxy.example.com",
    "Proxy.Example.com",
    "a.b.example.com",
    "a-b.example.com",
    "a_b.example.com",
    "http-proxy-a.b.example.com",
    "example.com",
    "squid",
    "squid.proxy",
    "squid.proxy.svc",
    "squid.proxy.svc.cluster.local",
    "squid.proxy.svc.corp.test",
    "192.0.2.7",
    "[fd00::1]",
    "[2001:db8::10:0:1]",
];

/// Settings, and addresses for some hosts.
fn settings() -> impl Strategy<Value = (Value, BTreeMap<String, Vec<String>>)> {
    let url = |schemes: &'static [&str]| {
        let port = prop_oneof![1 => select(&[":3128", ":8080", ":03128"][..]), 1 => select(&["", ":80", ":0443"][..])];
        let end = select(&["", "/"][..]);
        (select(schemes), select(&HOSTS[..]), port, end)
            .prop_map(|(scheme, host, port, end)| json!(format!("{scheme}://us%40er:p@{host}{port}{end}")))
    };
    let secret = Just(json!({"secretKeyRef": {"name": "proxy", "key": "url"}}));
    let http = prop_oneof![
        4 => url(&["http"]).prop_map(|url| ("httpProxy", url)),
        1 => secret.prop_map(|secret| ("httpProxyFrom", secret)),
    ];
    let https = url(&["http", "https"]).prop_map(|url| ("httpsProxy", url));
    let enabled = select(vec![json!(true), json!(false), json!("false"), Value::Null]);
    let enabled = enabled.prop_map(|value| ("enabled", value));
    let config = (option::of(http), option::of(https), option::of(enabled)).prop_map(|(http, https, enabled)| {
        let fields = [http, https, enabled].into_iter().flatten();
        Value::Object(fields.map(|(name, value)| (name.to_owned(), value)).collect())
    });
    let configs = proptest::collection::vec(config, 1..4);
    let domain = option::of(Just("corp.test"));
    let named: Vec<&str> = HOSTS
        .into_iter()
        .filter(|host| !host.contains(".svc") && !host.ends_with(|end: char| end.is_ascii_digit() || end == ']'))
        .collect();
    let addressed = prop_oneof![Just(Vec::new()), subsequence(named, 0..=9)];
    (configs, domain, addressed, proptest::bool::weighted(0.75)).prop_map(
        |(mut configs, domain, addressed, only_known)| {
            let mut settings = configs.remove(0);
            settings["noProxy"] = json!(["10.0.0.0/8"]);
            if settings.get("httpProxy").is_none()
                && settings.get("httpProxyFrom").is_none()
                && settings.get("httpsProxy").is_none()
            {
                settings["httpProxy"] = json!("http://proxy.example.com:3128");
            }
            if let Some(domain) = domain {
                settings["clusterDomain"] = json!(domain);
            }
            let profiles = configs.into_iter().enumerate().map(|(index, mut profile)| {
                profile["name"] = json!(format!("p{index}"));
                profile["match"] = json!({"namespaces": [format!("n{index}")]});
                profile
            });
            settings["profiles"] = profiles.collect();
            let text = settings.to_string().to_ascii_lowercase();
            let is_known = |host: &&str| !only_known || text.contains(&format!("@{}", host.to_ascii_lowercase()));
            let addresses = addressed.into_iter().filter(is_known).enumerate();
            let addresses = addresses.map(|(index, host)| {
                (
                    host.to_ascii_lowercase(),
                    vec![format!("192.0.2.{index}"), "fd00::9".to_owned()],
                )
            });
            (settings, addresses.collect())
        },
    )
}

/// The entries by name; or why there are none, in the words that both have.
type Entries = Result<BTreeMap<String, Value>, &'static str>;

fn entries(text: &str) -> BTreeMap<String, Value> {
    let entry = |mut document: Value| {
        let name = document["metadata"]["name"].as_str().unwrap().to_owned();
        assert_eq!(document["metadata"]["namespace"], "istio-system");
        (name, document["spec"].take())
    };
    let documents = documents::values(documents::parse(text).unwrap()).into_iter();
    let entries = documents.filter(|document| document["kind"] == "ServiceEntry");
    let listed: Vec<(String, Value)> = entries.map(entry).collect();
    let names: BTreeSet<&String> = listed.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), listed.len(), "{text}");
    listed.into_iter().collect()
}

fn of_command(file: &Path, addresses: &BTreeMap<String, Vec<String>>) -> Entries {
    let mut arguments = vec!["service-entry".to_owned(), file.to_str().unwrap().to_owned()];
    for (host, addresses) in addresses {
        for address in addresses {
            arguments.push(format!("--address={host}={address}"));
        }
    }
    let output = http_proxy(arguments).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    if output.status.success() {
        Ok(entries(&String::from_utf8(output.stdout).unwrap()))
    } else if said.contains("would catch all traffic of the mesh to port") {
        Err("catches")
    } else if said.contains("no proxy in the settings has this host") {
        Err("no such host")
    } else {
        assert!(said.contains("no proxy has a URL"), "{said}");
        if addresses.is_empty() {
            Ok(BTreeMap::new())
        } else {
            Err("no such host")
        }
    }
}

fn of_chart(helm: &Path, file: &Path) -> Entries {
    let mut command = Command::new(helm);
    command
        .args(["template", "r", "charts/http-proxy-policy", "--values"])
        .arg(file);
    let output = command.current_dir(project()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    if output.status.success() {
        Ok(entries(&String::from_utf8(output.stdout).unwrap()))
    } else if said.contains("would catch all traffic of the mesh to port") {
        Err("catches")
    } else {
        assert!(
            said.contains("a key is not the host of a proxy in the settings"),
            "{said}"
        );
        Err("no such host")
    }
}

#[test]
fn the_chart_has_the_entries_of_the_command() {
    let Some(helm) = helm() else { return };
    let file =
        |name: &str| Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("entries-{}-{name}", std::process::id()));
    let outcomes = std::cell::RefCell::new(BTreeMap::<&str, u32>::new());
    let config = ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 100,
        ..ProptestConfig::with_cases(80)
    };
    let result = proptest::test_runner::TestRunner::new(config).run(&settings(), |(settings, addresses)| {
        std::fs::write(file("settings.json"), settings.to_string()).unwrap();
        let values = json!({"settings": settings, "serviceEntries": {"enabled": true, "addresses": addresses}});
        std::fs::write(file("values.json"), values.to_string()).unwrap();
        let expected = of_command(&file("settings.json"), &addresses);
        let outcome = expected.as_ref().map_or_else(
            |reason| *reason,
            |entries| if entries.is_empty() { "none" } else { "some" },
        );
        *outcomes.borrow_mut().entry(outcome).or_default() += 1;
        prop_assert_eq!(of_chart(&helm, &file("values.json")), expected);
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    let outcomes = outcomes.into_inner();
    for outcome in ["some", "catches", "no such host"] {
        assert!(outcomes.contains_key(outcome), "{outcomes:?}");
    }
}
