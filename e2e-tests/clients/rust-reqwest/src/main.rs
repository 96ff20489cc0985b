//! Asks for each URL with reqwest, as a program does that configures neither proxy nor roots.

use std::error::Error;
use std::time::Duration;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["--version"] {
        println!("{}", env!("CARGO_PKG_DESCRIPTION"));
        return;
    }
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("no other provider is installed");
    // Without any root reqwest builds no client at all; that too is what a user would see.
    let client = reqwest::blocking::Client::builder()
        .timeout(Duration::from_secs(5))
        .build();
    for url in arguments {
        match client.as_ref().map_err(|error| innermost(error)).and_then(|client| {
            let answer = client.get(&url).send().and_then(|response| response.error_for_status());
            answer.map_err(|error| innermost(&error))
        }) {
            Ok(_) => println!("ok {url}"),
            Err(reason) => println!("failed {url}: {reason}"),
        }
    }
}

/// The cause at the bottom: what says whether it was the proxy, the network or a certificate.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
