//! Finds destinations in text: in values, arguments and configuration files.

use std::collections::HashSet;

use crate::places::is_proxy_variable;
use crate::secrets::is_named_like_a_secret;

/// A destination as a text has it. Of a URL, only these parts are kept: user-info, path and query may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Found {
    /// In lower case; `None` for a bare `host:port`.
    pub(crate) scheme: Option<String>,
    /// As written, without brackets. It may hold references such as `$(API_HOST)`.
    pub(crate) host: String,
    /// As written: it may also be a reference.
    pub(crate) port: Option<String>,
    /// Whether the text names it as secrets are named: `{"password": "http://…"}`.
    pub(crate) may_be_secret: bool,
}

/// What separates destinations from the text around them.
const SEPARATORS: &[char] = &[
    ' ', '\t', '\n', '\r', '"', '\'', '`', ',', ';', '<', '>', '|', '\\', '=', '(', ')', '{', '}', '&',
];

/// The destinations in a text, in its order: URLs of any scheme, gRPC targets, and bare `host:port`.
pub(crate) fn destinations(text: &str) -> Vec<Found> {
    // JSON may escape slashes.
    let unescaped;
    let text = if text.contains(r":\/\/") {
        unescaped = text.replace(r"\/", "/");
        &unescaped
    } else {
        text
    };
    let mut found = urls(text);
    found.extend(bare(text));
    let mut known = HashSet::new();
    found.retain(|destination| known.insert(destination.clone()));
    found
}

fn urls(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let before = &text[..at];
        let start = before
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || "+.-".contains(c)))
            .map_or(0, |index| {
                index + before[index..].chars().next().map_or(1, char::len_utf8)
            });
        let scheme = before[start..].to_ascii_lowercase();
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let name = name_before(&before[..start]);
        if is_proxy_variable(name) {
            continue;
        }
        let may_be_secret = is_named_like_a_secret(name);
        let rest = &text[at + 3..];
        if scheme == "dns" || scheme == "passthrough" {
            // gRPC: dns://resolver/host:port, usually with an empty resolver.
            let target = rest.split_once('/').map_or("", |(_, target)| target);
            found.extend(host_and_port(authority(target)).map(|(host, port)| Found {
                scheme: Some("grpc".to_owned()),
                host,
                port,
                may_be_secret,
            }));
            continue;
        }
        let authority = authority(rest);
        let after = &rest[authority.len()..];
        let token = after.split(|c: char| c.is_whitespace() || "\"'`<>".contains(c)).next();
        if !authority.contains('@') && token.is_some_and(has_user_info) {
            // A password with a slash in it: what looks like the host is not.
            continue;
        }
        let host = authority.rsplit('@').next().unwrap_or_default();
        found.extend(host_and_port(host).map(|(host, port)| Found {
            scheme: Some(scheme),
            host,
            port,
            may_be_secret,
        }));
    }
    found
}

/// The name that a text gives what follows it: `HTTP_PROXY=`, `"password": "`, `api: `. Empty if it gives none.
fn name_before(text: &str) -> &str {
    let quotes = |c: char| c == '"' || c == '\'' || c == '\\';
    let text = text.trim_end_matches(quotes).trim_end();
    let Some(text) = text.strip_suffix(['=', ':']) else {
        return "";
    };
    let text = text.trim_end().trim_end_matches(quotes);
    let start = text.rfind(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)));
    start.map_or(text, |at| {
        text[at..].trim_start_matches(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))
    })
}

/// Whether an `@` comes before the next path segment ends in something like `host:port/`.
fn has_user_info(token: &str) -> bool {
    token
        .split(['?', '#'])
        .next()
        .and_then(|path| path.rsplit_once('@'))
        .is_some_and(|(_, rest)| host_and_port(authority(rest)).is_some_and(|(_, port)| port.is_some()))
}

/// The start of a text up to where a URL's authority ends. References `$(NAME)` and `${NAME}` belong to it.
fn authority(text: &str) -> &str {
    let mut closes = None;
    for (index, c) in text.char_indices() {
        if closes == Some(c) {
            closes = None;
        } else if closes.is_none() {
            match c {
                '(' if text[..index].ends_with('$') => closes = Some(')'),
                '{' if text[..index].ends_with('$') => closes = Some('}'),
                '[' if index == 0 || text[..index].ends_with('@') => closes = Some(']'),
                ']' if closes_a_list(&text[index + 1..]) => return &text[..index],
                '/' | '?' | '#' => return &text[..index],
                c if SEPARATORS.contains(&c) => return &text[..index],
                _ => {}
            }
        } else if c.is_whitespace() {
            return &text[..index];
        }
    }
    text
}

/// Whether a bracket before this text ends a YAML list: it does not in user-info, no part of which may be shown as a host.
fn closes_a_list(text: &str) -> bool {
    let ends = |c: char| c.is_whitespace() || "/\"'`<>".contains(c);
    !text.split(ends).next().unwrap_or_default().contains('@')
}

/// Splits and checks `host`, `host:port`, `[address]:port`.
pub(crate) fn host_and_port(text: &str) -> Option<(String, Option<String>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, rest) = rest.split_once(']')?;
        let port = rest.strip_prefix(':').filter(|port| is_port(port)).map(str::to_owned);
        if has_reference(address) {
            return Some((address.to_owned(), port));
        }
        let address: std::net::Ipv6Addr = address.parse().ok()?;
        return Some((address.to_string(), port));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, "")) => (host, None),
        // A full stop after it ends a sentence.
        Some((host, port)) => (host, Some(port.trim_end_matches('.'))),
        None => (text, None),
    };
    let is_host = !host.is_empty() && host.len() <= 253 && (has_reference(host) || host.chars().all(is_host_character));
    let is_port = port.is_none_or(is_port);
    (is_host && is_port && !host.starts_with(['-', '.'])).then(|| (host.to_owned(), port.map(str::to_owned)))
}

fn is_host_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == '_'
}

fn has_reference(text: &str) -> bool {
    text.contains('$') && text.chars().all(|c| is_host_character(c) || "$(){}".contains(c))
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0) || (text.starts_with('$') && has_reference(text))
}

/// Bare `host:port`, and gRPC's `dns:host:port`, each a separate word.
fn bare(text: &str) -> impl Iterator<Item = Found> + '_ {
    let words = text
        .split(|c: char| SEPARATORS.contains(&c))
        .filter(|word| !word.contains("//"));
    words.filter_map(|word| {
        let word = if host_and_port(word).is_some() {
            word
        } else {
            word.trim_start_matches('[').trim_end_matches(']')
        };
        let (scheme, word) = match word.split_once(':') {
            Some(("dns" | "ipv4" | "ipv6", target)) if host_and_port(target)?.1.is_some() => (Some("grpc"), target),
            _ => (None, word),
        };
        let word = word.split_once('/').map_or(word, |(word, _)| word);
        let (host, port) = host_and_port(word)?;
        let is_plain = !host.contains('$') && port.as_ref().is_some_and(|port| !port.contains('$'));
        let is_number = host.chars().all(|c| c.is_ascii_digit());
        (is_plain && !is_number).then(|| Found {
            scheme: scheme.map(str::to_owned),
            host,
            port,
            may_be_secret: false,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let show = |found: Found| {
            let scheme = found.scheme.map(|scheme| scheme + "://").unwrap_or_default();
            format!(
                "{scheme}{}{}",
                found.host,
                found.port.map(|port| format!(":{port}")).unwrap_or_default()
            )
        };
        destinations(text).into_iter().map(show).collect()
    }

    #[test]
    fn urls_are_found_wherever_they_stand() {
        for (text, expected) in [
            ("http://api:8080", "http://api:8080"),
            (
                "--metrics=http://prometheus:9090/api/v1/write",
                "http://prometheus:9090",
            ),
            (
                "import urllib; u.urlopen('http://api.shop:8080/health')",
                "http://api.shop:8080",
            ),
            (r#"{"url": "WSS://Feed.shop/x", "n": 1}"#, "wss://Feed.shop"),
            (r#"{"url":"http:\/\/api\/x"}"#, "http://api"),
            ("url: http://[fd00::1]:8080/", "http://fd00::1:8080"),
            ("https://user:S3cret@api.shop/?token=S3cret", "https://api.shop"),
            (
                "curl http://$(API_HOST):$(API_PORT)/x",
                "http://$(API_HOST):$(API_PORT)",
            ),
            ("redis://redis:6379/0", "redis://redis:6379"),
            ("jdbc:postgresql://db:5432/app", "postgresql://db:5432"),
            ("dns:///api.shop:50051", "grpc://api.shop:50051"),
            ("dns:api.shop:50051", "grpc://api.shop:50051"),
            ("See http://api:8080.", "http://api:8080"),
            ("[http://api:9200]", "http://api:9200"),
            ("hosts: [https://api]", "https://api"),
            ("[http://[fd00::1]:8080]", "http://fd00::1:8080"),
            ("http://u:p@[fd00::1]:8080/", "http://fd00::1:8080"),
            ("[dns:///api.shop:50051]", "grpc://api.shop:50051"),
            ("passthrough:///api.shop:50051", "grpc://api.shop:50051"),
            ("ipv4:10.0.0.1:50051", "grpc://10.0.0.1:50051"),
            ("curl -s http://api\n-v", "http://api"),
            ("link(http://api(x))", "http://api"),
            ("{http://api{x}}", "http://api"),
            ("http://${API_HOST}:${API_PORT}/x", "http://${API_HOST}:${API_PORT}"),
            ("http://${API HOST", "http://${API"),
            ("http://u:p[x@api/path", "http://api"),
            ("[http://api]/u@b", "http://api"),
            ("[http://api] u@b", "http://api"),
            ("http://[$(ADDRESS)]:80/", "http://$(ADDRESS):80"),
            ("http://api:", "http://api"),
            ("<http://api>", "http://api"),
            ("http://api?a@b", "http://api"),
            ("http://api#a@b", "http://api"),
            ("http://api/x user@host:25/", "http://api"),
        ] {
            assert_eq!(shown(text), [expected], "{text}");
        }
        for text in [
            "http://api:0",
            "http://api:8$(PORT)",
            "http://api:$*",
            "http://$(HOST)*",
            "http://[api]:80",
            "http://]",
            "http://-api",
            "http://.api",
            "1://api",
        ] {
            assert_eq!(shown(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(shown("[http://a:1, http://b:2]"), ["http://a:1", "http://b:2"]);
        assert_eq!(shown("http://a:1,http://b:2"), ["http://a:1", "http://b:2"]);
    }

    #[test]
    fn a_bare_destination_is_a_word_with_a_port() {
        assert_eq!(
            shown("kafka-0.kafka:9092,kafka-1.kafka:9092"),
            ["kafka-0.kafka:9092", "kafka-1.kafka:9092"]
        );
        assert_eq!(shown("[search:9200, api:80]"), ["search:9200", "api:80"]);
        assert_eq!(shown("[fd00::1]:80"), ["fd00::1:80"]);
        assert_eq!(shown("addr=search:9200"), ["search:9200"]);
        assert_eq!(shown("addr: search:9200"), ["search:9200"]);
        assert_eq!(shown("12:30 or a:b or :8080 or host:99999"), Vec::<String>::new());
    }

    #[test]
    fn no_part_of_a_password_is_taken_for_a_host() {
        assert_eq!(shown("https://user:S3/cret@api.shop:443/x"), Vec::<String>::new());
        assert_eq!(shown("https://user:S3@cret@api.shop/x"), ["https://api.shop"]);
        assert_eq!(shown("https://user:12]cret@api.shop/x"), ["https://api.shop"]);
        assert_eq!(shown("[https://user:12]/cret@api.shop:1/x"), Vec::<String>::new());
        assert_eq!(shown("https://user:12/cret@api.shop:443/x"), Vec::<String>::new());
        assert_eq!(shown("https://user:12/a?b@c:1/x"), ["https://user:12"]);
        for found in destinations("amqp://u:p@mq:5672") {
            assert_eq!(found.host, "mq");
        }
    }
}
