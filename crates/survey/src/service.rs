//! What destinations need of Services.

use std::net::IpAddr;

use serde_json::Value;

/// A Service, as far as destinations need it.
#[derive(Debug, Default)]
pub(crate) struct Service {
    pub(crate) cluster_ips: Vec<IpAddr>,
    /// The addresses by which it is called from outside the cluster: `externalIPs`, and those of its load balancer.
    pub(crate) outside: Vec<IpAddr>,
    pub(crate) is_headless: bool,
    pub(crate) external_name: Option<String>,
    pub(crate) ports: Vec<u16>,
}

impl Service {
    pub(crate) fn read(object: &Value) -> Self {
        let spec = &object["spec"];
        let mut cluster_ips: Vec<IpAddr> = parsed(&spec["clusterIPs"]);
        cluster_ips.extend(
            spec["clusterIP"]
                .as_str()
                .and_then(|address| address.parse::<IpAddr>().ok()),
        );
        cluster_ips.dedup();
        let ports = spec["ports"].as_array().into_iter().flatten();
        let ingress = object["status"]["loadBalancer"]["ingress"].as_array();
        let ingress = ingress.into_iter().flatten();
        let mut outside: Vec<IpAddr> = parsed(&spec["externalIPs"]);
        outside.extend(ingress.filter_map(|ingress| ingress["ip"].as_str()?.parse::<IpAddr>().ok()));
        Service {
            cluster_ips,
            outside,
            is_headless: spec["clusterIP"] == "None",
            external_name: spec["externalName"].as_str().map(str::to_owned),
            ports: ports
                .filter_map(|port| port["port"].as_u64()?.try_into().ok())
                .collect(),
        }
    }
}

/// The strings of an array that are of a type.
pub(crate) fn parsed<T: std::str::FromStr>(array: &Value) -> Vec<T> {
    let items = array.as_array().into_iter().flatten();
    items.filter_map(|item| item.as_str()?.parse().ok()).collect()
}
