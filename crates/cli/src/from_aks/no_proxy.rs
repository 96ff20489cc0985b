//! AKS's `noProxy`, in the policy's grammar.

use documents::Aks;
use http_proxy_policy::companion;
use ipnet::Ipv4Subnets;
use serde_json::Value;
use values::quoted;

/// The list that pods have today: the effective one, which AKS computes, then the configured one, each entry once. What was
/// corrected or omitted goes to `notes`.
pub fn list(cluster: &Aks, config: &Value, notes: &mut Vec<String>) -> Vec<String> {
    let mut list = Vec::new();
    for (path, item) in items(cluster, config, notes) {
        let Some(item) = item.as_str() else {
            notes.push(format!("{path}: omitted: not a string"));
            continue;
        };
        let emitted = match companion::no_proxy_entry(item) {
            Ok(entry) => vec![entry],
            Err(fault) => {
                let corrected = corrected(item);
                notes.push(match corrected.as_slice() {
                    [] => format!("{path}: omitted: {fault}"),
                    entries => {
                        // An item that may hold a password is not shown.
                        let item = quoted(item).map(|quoted| format!(" {quoted}")).unwrap_or_default();
                        format!("{path}: corrected{item} to {}", entries.join(" "))
                    }
                });
                corrected
            }
        };
        for entry in emitted {
            if !list.iter().any(|known: &String| known.eq_ignore_ascii_case(&entry)) {
                list.push(entry);
            }
        }
    }
    if list.len() > 1 && list.iter().any(|entry| entry == "*") {
        let name = cluster.name_of("noProxy");
        notes.push(format!("{name}: every other entry is omitted: * matches everything"));
        list = vec!["*".to_owned()];
    }
    list
}

/// The items of both lists, each once, with their paths. A string is a list of one item, which may have commas.
fn items<'a>(cluster: &Aks, config: &'a Value, notes: &mut Vec<String>) -> Vec<(String, &'a Value)> {
    let mut found: Vec<(String, &Value)> = Vec::new();
    for field in ["effectiveNoProxy", "noProxy"] {
        let name = cluster.name_of(field);
        let items = match &config[field] {
            Value::Null => continue,
            Value::Array(items) => items.iter(),
            text @ Value::String(_) => {
                notes.push(format!("{name}: corrected to a list"));
                std::slice::from_ref(text).iter()
            }
            _ => {
                notes.push(format!("{name}: omitted: not a list"));
                continue;
            }
        };
        for (index, item) in items.enumerate() {
            if !found.iter().any(|(_, known)| *known == item) {
                found.push((format!("{name}[{index}]"), item));
            }
        }
    }
    found
}

/// The entries that a refused item stands for, where its meaning is clear; none otherwise.
fn corrected(item: &str) -> Vec<String> {
    let parts = item.split(|c: char| c.is_whitespace() || ",;|".contains(c));
    let entries = parts
        .filter(|part| !part.is_empty())
        .map(|part| networks(part).or_else(|| Some(vec![corrected_entry(part)?])));
    entries
        .collect::<Option<Vec<Vec<String>>>>()
        .unwrap_or_default()
        .concat()
}

/// The networks of a prefix of addresses, such as `10.96.` and `10.96.*`, or of a range of addresses.
fn networks(part: &str) -> Option<Vec<String>> {
    if let Some((first, last)) = part.split_once('-') {
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        let networks = Ipv4Subnets::new(first, last, 0).map(|network| match network.prefix_len() {
            32 => network.addr().to_string(),
            _ => network.to_string(),
        });
        return Some(networks.collect()).filter(|networks: &Vec<String>| !networks.is_empty());
    }
    let octets: Vec<&str> = part
        .strip_suffix('*')
        .unwrap_or(part)
        .strip_suffix('.')?
        .split('.')
        .collect();
    let is_octet = |octet: &&str| octet.parse::<u8>().is_ok_and(|number| number.to_string() == **octet);
    let is_prefix = (1..4).contains(&octets.len()) && octets.iter().all(is_octet) && octets[0] != "0";
    let filled = octets.iter().copied().chain(["0"; 4]).take(4).collect::<Vec<&str>>();
    is_prefix.then(|| vec![format!("{}/{}", filled.join("."), octets.len() * 8)])
}

fn corrected_entry(part: &str) -> Option<String> {
    let judge = |entry: &str| companion::no_proxy_entry(entry).ok();
    judge(part)
        .or_else(|| judge(host(part)?))
        .or_else(|| judge(&format!(".{}", part.strip_prefix('*')?.trim_start_matches('.'))))
        .or_else(|| judge(part.strip_prefix('[')?.split_once(']')?.0))
        .or_else(|| judge(part.strip_suffix(":*")?))
        .or_else(|| judge(part.strip_suffix('.')?))
}

/// The host of a URL, or of a name with a `/` at its end.
fn host(part: &str) -> Option<&str> {
    match part.split_once("://") {
        Some((_, rest)) => {
            let authority = rest.split(['/', '?', '#']).next()?;
            let host = authority.rsplit('@').next()?;
            match host.strip_prefix('[') {
                Some(address) => Some(address.split_once(']')?.0),
                None => host.split(':').next(),
            }
        }
        None => part.strip_suffix('/'),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_can_be_corrected_is() {
        for (item, entries) in [
            ("*example.com", vec![".example.com"]),
            ("[::1]", vec!["::1"]),
            ("[::1]:443", vec!["::1"]),
            ("https://user:hunter2@api.example.com:443/v1?a", vec!["api.example.com"]),
            ("https://[fd00::1]:8443/", vec!["fd00::1"]),
            ("example.com/", vec!["example.com"]),
            (
                "a.example, b.example;10.0.0.0/8",
                vec!["a.example", "b.example", "10.0.0.0/8"],
            ),
            ("localhost:*", vec!["localhost"]),
            ("10.96.", vec!["10.96.0.0/16"]),
            ("10.", vec!["10.0.0.0/8"]),
            ("192.168.1.*", vec!["192.168.1.0/24"]),
            ("10.0.0.1-10.0.0.4", vec!["10.0.0.1", "10.0.0.2/31", "10.0.0.4"]),
            ("10.0.0.4-10.0.0.1", vec![]),
            ("256.", vec![]),
            (".1", vec![]),
            ("*.privatelink.*.azmk8s.io", vec![]),
            ("a.example,${HOST}", vec![]),
            ("0.0.0.0/0", vec![]),
        ] {
            assert_eq!(corrected(item), entries, "{item}");
        }
    }

    #[test]
    fn a_prefix_or_a_range_of_addresses_is_networks() {
        for (part, expected) in [
            ("10.", Some(vec!["10.0.0.0/8"])),
            ("10.96.*", Some(vec!["10.96.0.0/16"])),
            ("10.0.255.", Some(vec!["10.0.255.0/24"])),
            ("10.1.2.3.", None),
            ("0.", None),
            ("0.1.", None),
            ("01.", None),
            ("256.", None),
            ("10.a.", None),
            ("10", None),
            ("*", None),
            (".", None),
            ("10.0.0.1-10.0.0.1", Some(vec!["10.0.0.1"])),
            ("10.0.0.0-10.0.0.5", Some(vec!["10.0.0.0/30", "10.0.0.4/31"])),
            ("10.0.0.5-10.0.0.4", None),
            ("a-b", None),
        ] {
            let expected = expected.map(|networks| networks.into_iter().map(str::to_owned).collect());
            assert_eq!(networks(part), expected, "{part}");
        }
    }

    fn list(config: &Value, notes: &mut Vec<String>) -> Vec<String> {
        super::list(&Aks::of_config(Value::Null), config, notes)
    }

    #[test]
    fn what_is_no_list_is_said() {
        let mut notes = Vec::new();
        assert_eq!(
            list(&json!({"noProxy": "localhost,10.0.0.0/8"}), &mut notes),
            ["localhost", "10.0.0.0/8"]
        );
        assert_eq!(
            notes,
            [
                "httpProxyConfig.noProxy: corrected to a list",
                "httpProxyConfig.noProxy[0]: corrected \"localhost,10.0.0.0/8\" to localhost 10.0.0.0/8"
            ]
        );
        notes.clear();
        assert_eq!(list(&json!({"noProxy": {"a": 1}}), &mut notes), [""; 0]);
        assert_eq!(notes, ["httpProxyConfig.noProxy: omitted: not a list"]);
    }

    #[test]
    fn each_entry_is_there_once_and_everything_stands_alone() {
        let mut notes = Vec::new();
        let config = json!({"effectiveNoProxy": ["localhost", "*.a.example"], "noProxy": [".a.example", "LOCALHOST"]});
        assert_eq!(list(&config, &mut notes), ["localhost", ".a.example"]);
        assert_eq!(notes, [""; 0]);
        assert_eq!(list(&json!({"noProxy": ["*"]}), &mut notes), ["*"]);
        assert_eq!(notes, [""; 0]);
        assert_eq!(list(&json!({"noProxy": ["localhost", "*"]}), &mut notes), ["*"]);
        assert_eq!(
            notes,
            ["httpProxyConfig.noProxy: every other entry is omitted: * matches everything"]
        );
    }

    #[test]
    fn a_note_never_shows_what_may_be_a_password() {
        let mut notes = Vec::new();
        list(
            &json!({"noProxy": ["http://user:hunter2@a.example/", "user:hunter2@b"]}),
            &mut notes,
        );
        assert_eq!(notes.len(), 2);
        assert!(!notes.concat().contains("hunter2"), "{notes:?}");
    }
}
