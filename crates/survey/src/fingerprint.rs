//! A number for what counts in a JSON text, without building a value of it.

use std::fmt;
use std::hash::{DefaultHasher, Hash};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What of an object counts.
#[derive(Clone, Copy)]
pub(crate) enum Counts<'c> {
    All,
    /// All but these members. What is in the others counts whole.
    Without(&'c [&'c str]),
    /// Only members whose names begin so.
    Beginning(&'c [&'c str]),
}

/// Adds a text to a number. Of strings that begin with `prefix`, only that counts. A text that is not JSON adds nothing.
pub(crate) fn add(hasher: &mut DefaultHasher, text: &str, counts: Counts, prefix: &str) {
    let walk = Walk { hasher, counts, prefix };
    // The text is the part of one that was read before.
    let _ = walk.deserialize(&mut serde_json::Deserializer::from_str(text));
}

struct Walk<'w> {
    hasher: &'w mut DefaultHasher,
    counts: Counts<'w>,
    prefix: &'w str,
}

impl Walk<'_> {
    fn inner(&mut self) -> Walk<'_> {
        Walk {
            hasher: self.hasher,
            counts: Counts::All,
            prefix: self.prefix,
        }
    }

    fn is_counted(&self, name: &str) -> bool {
        match self.counts {
            Counts::All => true,
            Counts::Without(names) => !names.contains(&name),
            Counts::Beginning(starts) => starts.iter().any(|start| name.starts_with(start)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// The name of a member, and whether it counts.
struct Name<'n, 'w>(&'n mut Walk<'w>);

impl<'de> DeserializeSeed<'de> for Name<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<bool, E> {
        let is_counted = self.0.is_counted(name);
        if is_counted {
            name.hash(self.0.hasher);
        }
        Ok(is_counted)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        5_u8.hash(self.hasher);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        value.hash(self.hasher);
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        value.hash(self.hasher);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        value.hash(self.hasher);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        value.to_bits().hash(self.hasher);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        let value = if value.starts_with(self.prefix) {
            self.prefix
        } else {
            value
        };
        value.hash(self.hasher);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        1_u8.hash(self.hasher);
        while items.next_element_seed(self.inner())?.is_some() {}
        2_u8.hash(self.hasher);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        3_u8.hash(self.hasher);
        while let Some(is_counted) = members.next_key_seed(Name(&mut self))? {
            if is_counted {
                members.next_value_seed(self.inner())?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        4_u8.hash(self.hasher);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::hash::Hasher;

    use super::*;

    fn number(text: &str, counts: Counts) -> u64 {
        let mut hasher = DefaultHasher::new();
        add(&mut hasher, text, counts, "token-");
        hasher.finish()
    }

    #[test]
    fn texts_that_differ_have_different_numbers() {
        let texts = [
            "null",
            "true",
            "false",
            "0",
            "1",
            "-1",
            "-2",
            "1.5",
            "2.5",
            "\"a\"",
            "\"b\"",
            "\"token\"",
            "[]",
            "{}",
            "[[]]",
            "[{}]",
            "[null]",
            "[true]",
            "[false]",
            "[1]",
            "[2]",
            "[-1]",
            "[-2]",
            "[1.5]",
            "[2.5]",
            "[\"a\"]",
            "[\"b\"]",
            "[1,2]",
            "[2,1]",
            "[[1],2]",
            "[1,[2]]",
            "[[1,2]]",
            "{\"a\":1}",
            "{\"b\":1}",
            "{\"a\":2}",
            "{\"a\":{\"b\":1}}",
            "{\"a\":{},\"b\":1}",
            "{\"a\":1,\"b\":1}",
        ];
        let numbers: std::collections::HashSet<u64> = texts.iter().map(|text| number(text, Counts::All)).collect();
        assert_eq!(numbers.len(), texts.len());
    }

    #[test]
    fn what_does_not_count_changes_no_number() {
        let without = Counts::Without(&["a", "b"]);
        let beginning = Counts::Beginning(&["a.", "b."]);
        for (counts, one, other, is_same) in [
            (Counts::All, "[\"token-a\"]", "[\"token-b\"]", true),
            (Counts::All, "{\"token-a\": 1}", "{\"token-b\": 1}", false),
            (without, "{\"a\": 1, \"c\": 1}", "{\"c\": 1, \"b\": [2]}", true),
            (without, "{\"a\": 1, \"c\": 1}", "{\"a\": 1, \"c\": 2}", false),
            (without, "{\"c\": {\"a\": 1}}", "{\"c\": {\"a\": 2}}", false),
            (beginning, "{\"a.x\": 1, \"c\": 1}", "{\"c\": 2, \"a.x\": 1}", true),
            (beginning, "{\"a.x\": 1}", "{\"a.y\": 1}", false),
            (beginning, "{\"b.x\": 1}", "{\"b.x\": 2}", false),
            (beginning, "{\"b.x\": {\"c\": 1}}", "{\"b.x\": {\"c\": 2}}", false),
        ] {
            assert_eq!(number(one, counts) == number(other, counts), is_same, "{one} {other}");
        }
    }
}
