//! Reads JSON in place, in one pass, and keeps the position of each value.

mod tokens;

use std::borrow::Cow;

use crate::Span;
use crate::brackets::after_brackets;
use crate::grammar::{after_scalar, after_space, after_value};
use crate::problem::Problem;
use crate::reader::tokens::{QuotedText, unescape};

/// The maximum nesting depth of objects and lists: that of `serde_json`, with which policy servers read requests.
const MAX_DEPTH: usize = 128;

/// A position in a JSON text, always before a value.
///
/// A reader is two words: copy it to come back to a value later. Each method that reads a value moves the reader past
/// it, and treats `null` like a missing field, as the API server does. Text that is not JSON gives a [`Problem`].
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Self {
        Reader::at(text, after_space(text.as_bytes(), 0))
    }

    /// The value that starts at byte `at` of a text.
    pub fn at(text: &'a str, at: usize) -> Self {
        Reader { text, at }
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

    /// Reads an object member by member; `member` must read or skip the value. Returns the object's span, or `None` for
    /// `null`.
    pub fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &str) -> Result<(), Problem>,
    ) -> Result<Option<Span>, Problem> {
        self.members(|reader, key| {
            let unescaped;
            let key = if key.escapes {
                unescaped = unescape(key.text);
                unescaped.as_deref().unwrap_or(key.text)
            } else {
                key.text
            };
            member(reader, key)
        })
    }

    /// As [`Reader::object`], for an object that must not be `null`.
    pub fn required_object(
        &mut self,
        member: impl FnMut(&mut Self, &str) -> Result<(), Problem>,
    ) -> Result<Span, Problem> {
        let at = self.at;
        self.object(member)?
            .ok_or_else(|| Problem::new(at, "must be an object"))
    }

    /// As [`Reader::object`], for a map whose keys are kept.
    pub fn map(
        &mut self,
        mut entry: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Problem>,
    ) -> Result<Option<Span>, Problem> {
        self.members(|reader, key| entry(reader, key.unescaped()))
    }

    #[inline(always)]
    fn members(
        &mut self,
        mut member: impl FnMut(&mut Self, QuotedText<'a>) -> Result<(), Problem>,
    ) -> Result<Option<Span>, Problem> {
        if !self.is_object() {
            return self.null_or("must be an object");
        }
        let start = self.at;
        self.at += 1;
        if self.next() != b'}' {
            loop {
                let key = self.key()?;
                member(self, key)?;
                if !self.comma() {
                    break;
                }
            }
        }
        self.expect(b'}')?;
        Ok(Some(Span { start, end: self.at }))
    }

    /// Reads a list item by item; `item` must read or skip the item. Returns the list's span, or `None` for `null`.
    pub fn array(&mut self, mut item: impl FnMut(&mut Self) -> Result<(), Problem>) -> Result<Option<Span>, Problem> {
        if !self.is_array() {
            return self.null_or("must be a list");
        }
        let start = self.at;
        self.at += 1;
        if self.next() != b']' {
            loop {
                item(self)?;
                if !self.comma() {
                    break;
                }
            }
        }
        self.expect(b']')?;
        Ok(Some(Span { start, end: self.at }))
    }

    /// As [`Reader::object`], but a member that has a problem is reported and skipped, so that all problems are found.
    pub fn checked_object(
        &mut self,
        problems: &mut Vec<Problem>,
        mut member: impl FnMut(&mut Self, &str, &mut Vec<Problem>) -> Result<(), Problem>,
    ) -> Result<Option<Span>, Problem> {
        self.object(|reader, key| {
            let read = |reader: &mut Self, problems: &mut Vec<Problem>| member(reader, key, problems).map(Some);
            reader.field(problems, read).map(drop)
        })
    }

    /// As [`Reader::map`], but an entry that has a problem is reported and skipped.
    pub fn checked_map(
        &mut self,
        problems: &mut Vec<Problem>,
        mut entry: impl FnMut(&mut Self, Cow<'a, str>, &mut Vec<Problem>) -> Result<(), Problem>,
    ) -> Result<Option<Span>, Problem> {
        self.map(|reader, key| {
            let read = |reader: &mut Self, problems: &mut Vec<Problem>| entry(reader, key, problems).map(Some);
            reader.field(problems, read).map(drop)
        })
    }

    /// As [`Reader::array`], but an item that has a problem is reported and skipped.
    pub fn checked_array(
        &mut self,
        problems: &mut Vec<Problem>,
        mut item: impl FnMut(&mut Self, &mut Vec<Problem>) -> Result<(), Problem>,
    ) -> Result<Option<Span>, Problem> {
        self.array(|reader| {
            let read = |reader: &mut Self, problems: &mut Vec<Problem>| item(reader, problems).map(Some);
            reader.field(problems, read).map(drop)
        })
    }

    /// Reads a string. It is borrowed if it has no escapes.
    pub fn string(&mut self) -> Result<Option<Cow<'a, str>>, Problem> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return self.null_or("must be a string");
        }
        let string = self.quoted_text()?;
        if !string.escapes {
            return Ok(Some(Cow::Borrowed(string.text)));
        }
        match unescape(string.text) {
            Some(string) => Ok(Some(Cow::Owned(string))),
            None => Err(Problem::new(start, "is not valid Unicode text")),
        }
    }

    /// Reads a string with `split_off`, which takes a text and splits something off its beginning. Stays before the
    /// string, and returns `None`, if that is not all of the string. What is split off must not have a `"`, a `\`
    /// or control characters.
    #[inline(always)]
    pub fn string_of<T>(&mut self, split_off: impl FnOnce(&'a str) -> Option<(T, &'a str)>) -> Option<T> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let (value, behind) = split_off(self.text.get(self.at + 1..)?)?;
        if !behind.as_bytes().starts_with(b"\"") {
            return None;
        }
        self.at = self.text.len() - behind.len() + 1;
        Some(value)
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

    /// Moves past the next value of any kind. What is in an object or a list is not checked.
    pub fn skip(&mut self) -> Result<(), Problem> {
        let text = self.text.as_bytes();
        let end = match self.peek() {
            Some(b'{' | b'[') => after_brackets(text, self.at + 1),
            _ => after_scalar(text, self.at),
        };
        match end {
            Some(end) => {
                self.at = end.get();
                Ok(())
            }
            None => Err(self.not_json()),
        }
    }

    /// Reads the next value with `read`, and returns its span, also for `null`.
    pub fn spanned<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Problem>) -> Result<(Span, T), Problem> {
        let start = self.at;
        let value = read(self)?;
        Ok((Span { start, end: self.at }, value))
    }

    /// As [`Reader::skip`], and returns the value's text.
    pub fn skipped_text(&mut self) -> Result<&'a str, Problem> {
        let start = self.at;
        self.skip()?;
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    /// Moves past the next value and returns a reader of it; `None` for `null`.
    pub fn present(&mut self) -> Result<Option<Self>, Problem> {
        let value = *self;
        self.skip()?;
        Ok((!value.is_null()).then_some(value))
    }

    /// The value at the path of fields, unless it is missing or `null`.
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

    /// The keys of the next object, each with the span of its whole member.
    pub fn member_spans(mut self) -> Result<Vec<(Cow<'a, str>, Span)>, Problem> {
        let mut members = Vec::new();
        self.members(|reader, key| {
            let start = key.start;
            reader.skip()?;
            let span = Span { start, end: reader.at };
            members.push((key.unescaped(), span));
            Ok(())
        })?;
        Ok(members)
    }

    /// Checks that the text has one value, all of it JSON, and nothing after it.
    pub fn check(mut self) -> Result<(), Problem> {
        let end = after_value(self.text.as_bytes(), self.at, MAX_DEPTH);
        self.at = end.ok_or_else(|| self.not_json())?.get();
        self.end()
    }

    /// Checks that nothing is left after the last value.
    pub fn end(mut self) -> Result<(), Problem> {
        self.next();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.not_json()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Described, describe};

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
            Described::lines(&describe(root, problems)),
            [
                "[1]: must be a string",
                "[3]: must be a string",
                "[4]: must be a string",
                "[5]: is not valid Unicode text",
            ]
            .join("\n")
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
        assert_eq!(Reader::new(text).check().is_ok(), expected, "checking {text:?}");
        let mut skipping = Reader::new(text);
        let is_skipped = skipping.skip().and_then(|()| skipping.end()).is_ok();
        assert!(is_skipped || !expected, "skipping {text:?}");
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
            assert_eq!(Reader::new(&text).check().is_ok(), expected, "{depth}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

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
