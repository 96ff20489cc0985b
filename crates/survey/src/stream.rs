//! Reads JSON as a stream: the items of a list are handed over one by one, so that memory does not grow with the list. Only where each
//! item ends is found here; serde_json reads it. That is several times as fast as serde_json's own reading of a stream.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::io::Read;
use std::ops::Range;

use anyhow::{Context, Result, anyhow};
use memchr::{memchr_iter, memchr2};
use serde_json::value::RawValue;

use crate::odd::Odd;

/// Takes an object's JSON, and the kind that its list gives it. Returns what is wrong with objects in it that are skipped.
pub(crate) type Sink<'s> = dyn FnMut(&str, Option<&str>) -> Result<Vec<String>> + 's;

/// The text ends in the middle.
#[derive(Debug)]
pub(crate) struct Cut {
    line: usize,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cut { line } = self;
        write!(f, "line {line}: it ends in the middle of an object; write it again")
    }
}

impl Error for Cut {}

/// In bytes.
const CHUNK: usize = 1 << 18;

/// Reads all documents: objects, lists of objects, arrays of objects, one after the other.
///
/// # Errors
/// The text is not JSON, or ends in the middle; or the sink fails. Nothing of the text is in the message.
pub(crate) fn read(reader: impl Read, sink: &mut Sink, odd: &mut Odd) -> Result<()> {
    let mut scanner = Scanner {
        reader,
        odd,
        buffer: Vec::new(),
        at: 0,
        lines: 1,
    };
    while let Some(first) = scanner.next_byte()? {
        match first {
            b'[' => scanner.items(None, sink)?,
            b'{' => scanner.object(sink)?,
            _ => return scanner.not_json(),
        }
    }
    Ok(())
}

/// The kind of the items of a `PodList`; none for a `List`.
pub(crate) fn kind_of_items(kind: &str) -> Option<&str> {
    kind.strip_suffix("List").filter(|kind| !kind.is_empty())
}

struct Scanner<'o, R> {
    reader: R,
    odd: &'o mut Odd,
    /// What was read, and is not given up yet.
    buffer: Vec<u8>,
    /// Where in the buffer the next value begins.
    at: usize,
    /// The line on which the buffer begins.
    lines: usize,
}

impl<R: Read> Scanner<'_, R> {
    /// An object: a list, whose items are handed over, or a document by itself.
    fn object(&mut self, sink: &mut Sink) -> Result<()> {
        self.at += 1;
        let mut others: BTreeMap<String, Box<RawValue>> = BTreeMap::new();
        let mut is_list = false;
        loop {
            match self.needed()? {
                b'}' => break,
                b',' => self.at += 1,
                b'"' => {
                    let name: String = self.parsed()?;
                    if self.needed()? != b':' {
                        return self.not_json();
                    }
                    self.at += 1;
                    let first = self.needed()?;
                    if name == "items" && first == b'[' {
                        is_list = true;
                        let kind = others.get("kind");
                        let kind = kind.and_then(|kind| serde_json::from_str::<String>(kind.get()).ok());
                        self.items(kind.as_deref().and_then(kind_of_items), sink)?;
                    } else {
                        is_list |= name == "items";
                        let value = self.parsed()?;
                        others.insert(name, value);
                    }
                }
                _ => return self.not_json(),
            }
        }
        self.at += 1;
        if is_list {
            return Ok(());
        }
        let raw = serde_json::to_string(&others)?;
        let faults = sink(&raw, None).with_context(|| format!("line {}", self.line()))?;
        self.note(&faults);
        Ok(())
    }

    fn note(&mut self, faults: &[String]) {
        for fault in faults {
            self.odd.add(self.line(), fault);
        }
    }

    /// The items of an array.
    fn items(&mut self, kind: Option<&str>, sink: &mut Sink) -> Result<()> {
        self.at += 1;
        loop {
            match self.needed()? {
                b']' => break,
                b',' => self.at += 1,
                _ => {
                    let range = self.value()?;
                    let Ok(text) = std::str::from_utf8(&self.buffer[range.clone()]) else {
                        return self.not_json();
                    };
                    let faults = sink(text, kind).with_context(|| format!("line {}", self.line()))?;
                    self.note(&faults);
                    self.at = range.end;
                }
            }
        }
        self.at += 1;
        Ok(())
    }

    /// The next value, read.
    fn parsed<T: serde::de::DeserializeOwned>(&mut self) -> Result<T> {
        let range = self.value()?;
        let Ok(value) = serde_json::from_slice(&self.buffer[range.clone()]) else {
            return self.not_json();
        };
        self.at = range.end;
        Ok(value)
    }

    /// Where the value that begins here is in the buffer.
    fn value(&mut self) -> Result<Range<usize>> {
        if self.at >= CHUNK {
            self.give_up();
        }
        let start = self.at;
        let mut at = start;
        let mut depth = 0_usize;
        loop {
            if at == self.buffer.len() && !self.fill()? {
                return self.ends();
            }
            match self.buffer[at] {
                b'"' => at = self.string(at)?,
                b'{' | b'[' => {
                    depth += 1;
                    at += 1;
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    at += 1;
                }
                b',' | b'}' | b']' | b':' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => break,
                _ => at += 1,
            }
            let is_whole = depth == 0 && matches!(self.buffer[at - 1], b'}' | b']' | b'"');
            if is_whole {
                break;
            }
        }
        if at == start {
            return self.not_json();
        }
        Ok(start..at)
    }

    /// The end of the string that begins at a quotation mark.
    fn string(&mut self, start: usize) -> Result<usize> {
        let mut at = start + 1;
        loop {
            match memchr2(b'"', b'\\', self.buffer.get(at..).unwrap_or_default()) {
                Some(found) if self.buffer[at + found] == b'"' => return Ok(at + found + 1),
                // What is escaped is no end.
                Some(found) => at += found + 2,
                None => {
                    at = at.max(self.buffer.len());
                    if !self.fill()? {
                        return self.ends();
                    }
                }
            }
        }
    }

    /// The next byte that is no white space; `None` at the end.
    fn next_byte(&mut self) -> Result<Option<u8>> {
        loop {
            let rest = &self.buffer[self.at..];
            if let Some(found) = rest.iter().position(|byte| !byte.is_ascii_whitespace()) {
                self.at += found;
                return Ok(Some(self.buffer[self.at]));
            }
            self.at = self.buffer.len();
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    fn needed(&mut self) -> Result<u8> {
        match self.next_byte()? {
            Some(byte) => Ok(byte),
            None => self.ends(),
        }
    }

    /// Gives up what comes before the next value.
    fn give_up(&mut self) {
        self.lines += memchr_iter(b'\n', &self.buffer[..self.at]).count();
        self.buffer.drain(..self.at);
        self.at = 0;
    }

    /// Reads more after what is in the buffer. `false` at the end.
    fn fill(&mut self) -> Result<bool> {
        let start = self.buffer.len();
        self.buffer.resize(start + CHUNK, 0);
        let count = self.reader.read(&mut self.buffer[start..]);
        self.buffer
            .truncate(start + count.as_ref().copied().unwrap_or_default());
        Ok(count.context("cannot be read")? > 0)
    }

    fn line(&self) -> usize {
        self.lines + memchr_iter(b'\n', &self.buffer[..self.at]).count()
    }

    fn ends<T>(&self) -> Result<T> {
        Err(Cut { line: self.line() }.into())
    }

    fn not_json<T>(&self) -> Result<T> {
        Err(anyhow!(
            "line {}: not JSON; pass what kubectl get -o json or -o yaml writes",
            self.line()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a text in pieces of so many bytes, so that values are cut anywhere.
    fn kinds_in_pieces(text: &str, size: usize) -> Result<Vec<String>, String> {
        struct Pieces<'t>(&'t [u8], usize);
        impl Read for Pieces<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let count = self.1.min(self.0.len()).min(buffer.len());
                buffer[..count].copy_from_slice(&self.0[..count]);
                self.0 = &self.0[count..];
                Ok(count)
            }
        }
        let mut found = Vec::new();
        let mut sink = |raw: &str, kind: Option<&str>| {
            let object: serde_json::Value = serde_json::from_str(raw)?;
            found.push(kind.or(object["kind"].as_str()).unwrap_or("?").to_owned());
            Ok(Vec::new())
        };
        read(Pieces(text.as_bytes(), size), &mut sink, &mut Odd::default()).map_err(|error| format!("{error:#}"))?;
        Ok(found)
    }

    #[test]
    fn lists_arrays_and_objects_are_read_one_after_the_other() {
        let text = r#"{"items": [{"kind": "Pod", "a": "}]\"\\"}, {"kind": "Node"}], "kind": "List"} {"kind": "Service", "b": 1, "c": null}
            [{"kind": "Namespace"}] {"kind": "PodList", "items": [{}]} {"items": null} {"items": null, "items": null}"#;
        for size in [1, 2, 3, 7, 1000] {
            let kinds = kinds_in_pieces(text, size).unwrap();
            assert_eq!(kinds, ["Pod", "Node", "Service", "Namespace", "Pod"], "{size}");
        }
    }

    #[test]
    fn what_ends_in_the_middle_says_so_without_its_content() {
        let fault = kinds_in_pieces("{\"items\": [{\"kind\": \"Pod\"},\n{\"password\": \"S3cret", 5).unwrap_err();
        assert_eq!(fault, "line 2: it ends in the middle of an object; write it again");
        for text in ["{\"password\": S3cret}", "{S3cret", "S3cret", "[\"a\" b]", "{\"a\" 1}"] {
            let fault = kinds_in_pieces(text, 3).unwrap_err();
            assert!(!fault.contains("S3cret"), "{fault}");
        }
    }

    #[test]
    fn lines_are_counted_and_memory_is_given_up_in_a_long_list() {
        let item = format!("{{\"kind\": \"Pod\", \"a\": \"{}\"}},\n", "x".repeat(1000));
        let text = format!("[\n{}:]", item.repeat(2000));
        let mut odd = Odd::default();
        let mut scanner = Scanner {
            reader: text.as_bytes(),
            odd: &mut odd,
            buffer: Vec::new(),
            at: 0,
            lines: 1,
        };
        let mut count = 0;
        let mut sink = |_: &str, _: Option<&str>| {
            count += 1;
            Ok(if count % 500 == 0 {
                vec!["odd".to_owned()]
            } else {
                vec![]
            })
        };
        scanner.next_byte().unwrap();
        let error = scanner.items(None, &mut sink).unwrap_err();
        assert!(error.to_string().starts_with("line 2002: not JSON"), "{error}");
        assert!(scanner.buffer.capacity() <= 4 * CHUNK, "{}", scanner.buffer.capacity());
        assert_eq!(count, 2000);
        assert_eq!(
            odd.sentence("a").unwrap(),
            "a: line 501: odd; this object and 3 more were not read"
        );
    }
}
