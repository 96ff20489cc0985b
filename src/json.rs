//! Reads JSON in place, in one pass, and knows where everything stands.
//!
//! A pod must come back as it came, down to number formats and fields that no Kubernetes version knows yet. So nothing is
//! read into a tree and written back: [`Reader`] walks over the text, checks what it walks over, and hands out borrowed
//! strings and byte positions, at which [`Edits`](crate::edits::Edits) put new text in.

mod grammar;

use std::borrow::Cow;
use std::ops::Range;

use crate::problem::Problem;

use grammar::{behind_plain, behind_space, behind_string, behind_value};

/// How deep objects and lists may be nested: as deep as `serde_json`, with which policy servers read requests, lets them.
const MAX_DEPTH: usize = 128;

const NO_JSON: &str = "is not JSON that a policy server reads: it is malformed or nested too deep";

/// A position in a JSON text, always in front of a value.
///
/// A reader is two words: copy it to come back to a value later. Every method that reads a value goes behind it,
/// and lets `null` be the same as a field that is not there, as the API server does. What is not JSON is a [`Problem`].
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Self {
        Reader::at(text, behind_space(text.as_bytes(), 0))
    }

    /// The value that starts at a place of a text.
    pub fn at(text: &'a str, at: usize) -> Self {
        Reader { text, at }
    }

    /// The whole text, of which all positions are.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Where the next value starts.
    pub fn position(&self) -> usize {
        self.at
    }

    pub fn is_null(&self) -> bool {
        self.peek() == Some(b'n')
    }

    pub fn is_object(&self) -> bool {
        self.peek() == Some(b'{')
    }

    pub fn is_array(&self) -> bool {
        self.peek() == Some(b'[')
    }

    /// Reads an object member by member; `member` must read or skip the value. Gives the object's place, `None` for `null`.
    pub fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &str) -> Result<(), Problem>,
    ) -> Result<Option<Range<usize>>, Problem> {
        if !self.is_object() {
            return self.null_or("must be an object");
        }
        let start = self.at;
        self.step();
        if !self.next_is(b'}') {
            loop {
                let key = self.quoted_text()?;
                self.space();
                self.expect(b':')?;
                self.space();
                if key.escapes {
                    member(self, key.unescaped().as_deref().unwrap_or(key.text))?;
                } else {
                    member(self, key.text)?;
                }
                if !self.next_is(b',') {
                    self.expect(b'}')?;
                    break;
                }
            }
        }
        Ok(Some(start..self.at))
    }

    /// Reads a list item by item; `item` must read or skip the item. Gives the list's place, `None` for `null`.
    pub fn array(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<(), Problem>,
    ) -> Result<Option<Range<usize>>, Problem> {
        if !self.is_array() {
            return self.null_or("must be a list");
        }
        let start = self.at;
        self.step();
        if !self.next_is(b']') {
            loop {
                item(self)?;
                if !self.next_is(b',') {
                    self.expect(b']')?;
                    break;
                }
            }
        }
        Ok(Some(start..self.at))
    }

    /// As [`Reader::object`], but a member that has a problem is reported and skipped, so that all problems are found.
    pub fn checked_object(
        &mut self,
        problems: &mut Vec<Problem>,
        mut member: impl FnMut(&mut Self, &str, &mut Vec<Problem>) -> Result<(), Problem>,
    ) -> Result<Option<Range<usize>>, Problem> {
        self.object(|reader, key| reader.or_skip(problems, |reader, problems| member(reader, key, problems)))
    }

    /// As [`Reader::array`], but an item that has a problem is reported and skipped.
    pub fn checked_array(
        &mut self,
        problems: &mut Vec<Problem>,
        mut item: impl FnMut(&mut Self, &mut Vec<Problem>) -> Result<(), Problem>,
    ) -> Result<Option<Range<usize>>, Problem> {
        self.array(|reader| reader.or_skip(problems, &mut item))
    }

    /// Reads a value by way of `read`; one that has a problem is reported and skipped.
    fn or_skip(
        &mut self,
        problems: &mut Vec<Problem>,
        read: impl FnOnce(&mut Self, &mut Vec<Problem>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let value = *self;
        if let Err(problem) = read(self, problems) {
            problems.push(problem);
            *self = value;
            self.skip()?;
        }
        Ok(())
    }

    /// Reads a string, borrowed where it has no escapes.
    pub fn string(&mut self) -> Result<Option<Cow<'a, str>>, Problem> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return self.null_or("must be a string");
        }
        match self.quoted_text()?.unescaped() {
            Some(string) => Ok(Some(string)),
            None => Err(Problem::new(start, "is not valid Unicode text")),
        }
    }

    /// Reads `true` or `false`.
    pub fn boolean(&mut self) -> Result<Option<bool>, Problem> {
        match self.peek() {
            Some(first @ (b't' | b'f')) => {
                self.skip()?;
                Ok(Some(first == b't'))
            }
            _ => self.null_or("must be true or false"),
        }
    }

    /// Goes behind the next value, whatever it is.
    pub fn skip(&mut self) -> Result<(), Problem> {
        match behind_value(self.text.as_bytes(), self.at, MAX_DEPTH) {
            Some(end) => {
                self.at = end.get();
                Ok(())
            }
            None => Err(self.no_json()),
        }
    }

    /// Goes behind the next value by way of `read`, and gives its place, which is there for `null` as well.
    pub fn placed<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<(Range<usize>, T), Problem> {
        let start = self.at;
        let value = read(self)?;
        Ok((start..self.at, value))
    }

    /// As [`Reader::skip`], and gives the value's text.
    pub fn skipped_text(&mut self) -> Result<&'a str, Problem> {
        let start = self.at;
        self.skip()?;
        Ok(&self.text[start..self.at])
    }

    /// Goes behind the next value and gives the way back to it; none for `null`.
    pub fn present(&mut self) -> Result<Option<Self>, Problem> {
        let value = *self;
        self.skip()?;
        Ok((!value.is_null()).then_some(value))
    }

    /// The value that the path of fields leads to, if it is there.
    pub fn descend(self, path: &[&str]) -> Result<Option<Self>, Problem> {
        let mut value = Some(self);
        for name in path {
            let Some(mut reader) = value.take() else {
                break;
            };
            reader.object(|reader, field| {
                if field == *name {
                    value = reader.present()?;
                } else {
                    reader.skip()?;
                }
                Ok(())
            })?;
        }
        Ok(value)
    }

    /// The members, as text, of the object in front of the reader, except for some.
    pub fn members_without(mut self, keys: &[&str]) -> Result<Vec<String>, Problem> {
        let mut members = Vec::new();
        self.object(|reader, key| {
            let value = reader.skipped_text()?;
            if !keys.contains(&key) {
                members.push([&quoted(key), ":", value].concat());
            }
            Ok(())
        })?;
        Ok(members)
    }

    /// Checks that one value is in front of the reader, and nothing behind it.
    pub fn check(mut self) -> Result<(), Problem> {
        self.skip()?;
        self.end()
    }

    /// Checks that nothing is left behind the last value.
    pub fn end(mut self) -> Result<(), Problem> {
        self.space();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.no_json()),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        self.at = behind_space(self.text.as_bytes(), self.at);
    }

    /// Goes behind the next byte, and white space.
    fn step(&mut self) {
        self.at += 1;
        self.space();
    }

    /// Whether the next byte, behind white space, is this one; goes behind it and white space then.
    fn next_is(&mut self, byte: u8) -> bool {
        self.space();
        let is = self.peek() == Some(byte);
        if is && byte == b',' {
            self.step();
        } else if is {
            self.at += 1;
        }
        is
    }

    fn expect(&mut self, byte: u8) -> Result<(), Problem> {
        if self.peek() != Some(byte) {
            return Err(self.no_json());
        }
        self.at += 1;
        Ok(())
    }

    #[cold]
    fn no_json(&self) -> Problem {
        Problem::new(self.at, NO_JSON)
    }

    fn null_or<T>(&mut self, otherwise: &str) -> Result<Option<T>, Problem> {
        let is_null = self.is_null();
        let start = self.at;
        self.skip()?;
        if is_null {
            Ok(None)
        } else {
            Err(Problem::new(start, otherwise))
        }
    }

    /// Goes behind the next value, a string.
    #[inline(always)]
    fn quoted_text(&mut self) -> Result<QuotedText<'a>, Problem> {
        if self.peek() != Some(b'"') {
            return Err(self.no_json());
        }
        let start = self.at + 1;
        match behind_string(self.text.as_bytes(), start) {
            Some((end, escapes)) => {
                self.at = end.get();
                let text = &self.text[start..self.at - 1];
                Ok(QuotedText { text, escapes })
            }
            None => Err(self.no_json()),
        }
    }
}

/// The characters between a string's quotes, escapes as they are.
struct QuotedText<'a> {
    text: &'a str,
    /// Whether there are any.
    escapes: bool,
}

impl<'a> QuotedText<'a> {
    /// `None` for half of a surrogate pair, which JSON's grammar lets pass.
    fn unescaped(&self) -> Option<Cow<'a, str>> {
        if self.escapes {
            serde_json::from_str(&format!("\"{}\"", self.text)).ok().map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(self.text))
        }
    }
}

/// Whether two JSON texts are the same value, however they are written.
pub fn same(one: &str, other: &str) -> bool {
    one == other || {
        let parse = |text| serde_json::from_str::<serde_json::Value>(text).ok();
        parse(one).is_some_and(|one| parse(other) == Some(one))
    }
}

/// A string as JSON, with its quotes.
pub fn quoted(string: &str) -> String {
    let mut json = String::with_capacity(string.len() + string.len() / 32 + 2);
    json.push('"');
    let mut at = 0;
    loop {
        let plain = behind_plain(string.as_bytes(), at);
        json.push_str(&string[at..plain]);
        match string.as_bytes().get(plain) {
            None => break,
            Some(byte @ (b'"' | b'\\')) => json.extend(['\\', char::from(*byte)]),
            Some(b'\n') => json.push_str("\\n"),
            Some(control) => json.push_str(&format!("\\u{control:04x}")),
        }
        at = plain + 1;
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::problem::describe;

    #[test]
    fn a_reader_walks_over_whatever_json_allows() {
        let text = r#" { "a\"}" : [ {} , [ ] , "\\" , -1.5e+3 , null, true ] , "\u0062" : "\u00e9\n" , "": 0 } "#;
        let mut keys = Vec::new();
        let mut items = Vec::new();
        Reader::new(text)
            .object(|reader, key| {
                keys.push(key.to_owned());
                match key {
                    "b" => assert_eq!(reader.string().unwrap().unwrap(), "é\n"),
                    "" => assert_eq!(reader.skipped_text().unwrap(), "0"),
                    _ => drop(reader.array(|reader| {
                        items.push(reader.skipped_text()?.to_owned());
                        Ok(())
                    })),
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(keys, ["a\"}", "b", ""]);
        assert_eq!(items, ["{}", "[ ]", "\"\\\\\"", "-1.5e+3", "null", "true"]);
    }

    #[test]
    fn a_value_of_another_type_is_skipped_and_reported() {
        let mut reader = Reader::new(r#"["a", 1, "b", {}, [], "\ud800", "c"]"#);
        let root = reader;
        let mut strings = Vec::new();
        let mut problems = Vec::new();
        reader
            .checked_array(&mut problems, |reader, _| {
                strings.extend(reader.string()?);
                Ok(())
            })
            .unwrap();
        assert_eq!(strings, ["a", "b", "c"]);
        assert_eq!(
            describe(root, &mut problems),
            "[1]: must be a string; [3]: must be a string; [4]: must be a string; [5]: is not valid Unicode text"
        );
    }

    /// Walks into every object and list.
    fn walk(reader: &mut Reader) -> Result<(), Problem> {
        if reader.is_object() {
            reader.object(|reader, _| walk(reader)).map(drop)
        } else if reader.is_array() {
            reader.array(walk).map(drop)
        } else {
            reader.skip()
        }
    }

    #[track_caller]
    fn agrees_with_serde_json(text: &str) {
        let expected = serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
        let mut skipping = Reader::new(text);
        assert_eq!(
            skipping.skip().and_then(|_| skipping.end()).is_ok(),
            expected,
            "skipping {text:?}"
        );
        let mut walking = Reader::new(text);
        assert_eq!(
            walk(&mut walking).and_then(|()| walking.end()).is_ok(),
            expected,
            "walking {text:?}"
        );
    }

    #[test]
    fn what_is_json_is_as_rfc_8259_says() {
        for text in [
            "",
            " ",
            "{",
            "}",
            "[",
            "]",
            "{]",
            "[}",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{,}",
            "{a:1}",
            "{\"a\" 1}",
            "1 2",
            "1,",
            "\"",
            "\"\\\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u123g\"",
            "\"\\ud800\"",
            "\"\u{1f}\"",
            "\"\u{7f}é\"",
            "12345678\"",
            "\"12345678",
            "\"1234567\\\"8\"",
            "0",
            "-0",
            "-",
            "+1",
            "01",
            "1.",
            ".5",
            "1.5",
            "1e",
            "1e5",
            "1E+5",
            "1e-",
            "-1.5e-10",
            "truee",
            "true",
            "tru",
            "nul",
            "False",
            "[true,false,null]",
            "\u{feff}{}",
            "[\u{a0}]",
            "[\t\n\r ]",
        ] {
            agrees_with_serde_json(text);
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_refused() {
        for (depth, expected) in [(MAX_DEPTH, true), (MAX_DEPTH + 1, false), (100_000, false)] {
            let text = ["[".repeat(depth), "]".repeat(depth)].concat();
            assert_eq!(Reader::new(&text).skip().is_ok(), expected, "{depth}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_quoted_text_is_read_as_it_was(text in "(.|[\\x00-\\x20\"\\\\]|[a-z]{16}){0,8}") {
            prop_assert_eq!(serde_json::from_str::<String>(&quoted(&text)).unwrap(), text);
        }

        #[test]
        fn texts_of_tokens_are_json_where_serde_json_says_so(
            tokens in prop::collection::vec(
                prop::sample::select(&[
                    "{", "}", "[", "]", ",", ":", "\"a\"", "\"", "\\", "\\u00e9", "1", "-", ".", "e", "0", "true", "null", " ", "é\u{1}", "longer than eight",
                ]),
                0..12,
            )
        ) {
            agrees_with_serde_json(&tokens.concat());
        }
    }
}
