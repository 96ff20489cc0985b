//! The grammar of `noProxy`, next to another implementation of it. Each line is an item.

#![no_main]

use std::collections::HashSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use http_proxy_policy::policy;
use http_proxy_policy_fuzz::{changed_object, check_secrecy, validate};
use ipnet::IpNet;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use testkit::requests::payload;

/// References of a list to its own pair. An entry that is nothing else adds nothing to the list, and is omitted.
const ITSELF: [&str; 2] = ["$(NO_PROXY)", "$(no_proxy)"];

/// Networks of as many bits at most are listed address by address.
const EXPANDED_BITS: u8 = 3;

fuzz_target!(|text: &str| {
    let items: Vec<&str> = text.split('\n').collect();
    let expected: Vec<Option<String>> = items.iter().map(|item| normalised(item)).collect();
    let valid = expected.iter().all(Option::is_some) && (items.len() == 1 || !expected.contains(&Some("*".to_owned())));
    let answer = policy::validate_settings(settings(&items).to_string().as_bytes());
    check_secrecy(text, answer.as_ref().err());
    assert_eq!(answer.is_ok(), valid, "{items:?}: {answer:?}");
    if valid {
        let list = list(expected.iter().flatten());
        let emitted = no_proxy(&pod(json!({}), json!([])), &settings(&items));
        assert_eq!(emitted, [list.join(","), list.join(",")]);
        // What is emitted, used as settings, is emitted as it is.
        assert_eq!(no_proxy(&pod(json!({}), json!([])), &settings(&list)), emitted);
    }
    // What is wrong in an annotation is omitted.
    let annotation: Vec<String> = text.split(',').filter_map(normalised).collect();
    let mut expected = list(annotation.iter());
    if expected.iter().any(|entry| entry == "*") {
        expected = vec!["*".to_owned()];
    }
    let annotations = json!({"http-proxy.kubewarden.io/no-proxy": text});
    let emitted = no_proxy(&pod(annotations, json!([])), &settings::<&str>(&[]));
    assert_eq!(emitted, [expected.join(","), expected.join(",")]);
    check_merge(text);
});

/// A container's own list has what the settings say after it, and is unchanged where nothing is missing.
fn check_merge(own: &str) {
    let entries: Vec<&str> = entries(own).collect();
    let emitted = no_proxy(
        &pod(json!({}), json!([{"name": "no_proxy", "value": own}])),
        &settings(&["a.example", "10.0.0.0/8"]),
    );
    if entries.is_empty() || entries.contains(&"*") {
        assert_eq!(emitted, ["", own]);
        return;
    }
    // A list that refers to its own pair means another thing as the value of another variable. So that one refers to the list, or has
    // its entries, each once, where no reference is left.
    let refers_to_pair = ITSELF.iter().any(|name| own.contains(name));
    let each_once = |list: &str| once(self::entries(list).map(str::to_owned));
    assert!(
        emitted[0] == emitted[1]
            || refers_to_pair && (emitted[0] == "$(no_proxy)" || each_once(&emitted[0]) == each_once(&emitted[1])),
        "{emitted:?}"
    );
    let emitted = &emitted[1];
    let has = |wanted: &str| entries.iter().any(|entry| entry.eq_ignore_ascii_case(wanted));
    if has("a.example") && has("10.0.0.0/8") && !ITSELF.iter().any(|name| entries.contains(name)) {
        assert_eq!(emitted, own);
    } else {
        let expected = entries
            .iter()
            .copied()
            .filter(|entry| !ITSELF.contains(entry))
            .chain(["a.example", "10.0.0.0/8"])
            .map(str::to_owned);
        assert_eq!(*emitted, once(expected).join(","));
    }
}

/// The entries of a list, without white space around them.
fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

/// The form in which an item is emitted; `None` for what is none.
fn normalised(item: &str) -> Option<String> {
    let item = item.trim();
    if item == "*" {
        return Some(item.to_owned());
    }
    if let Some(name) = item.strip_prefix("$(") {
        let name = name.strip_suffix(')')?;
        let known = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let variable = name.chars().all(known) && !name.is_empty() && !name.as_bytes()[0].is_ascii_digit();
        // A list cannot hold itself.
        return (variable && !name.eq_ignore_ascii_case("NO_PROXY")).then(|| item.to_owned());
    }
    // No number has zeros in front.
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    if let Some((address, prefix)) = item.split_once('/') {
        let prefix = Some(prefix).filter(|prefix| number(prefix))?;
        let network = IpNet::new(address.parse().ok()?, prefix.parse().ok()?).ok()?;
        return Some(network.trunc().to_string());
    }
    if let Ok(address) = item.parse::<Ipv6Addr>() {
        return Some(address.to_string());
    }
    let (host, port) = item
        .split_once(':')
        .map_or((item, None), |(host, port)| (host, Some(port)));
    if port.is_some_and(|port| !number(port) || port.parse::<u16>().is_err()) {
        return None;
    }
    if host.parse::<Ipv4Addr>().is_ok() {
        return Some(item.to_owned());
    }
    let (dot, name) = match host.strip_prefix("*.").or_else(|| host.strip_prefix('.')) {
        Some(name) => (".", name),
        None => ("", host),
    };
    let label = |label: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        (1..=63).contains(&label.len()) && label.chars().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    let is_number = |label: &str| label.chars().all(|c| c.is_ascii_digit());
    // A trailing dot is kept.
    let labels = name.strip_suffix('.').unwrap_or(name);
    let is_name =
        labels.len() <= 253 && labels.split('.').all(label) && !labels.rsplit('.').next().is_some_and(is_number);
    is_name.then(|| format!("{dot}{name}{}", &item[host.len()..]))
}

/// Entries with the addresses of small networks after these, each once whatever its case.
fn list<'e>(entries: impl Iterator<Item = &'e String>) -> Vec<String> {
    once(entries.flat_map(|entry| {
        let network = entry.parse::<IpNet>().ok();
        let small = network.filter(|network| network.max_prefix_len() - network.prefix_len() <= EXPANDED_BITS);
        let addresses = small
            .into_iter()
            .flat_map(|network| network.subnets(network.max_prefix_len()).unwrap());
        std::iter::once(entry.clone()).chain(addresses.map(|address| address.addr().to_string()))
    }))
}

fn once(entries: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    // The names of variables have a case.
    let key = |entry: &str| {
        if entry.starts_with("$(") {
            entry.to_owned()
        } else {
            entry.to_ascii_lowercase()
        }
    };
    entries.filter(|entry| seen.insert(key(entry))).collect()
}

fn settings<T: AsRef<str>>(no_proxy: &[T]) -> Value {
    let no_proxy: Vec<&str> = no_proxy.iter().map(AsRef::as_ref).collect();
    json!({"httpProxy": "http://p", "noProxyDefaults": false, "expandCidrs": 1 << EXPANDED_BITS, "noProxy": no_proxy})
}

fn pod(annotations: Value, env: Value) -> Value {
    json!({"metadata": {"annotations": annotations}, "spec": {"containers": [{"name": "app", "env": env}]}})
}

/// The values of `NO_PROXY` and `no_proxy` that come of it; empty where there is none.
fn no_proxy(pod: &Value, settings: &Value) -> [String; 2] {
    let pod = pod.to_string();
    let payload = payload(&pod, settings);
    let answer = validate(payload.as_bytes());
    check_secrecy(&payload, answer.messages());
    let pod: Value = serde_json::from_str(&changed_object(&answer, &pod).expect("a pod")).unwrap();
    let env = pod["spec"]["containers"][0]["env"].as_array().unwrap();
    ["NO_PROXY", "no_proxy"].map(|name| {
        let variable = env.iter().find(|variable| variable["name"] == name);
        variable
            .map_or("", |variable| variable["value"].as_str().unwrap())
            .to_owned()
    })
}
