//! `http-proxy service-entry`: what Istio must know of the proxies.
//!
//! <https://istio.io/latest/docs/tasks/traffic-management/egress/http-proxy/>

mod cluster;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::process::ExitCode;

use anyhow::{Result, bail};
use http_proxy_policy::companion::{self, ProxySource};
use serde_json::{Value, json};
use url::Host;
use values::quoted;

use crate::args;
use crate::console;
use crate::proxy_address::ProxyAddress;
use crate::service_entry::cluster::{Certainty, service};
use crate::settings::Settings;

pub fn run(args: &args::ServiceEntry) -> Result<ExitCode> {
    let settings = Settings::read(&args.settings)?;
    let mut notes = Vec::new();
    let proxies = proxies(&settings, &mut notes)?;
    if proxies.is_empty() {
        notes.push(format!(
            "{}: no proxy has a URL, so there is no ServiceEntry to write",
            settings.file()
        ));
        bail!(notes.join("\n"));
    }
    let domain: Value = serde_json::from_str(&settings.text)?;
    let domain = domain["clusterDomain"].as_str().unwrap_or("cluster.local");
    let entries = entries(&proxies, domain, args, &mut notes)?;
    console::print(&documents::to_yaml_documents(&entries)?)?;
    notes.iter().for_each(|note| console::note(note));
    Ok(ExitCode::SUCCESS)
}

/// Every host and port of the top level and of the profiles, once.
fn proxies(settings: &Settings, notes: &mut Vec<String>) -> Result<Vec<ProxyAddress>> {
    let names = companion::profile_names(&settings.text);
    let profiles = std::iter::once(None).chain(names.iter().map(|name| Some(&**name)));
    let mut proxies: Vec<ProxyAddress> = Vec::new();
    for profile in profiles {
        let effective = settings.effective(profile)?;
        let sources = [effective.http_proxy, effective.https_proxy];
        for source in sources.into_iter().flatten().filter(|_| effective.enabled) {
            match source {
                ProxySource::Secret { name, .. } => {
                    let note = format!(
                        "Secret {name}: its proxy gets no entry, because this command does not read Secrets; pass its URL in \
                         separate settings"
                    );
                    if !notes.contains(&note) {
                        notes.push(note);
                    }
                }
                ProxySource::Url(url) => {
                    let is_known =
                        |known: &ProxyAddress, new: &ProxyAddress| known.host == new.host && known.port == new.port;
                    let address = ProxyAddress::of(&url);
                    proxies.extend(address.filter(|new| !proxies.iter().any(|known| is_known(known, new))));
                }
            }
        }
    }
    Ok(proxies)
}

/// Ports that the whole mesh uses. An entry without addresses catches all traffic to its port.
const COMMON_PORTS: [u16; 2] = [80, 443];

/// An entry for each host that is not of the cluster, with its ports.
fn entries(
    proxies: &[ProxyAddress],
    domain: &str,
    args: &args::ServiceEntry,
    notes: &mut Vec<String>,
) -> Result<Vec<Value>> {
    let ports = ports_of_hosts(proxies);
    check_addresses(&ports, &args.addresses)?;
    let mut entries = Vec::new();
    for (text, (host, ports)) in ports {
        let (name, addresses) = name_and_addresses(host, &text, args);
        let note = match service(&name, domain) {
            Some(Certainty::Sure) => Some(OF_CLUSTER.to_owned()),
            Some(Certainty::Possible) if addresses.is_empty() => Some(format!(
                "{OF_CLUSTER}; if it is a host outside of the cluster, pass --address {text}=IP"
            )),
            _ => None,
        };
        if let Some(note) = note {
            notes.push(format!("{text}: {note}"));
            continue;
        }
        if addresses.is_empty() {
            notes.push(without_address(&text, &ports)?);
        }
        entries.push(entry(&name, &addresses, &ports, args));
    }
    number(&mut entries);
    Ok(entries)
}

/// The ports of each host, by its text.
fn ports_of_hosts(proxies: &[ProxyAddress]) -> BTreeMap<String, (&Host, Vec<u16>)> {
    let mut ports = BTreeMap::new();
    for proxy in proxies {
        let (_, of_host) = ports.entry(proxy.host.to_string()).or_insert((&proxy.host, Vec::new()));
        of_host.push(proxy.port);
    }
    ports
}

/// What the entry of a host calls it, and its addresses.
fn name_and_addresses(host: &Host, text: &str, args: &args::ServiceEntry) -> (String, Vec<IpAddr>) {
    match host {
        Host::Domain(name) => (
            name.trim_end_matches('.').replace('_', "-"),
            addresses_of(text, &args.addresses),
        ),
        Host::Ipv4(address) => (
            name_of(address.octets().map(|part| part.to_string())),
            vec![(*address).into()],
        ),
        Host::Ipv6(address) => (
            name_of(address.segments().map(|part| format!("{part:x}"))),
            vec![(*address).into()],
        ),
    }
}

/// Names that are there twice get a number: of `a-b.example` and `a.b.example`, the second entry would replace the first.
fn number(entries: &mut [Value]) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries {
        let name = entry["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let number = count.entry(name.clone()).or_default();
        *number += 1;
        if *number > 1 {
            entry["metadata"]["name"] = json!(format!("{name}-{number}"));
        }
    }
}

/// What an entry without an address means.
///
/// # Errors
/// It would catch what the whole mesh uses.
fn without_address(host: &str, ports: &[u16]) -> Result<String> {
    let fix = format!("find the addresses with getent ahosts {host}, and pass each with --address {host}=IP");
    if let Some(port) = ports.iter().find(|port| COMMON_PORTS.contains(port)) {
        bail!("{host}: without an address, an entry would catch all traffic of the mesh to port {port}; {fix}");
    }
    Ok(format!(
        "{host}: no address, so Istio treats all traffic to its port as traffic to the proxy; {fix}"
    ))
}

/// What makes Istio, which knows the service already, treat traffic to it as TCP.
const OF_CLUSTER: &str = "a service of this cluster; name its port tcp-... or set appProtocol: tcp";

/// Every address is for a proxy.
fn check_addresses(ports: &BTreeMap<String, (&Host, Vec<u16>)>, addresses: &[(Option<String>, IpAddr)]) -> Result<()> {
    let names = ports
        .values()
        .filter(|(host, _)| matches!(host, Host::Domain(_)))
        .count();
    for (host, address) in addresses {
        match host {
            None if names > 1 => {
                bail!("--address {address}: the settings have {names} proxies with host names; write HOST={address}")
            }
            None if names == 0 => {
                bail!("--address {address}: no proxy of the settings has a name; leave the option out")
            }
            Some(host) if !ports.contains_key(host) => {
                // A URL that was given by mistake may have a password.
                let host = quoted(host).map_or("HOST", |_| host);
                bail!("--address {host}={address}: no proxy in the settings has this host")
            }
            _ => {}
        }
    }
    Ok(())
}

fn addresses_of(host: &str, addresses: &[(Option<String>, IpAddr)]) -> Vec<IpAddr> {
    let of_host = addresses
        .iter()
        .filter(|(wanted, _)| wanted.as_deref().is_none_or(|wanted| wanted == host));
    let mut found = Vec::new();
    for (_, address) in of_host {
        // getent ahosts names each several times.
        if !found.contains(address) {
            found.push(*address);
        }
    }
    found
}

/// `hosts` takes names alone, so an address gets one.
fn name_of<const N: usize>(parts: [String; N]) -> String {
    format!("http-proxy-{}.internal", parts.join("-"))
}

fn entry(name: &str, addresses: &[IpAddr], ports: &[u16], args: &args::ServiceEntry) -> Value {
    let port = |port: &u16| json!({"number": port, "name": format!("tcp-{port}"), "protocol": "TCP"});
    let mut spec = json!({
        "hosts": [name],
        "ports": ports.iter().map(port).collect::<Vec<Value>>(),
        "location": "MESH_EXTERNAL",
        "resolution": "NONE",
    });
    if !addresses.is_empty() {
        let network = |address: &IpAddr| format!("{address}/{}", if address.is_ipv4() { 32 } else { 128 });
        spec["addresses"] = addresses.iter().map(network).collect();
    }
    if !args.export_to.is_empty() {
        spec["exportTo"] = json!(args.export_to);
    }
    let name = name.trim_start_matches("http-proxy-").replace('.', "-");
    json!({
        "apiVersion": "networking.istio.io/v1",
        "kind": "ServiceEntry",
        "metadata": {"name": format!("http-proxy-{name}"), "namespace": args.namespace},
        "spec": spec,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries_of(urls: &[&str], addresses: &[(Option<&str>, &str)], notes: &mut Vec<String>) -> Result<Vec<Value>> {
        let proxies: Vec<ProxyAddress> = urls.iter().map(|url| ProxyAddress::of(url).unwrap()).collect();
        let addresses = addresses
            .iter()
            .map(|(host, address)| (host.map(str::to_owned), address.parse().unwrap()));
        let args = args::ServiceEntry {
            settings: String::new(),
            addresses: addresses.collect(),
            namespace: "aks-istio-system".to_owned(),
            export_to: vec![".".to_owned(), "shop".to_owned()],
        };
        entries(&proxies, "cluster.local", &args, notes)
    }

    #[test]
    fn each_host_has_an_entry_with_its_ports_and_addresses() {
        let mut notes = Vec::new();
        let urls = [
            "http://user:p%40@proxy.example.com:3128/",
            "https://proxy.example.com:3129",
            "http://[fd00::1]",
        ];
        let entries = entries_of(&urls, &[(None, "192.0.2.10")], &mut notes).unwrap();
        assert_eq!(notes, [""; 0]);
        assert_eq!(entries.len(), 2);
        assert_eq!(
            entries[0]["spec"]["hosts"],
            json!(["http-proxy-fd00-0-0-0-0-0-0-1.internal"])
        );
        assert_eq!(entries[0]["spec"]["addresses"], json!(["fd00::1/128"]));
        assert_eq!(entries[0]["spec"]["ports"][0]["number"], 80);
        assert_eq!(
            entries[1]["metadata"],
            json!({"name": "http-proxy-proxy-example-com", "namespace": "aks-istio-system"})
        );
        assert_eq!(entries[1]["spec"]["exportTo"], json!([".", "shop"]));
        assert_eq!(entries[1]["spec"]["addresses"], json!(["192.0.2.10/32"]));
        let ports = entries[1]["spec"]["ports"].as_array().unwrap();
        assert_eq!((&ports[0]["number"], &ports[1]["number"]), (&json!(3128), &json!(3129)));
    }

    #[test]
    fn an_address_counts_once_and_no_two_entries_have_the_same_name() {
        let urls = ["http://a.b.example:3128", "http://a-b.example:3128"];
        let addresses = ["192.0.2.1", "192.0.2.1", "192.0.2.2"].map(|address| (Some("a.b.example"), address));
        let entries = entries_of(&urls, &addresses, &mut Vec::new()).unwrap();
        let names = entries.iter().map(|entry| entry["metadata"]["name"].as_str().unwrap());
        assert!(names.eq(["http-proxy-a-b-example", "http-proxy-a-b-example-2"]));
        assert_eq!(entries[1]["spec"]["addresses"], json!(["192.0.2.1/32", "192.0.2.2/32"]));
    }

    #[test]
    fn a_name_without_an_address_gets_a_note_and_an_address_for_no_proxy_is_an_error() {
        let urls = ["http://a.example:3128", "http://b.example:3128"];
        let mut notes = Vec::new();
        entries_of(&urls, &[(Some("a.example"), "192.0.2.1")], &mut notes).unwrap();
        assert_eq!(notes.len(), 1);
        assert!(notes[0].starts_with("b.example: no address"));
        assert!(entries_of(&urls, &[(None, "192.0.2.1")], &mut notes).is_err());
        assert!(entries_of(&urls, &[(Some("c.example"), "192.0.2.1")], &mut notes).is_err());
        assert!(entries_of(&["http://192.0.2.7"], &[(None, "192.0.2.1")], &mut notes).is_err());
    }

    #[test]
    fn a_service_of_the_cluster_gets_no_entry_but_a_sentence() {
        for (host, addresses, count) in [
            ("squid.proxy.svc.cluster.local", vec![], 0),
            ("squid.proxy.svc.cluster.local.", vec![], 0),
            ("squid.proxy.svc", vec![], 0),
            ("squid.proxy.svc", vec![(None, "10.0.0.1")], 0),
            ("squid.proxy", vec![], 0),
            ("squid", vec![], 0),
            ("squid.proxy", vec![(None, "192.0.2.1")], 1),
            ("example.com", vec![], 1),
            ("proxy.example.com", vec![], 1),
        ] {
            let mut notes = Vec::new();
            let entries = entries_of(&[&format!("http://{host}:3128")], &addresses, &mut notes).unwrap();
            assert_eq!(entries.len(), count, "{host}");
            let is_said = notes
                .iter()
                .any(|note| note.contains("name its port tcp-... or set appProtocol: tcp"));
            assert_eq!(is_said, count == 0, "{host}: {notes:?}");
        }
    }

    #[test]
    fn a_host_of_the_cluster_s_domain_that_is_no_service_gets_an_entry() {
        let url = "http://proxy.corp.example.com:3128/";
        let proxies = [ProxyAddress::of(url).unwrap()];
        let args = args::ServiceEntry {
            settings: String::new(),
            addresses: vec![(None, "192.0.2.1".parse().unwrap())],
            namespace: "istio-system".to_owned(),
            export_to: Vec::new(),
        };
        let made = entries(&proxies, "corp.example.com", &args, &mut Vec::new()).unwrap();
        assert_eq!(made.len(), 1);
    }

    #[test]
    fn a_user_in_an_address_is_not_shown() {
        let error = entries_of(
            &["http://proxy.example.com:3128"],
            &[(Some("u:hunter2@proxy.example.com"), "192.0.2.1")],
            &mut Vec::new(),
        );
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("no proxy in the settings has this host") && !error.contains("hunter2"),
            "{error}"
        );
    }

    #[test]
    fn an_entry_that_would_catch_port_80_of_the_mesh_is_refused() {
        for url in ["http://proxy.example.com", "https://proxy.example.com"] {
            let error = entries_of(&[url], &[], &mut Vec::new()).unwrap_err().to_string();
            assert!(error.contains("would catch all traffic of the mesh to port"), "{error}");
            assert_eq!(
                entries_of(&[url], &[(None, "192.0.2.1")], &mut Vec::new())
                    .unwrap()
                    .len(),
                1
            );
        }
    }
}
