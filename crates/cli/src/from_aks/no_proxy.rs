//! AKS's `noProxy`, in the policy's grammar.

use http_proxy_policy::companion;
use serde_json::Value;

/// The list that pods have today: the effective one, which AKS computes, then the configured one, each entry once. What was
/// corrected or left out goes to `notes`.
pub fn list(config: &Value, notes: &mut Vec<String>) -> Vec<String> {
    let mut list = Vec::new();
    for (field, index, item) in items(config) {
        let path = format!("httpProxyConfig.{field}[{index}]");
        let Some(item) = item.as_str() else {
            notes.push(format!("{path}: left out: not a string"));
            continue;
        };
        let emitted = match companion::no_proxy_entry(item) {
            Ok(entry) => vec![entry],
            Err(fault) => {
                let corrected = corrected(item);
                notes.push(match corrected.as_slice() {
                    [] => format!("{path}: left out: {fault}"),
                    entries => format!("{path}: corrected{} to {}", quoted(item), entries.join(" ")),
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
        notes.push("httpProxyConfig.noProxy: every other entry is left out: * matches everything".to_owned());
        list = vec!["*".to_owned()];
    }
    list
}

fn items(config: &Value) -> impl Iterator<Item = (&'static str, usize, &Value)> {
    let mut seen = Vec::new();
    let fields = ["effectiveNoProxy", "noProxy"];
    fields
        .into_iter()
        .flat_map(|field| {
            let items = config[field].as_array().map(Vec::as_slice).unwrap_or_default();
            items.iter().enumerate().map(move |(index, item)| (field, index, item))
        })
        .filter(move |(_, _, item)| {
            let is_new = !seen.contains(item);
            seen.push(item);
            is_new
        })
}

/// The entries that a refused item stands for, where its meaning is clear; none otherwise.
fn corrected(item: &str) -> Vec<String> {
    let parts = item.split(|c: char| c.is_whitespace() || ",;|".contains(c));
    let entries = parts.filter(|part| !part.is_empty()).map(corrected_entry);
    entries.collect::<Option<Vec<String>>>().unwrap_or_default()
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

/// The item that is corrected, unless it could hold a password.
fn quoted(item: &str) -> String {
    if item.contains('@') {
        String::new()
    } else {
        format!(" {item:?}")
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
            ("*.privatelink.*.azmk8s.io", vec![]),
            ("a.example,${HOST}", vec![]),
            ("0.0.0.0/0", vec![]),
        ] {
            assert_eq!(corrected(item), entries, "{item}");
        }
    }

    #[test]
    fn each_entry_is_there_once_and_everything_stands_alone() {
        let mut notes = Vec::new();
        let config = json!({"effectiveNoProxy": ["localhost", "*.a.example"], "noProxy": [".a.example", "LOCALHOST"]});
        assert_eq!(list(&config, &mut notes), ["localhost", ".a.example"]);
        assert_eq!(notes, [""; 0]);
        assert_eq!(list(&json!({"noProxy": ["localhost", "*"]}), &mut notes), ["*"]);
        assert_eq!(notes.len(), 1);
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
