//! `http-proxy probe`: is it the proxy, the CA, or the list?

mod exchange;
mod fault;
mod route;
mod tls;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, anyhow};
use http_proxy_policy::companion;
use url::Url;

use crate::args;
use crate::probe::exchange::{Outcome, Proxy};
use crate::probe::tls::{Trust, Verdict};
use crate::settings::Settings;
use crate::sources::Sources;

/// What is asked where the user names nothing.
const DESTINATIONS: [&str; 2] = ["http://example.com/", "https://example.com/"];

/// A line of the table, and the sentences below it.
struct Row {
    cells: [String; 5],
    sentences: Vec<String>,
    failed: bool,
}

const HEADINGS: [&str; 5] = ["DESTINATION", "THROUGH", "CREDENTIALS", "TLS", "RESULT"];

pub fn run(args: &args::Probe) -> Result<ExitCode> {
    let settings = Settings::read(&args.settings)?;
    let destinations = match args.urls.as_slice() {
        [] => DESTINATIONS
            .iter()
            .map(|url| destination(url))
            .collect::<Result<Vec<Url>>>()?,
        urls => urls.iter().map(|url| destination(url)).collect::<Result<Vec<Url>>>()?,
    };
    let names = match &args.profile {
        Some(name) => vec![Some(name.clone())],
        None => {
            let names = companion::profile_names(&settings.text).into_iter();
            std::iter::once(None).chain(names.map(Some)).collect()
        }
    };
    let mut failed = false;
    for name in &names {
        if names.len() > 1 || name.is_some() {
            println!(
                "{}",
                name.as_ref()
                    .map_or("top level:".to_owned(), |name| format!("profile {name}:"))
            );
        }
        let rows = rows(&settings, name.as_deref(), &destinations, args)?;
        failed |= rows.iter().any(|row| row.failed);
        print(&rows);
    }
    Ok(ExitCode::from(u8::from(failed)))
}

/// Reads a destination. The error does not quote it: it may hold a password.
fn destination(text: &str) -> Result<Url> {
    let is_known = |url: &Url| {
        let has_user = !url.username().is_empty() || url.password().is_some();
        ["http", "https"].contains(&url.scheme()) && url.has_host() && !has_user
    };
    let url = text.parse().ok().filter(is_known);
    url.ok_or_else(|| anyhow!("--url: must be an http or https URL without a user, such as https://example.com/"))
}

fn rows(settings: &Settings, profile: Option<&str>, destinations: &[Url], args: &args::Probe) -> Result<Vec<Row>> {
    let effective = settings.effective(profile)?;
    if !effective.enabled {
        return Ok(destinations.iter().map(|url| direct(url, "enabled: false")).collect());
    }
    let sources = Sources::read(&effective, &args.files)?;
    let trust = Trust::new(&sources.trusted_ca);
    let row = |url: &Url| {
        let proxy = if url.scheme() == "http" {
            &sources.http_proxy
        } else {
            &sources.https_proxy
        };
        let timeout = Duration::from_secs(args.timeout);
        match proxy.as_ref().and_then(|proxy| Proxy::new(proxy, &trust, timeout)) {
            None => direct(url, "no proxy is set"),
            Some(proxy) => match route::bypass(url, &effective.no_proxy) {
                Some(entry) => direct(url, &format!("noProxy: {entry}")),
                None => through(url, &proxy, &proxy.ask(url)),
            },
        }
    };
    Ok(destinations.iter().map(row).collect())
}

fn direct(url: &Url, reason: &str) -> Row {
    Row {
        cells: [url.as_str(), "-", "-", "-", &format!("bypasses the proxy ({reason})")].map(str::to_owned),
        sentences: Vec::new(),
        failed: false,
    }
}

fn through(url: &Url, proxy: &Proxy, outcome: &Outcome) -> Row {
    let credentials = match (outcome.asked, &outcome.result) {
        (false, _) => "not asked for",
        (true, Err(fault)) if fault.word() == "not authenticated" => "not accepted",
        (true, _) => "accepted",
    };
    let tls = match &outcome.verdict {
        None => "-",
        Some(Verdict::System) => "not inspected",
        Some(Verdict::Settings(_)) => "inspected",
    };
    let result = match &outcome.result {
        Ok(status) => format!("reached (status {status})"),
        Err(fault) => fault.word().to_owned(),
    };
    let mut sentences = Vec::new();
    if let Some(Verdict::Settings(issuer)) = &outcome.verdict {
        sentences.push(format!("{url}: {issuer} issued the certificate; it is in trustedCa"));
    }
    if let Err(fault) = &outcome.result {
        sentences.push(format!("{url}: {}", fault.advice(&proxy.address)));
    }
    Row {
        cells: [url.as_str(), &proxy.address.to_string(), credentials, tls, &result].map(str::to_owned),
        sentences,
        failed: outcome.result.is_err(),
    }
}

fn print(rows: &[Row]) {
    let width = |column: usize| {
        rows.iter()
            .map(|row| row.cells[column].len())
            .chain([HEADINGS[column].len()])
            .max()
    };
    let widths: [usize; 5] = std::array::from_fn(|column| width(column).unwrap_or_default());
    let line = |cells: [&str; 5]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        println!("{}", padded.collect::<Vec<String>>().join("  ").trim_end());
    };
    line(HEADINGS);
    for row in rows {
        line(row.cells.each_ref().map(String::as_str));
    }
    for sentence in rows.iter().flat_map(|row| &row.sentences) {
        println!("{sentence}");
    }
}
