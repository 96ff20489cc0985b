//! The tokens of JSON: white space, punctuation and strings.

use std::borrow::Cow;

use serde_json::Value;

use crate::grammar::{after_space, after_string};
use crate::problem::Problem;
use crate::reader::Reader;
use crate::text::parsed;

const NOT_JSON: &str = "is not valid JSON, or is nested too deeply";

impl<'a> Reader<'a> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Moves past white space, and returns the byte after it; 0, which is no JSON, at the end of the text.
    #[inline(always)]
    pub(super) fn next(&mut self) -> u8 {
        let byte = self.peek().unwrap_or(0);
        if byte > b' ' {
            return byte;
        }
        self.at = after_space(self.text.as_bytes(), self.at);
        self.peek().unwrap_or(0)
    }

    /// Moves past white space and the byte after it, which must be this one.
    #[inline(always)]
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Problem> {
        if self.next() != byte {
            return Err(self.not_json());
        }
        self.at += 1;
        Ok(())
    }

    /// Moves past a comma and the white space around it, if there is one.
    #[inline(always)]
    pub(super) fn comma(&mut self) -> bool {
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

    /// Moves past a key, and the colon after it, to the value.
    #[inline(always)]
    pub(super) fn key(&mut self) -> Result<QuotedText<'a>, Problem> {
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
    pub(super) fn not_json(&self) -> Problem {
        Problem::new(self.at, NOT_JSON)
    }

    pub(super) fn null_or<T>(&mut self, otherwise: &str) -> Result<Option<T>, Problem> {
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
    pub(super) fn quoted_text(&mut self) -> Result<QuotedText<'a>, Problem> {
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
pub(super) struct QuotedText<'a> {
    /// Where the opening quote is.
    pub start: usize,
    pub text: &'a str,
    /// Whether the text has escapes.
    pub escapes: bool,
}

impl<'a> QuotedText<'a> {
    /// The text without escapes; with them, if they stand for no text.
    #[inline(always)]
    pub(super) fn unescaped(self) -> Cow<'a, str> {
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
pub(super) fn unescape(text: &str) -> Option<String> {
    // Reading a `Value` takes less code than a `String`, whose reader explains what else it finds.
    match parsed(&format!("\"{text}\"")) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}
