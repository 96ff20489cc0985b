//! The settings: what of them findings depend on, and how entries are added.

use std::net::IpAddr;

use http_proxy_policy::companion::{self, Effective};
use ipnet::IpNet;
use serde_json::{Value, json};

use crate::dump::Dump;

/// What the settings give at the top level, or in a profile.
pub(crate) struct InForce {
    pub(crate) effective: Effective,
    pub(crate) java: bool,
    pub(crate) node: bool,
    /// What stands for the address of a pod's own node: any node's that no entry covers, if there is one.
    pub(crate) own_node: Option<IpAddr>,
}

/// Reads the top level (`None`) or a profile. `None` where the settings have a problem.
pub(crate) fn in_force(settings: &Value, profile: Option<&str>, dump: &Dump) -> Option<InForce> {
    let effective = companion::effective(&settings.to_string(), profile).ok()?;
    let of_profile = profile.and_then(|name| profiles(settings).find(|profile| profile["name"] == name));
    let runtimes = of_profile
        .map(|profile| &profile["runtimes"])
        .filter(|runtimes| runtimes.is_object())
        .unwrap_or(&settings["runtimes"]);
    Some(InForce {
        own_node: own_node(dump, &effective.no_proxy),
        effective,
        java: runtimes["java"] == true,
        node: runtimes["node"] == true,
    })
}

fn own_node(dump: &Dump, no_proxy: &[String]) -> Option<IpAddr> {
    // The first address of a node is the one that the kubelet tells pods.
    let mut addresses = dump.nodes.values().filter_map(|addresses| addresses.first());
    let is_covered = |address: &IpAddr| no_proxy.iter().any(|entry| covers(entry, IpNet::from(*address)));
    let uncovered = addresses.clone().find(|address| !is_covered(address));
    uncovered.or_else(|| addresses.next()).copied()
}

/// Whether an entry of a list is a network or an address that a network lies in.
pub(crate) fn covers(entry: &str, network: IpNet) -> bool {
    let entry = entry
        .parse::<IpNet>()
        .or_else(|_| entry.parse::<IpAddr>().map(IpNet::from));
    entry.is_ok_and(|entry| entry.contains(&network))
}

fn profiles(settings: &Value) -> impl Iterator<Item = &Value> {
    settings["profiles"].as_array().into_iter().flatten()
}

/// The domain of the cluster's services.
pub(crate) fn cluster_domain(settings: &Value) -> &str {
    settings["clusterDomain"].as_str().unwrap_or("cluster.local")
}

/// Adds entries to every list that the settings have: `noProxy` at the top level, and that of each profile that has one. An entry
/// that is there already is not added, and none is to a list with `*`: that matches everything, and must be the only item.
pub fn with_entries(settings: &Value, entries: &[&str]) -> Value {
    let mut settings = settings.clone();
    extend(&mut settings, entries);
    for profile in settings
        .get_mut("profiles")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if profile.get("noProxy").is_some_and(Value::is_array) {
            extend(profile, entries);
        }
    }
    settings
}

fn extend(settings: &mut Value, entries: &[&str]) {
    if entries.is_empty() || !settings.is_object() {
        return;
    }
    if !settings["noProxy"].is_array() {
        settings["noProxy"] = json!([]);
    }
    let list = settings["noProxy"].as_array_mut();
    if let Some(list) = list.filter(|list| !list.iter().any(is_everything)) {
        for entry in entries {
            let is_there = list
                .iter()
                .any(|other| other.as_str().is_some_and(|other| other.eq_ignore_ascii_case(entry)));
            if !is_there {
                list.push(json!(entry));
            }
        }
    }
}

/// Whether an item of `noProxy` covers every destination.
pub(crate) fn is_everything(item: &Value) -> bool {
    item.as_str().is_some_and(|item| item.trim() == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_has_its_own_runtimes_or_those_of_the_top_level() {
        let profile =
            |name: &str, runtimes: Value| json!({"name": name, "match": {"namespaces": [name]}, "runtimes": runtimes});
        let mut plain = profile("plain", json!({}));
        plain.as_object_mut().unwrap().remove("runtimes");
        let settings = json!({"httpProxy": "http://p:1", "runtimes": {"java": true},
            "profiles": [profile("node", json!({"node": true})), plain, profile("both", json!({"java": true, "node": true}))]});
        let runtimes = |profile| {
            let in_force = in_force(&settings, profile, &Dump::default())?;
            Some((in_force.java, in_force.node))
        };
        assert_eq!(runtimes(None), Some((true, false)));
        assert_eq!(runtimes(Some("node")), Some((false, true)));
        assert_eq!(runtimes(Some("plain")), Some((true, false)));
        assert_eq!(runtimes(Some("both")), Some((true, true)));
    }

    #[test]
    fn the_own_node_is_one_that_no_entry_covers_if_there_is_one() {
        let node = |name: &str, addresses: &[&str]| {
            let addresses = addresses
                .iter()
                .map(|address| json!({"type": "InternalIP", "address": address}));
            json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": {"addresses": addresses.collect::<Vec<_>>()}})
        };
        let cluster = Dump::of(&[
            node("a", &[]),
            node("b", &["172.16.0.4", "fd00::4"]),
            node("c", &["172.17.0.4"]),
        ]);
        for (entries, expected) in [
            (vec![], "172.16.0.4"),
            (vec!["a", "172.16.0.0/16"], "172.17.0.4"),
            (vec!["172.17.0.4"], "172.16.0.4"),
            (vec!["172.16.0.0/12"], "172.16.0.4"),
        ] {
            let settings = json!({"httpProxy": "http://p:1", "noProxy": entries});
            let own = in_force(&settings, None, &cluster).unwrap().own_node;
            assert_eq!(
                own.map(|address| address.to_string()).as_deref(),
                Some(expected),
                "{settings}"
            );
        }
        assert_eq!(own_node(&Dump::default(), &[]), None);
    }

    #[test]
    fn entries_cover_what_lies_in_them() {
        for (entry, network, expected) in [
            ("10.0.0.0/8", "10.1.0.0/16", true),
            ("10.0.0.0/8", "10.0.0.0/8", true),
            ("10.1.0.0/16", "10.0.0.0/8", false),
            ("10.0.0.1", "10.0.0.1/32", true),
            ("10.0.0.1", "10.0.0.0/24", false),
            ("fd00::/8", "fd00::1/128", true),
            ("api", "10.0.0.1/32", false),
        ] {
            assert_eq!(covers(entry, network.parse().unwrap()), expected, "{entry} {network}");
        }
    }

    #[test]
    fn entries_are_added_to_each_list_once() {
        let profiles = |lists: [Value; 2]| json!([{"name": "a", "noProxy": lists[0]}, {"name": "b", "noProxy": lists[1]}, {"name": "c"}]);
        for (settings, entries, expected) in [
            (json!({}), &[][..], json!({})),
            (json!("text"), &["a"], json!("text")),
            (json!({}), &["a", "A"], json!({"noProxy": ["a"]})),
            (
                json!({"noProxy": ["A", "b"]}),
                &["a", "c"],
                json!({"noProxy": ["A", "b", "c"]}),
            ),
            (json!({"noProxy": ["*"]}), &["a"], json!({"noProxy": ["*"]})),
            (json!({"noProxy": [" * "]}), &["a"], json!({"noProxy": [" * "]})),
            (
                json!({"profiles": profiles([json!([]), json!(["*"])])}),
                &["a"],
                json!({"noProxy": ["a"], "profiles": profiles([json!(["a"]), json!(["*"])])}),
            ),
        ] {
            assert_eq!(with_entries(&settings, entries), expected, "{settings}");
        }
    }

    #[test]
    fn the_domain_is_that_of_the_settings() {
        assert_eq!(cluster_domain(&json!({})), "cluster.local");
        assert_eq!(cluster_domain(&json!({"clusterDomain": "a.example"})), "a.example");
    }
}
