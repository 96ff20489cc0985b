//! The list of the destinations that bypass the proxy.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::values::no_proxy_entry::{Destination, NoProxyEntry};
use crate::values::os::MAX_VARIABLE_BYTES;
use crate::values::unique_list::UniqueList;

/// The value of `NO_PROXY` in the making: entries in order, each once whatever its case; `*` stands alone.
#[derive(Clone, Debug, Default)]
pub struct NoProxyList {
    entries: UniqueList,
    everything: bool,
}

/// How many entries [`NoProxyList::push_in_cluster`] adds.
pub const IN_CLUSTER_ENTRIES: usize = 7;

/// Splits the value of a variable as clients do: entries between commas, white space at their ends ignored.
pub fn no_proxy_entries(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

impl NoProxyList {
    /// Adds the entries of a variable's value.
    pub fn push_value(&mut self, value: &str) {
        no_proxy_entries(value).for_each(|entry| self.push(entry));
    }

    /// Makes room for as many more entries.
    pub fn reserve(&mut self, entries: usize) {
        self.entries.reserve(entries);
    }

    /// Adds an entry in the form in which it is emitted.
    pub fn push(&mut self, entry: &str) {
        self.everything |= entry == "*";
        self.entries.push(entry);
    }

    /// Adds `entry`, and if it is a network of at most `expand_cidrs` addresses these one by one, for clients that know
    /// no networks.
    pub fn push_entry(&mut self, entry: &NoProxyEntry, expand_cidrs: u16) {
        self.push(&entry.text);
        if let Destination::Network(network) = entry.destination {
            self.push_addresses(network, expand_cidrs);
        }
    }

    /// Adds what is in the cluster, or near to it.
    pub fn push_in_cluster(&mut self, cluster_domain: &str) {
        for entry in ["localhost", "127.0.0.1", "::1", ".svc"] {
            self.push(entry);
        }
        self.push(&[".", cluster_domain].concat());
        // The API server's address, which the kubelet puts in; and the clouds' metadata service, whose answers
        // (credentials among them) belong to the asking node alone.
        for entry in ["$(KUBERNETES_SERVICE_HOST)", "169.254.169.254"] {
            self.push(entry);
        }
    }

    fn push_addresses(&mut self, network: IpNet, limit: u16) {
        let host_bits = network.max_prefix_len() - network.prefix_len();
        if host_bits > 12 || 1u16 << host_bits > limit {
            return;
        }
        let count = 1u16 << host_bits;
        for offset in 0..count {
            let address: IpAddr = match network.network() {
                IpAddr::V4(first) => (first.to_bits() + u32::from(offset)).to_be_bytes().into(),
                IpAddr::V6(first) => (first.to_bits() + u128::from(offset)).to_be_bytes().into(),
            };
            self.push(&address.to_string());
        }
    }

    /// Whether it is longer than any system takes, so that more entries are of no use.
    pub fn is_full(&self) -> bool {
        self.entries.text().len() >= MAX_VARIABLE_BYTES
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether one of the entries is `*`.
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// The variable's value.
    pub fn value(&self) -> &str {
        if self.everything { "*" } else { self.entries.text() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(entries: &[&'static str], expand_cidrs: u16) -> String {
        let mut list = NoProxyList::default();
        for entry in entries {
            list.push_entry(&NoProxyEntry::parse(entry).unwrap(), expand_cidrs);
        }
        list.value().to_owned()
    }

    #[test]
    fn a_list_has_each_entry_once_whatever_its_case() {
        assert_eq!(
            value(&["b.example", "A.example", "B.example", "a.EXAMPLE", "*.c", ".c"], 0),
            "b.example,A.example,.c"
        );
        assert_eq!(
            value(&["a.long-name.EXAMPLE", "A.LONG-name.example"], 0),
            "a.long-name.EXAMPLE"
        );
    }

    #[test]
    fn everything_stands_alone() {
        assert_eq!(value(&["a", "*", "b"], 0), "*");
    }

    #[test]
    fn small_networks_are_also_listed_address_by_address() {
        assert_eq!(
            value(&["10.0.0.5/30"], 4),
            "10.0.0.4/30,10.0.0.4,10.0.0.5,10.0.0.6,10.0.0.7"
        );
        assert_eq!(value(&["10.0.0.5/30"], 3), "10.0.0.4/30");
        assert_eq!(value(&["fd00::/127", "::/1"], 4096), "fd00::/127,fd00::,fd00::1,::/1");
        assert_eq!(value(&["255.255.240.0/20"], 4096).matches(',').count(), 4096);
        assert_eq!(value(&["10.0.0.9/32"], 1), "10.0.0.9/32,10.0.0.9");
    }
}
