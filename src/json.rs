//! Reads JSON in place, in one pass, and knows where everything stands.
//!
//! A pod must come back as it came, down to number formats and fields that no Kubernetes version knows yet.
//! So nothing is read into a tree and written back: [`Reader`] walks over text that `serde_json` has checked, and
//! hands out borrowed strings and byte positions, at which [`Edits`](crate::edits::Edits) put new text in.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::value::RawValue;

/// A value that is not what it should be, at a byte position of the text it stands in.
///
/// The message never quotes the value: it may be a credential.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where the value starts.
    pub at: usize,
    /// What is wrong and what would be right, to be read behind the value's path.
    pub message: String,
}

impl Problem {
    pub fn new(at: usize, message: impl Into<String>) -> Self {
        Problem {
            at,
            message: message.into(),
        }
    }

    /// A field of the settings that is none.
    pub fn unknown_field(at: usize) -> Self {
        Problem::new(at, "is no field of these settings; remove it or mend its spelling")
    }
}

/// A position in a JSON text, always in front of a value.
///
/// A reader is two words: copy it to come back to a value later. Every method that reads a value goes behind it,
/// and leaves `null` be the same as a field that is not there, as the API server does.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(json: &'a RawValue) -> Self {
        let mut reader = Reader {
            text: json.get(),
            at: 0,
        };
        reader.separators();
        reader
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

    /// Reads an object member by member; `member` must read or skip the value. Gives the object's place, `None` for `null`.
    pub fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &str) -> Result<(), Problem>,
    ) -> Result<Option<Range<usize>>, Problem> {
        let Some(start) = self.enter(b'{', "must be an object")? else {
            return Ok(None);
        };
        while self.peek() != Some(b'}') {
            let key = self.quoted_text();
            self.separators();
            member(self, &key.unescaped().unwrap_or(Cow::Borrowed(key.text)))?;
            self.separators();
        }
        self.at += 1;
        Ok(Some(start..self.at))
    }

    /// Reads a list item by item; `item` must read or skip the item. Gives the list's place, `None` for `null`.
    pub fn array(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<(), Problem>,
    ) -> Result<Option<Range<usize>>, Problem> {
        let Some(start) = self.enter(b'[', "must be a list")? else {
            return Ok(None);
        };
        while self.peek() != Some(b']') {
            item(self)?;
            self.separators();
        }
        self.at += 1;
        Ok(Some(start..self.at))
    }

    /// Reads a string, borrowed where it has no escapes.
    pub fn string(&mut self) -> Result<Option<Cow<'a, str>>, Problem> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => match self.quoted_text().unescaped() {
                Some(string) => Ok(Some(string)),
                None => Err(Problem::new(start, "is not valid Unicode text")),
            },
            Some(b'n') => self.null(),
            _ => Err(self.mismatch("must be a string")),
        }
    }

    /// Reads `true` or `false`.
    pub fn boolean(&mut self) -> Result<Option<bool>, Problem> {
        match self.peek() {
            Some(first @ (b't' | b'f')) => {
                self.skip();
                Ok(Some(first == b't'))
            }
            Some(b'n') => self.null(),
            _ => Err(self.mismatch("must be true or false")),
        }
    }

    /// Goes behind the next value, whatever it is, and gives its place.
    pub fn skip(&mut self) -> Range<usize> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut depth = 0;
        loop {
            match bytes.get(self.at) {
                Some(b'"') => {
                    self.quoted_text();
                }
                Some(b'{' | b'[') => {
                    depth += 1;
                    self.at += 1;
                }
                Some(b'}' | b']') => {
                    depth -= 1;
                    self.at += 1;
                }
                Some(_) if depth > 0 => self.at += 1,
                Some(_) => {
                    let rest = &bytes[self.at..];
                    self.at += rest.iter().position(ends_scalar).unwrap_or(rest.len());
                }
                None => return start..self.at,
            }
            if depth == 0 {
                return start..self.at;
            }
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
    pub fn skipped_text(&mut self) -> &'a str {
        &self.text[self.skip()]
    }

    /// Goes behind the next value and gives the way back to it; none for `null`.
    pub fn present(&mut self) -> Option<Self> {
        let value = *self;
        self.skip();
        (!value.is_null()).then_some(value)
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
                    value = reader.present();
                } else {
                    reader.skip();
                }
                Ok(())
            })?;
        }
        Ok(value)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// In checked text, white space, commas and colons tell nothing that the brackets and quotes do not.
    fn separators(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t' | b',' | b':') = self.peek() {
            self.at += 1;
        }
    }

    fn enter(&mut self, bracket: u8, otherwise: &str) -> Result<Option<usize>, Problem> {
        match self.peek() {
            Some(first) if first == bracket => {
                let start = self.at;
                self.at += 1;
                self.separators();
                Ok(Some(start))
            }
            Some(b'n') => self.null(),
            _ => Err(self.mismatch(otherwise)),
        }
    }

    fn null<T>(&mut self) -> Result<Option<T>, Problem> {
        self.skip();
        Ok(None)
    }

    fn mismatch(&mut self, message: &str) -> Problem {
        Problem::new(self.skip().start, message)
    }

    /// Goes behind the next value, a string.
    fn quoted_text(&mut self) -> QuotedText<'a> {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut end = start;
        let mut escapes = false;
        loop {
            // Most bytes of a request are in strings, so these are looked at eight at a time.
            while let Some(&chunk) = bytes[end..].first_chunk::<8>() {
                let found = quotes_and_backslashes(u64::from_le_bytes(chunk));
                end += (found.trailing_zeros() / 8) as usize;
                if found != 0 {
                    break;
                }
            }
            match bytes.get(end) {
                None | Some(b'"') => break,
                Some(b'\\') => {
                    escapes = true;
                    end = bytes.len().min(end + 2);
                }
                Some(_) => end += 1,
            }
        }
        self.at = end + 1;
        let text = &self.text[start..end];
        QuotedText { text, escapes }
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

/// Marks `"` and `\` among eight bytes, the first one exactly, by its top bit: a byte that is zero once the character
/// is xor-ed away borrows.
fn quotes_and_backslashes(bytes: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const TOP_BITS: u64 = u64::from_le_bytes([0x80; 8]);
    let zeros = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes & TOP_BITS;
    zeros(bytes ^ u64::from_le_bytes([b'"'; 8])) | zeros(bytes ^ u64::from_le_bytes([b'\\'; 8]))
}

fn ends_scalar(byte: &u8) -> bool {
    matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t')
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
    // A string always serializes.
    serde_json::to_string(string).unwrap_or_default()
}

/// Joins the problems of the value in front of `root` into one message: `httpProxy: …; noProxy[2]: …`.
pub fn describe(mut root: Reader, problems: &mut [Problem]) -> String {
    problems.sort_by_key(|problem| problem.at);
    let mut described = Vec::with_capacity(problems.len());
    let mut pending = &*problems;
    // An object of the path is open, with the key last seen; or a list, with the index.
    enum Step<'a> {
        Key(&'a str),
        Index(usize),
    }
    let mut path: Vec<Step> = Vec::new();
    while let [problem, rest @ ..] = pending {
        if problem.at <= root.at || root.at >= root.text.len() {
            let mut place = String::new();
            for step in &path {
                match step {
                    Step::Key("") => {}
                    Step::Key(key) if place.is_empty() => place.push_str(presentable(key)),
                    Step::Key(key) => place.extend([".", presentable(key)]),
                    Step::Index(index) => place.push_str(&format!("[{index}]")),
                }
            }
            let separator = if place.is_empty() { "" } else { ": " };
            described.push(format!("{place}{separator}{}", problem.message));
            pending = rest;
            continue;
        }
        // On to the start of the next value.
        match root.peek() {
            Some(b'{') => {
                root.at += 1;
                path.push(Step::Key(""));
            }
            Some(b'[') => {
                root.at += 1;
                path.push(Step::Index(usize::MAX));
            }
            _ => {
                root.skip();
            }
        }
        loop {
            root.separators();
            match root.peek() {
                Some(b'}' | b']') => {
                    root.at += 1;
                    path.pop();
                }
                None => break,
                Some(_) => {
                    match path.last_mut() {
                        Some(Step::Key(key)) => {
                            *key = root.quoted_text().text;
                            root.separators();
                        }
                        Some(Step::Index(index)) => *index = index.wrapping_add(1),
                        None => {}
                    }
                    break;
                }
            }
        }
    }
    described.join("; ")
}

/// A field's name in a message. What cannot be one may be a mistaken paste, of a URL with its password, say.
fn presentable(key: &str) -> &str {
    let name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    if key.len() <= 128 && key.bytes().all(name) {
        key
    } else {
        "(a name that is not shown)"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_reader_walks_over_whatever_json_allows() {
        let text = r#" { "a\"}" : [ {} , [ ] , "\\" , -1.5e+3 , null, true ] , "\u0062" : "\u00e9\n" , "": 0 } "#;
        let mut keys = Vec::new();
        let mut items = Vec::new();
        Reader::new(raw(text))
            .object(|reader, key| {
                keys.push(key.to_owned());
                match key {
                    "b" => assert_eq!(reader.string().unwrap().unwrap(), "é\n"),
                    "" => assert_eq!(reader.skipped_text(), "0"),
                    _ => drop(reader.array(|reader| {
                        items.push(reader.skipped_text().to_owned());
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
        let mut reader = Reader::new(raw(r#"["a", 1, "b", {}, [], "\ud800", "c"]"#));
        let mut strings = Vec::new();
        let mut problems = Vec::new();
        reader
            .array(|reader| {
                match reader.string() {
                    Ok(string) => strings.extend(string),
                    Err(problem) => problems.push(problem),
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(strings, ["a", "b", "c"]);
        let message = describe(Reader::new(raw(reader.text())), &mut problems);
        assert_eq!(
            message,
            "[1]: must be a string; [3]: must be a string; [4]: must be a string; [5]: is not valid Unicode text"
        );
    }

    #[test]
    fn a_problem_is_described_by_the_path_of_its_value() {
        let text = r#"{"a": {"b": [0, {"c": []}], "e": {}}, "d": [[], [1]], "http://u:hunter2@p": 2}"#;
        for (value, path) in [
            ("{\"a\"", "x"),
            ("{\"b\"", "a: x"),
            ("[0", "a.b: x"),
            ("0", "a.b[0]: x"),
            ("[]}", "a.b[1].c: x"),
            ("{}}", "a.e: x"),
            ("[[]", "d: x"),
            ("[], ", "d[0]: x"),
            ("1]", "d[1][0]: x"),
            ("2}", "(a name that is not shown): x"),
        ] {
            let problem = Problem::new(text.find(value).unwrap(), "x");
            assert_eq!(describe(Reader::new(raw(text)), &mut [problem]), path);
        }
    }
}
