//! `http-proxy probe`: is it the proxy, the CA, or the list?

mod answer;
mod exchange;
mod fault;
mod http;
mod report;
mod route;
mod stream;
mod tls;

use std::process::ExitCode;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use anyhow::{Result, anyhow};
use http_proxy_policy::companion::{self, Effective};
use url::Url;

use crate::args;
use crate::console;
use crate::probe::exchange::{Client, Proxy};
use crate::probe::report::{Asked, Section, Through};
use crate::probe::tls::Trust;
use crate::settings::Settings;
use crate::sources::Sources;
use crate::status;

/// What is asked where the user names nothing.
const DESTINATIONS: [&str; 2] = ["http://example.com/", "https://example.com/"];

pub fn run(args: &args::Probe) -> Result<ExitCode> {
    let settings = Settings::read(&args.settings)?;
    let urls: Vec<&str> = match args.urls.as_slice() {
        [] => DESTINATIONS.to_vec(),
        urls => urls.iter().map(String::as_str).collect(),
    };
    let destinations = urls.into_iter().map(destination).collect::<Result<Vec<Url>>>()?;
    let names = match &args.profile {
        Some(name) => vec![Some(name.clone())],
        None => {
            let names = companion::profile_names(&settings.text).into_iter();
            std::iter::once(None).chain(names.map(Some)).collect()
        }
    };
    let mut sections = Vec::new();
    for name in names {
        sections.push(section(&settings, name, &destinations, args)?);
    }
    console::print(&report::text(&sections, args.output)?)?;
    let has_failed = sections.iter().any(Section::has_failed);
    Ok(ExitCode::from(if has_failed { status::FOUND } else { 0 }))
}

/// Reads a destination. The error does not quote it: it may hold a password.
fn destination(text: &str) -> Result<Url> {
    let is_known = |url: &Url| {
        let has_user = !url.username().is_empty() || url.password().is_some();
        ["http", "https"].contains(&url.scheme()) && url.has_host() && !has_user
    };
    let url = text.parse().ok().filter(is_known);
    url.ok_or_else(|| {
        anyhow!("--url: must be an http:// or https:// URL without credentials, such as https://example.com/")
    })
}

/// Asks for the destinations, side by side, with the settings of the top level or of a profile.
fn section(settings: &Settings, profile: Option<String>, destinations: &[Url], args: &args::Probe) -> Result<Section> {
    let effective = settings.effective(profile.as_deref())?;
    let files = if args.profile == profile {
        args.files.clone()
    } else {
        inherited(&settings.effective(None)?, &effective, &args.files)
    };
    let sources = if effective.enabled {
        Sources::read(&effective, &files)?
    } else {
        Sources::default()
    };
    let trust = Trust::new(&sources.trusted_ca);
    let client = Client {
        trust: &trust,
        timeout: Duration::from_secs(args.timeout),
    };
    let ask = |url: &Url| ask(url, &client, &effective, &sources);
    let ask = &ask;
    let asked = thread::scope(|scope| {
        let threads: Vec<_> = destinations.iter().map(|url| scope.spawn(move || ask(url))).collect();
        let answers = threads.into_iter().map(ScopedJoinHandle::join);
        answers.collect::<Result<Vec<Asked>, _>>()
    });
    Ok(Section {
        profile,
        asked: asked.map_err(|_| anyhow!("a destination could not be asked"))?,
        seconds: args.timeout,
    })
}

/// The files that count for a profile: those for what it has from the top level.
fn inherited(top: &Effective, own: &Effective, files: &args::SourceFiles) -> args::SourceFiles {
    let of = |file: &Option<String>, is_inherited: bool| file.clone().filter(|_| is_inherited);
    args::SourceFiles {
        http_proxy_file: of(&files.http_proxy_file, own.http_proxy == top.http_proxy),
        https_proxy_file: of(&files.https_proxy_file, own.https_proxy == top.https_proxy),
        ca_file: of(&files.ca_file, own.trusted_ca == top.trusted_ca),
    }
}

/// Asks for a destination, through the proxy that it has or directly.
fn ask(url: &Url, client: &Client, effective: &Effective, sources: &Sources) -> Asked {
    let proxy = if url.scheme() == "http" {
        &sources.http_proxy
    } else {
        &sources.https_proxy
    };
    let proxy = proxy.as_ref().and_then(|proxy| Proxy::new(proxy));
    let reason = match (&proxy, route::bypass(url, &effective.no_proxy)) {
        _ if !effective.enabled => Some("enabled: false".to_owned()),
        (None, _) => Some("the settings have no proxy".to_owned()),
        (Some(_), Some(entry)) => Some(format!("noProxy: {entry}")),
        (Some(_), None) => None,
    };
    let (through, outcome) = match (proxy, reason) {
        (Some(proxy), None) => (Through::Proxy(proxy.address.clone()), client.ask_through(&proxy, url)),
        (_, reason) => (Through::Nothing(reason.unwrap_or_default()), client.ask_directly(url)),
    };
    Asked {
        url: url.clone(),
        through,
        outcome,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_profile_takes_the_files_for_what_it_has_from_the_top_level() {
        let settings = json!({
            "httpProxy": "http://a.example:1", "httpsProxy": "http://b.example:2",
            "trustedCaFrom": {"configMapKeyRef": {"name": "ca", "key": "ca.crt"}},
            "profiles": [
                {"name": "same", "match": {"namespaces": ["a"]}},
                {"name": "http", "match": {"namespaces": ["b"]}, "httpProxy": "http://c.example:3"},
                {"name": "https", "match": {"namespaces": ["c"]}, "httpsProxy": "http://c.example:3"},
                {"name": "ca", "match": {"namespaces": ["d"]}, "trustedCaFrom": {"configMapKeyRef": {"name": "own", "key": "ca.crt"}}},
            ],
        });
        let effective = |profile| companion::effective(&settings.to_string(), profile).ok().unwrap();
        let files = args::SourceFiles {
            http_proxy_file: Some("http".to_owned()),
            https_proxy_file: Some("https".to_owned()),
            ca_file: Some("ca".to_owned()),
        };
        for (profile, expected) in [
            ("same", [Some("http"), Some("https"), Some("ca")]),
            // A profile with a proxy inherits none of the top level's.
            ("http", [None, None, Some("ca")]),
            ("https", [None, None, Some("ca")]),
            ("ca", [Some("http"), Some("https"), None]),
        ] {
            let own = inherited(&effective(None), &effective(Some(profile)), &files);
            let left = [&own.http_proxy_file, &own.https_proxy_file, &own.ca_file].map(Option::as_deref);
            assert_eq!(left, expected, "{profile}");
        }
    }
}
