use serde::{Deserialize, Serialize};

/// How a client reads the entries of `NO_PROXY`. Each field is one question that clients answer differently.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rules {
    /// Whether it reads `NO_PROXY` at all.
    pub reads_no_proxy: bool,
    /// What `example.com` covers.
    pub name: Reach,
    /// What `.example.com` covers.
    pub dotted: Reach,
    /// What `*.example.com` covers.
    pub wildcard: Reach,
    /// What becomes of `example.com:8080`.
    pub ports: Ports,
    /// What becomes of `10.0.0.1:8080`.
    pub address_ports: Ports,
    /// What becomes of `fd00::1`.
    pub ipv6_addresses: Support,
    /// What becomes of `[fd00::1]`.
    pub bracketed_addresses: Support,
    /// Which networks of IPv4 it supports.
    pub ipv4_networks: Networks,
    /// What becomes of `fd00::/64`.
    pub ipv6_networks: Support,
    /// What it can request through a proxy. At the rest it fails.
    pub proxied: Proxied,
    /// Whether it resolves names, and compares their IP addresses with addresses and networks in the list.
    pub resolves_names: bool,
    /// Where `*` stands for every destination.
    pub everything: Everything,
    /// Whether it ignores the trailing dot of a destination (`http://example.com./`).
    pub ignores_trailing_dot_of_destination: bool,
    /// Whether it ignores the trailing dot of an entry (`example.com.`).
    pub ignores_trailing_dot_of_entry: bool,
    /// Whether `EXAMPLE.com` covers `example.com`.
    pub ignores_case: bool,
    /// Whether it ignores white space around entries.
    pub trims: bool,
    /// Whether white space separates entries, as commas do.
    pub splits_at_spaces: bool,
    /// Names and networks that it never requests through a proxy, listed or not.
    pub never_proxied: Vec<String>,
}

/// Which names an entry covers.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Reach {
    /// None: the client ignores such entries.
    Nothing,
    /// The name itself.
    Name,
    /// The subdomains.
    Subdomains,
    /// The name itself and its subdomains.
    NameAndSubdomains,
    /// Every name that ends so: `example.com` also covers `myexample.com`.
    Ending,
}

/// What becomes of an entry with a port.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Ports {
    /// It covers that port alone.
    Compared,
    /// The client ignores the entry.
    EntryIgnored,
    /// The client ignores the port: the entry covers every port.
    PortIgnored,
}

/// Which networks a client supports.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Networks {
    /// None: it ignores such entries.
    None,
    /// Those that end at a dot: /8, /16, /24 and /32.
    Octets,
    /// All.
    All,
}

/// What becomes of an entry of a certain form.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Support {
    /// The client ignores such entries.
    None,
    /// It covers what it says.
    Full,
    /// One in the list makes every request fail.
    Fails,
}

/// Where `*` stands for every destination.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Everything {
    /// Nowhere.
    Never,
    /// If it is the only entry.
    Alone,
    /// Anywhere in the list.
    Anywhere,
}

/// What a client can request through a proxy.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Proxied {
    /// Everything.
    Everything,
    /// Everything but URLs with an IPv6 address.
    AllButIpv6Addresses,
    /// Nothing: what no entry covers fails.
    Nothing,
}
