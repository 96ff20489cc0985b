//! The rules say what was measured, cell by cell.

use std::collections::BTreeSet;
use std::net::IpAddr;

use clients::{Destination, Evidence, Way, client, clients, judge, older_releases};
use serde::Deserialize;

/// What the clients did with one list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    no_proxy: String,
    cells: Vec<Cell>,
}

/// Which clients took which way to one destination.
#[derive(Deserialize)]
struct Cell {
    url: String,
    #[serde(default)]
    addresses: Vec<IpAddr>,
    #[serde(default)]
    direct: Vec<String>,
    #[serde(default)]
    proxy: Vec<String>,
    #[serde(default)]
    fails: Vec<String>,
}

fn measurements() -> Vec<List> {
    serde_json::from_str(include_str!("../measurements.json")).unwrap()
}

#[test]
fn every_judgement_is_what_was_measured() {
    let mut compared = 0;
    let mut wrong = Vec::new();
    for list in measurements() {
        for cell in &list.cells {
            let mut destination = Destination::parse(&cell.url).unwrap();
            destination.addresses.clone_from(&cell.addresses);
            for (way, names) in [
                (Way::Direct, &cell.direct),
                (Way::Proxy, &cell.proxy),
                (Way::Fails, &cell.fails),
            ] {
                for name in names {
                    let judgement = judge(client(name).unwrap(), &list.no_proxy, &destination);
                    if judgement.way != way {
                        wrong.push(format!("{name}, {}: {way:?}, but judged {judgement:?}", cell.url));
                    }
                    compared += 1;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 2000, "{compared}");
}

#[test]
fn every_measured_client_has_every_cell_and_no_other_has_one() {
    let measured = || clients().filter(|client| client.evidence == Evidence::Measured);
    let expected: BTreeSet<&str> = measured().map(|client| client.name.as_str()).collect();
    let older: BTreeSet<&str> = older_releases().map(|client| client.name.as_str()).collect();
    for list in measurements() {
        for cell in &list.cells {
            let names = [&cell.direct, &cell.proxy, &cell.fails].into_iter().flatten();
            let found: BTreeSet<&str> = names.map(String::as_str).filter(|name| !older.contains(name)).collect();
            assert_eq!(found, expected, "{}", cell.url);
        }
    }
}

#[test]
fn every_name_of_a_client_is_its_own() {
    let all = || clients().chain(older_releases()).map(|client| &client.name);
    assert_eq!(all().count(), all().collect::<BTreeSet<_>>().len());
}
