//! `http-proxy service-entry`: what Istio must know of the proxies.
//!
//! <https://istio.io/latest/docs/tasks/traffic-management/egress/http-proxy/>

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::process::ExitCode;

use anyhow::{Result, bail};
use http_proxy_policy::companion::{self, ProxySource};
use serde_json::{Value, json};
use url::Host;

use crate::args;
use crate::proxy_address::ProxyAddress;
use crate::settings::Settings;

pub fn run(args: &args::ServiceEntry) -> Result<ExitCode> {
    let settings = Settings::read(&args.settings)?;
    let mut notes = Vec::new();
    let proxies = proxies(&settings, &mut notes)?;
    if proxies.is_empty() {
        notes.push(format!(
            "{}: no proxy has a URL, so there is no ServiceEntry to write",
            settings.file
        ));
        bail!(notes.join("\n"));
    }
    let entries = entries(&proxies, &args.addresses, &mut notes)?;
    let documents = entries
        .iter()
        .map(serde_yaml_ng::to_string)
        .collect::<Result<Vec<String>, _>>()?;
    print!("{}", documents.join("---\n"));
    for note in notes {
        eprintln!("{note}");
    }
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

/// An entry for each host, with its ports.
fn entries(
    proxies: &[ProxyAddress],
    addresses: &[(Option<String>, IpAddr)],
    notes: &mut Vec<String>,
) -> Result<Vec<Value>> {
    let mut ports: BTreeMap<String, (&Host, Vec<u16>)> = BTreeMap::new();
    for proxy in proxies {
        let host = proxy.host.to_string();
        ports
            .entry(host)
            .or_insert((&proxy.host, Vec::new()))
            .1
            .push(proxy.port);
    }
    let is_name = |host: &Host| matches!(host, Host::Domain(_));
    let names = ports.values().filter(|(host, _)| is_name(host)).count();
    for (host, address) in addresses {
        match host {
            None if names > 1 => {
                bail!("--address {address}: the settings have {names} proxies with names; write HOST={address}")
            }
            Some(host) if !ports.contains_key(host) => {
                bail!("--address {host}={address}: no proxy of the settings has this host")
            }
            _ => {}
        }
    }
    let mut entries = Vec::new();
    for (text, (host, ports)) in ports {
        let (name, addresses) = match host {
            Host::Domain(name) => (
                name.trim_end_matches('.').replace('_', "-"),
                addresses_of(&text, addresses),
            ),
            Host::Ipv4(address) => (
                name_of(address.octets().map(|part| part.to_string())),
                vec![(*address).into()],
            ),
            Host::Ipv6(address) => (
                name_of(address.segments().map(|part| format!("{part:x}"))),
                vec![(*address).into()],
            ),
        };
        if addresses.is_empty() {
            notes.push(format!(
                "{text}: no address, so Istio treats all traffic to its port as traffic to the proxy; find the addresses with \
                 getent ahosts {text}, and pass each with --address {text}=IP"
            ));
        }
        entries.push(entry(&name, &addresses, &ports));
    }
    Ok(entries)
}

fn addresses_of(host: &str, addresses: &[(Option<String>, IpAddr)]) -> Vec<IpAddr> {
    let of_host = addresses
        .iter()
        .filter(|(wanted, _)| wanted.as_deref().is_none_or(|wanted| wanted == host));
    of_host.map(|(_, address)| *address).collect()
}

/// `hosts` takes names alone, so an address gets one.
fn name_of<const N: usize>(parts: [String; N]) -> String {
    format!("http-proxy-{}.internal", parts.join("-"))
}

fn entry(name: &str, addresses: &[IpAddr], ports: &[u16]) -> Value {
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
    json!({
        "apiVersion": "networking.istio.io/v1",
        "kind": "ServiceEntry",
        // The mesh's root namespace: what is there counts in all.
        "metadata": {"name": format!("http-proxy-{}", name.trim_start_matches("http-proxy-").replace('.', "-")), "namespace": "istio-system"},
        "spec": spec,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(urls: &[&str]) -> Vec<ProxyAddress> {
        urls.iter().map(|url| ProxyAddress::of(url).unwrap()).collect()
    }

    #[test]
    fn each_host_has_an_entry_with_its_ports_and_addresses() {
        let proxies = addresses(&[
            "http://user:p%40@proxy.example.com:3128/",
            "https://proxy.example.com:3129",
            "http://[fd00::1]",
        ]);
        let mut notes = Vec::new();
        let entries = entries(&proxies, &[(None, "192.0.2.10".parse().unwrap())], &mut notes).unwrap();
        assert_eq!(notes, [""; 0]);
        assert_eq!(entries.len(), 2);
        assert_eq!(
            entries[0]["spec"]["hosts"],
            json!(["http-proxy-fd00-0-0-0-0-0-0-1.internal"])
        );
        assert_eq!(entries[0]["spec"]["addresses"], json!(["fd00::1/128"]));
        assert_eq!(entries[0]["spec"]["ports"][0]["number"], 80);
        assert_eq!(entries[1]["metadata"]["name"], "http-proxy-proxy-example-com");
        assert_eq!(entries[1]["spec"]["addresses"], json!(["192.0.2.10/32"]));
        let ports = entries[1]["spec"]["ports"].as_array().unwrap();
        assert_eq!((&ports[0]["number"], &ports[1]["number"]), (&json!(3128), &json!(3129)));
    }

    #[test]
    fn a_name_without_an_address_gets_a_note_and_an_address_for_no_proxy_is_an_error() {
        let proxies = addresses(&["http://a.example", "http://b.example"]);
        let mut notes = Vec::new();
        entries(
            &proxies,
            &[(Some("a.example".to_owned()), "192.0.2.1".parse().unwrap())],
            &mut notes,
        )
        .unwrap();
        assert_eq!(notes.len(), 1);
        assert!(notes[0].starts_with("b.example: no address"));
        assert!(entries(&proxies, &[(None, "192.0.2.1".parse().unwrap())], &mut notes).is_err());
        assert!(
            entries(
                &proxies,
                &[(Some("c.example".to_owned()), "192.0.2.1".parse().unwrap())],
                &mut notes
            )
            .is_err()
        );
    }
}
