//! JSON texts as wholes.

use serde_json::Value;

use crate::grammar::{after_plain, after_plain_blocks};

/// What a JSON text stands for; `None` if it is not valid.
pub fn parsed(json: &str) -> Option<Value> {
    serde_json::from_str(json).ok()
}

/// Whether two JSON texts are the same value, however they are formatted.
pub fn same(one: &str, other: &str) -> bool {
    one == other || parsed(one).is_some_and(|one| parsed(other) == Some(one))
}

/// A JSON text in canonical form, which is the same for equal values however an API server writes them: members sorted
/// by key, no white space.
pub fn canonical(json: &str) -> String {
    parsed(json).map_or_else(|| json.to_owned(), |value| value.to_string())
}

/// A string as JSON, with its quotes.
pub fn quoted(string: &str) -> String {
    let mut json = String::with_capacity(string.len() + string.len() / 32 + 2);
    push_quoted(&mut json, string);
    json
}

/// Appends a string as JSON, with its quotes.
pub fn push_quoted(json: &mut String, string: &str) {
    json.push('"');
    let mut rest = string;
    loop {
        let bytes = rest.as_bytes();
        let (plain, other) = rest.split_at(after_plain(bytes, after_plain_blocks(bytes)));
        json.push_str(plain);
        let mut other = other.chars();
        match other.next() {
            None => break,
            Some(special @ ('"' | '\\')) => json.extend(['\\', special]),
            Some('\n') => json.push_str("\\n"),
            Some(control) => json.push_str(&format!("\\u{:04x}", u32::from(control))),
        }
        rest = other.as_str();
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_canonical_form_has_sorted_members_and_no_white_space() {
        assert_eq!(canonical(r#"{ "b": 1, "a": [ 2.50 ] }"#), r#"{"a":[2.5],"b":1}"#);
        assert_eq!(canonical("not JSON"), "not JSON");
    }

    #[test]
    fn the_same_value_may_be_written_in_several_ways() {
        assert!(same(r#"{"a":"b","c":1}"#, r#"{ "c": 1, "\u0061": "b" }"#));
        assert!(!same(r#"{"a":1}"#, r#"{"a":2}"#));
        assert!(!same("not JSON", "nor this"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_quoted_text_is_read_as_it_was(text in "(.|[\\x00-\\x20\"\\\\]|[a-z]{16}){0,8}") {
            prop_assert_eq!(serde_json::from_str::<String>(&quoted(&text)).unwrap(), text);
        }
    }
}
