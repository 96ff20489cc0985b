//! The list of the destinations that bypass the proxy.

use std::borrow::Cow;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::values::no_proxy_entry::{Destination, NoProxyEntry, expanded};
use crate::values::os::MAX_VARIABLE_BYTES;
use crate::values::unique_list::UniqueList;

/// Puts the value of `NO_PROXY` together: entries in order, each once regardless of case; `*` stands alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct NoProxyList {
    entries: UniqueList,
    everything: bool,
}

/// The entries of `noProxyDefaults`: destinations in the cluster, and services that are for this node only.
pub(crate) fn in_cluster_entries(cluster_domain: &str) -> [Cow<'static, str>; 14] {
    [
        // The pod itself.
        "localhost".into(),
        "127.0.0.1".into(),
        "::1".into(),
        // Services. Some clients call them with a final dot, and Go does not ignore it.
        ".svc".into(),
        [".", cluster_domain].concat().into(),
        [".", cluster_domain, "."].concat().into(),
        // The API server, also for clients that match only whole names. The kubelet fills in its address.
        "kubernetes".into(),
        "kubernetes.default".into(),
        "kubernetes.default.svc".into(),
        "$(KUBERNETES_SERVICE_HOST)".into(),
        // The clouds' metadata services. Their answers, including credentials, are meant for this node only.
        "169.254.169.254".into(),
        "metadata.google.internal".into(),
        // EKS Pod Identity: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html>
        "169.254.170.23".into(),
        "fd00:ec2::23".into(),
    ]
}

/// Splits the value of a variable as clients do: at commas, ignoring white space around entries.
pub(crate) fn no_proxy_entries(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

impl NoProxyList {
    /// Adds the entries of a variable's value.
    pub(crate) fn push_value(&mut self, value: &str) {
        no_proxy_entries(value).for_each(|entry| self.push(entry));
    }

    /// Reserves memory for about this many more bytes.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.entries.reserve(bytes);
    }

    /// Adds an entry in the form in which it is emitted.
    pub(crate) fn push(&mut self, entry: &str) {
        self.everything |= entry == "*";
        self.entries.push(entry);
    }

    /// Adds `entry`. If it is a network of at most `expand_cidrs` addresses, adds these as well, for clients that do
    /// not support networks.
    pub(crate) fn push_entry(&mut self, entry: &NoProxyEntry, expand_cidrs: u16) {
        self.push(&entry.text);
        if let Destination::Network(network) = entry.destination {
            self.push_addresses(network, expand_cidrs);
        }
    }

    fn push_addresses(&mut self, network: IpNet, limit: u16) {
        for offset in 0..expanded(network, limit) {
            let address: IpAddr = match network.network() {
                IpAddr::V4(first) => (first.to_bits() + u32::from(offset)).to_be_bytes().into(),
                IpAddr::V6(first) => (first.to_bits() + u128::from(offset)).to_be_bytes().into(),
            };
            self.push(&address.to_string());
        }
    }

    /// The list of these entries as [`NoProxyList::push_entry`] would have put it together.
    pub(crate) fn expand(self, expand_cidrs: u16) -> Self {
        if expand_cidrs == 0 || self.everything {
            return self;
        }
        let mut list = NoProxyList::default();
        list.reserve(self.most_bytes(expand_cidrs));
        for entry in self.parsed() {
            list.push_entry(&entry, expand_cidrs);
        }
        list
    }

    /// At most how many bytes the list has once it is expanded, with a comma after each entry.
    pub(crate) fn most_bytes(&self, expand_cidrs: u16) -> usize {
        let text = self.entries.text();
        if expand_cidrs == 0 {
            return text.len() + 1;
        }
        self.parsed().map(|entry| entry.most_bytes(expand_cidrs)).sum()
    }

    /// The entries, which are in the form in which they are emitted.
    fn parsed(&self) -> impl Iterator<Item = NoProxyEntry<'_>> {
        self.entries.text().split(',').filter_map(NoProxyEntry::exact)
    }

    /// Whether the list is longer than any operating system accepts, so that more entries are useless.
    pub(crate) fn is_full(&self) -> bool {
        self.entries.text().len() >= MAX_VARIABLE_BYTES
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether one of the entries is `*`.
    pub(crate) fn is_everything(&self) -> bool {
        self.everything
    }

    /// The variable's value.
    pub(crate) fn value(&self) -> &str {
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
    fn a_default_that_is_listed_stands_where_it_is_listed() {
        let mut list = NoProxyList::default();
        for entry in [".Cluster.local.", "FD00:EC2::0:23", "LOCALHOST"] {
            list.push_entry(&NoProxyEntry::parse(entry).unwrap(), 0);
        }
        for entry in in_cluster_entries("cluster.local") {
            list.push(&entry);
        }
        assert_eq!(
            list.value(),
            ".Cluster.local.,fd00:ec2::23,LOCALHOST,127.0.0.1,::1,.svc,.cluster.local,kubernetes,kubernetes.default,\
             kubernetes.default.svc,$(KUBERNETES_SERVICE_HOST),169.254.169.254,metadata.google.internal,169.254.170.23"
        );
    }

    #[test]
    fn every_default_is_an_entry_in_the_form_in_which_it_is_emitted() {
        for default in in_cluster_entries("k8s.example") {
            assert_eq!(
                NoProxyEntry::parse(&default).map(|entry| entry.text.into_owned()),
                Ok(default.to_string())
            );
        }
    }

    #[test]
    fn everything_stands_alone() {
        assert_eq!(value(&["a", "*", "b"], 0), "*");
    }

    #[test]
    fn an_entry_adds_at_most_as_many_bytes_as_it_says() {
        for entry in [
            "a.example",
            "10.0.0.0/20",
            "9.255.248.0/21",
            "255.255.255.255/32",
            "fd00::/116",
            "::/120",
            "10.0.0.0/8",
        ] {
            for expand_cidrs in [0, 4096] {
                let most = NoProxyEntry::parse(entry).unwrap().most_bytes(expand_cidrs);
                assert!(value(&[entry], expand_cidrs).len() < most, "{entry} {expand_cidrs}");
            }
        }
        assert_eq!(
            NoProxyEntry::parse("10.0.0.0/30").unwrap().most_bytes(4),
            "10.0.0.0/30,".len() + 4 * "10.0.0.3,".len()
        );
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
