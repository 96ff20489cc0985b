//! A list of texts without duplicates, fast for a few and for thousands of them.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use foldhash::fast::FixedState;

/// The number of entries up to which comparing with each of them takes less time than a hash table.
const FEW: usize = 32;

/// Texts in order, separated by commas, each once regardless of case. A reference `$(NAME)` is case-sensitive.
#[derive(Clone, Debug)]
pub(super) struct UniqueList {
    /// The entries, separated by commas.
    text: String,
    count: usize,
    /// How many entries there is room for.
    room: usize,
    first: First,
    /// All entries, once there are more than [`FEW`].
    index: Option<Index>,
}

/// Up to [`FEW`] entries.
#[derive(Clone, Debug)]
struct First {
    /// Where each of them ends in the text.
    ends: Vec<usize>,
    /// The bits of [`bit`] of all of them: most new entries have another one.
    bits: u64,
}

/// A hash table of entries, with open addressing. At least half of its slots are free.
#[derive(Clone, Debug)]
struct Index {
    /// As many as a power of two.
    slots: Vec<Slot>,
    hasher: FixedState,
}

/// The hash of an entry, and where the entry ends in the text: at 0 if the slot is free.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: usize,
    end: usize,
}

/// An entry, compared without regard to case unless it is a reference: names of variables are case-sensitive.
struct AnyCase<'a>(&'a [u8]);

impl PartialEq for AnyCase<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.0.eq_ignore_ascii_case(other.0) && !self.0.starts_with(b"$(")
    }
}

impl Hash for AnyCase<'_> {
    #[inline(always)]
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Sets the bit by which upper and lower case differ.
        const LOWER: u128 = u128::from_ne_bytes([b' '; 16]);
        let mut write = |block: [u8; 16]| state.write_u128(u128::from_ne_bytes(block) | LOWER);
        let (blocks, rest) = self.0.as_chunks::<16>();
        blocks.iter().for_each(|block| write(*block));
        // The last sixteen bytes, some of which are in the blocks, take fewer steps than a copy of the rest.
        match self.0.last_chunk() {
            Some(last) => write(*last),
            None => {
                let mut last = [0; 16];
                last[..rest.len()].copy_from_slice(rest);
                write(last);
            }
        }
    }
}

impl Default for UniqueList {
    fn default() -> Self {
        UniqueList {
            // Nearly all lists have room in it.
            text: String::with_capacity(512),
            count: 0,
            room: FEW,
            first: First {
                ends: Vec::with_capacity(FEW),
                bits: 0,
            },
            index: None,
        }
    }
}

impl UniqueList {
    /// Reserves memory for about this many more bytes.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.text.reserve(bytes);
    }

    /// Adds an entry unless it is already there. It must be neither empty nor contain a comma.
    pub(super) fn push(&mut self, entry: &str) {
        if self.count == self.room {
            self.make_room();
        }
        let text = self.text.as_bytes();
        let ends_at = |end: usize| {
            let front = &text[..end];
            let start = end.checked_sub(entry.len());
            start.is_some_and(|start| {
                (start == 0 || front[start - 1] == b',') && AnyCase(&front[start..]) == AnyCase(entry.as_bytes())
            })
        };
        let end = text.len() + usize::from(self.count > 0) + entry.len();
        let is_new = match &mut self.index {
            Some(index) => index.insert(entry, end, ends_at),
            None => self.first.insert(entry, end, ends_at),
        };
        if is_new {
            if self.count > 0 {
                self.text.push(',');
            }
            self.text.push_str(entry);
            self.count += 1;
        }
    }

    /// Makes room for more entries. The text grows with the index, and about as much, because each growth is a copy.
    #[cold]
    fn make_room(&mut self) {
        let index = match self.index.take() {
            None => Index::new(&self.text),
            Some(index) => index.grown(),
        };
        let room = index.slots.len() / 2;
        self.text.reserve(self.text.len() / self.room * room);
        self.room = room;
        self.index = Some(index);
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The entries, separated by commas.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

impl First {
    /// As [`Index::insert`].
    fn insert(&mut self, entry: &str, end: usize, ends_at: impl Fn(usize) -> bool) -> bool {
        let bit = bit(entry);
        let is_new = self.bits & bit == 0 || !self.ends.iter().any(|end| ends_at(*end));
        if is_new {
            self.bits |= bit;
            self.ends.push(end);
        }
        is_new
    }
}

/// One of 64 bits, the same for entries that differ in case only: a hash of the length and of the first eight bytes, or
/// of the last one.
fn bit(entry: &str) -> u64 {
    const LOWER: u64 = u64::from_ne_bytes([b' '; 8]);
    let entry = entry.as_bytes();
    let bytes = match entry.first_chunk() {
        Some(first) => u64::from_ne_bytes(*first),
        None => entry.last().map_or(0, |last| (*last).into()),
    };
    1 << (((bytes | LOWER) + entry.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
}

impl Index {
    /// An index of the entries of `text`, each of which is there once.
    fn new(text: &str) -> Self {
        let mut index = Index {
            slots: vec![Slot::default(); 16 * FEW],
            // Pods' authors must not be able to choose entries with the same hash.
            hasher: FixedState::with_seed(RandomState::new().hash_one(0)),
        };
        let mut end = 0;
        for entry in text.split(',') {
            end += entry.len();
            index.insert(entry, end, |_| false);
            end += 1;
        }
        index
    }

    /// Adds an entry, which is to end at `end`, unless one that has its hash is the same: `ends_at` says whether the entry
    /// ends at another place. Returns whether it was added.
    fn insert(&mut self, entry: &str, end: usize, ends_at: impl Fn(usize) -> bool) -> bool {
        let hash = self.hasher.hash_one(AnyCase(entry.as_bytes())) as usize;
        let mut at = hash;
        loop {
            let slot = self.slot(at);
            if slot.end == 0 {
                *slot = Slot { hash, end };
                return true;
            }
            if slot.hash == hash && ends_at(slot.end) {
                return false;
            }
            at = at.wrapping_add(1);
        }
    }

    /// The same index, with more slots.
    fn grown(self) -> Self {
        let mut grown = Index {
            slots: vec![Slot::default(); 4 * self.slots.len()],
            hasher: self.hasher,
        };
        for entry in self.slots.into_iter().filter(|slot| slot.end > 0) {
            let mut at = entry.hash;
            while grown.slot(at).end > 0 {
                at = at.wrapping_add(1);
            }
            *grown.slot(at) = entry;
        }
        grown
    }

    /// The slot at `at`, counted around the table.
    fn slot(&mut self, at: usize) -> &mut Slot {
        let mask = self.slots.len() - 1;
        &mut self.slots[at & mask]
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
