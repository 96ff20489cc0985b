//! Pods, settings and records of all kinds, for properties and for fuzzing.
//!
//! [`from_bytes`] makes a value from a fuzzer's bytes. For every alternative that a union (`prop_oneof!`, `option::of`) passes over, and
//! for every `prop_flat_map`, proptest's pass-through generator gives away half of the bytes that are left. So the strategies of
//! the modules here have none of these: they choose with [`maybe`] and `select`.

pub mod clusters;
pub mod costly;
pub mod documents;
pub mod pods;
pub mod records;
pub mod references;
pub mod settings;
pub mod spelling;

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

/// The value of a strategy that these bytes choose. Where they end, the same noise always follows: on the zeros that proptest would
/// read then, the sampling of ranges never ends.
pub fn from_bytes<S: Strategy>(strategy: &S, bytes: &[u8]) -> S::Value {
    let bytes = [bytes, &NOISE].concat();
    let rng = TestRng::from_seed(RngAlgorithm::PassThrough, &bytes);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    let tree = strategy.new_tree(&mut runner);
    tree.expect("the strategies here reject nothing").current()
}

/// More bytes than any value here takes.
static NOISE: LazyLock<Vec<u8>> = LazyLock::new(|| noise(1).take(64 << 10).collect());

/// The upper bytes of a linear congruential generator.
fn noise(seed: u32) -> impl Iterator<Item = u8> {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    std::iter::successors(Some(seed), next).map(|state| (state >> 24) as u8)
}

/// How properties are tried: 256 times, or as often as the environment variable `PROPTEST_CASES` says.
pub fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        max_global_rejects: u32::MAX,
        ..ProptestConfig::default()
    }
}

/// A value with this probability, else none.
fn maybe<S: Strategy>(probability: f64, strategy: S) -> impl Strategy<Value = Option<S::Value>> {
    (prop::bool::weighted(probability), strategy).prop_map(|(present, value)| present.then_some(value))
}

/// One of the known texts, or now and then an odd one.
fn text(known: &'static [&'static str]) -> impl Strategy<Value = String> {
    (maybe(0.06, odd_text()), select(known)).prop_map(|(odd, known)| odd.unwrap_or_else(|| known.to_owned()))
}

/// A text of parts that mean something to some reader.
fn odd_text() -> impl Strategy<Value = String> {
    let parts = select(&[
        "a", ",", "$(", ")", "$", ".", "*", " ", ":", "/", "%", "=", "\"", "\\", "\n", "\0", "é", "😀", "\u{2028}",
        "9", "-", "[", "@",
    ]);
    vec(parts, 0..6).prop_map(|parts| parts.concat())
}

/// A JSON value that the policy must not touch, as text: numbers in all their spellings, odd strings, nested values.
pub fn foreign() -> impl Strategy<Value = String> {
    let leaf = select(&[
        "null",
        "true",
        "12345678901234567890",
        "2.50",
        "1e3",
        "-0",
        "1E-2",
        "\"\"",
        "\"a\\\"}\\\\\"",
        "\"\\u00e9\\ud83d\\ude00 ü\"",
        "[ ]",
        "{ }",
        "[ [ 1.0 ,{ } ] ]",
        "{ \"a\" : { \"b\": [ null ] } }",
    ]);
    (0..4, vec(leaf, 1..4)).prop_map(|(shape, leaves)| match shape {
        0 | 1 => leaves[0].to_owned(),
        2 => format!("[ {} ]", leaves.join(" ,")),
        _ => {
            let members = leaves
                .iter()
                .enumerate()
                .map(|(index, leaf)| format!("\"k{index}\" : {leaf}"));
            format!("{{{}}}", members.collect::<Vec<_>>().join(",\n"))
        }
    })
}

/// An object of these members, with foreign ones among them.
fn object<S>(members: S) -> impl Strategy<Value = String>
where
    S: Strategy<Value = Vec<(&'static str, String)>>,
{
    let foreign = vec((foreign(), any::<prop::sample::Index>()), 0..3);
    (members, foreign).prop_map(|(members, foreign)| {
        let mut all: Vec<String> = members
            .iter()
            .map(|(key, value)| format!("\"{key}\": {value}"))
            .collect();
        for (index, (value, at)) in foreign.iter().enumerate() {
            all.insert(at.index(all.len() + 1), format!("\"x-{index}\":{value}"));
        }
        format!("{{ {} }}", all.join(" , "))
    })
}

/// Values that containers set.
const VALUES: &[&str] = &[
    "",
    "*",
    "nginx",
    " a , b ",
    "é,.svc",
    "localhost,127.0.0.1",
    "http://own:hunter2@p:3128",
    "$(HTTP_PROXY)",
    "$(no_proxy),x",
    "$$(no_proxy)",
    "$(OPTS),x",
    "$(NODE_IP),y",
    "$(KUBERNETES_SERVICE_HOST)",
    "--cacert=$(DENO_CERT)",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::PASSWORD;

    #[test]
    fn no_bytes_and_zeros_choose_a_value_too() {
        for bytes in [&[][..], &[0; 4096]] {
            from_bytes(&(pods::pod(), settings::any_settings()), bytes);
        }
    }

    /// A fuzzer's bytes must reach all parts of a value, not just the first ones.
    #[test]
    fn the_last_choices_of_a_pod_and_of_settings_follow_the_bytes_too() {
        let tails: HashSet<String> = (2..66)
            .map(|seed| {
                let value = from_bytes(
                    &(pods::pod(), settings::any_settings(), settings::any_settings()),
                    &noise(seed).take(8192).collect::<Vec<_>>(),
                );
                value.2.to_string()
            })
            .collect();
        assert!(tails.len() > 32, "{} different settings from 64 inputs", tails.len());
        assert!(VALUES.iter().any(|value| value.contains(PASSWORD)));
    }
}
