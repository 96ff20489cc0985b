//! The list of the destinations that bypass the proxy.

use std::borrow::Cow;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use foldhash::fast::FixedState;
use hashbrown::{HashTable, hash_table};
use ipnet::IpNet;

use crate::networks::{addresses, length, most_bytes};
use crate::no_proxy_entry::{Destination, NoProxyEntry};
use crate::os::MAX_VARIABLE_BYTES;

/// The value of `NO_PROXY`: entries in order, each once regardless of case; `*` stands alone. A reference `$(NAME)` is case-sensitive.
#[derive(Clone, Debug)]
pub struct NoProxyList {
    /// The entries, separated by commas.
    text: String,
    entries: Vec<Entry>,
    /// Finds entries, once there are more than [`FEW`].
    index: Option<Index>,
    /// A bit for each length, modulo 64, that an entry has: most new entries have another one.
    lengths: u64,
}

/// The number of entries up to which comparing with each of them takes less time than a hash table.
const FEW: usize = 32;

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Where it ends in the text.
    end: usize,
    destination: Option<Destination>,
}

/// Finds the number of an entry.
#[derive(Clone, Debug)]
struct Index {
    table: HashTable<Numbered>,
    hasher: FixedState,
}

#[derive(Clone, Copy, Debug)]
struct Numbered {
    number: u32,
    hash: u32,
}

/// An entry of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed<'l> {
    pub text: &'l str,
    /// What it matches; `None` if it is not an entry by the grammar of [`NoProxyEntry`], as only a container's own list can have it.
    pub destination: Option<Destination>,
}

/// The entries of `noProxyDefaults`: destinations in the cluster, and services that are for this node only.
pub fn in_cluster_entries(cluster_domain: &str) -> impl Iterator<Item = Cow<'static, NoProxyEntry<'static>>> {
    let domain = |parts: [&str; 3]| Cow::Owned(entry(Cow::Owned(parts.concat()), Destination::Name));
    // Some clients call services with a trailing dot, and Go does not ignore it.
    let of_domain = [domain([".", cluster_domain, ""]), domain([".", cluster_domain, "."])];
    let (first, last) = (FIRST_IN_CLUSTER.iter(), LAST_IN_CLUSTER.iter());
    first.map(Cow::Borrowed).chain(of_domain).chain(last.map(Cow::Borrowed))
}

static FIRST_IN_CLUSTER: [NoProxyEntry; 4] = [
    // The pod itself.
    name("localhost"),
    address("127.0.0.1", IpAddr::V4(Ipv4Addr::LOCALHOST)),
    address("::1", IpAddr::V6(Ipv6Addr::LOCALHOST)),
    // Services.
    name(".svc"),
];

static LAST_IN_CLUSTER: [NoProxyEntry; 8] = [
    // The API server, also for clients that match only whole names. The kubelet fills in its address.
    name("kubernetes"),
    name("kubernetes.default"),
    name("kubernetes.default.svc"),
    entry(Cow::Borrowed("$(KUBERNETES_SERVICE_HOST)"), Destination::Reference),
    // Cloud metadata services. Their answers, including credentials, are meant for this node only.
    address("169.254.169.254", IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254))),
    name("metadata.google.internal"),
    // EKS Pod Identity: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html>
    address("169.254.170.23", IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23))),
    address(
        "fd00:ec2::23",
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
    ),
];

const fn name(text: &'static str) -> NoProxyEntry<'static> {
    entry(Cow::Borrowed(text), Destination::Name)
}

const fn address(text: &'static str, address: IpAddr) -> NoProxyEntry<'static> {
    entry(Cow::Borrowed(text), Destination::Address(address))
}

const fn entry(text: Cow<'static, str>, destination: Destination) -> NoProxyEntry<'static> {
    NoProxyEntry { text, destination }
}

/// Splits the value of a variable as clients do: at commas, ignoring white space around entries.
pub fn no_proxy_entries(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

impl Default for NoProxyList {
    fn default() -> Self {
        NoProxyList {
            // Most lists have room in it.
            text: String::with_capacity(512),
            entries: Vec::with_capacity(FEW),
            index: None,
            lengths: 0,
        }
    }
}

impl From<&str> for NoProxyList {
    /// The entries of a variable's value.
    fn from(value: &str) -> Self {
        let mut list = NoProxyList::default();
        list.push_value(value);
        list
    }
}

impl NoProxyList {
    /// Adds the entries of a variable's value as they are written, and returns how many it has.
    pub fn push_value(&mut self, value: &str) -> usize {
        let mut count = 0;
        for entry in no_proxy_entries(value) {
            count += 1;
            self.add(entry, || NoProxyEntry::exact(entry).map(|entry| entry.destination));
        }
        count
    }

    /// Adds an entry.
    pub fn push(&mut self, entry: &NoProxyEntry) {
        self.add(&entry.text, || Some(entry.destination));
    }

    /// Adds an entry of another list.
    pub fn push_listed(&mut self, entry: Listed) {
        self.add(entry.text, || entry.destination);
    }

    /// Adds `entry`. If it is a network of at most `expand_cidrs` addresses, also adds these, for clients that do
    /// not support networks.
    pub fn push_expanded(&mut self, entry: &NoProxyEntry, expand_cidrs: u16) {
        let is_new = self.add(&entry.text, || Some(entry.destination));
        // If a network is already there, so are its addresses. Listing them again would be a cheap way to cost much.
        if let Destination::Network(network) = entry.destination
            && is_new
        {
            self.push_addresses(network, expand_cidrs);
        }
    }

    fn push_addresses(&mut self, network: IpNet, limit: u16) {
        for address in addresses(network, limit) {
            self.add(&address.to_string(), || Some(Destination::Address(address)));
        }
    }

    /// Adds an entry unless it is there, and returns whether it was added.
    fn add(&mut self, text: &str, destination: impl FnOnce() -> Option<Destination>) -> bool {
        if self.is_everything() || !self.is_new(text.as_bytes()) {
            return false;
        }
        let destination = destination();
        if destination == Some(Destination::Everything) {
            *self = NoProxyList::default();
        }
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(text);
        let end = self.text.len();
        self.entries.push(Entry { end, destination });
        if self.index.is_none() && self.entries.len() > FEW {
            self.index = Some(Index::of(self));
        }
        true
    }

    /// Whether the list does not have an entry. From then on it is known, as it is to be added.
    fn is_new(&mut self, text: &[u8]) -> bool {
        let (list, entries) = (self.text.as_bytes(), &self.entries);
        if let Some(index) = &mut self.index {
            return index.insert(text, entries.len(), |number| {
                let start = number.checked_sub(1).map_or(0, |before| entries[before].end + 1);
                is_same(&list[start..entries[number].end], text)
            });
        }
        let bit = 1 << (text.len() % 64);
        let has_length = self.lengths & bit != 0;
        self.lengths |= bit;
        let mut next = 0;
        !has_length
            || !entries.iter().any(|entry| {
                let start = next;
                next = entry.end + 1;
                entry.end - start == text.len() && is_same(&list[start..entry.end], text)
            })
    }

    /// The list of these entries as [`NoProxyList::push_expanded`] would have put it together.
    pub fn expand(self, expand_cidrs: u16) -> Self {
        if expand_cidrs == 0 {
            return self;
        }
        let mut list = NoProxyList::default();
        for entry in self.entries() {
            list.push_listed(entry);
            if let Some(Destination::Network(network)) = entry.destination {
                list.push_addresses(network, expand_cidrs);
            }
        }
        list
    }

    /// At most how many bytes the list has once it is expanded, with a comma after each entry.
    pub fn most_bytes(&self, expand_cidrs: u16) -> usize {
        let networks = self.entries.iter().filter(|_| expand_cidrs > 0);
        let addresses = networks.map(|entry| match entry.destination {
            Some(Destination::Network(network)) => most_bytes(network, expand_cidrs),
            _ => 0,
        });
        self.text.len() + 1 + addresses.sum::<usize>()
    }

    /// How many bytes the list has once it is expanded, with a comma after each entry; or `limit` if it has no fewer. An address that
    /// several networks have counts for each of them.
    pub fn expanded_bytes(&self, expand_cidrs: u16, limit: usize) -> usize {
        let networks = self.entries.iter().filter_map(|entry| match entry.destination {
            Some(Destination::Network(network)) => Some(network),
            _ => None,
        });
        let mut bytes = self.text.len() + 1;
        for address in networks.flat_map(|network| addresses(network, expand_cidrs)) {
            if bytes >= limit {
                break;
            }
            bytes += length(address) + 1;
        }
        bytes.min(limit)
    }

    /// The entries in order.
    pub fn entries(&self) -> impl Iterator<Item = Listed<'_>> {
        let mut start = 0;
        self.entries.iter().map(move |entry| {
            let text = &self.text[start..entry.end];
            start = entry.end + 1;
            Listed {
                text,
                destination: entry.destination,
            }
        })
    }

    /// Whether the list is `*`.
    pub fn is_everything(&self) -> bool {
        matches!(
            self.entries[..],
            [Entry {
                destination: Some(Destination::Everything),
                ..
            }]
        )
    }

    /// Whether the list is longer than any operating system accepts, so that more entries are useless.
    pub fn is_full(&self) -> bool {
        self.text.len() >= MAX_VARIABLE_BYTES
    }

    /// How many entries there are.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// The variable's value.
    pub fn value(&self) -> &str {
        &self.text
    }
}

impl Index {
    fn of(list: &NoProxyList) -> Self {
        let mut index = Index {
            table: HashTable::with_capacity(3 * FEW),
            // Pods' authors must not be able to choose entries with the same hash.
            hasher: FixedState::with_seed(RandomState::new().hash_one(0)),
        };
        for (number, entry) in list.entries().enumerate() {
            index.insert(entry.text.as_bytes(), number, |_| false);
        }
        index
    }

    /// Adds an entry unless one is the same, and returns whether it was added.
    fn insert(&mut self, text: &[u8], number: usize, is_same: impl Fn(usize) -> bool) -> bool {
        let hash_of = |known: &Numbered| known.hash.into();
        let count = self.table.len();
        if count == self.table.capacity() {
            // Each growth costs nearly as much as adding all entries again.
            self.table.reserve(12 * count, hash_of);
        }
        let hash = self.hash(text);
        let is_same = |known: &Numbered| known.hash == hash && is_same(known.number as usize);
        match self.table.entry(hash.into(), is_same, hash_of) {
            hash_table::Entry::Occupied(_) => false,
            hash_table::Entry::Vacant(new) => {
                let number = number as u32;
                new.insert(Numbered { number, hash });
                true
            }
        }
    }

    /// The hash of an entry, the same in upper and in lower case.
    fn hash(&self, text: &[u8]) -> u32 {
        // The bit by which upper and lower case differ.
        const LOWER: u128 = u128::from_ne_bytes([b' '; 16]);
        let mut hasher = self.hasher.build_hasher();
        let mut write = |block: [u8; 16]| hasher.write_u128(u128::from_ne_bytes(block) | LOWER);
        let (blocks, rest) = text.as_chunks::<16>();
        blocks.iter().for_each(|block| write(*block));
        let mut last = [0; 16];
        last[..rest.len()].copy_from_slice(rest);
        write(last);
        hasher.finish() as u32
    }
}

/// Whether two entries are the same: names of variables are case-sensitive, and nothing else is.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.eq_ignore_ascii_case(other) && (!one.starts_with(b"$(") || one == other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(entries: &[&'static str], expand_cidrs: u16) -> NoProxyList {
        let mut list = NoProxyList::default();
        for entry in entries {
            list.push_expanded(&NoProxyEntry::parse(entry).unwrap(), expand_cidrs);
        }
        list
    }

    fn value(entries: &[&'static str], expand_cidrs: u16) -> String {
        list(entries, expand_cidrs).value().to_owned()
    }

    #[test]
    fn the_bytes_of_a_list_are_counted_as_it_would_be_written() {
        for network in [
            "10.0.98.0/23",
            "10.0.0.0/32",
            "fd00::/117",
            "fd00:1:2:3:4:5:6:0/120",
            "192.0.2.250/31",
        ] {
            let list = list(&["a.example", network], 0);
            let expanded = list.clone().expand(4096).value().len() + 1;
            assert_eq!(list.expanded_bytes(4096, usize::MAX), expanded, "{network}");
            assert_eq!(list.expanded_bytes(4096, 20), 20.min(expanded), "{network}");
        }
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
        let mut list = list(&[".Cluster.local.", "FD00:EC2::0:23", "LOCALHOST"], 0);
        in_cluster_entries("cluster.local").for_each(|entry| list.push(&entry));
        assert_eq!(
            list.value(),
            ".Cluster.local.,fd00:ec2::23,LOCALHOST,127.0.0.1,::1,.svc,.cluster.local,kubernetes,kubernetes.default,\
             kubernetes.default.svc,$(KUBERNETES_SERVICE_HOST),169.254.169.254,metadata.google.internal,169.254.170.23"
        );
    }

    #[test]
    fn every_default_is_an_entry_in_the_form_in_which_it_is_emitted() {
        for default in in_cluster_entries("k8s.example") {
            assert_eq!(NoProxyEntry::parse(&default.text).as_ref(), Ok(&*default));
        }
    }

    #[test]
    fn everything_stands_alone() {
        let list = list(&["a", "*", "b"], 0);
        assert_eq!((list.value(), list.count(), list.is_everything()), ("*", 1, true));
    }

    #[test]
    fn a_variables_entries_stay_as_written_and_are_typed() {
        let mut list = NoProxyList::default();
        assert_eq!(list.push_value(" *.a , FD00::0:1,,b c,A.,$(A),$(a),$(NO_PROXY),*.A"), 8);
        let entries: Vec<_> = list.entries().map(|entry| (entry.text, entry.destination)).collect();
        let name = Some(Destination::Name);
        assert_eq!(
            entries,
            [
                ("*.a", name),
                ("FD00::0:1", Some(Destination::Address("fd00::1".parse().unwrap()))),
                ("b c", None),
                ("A.", name),
                ("$(A)", Some(Destination::Reference)),
                ("$(a)", Some(Destination::Reference)),
                ("$(NO_PROXY)", None),
            ]
        );
        assert_eq!(list.value(), "*.a,FD00::0:1,b c,A.,$(A),$(a),$(NO_PROXY)");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn entries_stay_in_order_each_once(
            // Often more than what is looked up without an index.
            entries in prop::collection::vec(prop_oneof![8 => "[aAbBc.@`]{1,3}", 1 => "[aA]{15,18}", 1 => "\\$\\([aA]\\)"], 0..150)
        ) {
            let same = |one: &str, other: &str| {
                if one.starts_with("$(") { one == other } else { one.eq_ignore_ascii_case(other) }
            };
            let mut expected: Vec<&str> = Vec::new();
            for entry in &entries {
                if !expected.iter().any(|known| same(known, entry)) {
                    expected.push(entry);
                }
            }
            let list = NoProxyList::from(&*entries.join(","));
            prop_assert_eq!(list.value(), expected.join(","));
            prop_assert_eq!(list.count(), expected.len());
        }
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
                let most = list(&[entry], 0).most_bytes(expand_cidrs);
                assert!(value(&[entry], expand_cidrs).len() < most, "{entry} {expand_cidrs}");
            }
        }
        assert_eq!(
            list(&["10.0.0.0/30"], 0).most_bytes(4),
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
