//! A list of texts without duplicates, fast for a few and for thousands of them.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// The number of entries up to which comparing with each of them takes less time than a hash table.
const FEW: usize = 32;

/// Texts in order, separated by commas, each once regardless of case. A reference `$(NAME)` is case-sensitive.
#[derive(Clone, Debug, Default)]
pub(super) struct UniqueList {
    /// The entries, separated by commas.
    text: String,
    /// Where each entry is in the text.
    places: Vec<Range<usize>>,
    /// The bits of [`bit`] of all entries: most new entries have another one.
    bits: u64,
    /// The places by the hashes of their entries, once there are more than [`FEW`].
    index: Option<Index>,
}

#[derive(Clone, Debug)]
struct Index {
    places: HashTable<HashedPlace>,
    hasher: FixedState,
}

/// Where an entry is in a text.
#[derive(Clone, Debug)]
struct HashedPlace {
    hash: u64,
    place: Range<usize>,
}

/// An entry, compared without regard to case unless it is a reference: names of variables are case-sensitive.
struct AnyCase<'a>(&'a str);

impl PartialEq for AnyCase<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(other.0) && (!self.0.starts_with("$(") || self.0 == other.0)
    }
}

impl Hash for AnyCase<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Sets the bit by which upper and lower case differ.
        const LOWER: u128 = u128::from_ne_bytes([b' '; 16]);
        let (blocks, rest) = self.0.as_bytes().as_chunks::<16>();
        for block in blocks {
            state.write_u128(u128::from_ne_bytes(*block) | LOWER);
        }
        let mut last = [0; 16];
        last[..rest.len()].copy_from_slice(rest);
        state.write_u128(u128::from_ne_bytes(last) | LOWER);
    }
}

impl UniqueList {
    /// Reserves memory for this many more entries, of about this many bytes together.
    pub(super) fn reserve(&mut self, entries: usize, bytes: usize) {
        self.places.reserve(entries);
        self.text.reserve(bytes + entries);
    }

    /// Adds an entry unless it is already there. It must not contain a comma.
    pub(super) fn push(&mut self, entry: &str) {
        let is_there =
            |place: &Range<usize>| place.len() == entry.len() && AnyCase(&self.text[place.clone()]) == AnyCase(entry);
        let start = self.text.len() + usize::from(!self.places.is_empty());
        let place = start..start + entry.len();
        match &mut self.index {
            None if self.bits & bit(entry) != 0 && self.places.iter().any(is_there) => return,
            None if self.places.len() < FEW => self.bits |= bit(entry),
            None => {
                let all = self
                    .places
                    .iter()
                    .map(|place| (&self.text[place.clone()], place.clone()));
                let capacity = self.places.capacity().max(8 * FEW);
                self.index = Some(Index::new(all.chain([(entry, place.clone())]), capacity));
            }
            Some(index) => {
                let hash = index.hasher.hash_one(AnyCase(entry));
                match index
                    .places
                    .entry(hash, |other| is_there(&other.place), |other| other.hash)
                {
                    Entry::Occupied(_) => return,
                    Entry::Vacant(vacant) => {
                        let place = place.clone();
                        vacant.insert(HashedPlace { hash, place });
                    }
                }
            }
        }
        if !self.places.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(entry);
        self.places.push(place);
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The entries, separated by commas.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// One of 64 bits, the same for entries that differ in case only.
fn bit(entry: &str) -> u64 {
    let last = entry.bytes().last().unwrap_or_default() | b' ';
    1 << ((entry.len() * 7 + usize::from(last)) % 64)
}

impl Index {
    /// An index of these entries, with room for this many.
    fn new<'e>(entries: impl Iterator<Item = (&'e str, Range<usize>)>, capacity: usize) -> Self {
        // Pods' authors must not be able to choose entries with the same hash.
        let hasher = FixedState::with_seed(RandomState::new().hash_one(0));
        let mut places = HashTable::with_capacity(capacity);
        for (entry, place) in entries {
            let hash = hasher.hash_one(AnyCase(entry));
            places.insert_unique(hash, HashedPlace { hash, place }, |other| other.hash);
        }
        Index { places, hasher }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn entries_stay_in_order_each_once(
            entries in prop::collection::vec("[aAbB.@`]{1,3}|[aA]{15,18}|\\$\\([aA]\\)", 0..90)
        ) {
            let same = |one: &str, other: &str| {
                if one.starts_with("$(") { one == other } else { one.eq_ignore_ascii_case(other) }
            };
            let mut expected: Vec<&str> = Vec::new();
            let mut list = UniqueList::default();
            for entry in &entries {
                list.push(entry);
                if !expected.iter().any(|known| same(known, entry)) {
                    expected.push(entry);
                }
            }
            prop_assert_eq!(list.text(), expected.join(","));
            prop_assert_eq!(list.len(), expected.len());
        }
    }
}
