//! What a diff shows of values. They can hold secrets, so only what is known to be harmless is shown.

use std::collections::HashSet;

use serde_json::{Value, json};
use values::{Destination, NoProxyEntry, ProxyUrl, no_proxy_entries, quoted};

/// Stands for a path, a query or a fragment.
const HIDDEN_PATH: &str = "/…";

/// Stands for what is hidden.
pub(super) const HIDDEN: &str = "…";

/// The Java options that the policy sets, and that hold no secret.
const JAVA_OPTIONS: [&str; 7] = [
    "-Dhttp.proxyHost",
    "-Dhttp.proxyPort",
    "-Dhttps.proxyHost",
    "-Dhttps.proxyPort",
    "-Dhttp.nonProxyHosts",
    "-Djavax.net.ssl.trustStore",
    "-Djavax.net.ssl.trustStoreType",
];

/// What may be shown of the environment of one container.
pub(super) struct Environment<'e> {
    /// The names of the variables that the explanation speaks of.
    names: Vec<&'e str>,
    /// The destinations of the policy's and of the container's own lists, as [`bare`] writes them. Others are the values of variables.
    destinations: HashSet<String>,
}

impl<'e> Environment<'e> {
    /// `list` has the policy's entries, and `before` is the container before the change.
    pub(super) fn new(names: Vec<&'e str>, list: &str, before: &Value) -> Self {
        let own = entries(before).filter(|entry| is_list(entry["name"].as_str().unwrap_or_default()));
        let lists = own.filter_map(|entry| entry["value"].as_str()).chain([list]);
        let destinations = lists.flat_map(no_proxy_entries).map(bare).collect();
        Environment { names, destinations }
    }

    /// The entries of the environment, as far as they are shown.
    pub(super) fn of(&self, container: &Value) -> Vec<Value> {
        let entries = entries(container).map(|entry| {
            let mut shown = json!({"name": entry["name"]});
            if let Some(text) = entry["value"].as_str() {
                shown["value"] = json!(self.value(entry["name"].as_str().unwrap_or_default(), text));
            }
            if let Some(source) = entry.get("valueFrom") {
                shown["valueFrom"] = source.clone();
            }
            shown
        });
        entries.collect()
    }

    fn value(&self, name: &str, text: &str) -> String {
        if !self.names.iter().any(|explained| explained.eq_ignore_ascii_case(name)) {
            return HIDDEN.to_owned();
        }
        match name.to_ascii_uppercase().as_str() {
            "HTTP_PROXY" | "HTTPS_PROXY" => url(text),
            "NO_PROXY" => parts(text, ',', |entry| self.is_shown(entry)),
            "JAVA_TOOL_OPTIONS" => self.java_options(text),
            _ => other(text),
        }
    }

    fn is_shown(&self, entry: &str) -> bool {
        let bare = bare(entry);
        is_harmless(entry) && (is_address(&bare) || self.destinations.contains(&bare))
    }

    fn java_options(&self, text: &str) -> String {
        let mut options: Vec<String> = text.split_whitespace().map(|option| self.java_option(option)).collect();
        options.dedup_by(|next, first| next == HIDDEN && first == HIDDEN);
        options.join(" ")
    }

    fn java_option(&self, option: &str) -> String {
        match option.split_once('=') {
            Some((name @ "-Dhttp.nonProxyHosts", hosts)) => {
                format!("{name}={}", parts(hosts, '|', |host| self.is_shown(host)))
            }
            Some((name, value)) if JAVA_OPTIONS.contains(&name) => format!("{name}={}", parts(value, '|', is_harmless)),
            Some((name @ "-Djavax.net.ssl.trustStorePassword", _)) => format!("{name}={HIDDEN}"),
            _ => HIDDEN.to_owned(),
        }
    }
}

/// Whether a variable is the list of what bypasses the proxy.
pub(super) fn is_list(name: &str) -> bool {
    name.eq_ignore_ascii_case("NO_PROXY")
}

/// The value of one of the policy's annotations.
pub(super) fn annotation(text: &str) -> String {
    parts(text, ',', is_harmless)
}

fn entries(container: &Value) -> impl Iterator<Item = &Value> {
    container["env"].as_array().into_iter().flatten()
}

/// A list of which only some parts are shown, and nothing before an `@`.
fn parts(text: &str, separator: char, is_shown: impl Fn(&str) -> bool) -> String {
    let (start, rest) = without_user_info(text);
    let shown: Vec<&str> = rest
        .split(separator)
        .map(|part| match part.trim() {
            "" => part,
            trimmed if is_shown(trimmed) => part,
            _ => HIDDEN,
        })
        .collect();
    start + &shown.join(&separator.to_string())
}

/// A URL without its user-info, and without a path or query, if the rest is harmless.
fn url(text: &str) -> String {
    let (scheme, rest) = ["http://", "https://"]
        .iter()
        .find_map(|scheme| Some((*scheme, text.strip_prefix(scheme)?)))
        .unwrap_or(("", text));
    let (start, rest) = without_user_info(rest);
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let path = if ["", "/"].contains(&path) { path } else { HIDDEN_PATH };
    let is_url = || ProxyUrl::parse([scheme, host].concat().into(), &["http", "https"]).is_ok();
    if is_harmless(host) || is_url() {
        [scheme, &start, host, path].concat()
    } else {
        HIDDEN.to_owned()
    }
}

/// A switch, or paths.
fn other(text: &str) -> String {
    let is_path = |part: &str| part.starts_with('/') && !part.contains('@');
    if ["", "0", "1"].contains(&text) || text.split(':').all(is_path) {
        text.to_owned()
    } else {
        HIDDEN.to_owned()
    }
}

/// What stands for everything up to the last `@`, and the rest. A password may hold commas, slashes and an `@`.
fn without_user_info(text: &str) -> (String, &str) {
    match text.rsplit_once('@') {
        Some((_, rest)) => (format!("{HIDDEN}@"), rest),
        None => (String::new(), text),
    }
}

/// Whether a text can hold no user name or password.
fn is_harmless(text: &str) -> bool {
    NoProxyEntry::parse(text).is_ok() || quoted(text).is_some()
}

/// An entry without what tells a name from its subdomains: `.a.example`, `*.A.example` and `a.example` are the same.
fn bare(entry: &str) -> String {
    let name = entry
        .trim_start_matches('[')
        .trim_end_matches(']')
        .trim_start_matches('*');
    name.strip_prefix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Whether an entry is an address, a network, or a reference, of which only the name is known.
fn is_address(entry: &str) -> bool {
    let is_prefix = || entry.ends_with(".*") && entry.chars().all(|c| c.is_ascii_digit() || ".*".contains(c));
    let destination = NoProxyEntry::parse(entry).map(|entry| entry.destination);
    entry.is_empty()
        || matches!(
            destination,
            Ok(Destination::Address(_) | Destination::Network(_) | Destination::Reference)
        )
        || is_prefix()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_user_info_of_a_url_is_shown() {
        for (text, shown) in [
            ("http://user:hunter2@proxy:3128/", "http://…@proxy:3128/"),
            ("http://proxy:3128/", "http://proxy:3128/"),
            ("http://a:b@c@d http://e:f@g", "http://…@g"),
            ("http://own.example/v1?token=hunter2", "http://own.example/…"),
            ("own.example?hunter2", "own.example/…"),
            ("user:hunter2@proxy:3128", "…@proxy:3128"),
            ("http://user:hunter2", "…"),
            ("$(HTTP_PROXY)", "$(HTTP_PROXY)"),
            ("", ""),
        ] {
            assert_eq!(url(text), shown);
        }
        let long = format!("http://{}:3128", ["a".repeat(40), "b".repeat(40)].join("."));
        assert_eq!(url(&long), long);
    }

    #[test]
    fn entries_of_lists_are_shown_where_their_values_were_known() {
        let before = json!({"env": [{"name": "no_proxy", "value": "own.example, u:hunter2"}]});
        let environment = Environment::new(vec!["NO_PROXY", "JAVA_TOOL_OPTIONS"], "policy.example,$(X)", &before);
        for (name, text, shown) in [
            (
                "NO_PROXY",
                "own.example,u:hunter2,policy.example,hunter2",
                "own.example,…,policy.example,…",
            ),
            ("NO_PROXY", "$(X),10.0.0.0/8,::1,*", "$(X),10.0.0.0/8,::1,*"),
            ("NO_PROXY", "http://u:hun,ter2@own/,own.example", "…@…,own.example"),
            (
                "JAVA_TOOL_OPTIONS",
                "-Dhttp.proxyHost=p.example -Dhttp.nonProxyHosts=10.*|*.policy.example|hunter2|[::1] -Da=b -Dc='d e'",
                "-Dhttp.proxyHost=p.example -Dhttp.nonProxyHosts=10.*|*.policy.example|…|[::1] …",
            ),
            (
                "JAVA_TOOL_OPTIONS",
                "-Djavax.net.ssl.trustStorePassword=hunter2",
                "-Djavax.net.ssl.trustStorePassword=…",
            ),
            ("TOKEN", "hunter2", "…"),
        ] {
            assert_eq!(environment.value(name, text), shown);
        }
    }

    #[test]
    fn paths_and_switches_are_shown() {
        for (text, shown) in [
            (
                "/etc/ssl/certs:/etc/http-proxy/trusted-ca",
                "/etc/ssl/certs:/etc/http-proxy/trusted-ca",
            ),
            ("1", "1"),
            ("user:hunter2", "…"),
        ] {
            assert_eq!(other(text), shown);
        }
    }

    #[test]
    fn what_is_an_address_or_a_reference_is_shown_wherever_it_comes_from() {
        for (entry, is) in [
            ("", true),
            ("10.0.0.1", true),
            ("10.0.0.0/8", true),
            ("fd00::1", true),
            ("$(host)", true),
            ("10.*", true),
            ("10.1.*", true),
            ("a.*", false),
            ("10.a.*", false),
            ("10.1", false),
            ("12345678", false),
            ("a.example", false),
        ] {
            assert_eq!(is_address(entry), is, "{entry}");
        }
    }

    #[test]
    fn a_name_is_the_same_with_and_without_its_subdomains() {
        for (entry, expected) in [
            (".a.example", "a.example"),
            ("*.A.example", "a.example"),
            ("a.example", "a.example"),
            ("[fd00::1]", "fd00::1"),
            ("*", ""),
        ] {
            assert_eq!(bare(entry), expected);
        }
    }

    #[test]
    fn white_space_and_empty_parts_of_a_list_stay() {
        let is_a = |part: &str| part == "a";
        for (text, shown) in [
            ("a, a ,b", "a, a ,…"),
            (",a,, b", ",a,,…"),
            ("u:p@a,b", "…@a,…"),
            ("", ""),
        ] {
            assert_eq!(parts(text, ',', is_a), shown);
        }
        assert_eq!(annotation("10.0.0.0/8,u:p"), "10.0.0.0/8,…");
    }

    #[test]
    fn java_options_of_others_are_hidden_together() {
        let environment = Environment::new(vec!["JAVA_TOOL_OPTIONS"], "a.example", &json!({}));
        for (text, shown) in [
            ("-Xmx1g -Da=b -Dhttp.proxyPort=3128", "… -Dhttp.proxyPort=3128"),
            (
                "-Dhttp.proxyPort=3128 -Dhttp.proxyPort=3128",
                "-Dhttp.proxyPort=3128 -Dhttp.proxyPort=3128",
            ),
            ("-Dhttps.proxyHost=a b -Dc", "-Dhttps.proxyHost=a …"),
            ("-Dhttp.proxyHost=a|b@c", "-Dhttp.proxyHost=…@c"),
            (
                "-Dhttp.nonProxyHosts=a.example|*.a.example|b.example",
                "-Dhttp.nonProxyHosts=a.example|*.a.example|…",
            ),
            (
                "-Djavax.net.ssl.trustStoreType=PKCS12 -x",
                "-Djavax.net.ssl.trustStoreType=PKCS12 …",
            ),
        ] {
            assert_eq!(environment.value("JAVA_TOOL_OPTIONS", text), shown);
        }
    }

    #[test]
    fn a_value_is_shown_by_the_name_of_its_variable_in_any_case() {
        let names = vec![
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "NO_PROXY",
            "NODE_USE_ENV_PROXY",
            "SSL_CERT_FILE",
        ];
        let environment = Environment::new(names, "", &json!({}));
        for (name, text, shown) in [
            ("http_proxy", "http://u:p@a.example:1", "http://…@a.example:1"),
            ("HTTPS_PROXY", "http://a.example:1/x", "http://a.example:1/…"),
            ("no_proxy", "10.0.0.0/8,hunter2", "10.0.0.0/8,…"),
            ("NODE_USE_ENV_PROXY", "1", "1"),
            ("NODE_USE_ENV_PROXY", "2", "…"),
            ("SSL_CERT_FILE", "/etc/a", "/etc/a"),
            ("SSL_CERT_FILE", "/etc/u:/p@a", "…"),
            ("SSL_CERT_FILE", "etc", "…"),
            ("SSL_CERT_FILE", "", ""),
            ("OTHER", "1", "…"),
        ] {
            assert_eq!(environment.value(name, text), shown, "{name}");
        }
    }
}
