//! Reads JSON in place, in one pass, and keeps the position of each value.

use std::borrow::Cow;

use serde_json::Value;

use super::Span;
use super::brackets::after_brackets;
use super::grammar::{after_scalar, after_space, after_string, after_value};
use super::problem::Problem;

/// The maximum nesting depth of objects and lists: that of `serde_json`, with which policy servers read requests.
const MAX_DEPTH: usize = 128;

const NOT_JSON: &str = "is not valid JSON, or is nested too deeply";

/// A position in a JSON text, always in front of a value.
///
/// A reader is two words: copy it to come back to a value later. Each method that reads a value moves the reader past
/// it, and treats `null` like a missing field, as the API server does. Text that is not JSON gives a [`Problem`].
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Reader::at(text, after_space(text.as_bytes(), 0))
    }

    /// The value that starts at byte `at` of a text.
    pub(crate) fn at(text: &'a str, at: usize) -> Self {
        Reader { text, at }
    }

    /// The whole text, to which all positions refer.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// Where the next value starts.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    pub(crate) fn is_null(&self) -> bool {
        self.peek() == Some(b'n')
    }

    pub(crate) fn is_object(&self) -> bool {
        self.peek() == Some(b'{')
    }

    pub(crate) fn is_array(&self) -> bool {
        self.peek() == Some(b'[')
    }

    /// Reads an object member by member; `member` must read or skip the value. Returns the object's span, or `None` for
    /// `null`.
    pub(crate) fn object(
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
    pub(crate) fn required_object(
        &mut self,
        member: impl FnMut(&mut Self, &str) -> Result<(), Problem>,
    ) -> Result<Span, Problem> {
        let at = self.at;
        self.object(member)?
            .ok_or_else(|| Problem::new(at, "must be an object"))
    }

    /// As [`Reader::object`], for a map whose keys are kept.
    pub(crate) fn map(
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
    pub(crate) fn array(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<(), Problem>,
    ) -> Result<Option<Span>, Problem> {
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
    pub(crate) fn checked_object(
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
    pub(crate) fn checked_map(
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
    pub(crate) fn checked_array(
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
    pub(crate) fn string(&mut self) -> Result<Option<Cow<'a, str>>, Problem> {
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

    /// Reads a string with `split_off`, which takes a text and splits something off its beginning. Stays in front of the
    /// string, and returns `None`, if that is not all of the string. What is split off must not have a `"`, a `\`
    /// or control characters.
    #[inline(always)]
    pub(crate) fn string_of<T>(&mut self, split_off: impl FnOnce(&'a str) -> Option<(T, &'a str)>) -> Option<T> {
        let (value, behind) = split_off(self.text.get(self.at..)?.strip_prefix('"')?)?;
        let behind = behind.strip_prefix('"')?;
        self.at = self.text.len() - behind.len();
        Some(value)
    }

    /// Reads `true` or `false`.
    pub(crate) fn boolean(&mut self) -> Result<Option<bool>, Problem> {
        match self.peek() {
            Some(first @ (b't' | b'f')) => {
                self.skip()?;
                Ok(Some(first == b't'))
            }
            _ => self.null_or("must be true or false"),
        }
    }

    /// Moves past the next value, whatever it is. What is in an object or a list is not checked.
    pub(crate) fn skip(&mut self) -> Result<(), Problem> {
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
    pub(crate) fn spanned<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<(Span, T), Problem> {
        let start = self.at;
        let value = read(self)?;
        Ok((Span { start, end: self.at }, value))
    }

    /// As [`Reader::skip`], and returns the value's text.
    pub(crate) fn skipped_text(&mut self) -> Result<&'a str, Problem> {
        let start = self.at;
        self.skip()?;
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    /// Moves past the next value and returns a reader of it; `None` for `null`.
    pub(crate) fn present(&mut self) -> Result<Option<Self>, Problem> {
        let value = *self;
        self.skip()?;
        Ok((!value.is_null()).then_some(value))
    }

    /// The value at the path of fields, unless it is missing or `null`.
    pub(crate) fn descend(self, path: &[&str]) -> Result<Option<Self>, Problem> {
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
    pub(crate) fn member_spans(mut self) -> Result<Vec<(Cow<'a, str>, Span)>, Problem> {
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
    pub(crate) fn check(mut self) -> Result<(), Problem> {
        let end = after_value(self.text.as_bytes(), self.at, MAX_DEPTH);
        self.at = end.ok_or_else(|| self.not_json())?.get();
        self.end()
    }

    /// Checks that nothing is left after the last value.
    pub(crate) fn end(mut self) -> Result<(), Problem> {
        self.next();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.not_json()),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Moves past white space, and returns the byte after it; 0, which is no JSON, at the end of the text.
    #[inline(always)]
    fn next(&mut self) -> u8 {
        let byte = self.peek().unwrap_or(0);
        if byte > b' ' {
            return byte;
        }
        self.at = after_space(self.text.as_bytes(), self.at);
        self.peek().unwrap_or(0)
    }

    /// Moves past white space and the byte after it, which must be this one.
    #[inline(always)]
    fn expect(&mut self, byte: u8) -> Result<(), Problem> {
        if self.next() != byte {
            return Err(self.not_json());
        }
        self.at += 1;
        Ok(())
    }

    /// Moves past a comma and the white space around it, if there is one.
    #[inline(always)]
    fn comma(&mut self) -> bool {
        if let Some([b',', first, ..]) = self.text.as_bytes().get(self.at..)
            && *first > b' '
        {
            self.at += 1;
            return true;
        }
        let is_comma = self.next() == b',';
        if is_comma {
            self.at += 1;
            self.next();
        }
        is_comma
    }

    /// Moves past a key, and the colon behind it, to the value.
    #[inline(always)]
    fn key(&mut self) -> Result<QuotedText<'a>, Problem> {
        let key = self.quoted_text()?;
        if let Some([b':', first, ..]) = self.text.as_bytes().get(self.at..)
            && *first > b' '
        {
            self.at += 1;
            return Ok(key);
        }
        self.expect(b':')?;
        self.next();
        Ok(key)
    }

    #[cold]
    fn not_json(&self) -> Problem {
        Problem::new(self.at, NOT_JSON)
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

    /// Moves past the next value, a string.
    #[inline(always)]
    fn quoted_text(&mut self) -> Result<QuotedText<'a>, Problem> {
        if self.peek() != Some(b'"') {
            return Err(self.not_json());
        }
        let start = self.at + 1;
        if let Some((end, escapes)) = after_string(self.text.as_bytes(), start)
            && let Some(text) = self.text.get(start..end.get() - 1)
        {
            self.at = end.get();
            return Ok(QuotedText {
                start: start - 1,
                text,
                escapes,
            });
        }
        Err(self.not_json())
    }
}

/// The characters between a string's quotes, with escapes unchanged.
struct QuotedText<'a> {
    /// Where the opening quote is.
    start: usize,
    text: &'a str,
    /// Whether the text has escapes.
    escapes: bool,
}

impl<'a> QuotedText<'a> {
    /// The text without escapes; with them, if they stand for no text.
    #[inline(always)]
    fn unescaped(self) -> Cow<'a, str> {
        if self.escapes
            && let Some(text) = unescape(self.text)
        {
            return Cow::Owned(text);
        }
        Cow::Borrowed(self.text)
    }
}

/// What the characters between quotes stand for; `None` for half of a surrogate pair, which JSON's grammar allows.
#[cold]
fn unescape(text: &str) -> Option<String> {
    // Reading a `Value` takes less code than a `String`, whose reader explains what else it finds.
    match serde_json::from_str(&format!("\"{text}\"")) {
        Ok(Value::String(text)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::describe;

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
            describe(root, problems),
            [
                "[1]: must be a string",
                "[3]: must be a string",
                "[4]: must be a string",
                "[5]: is not valid Unicode text",
            ]
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
