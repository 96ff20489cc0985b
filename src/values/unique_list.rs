//! A list of texts without duplicates, fast for thousands of them: a hash table of their positions in the joined text.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// Texts in order, separated by commas, each once regardless of case. A reference `$(NAME)` is case-sensitive.
#[derive(Clone, Debug)]
pub(super) struct UniqueList {
    /// The entries, separated by commas.
    text: String,
    /// Where each entry is.
    places: HashTable<Place>,
    hasher: FixedState,
}

/// Where an entry is in a text.
#[derive(Clone, Debug)]
struct Place {
    start: usize,
    end: usize,
    hash: u64,
}

/// An entry, compared without regard to case unless it is a reference: names of variables are case-sensitive.
struct AnyCase<'a>(&'a str);

impl PartialEq for AnyCase<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.0.eq_ignore_ascii_case(other.0) && !self.0.starts_with("$(")
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

impl Default for UniqueList {
    fn default() -> Self {
        // Users must not be able to predict which entries collide.
        let seed = RandomState::new().build_hasher().finish();
        UniqueList {
            text: String::new(),
            places: HashTable::new(),
            hasher: FixedState::with_seed(seed),
        }
    }
}

impl UniqueList {
    /// Reserves memory for this many more entries.
    pub(super) fn reserve(&mut self, entries: usize) {
        self.places.reserve(entries, |place| place.hash);
    }

    /// Adds an entry unless it is already there. It must not contain a comma.
    pub(super) fn push(&mut self, entry: &str) {
        let hash = self.hasher.hash_one(AnyCase(entry));
        let is_there = |place: &Place| AnyCase(&self.text[place.start..place.end]) == AnyCase(entry);
        if let Entry::Vacant(vacant) = self.places.entry(hash, is_there, |place| place.hash) {
            if !self.text.is_empty() {
                self.text.push(',');
            }
            let start = self.text.len();
            self.text.push_str(entry);
            let end = self.text.len();
            vacant.insert(Place { start, end, hash });
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn entries_stay_in_order_each_once(
            entries in prop::collection::vec("[aAbB.@`]{1,3}|[aA]{15,18}|\\$\\([aA]\\)", 0..30)
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
