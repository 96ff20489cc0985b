//! What a judgement says beyond the measured ways: the entry that decides, and what destinations there are.

use clients::{Because, Destination, Scheme, Way, client, judge};

fn judged(name: &str, no_proxy: &str, url: &str) -> (Way, Because) {
    let judgement = judge(client(name).unwrap(), no_proxy, &Destination::parse(url).unwrap());
    (judgement.way, judgement.because)
}

#[test]
fn the_first_entry_that_covers_the_destination_decides() {
    let entry = |entry: &str| Because::Entry(entry.to_owned());
    for (name, no_proxy, url, way, because) in [
        (
            "curl",
            "a.test,.svc,api.svc",
            "http://api.svc/",
            Way::Direct,
            entry(".svc"),
        ),
        (
            "curl",
            "10.0.0.0/8, 10.20.30.40",
            "http://10.20.30.40:9000/",
            Way::Direct,
            entry("10.0.0.0/8"),
        ),
        (
            "wget",
            "10.0.0.0/8, 10.20.30.40",
            "http://10.20.30.40:9000/",
            Way::Direct,
            entry("10.20.30.40"),
        ),
        (
            "Java",
            "10.0.0.0/8",
            "http://10.20.30.40:9000/",
            Way::Direct,
            entry("10.0.0.0/8"),
        ),
        ("Java", "10.0.0.0/12", "http://10.1.1.1/", Way::Proxy, Because::NoEntry),
        (
            "httpx",
            "localhost,fd00::/64",
            "http://localhost/",
            Way::Fails,
            entry("fd00::/64"),
        ),
        ("Go", "", "http://localhost:8080/", Way::Direct, Because::NeverProxied),
        (
            "BusyBox",
            "localhost",
            "http://localhost/",
            Way::Proxy,
            Because::IgnoresNoProxy,
        ),
        (
            "axios",
            "example.com",
            "https://www.example.com/",
            Way::Proxy,
            Because::NoEntry,
        ),
    ] {
        assert_eq!(judged(name, no_proxy, url), (way, because), "{name} {no_proxy} {url}");
    }
}

#[test]
fn a_client_that_resolves_names_goes_by_what_is_known_of_them() {
    let mut destination = Destination::parse("http://api/").unwrap();
    let way = |destination: &Destination| judge(client("Ruby").unwrap(), "10.96.0.0/12", destination).way;
    assert_eq!(way(&destination), Way::Proxy);
    destination.addresses.push([10, 96, 0, 10].into());
    assert_eq!(way(&destination), Way::Direct);
}

#[test]
fn entries_of_no_known_form_cover_nothing_else() {
    for entry in [
        ".",
        "*.",
        ":80",
        "[",
        "[x]",
        "10.0.0.0/99",
        "http://a.test",
        "*a.test",
        "a:b:c",
    ] {
        for name in ["curl", "Go", "requests", "LWP"] {
            assert_eq!(judged(name, entry, "http://a.test/").0, Way::Proxy, "{name} {entry}");
        }
    }
}

#[test]
fn a_destination_is_a_url_that_an_http_proxy_carries() {
    let parsed = |url: &str| Destination::parse(url).map(|found| (found.scheme, found.host, found.port));
    for (url, scheme, host, port) in [
        ("http://API.test", Scheme::Http, "api.test", 80),
        ("wss://user:pass@api.test/path?a=@b", Scheme::Https, "api.test", 443),
        ("https://[FD00::1]:8443/", Scheme::Https, "fd00::1", 8443),
        ("ws://api.test:9#top", Scheme::Http, "api.test", 9),
    ] {
        assert_eq!(parsed(url), Some((scheme, host.to_owned(), port)), "{url}");
    }
    for url in [
        "redis://a.test",
        "a.test:80",
        "http://",
        "http://a.test:x",
        "http://a.test:99999",
        "http://[::1",
        "http://::1/",
    ] {
        assert_eq!(parsed(url), None, "{url}");
    }
}
