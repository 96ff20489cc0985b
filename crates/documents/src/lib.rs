//! Reads the files that users have, and says where in them each value is. Recognises the policy's settings in them, whether they
//! stand alone, in a policy manifest, or in what Azure prints.
//!
//! - YAML as kubectl reads it, several documents in a file; JSON, several documents one after the other
//! - a Kubernetes `List`, a list of a kind (`PodList`) and an array count as the documents in them
//! - UTF-8 and UTF-16, with or without a byte order mark

mod aks;
mod clusters;
mod content;
mod encoding;
mod error;
mod json;
mod lines;
mod list;
mod policy;
mod scalar;
mod write;
mod yaml;

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

pub use crate::aks::Aks;
pub use crate::content::Content;
pub use crate::encoding::decode;
pub use crate::error::Error;
pub use crate::policy::{Member, Policy};
pub use crate::scalar::spelled;
pub use crate::write::{to_yaml, to_yaml_documents};

use crate::error::Kind;
use crate::lines::{Lines, Text};

/// A document of a file.
#[derive(Clone, Debug)]
pub struct Document {
    pub value: Value,
    /// The file, as messages name it: `standard input` for `-`.
    pub file: Arc<str>,
    /// Where it is in a list that holds it, such as `items[3]` or `[3]`; empty for a document that is in none.
    pub path: String,
    lines: Lines,
}

impl Document {
    /// The line of the file on which the document begins, from 1.
    pub fn line(&self) -> usize {
        self.lines.line()
    }

    /// The line of a value in the document, by its path, such as `spec.settings.noProxy[3]`. Where a part of the path does not
    /// exist, the line of the last part that does.
    pub fn line_of(&self, path: &str) -> usize {
        self.lines.line_of(path)
    }
}

/// How messages name a file. A URL that was given by mistake may have a password, and is not shown, with or without its scheme.
pub fn label(path: &str) -> &str {
    match path {
        "-" => "standard input",
        "" => "a file without a name",
        path if has_user(path) => "a URL with a user",
        path => path,
    }
}

/// A password may hold an `@` too, so what stands before the last one counts.
fn has_user(path: &str) -> bool {
    path.rsplit_once('@').is_some_and(|(before, _)| {
        // `C:\`
        let is_drive = matches!(before.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
        path.contains("://") || before[if is_drive { 2 } else { 0 }..].contains(':')
    })
}

/// How messages name a kind. What cannot be the name of one may be anything that was pasted there, a URL with a password too.
pub fn kind_label(kind: &str) -> &str {
    let is_name = !kind.is_empty() && kind.len() <= 63 && kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_name { kind } else { "without a kind" }
}

/// Reads the text of a file, or of standard input if `path` is `-`.
///
/// # Errors
/// The file cannot be read, or is no text.
pub fn text(path: &str) -> Result<String, Error> {
    let in_file = |kind| Error {
        file: label(path).to_owned(),
        ..Error::new(kind)
    };
    static WAS_READ: AtomicBool = AtomicBool::new(false);
    if path == "-" && WAS_READ.swap(true, Ordering::Relaxed) {
        return Err(in_file(Kind::Twice));
    }
    let mut bytes = Vec::new();
    let read = match path {
        "-" => std::io::stdin().read_to_end(&mut bytes).map(drop),
        path => std::fs::read(path).map(|content| bytes = content),
    };
    read.map_err(|error| in_file(Kind::Io(error)))?;
    encoding::decode(&bytes).ok_or_else(|| in_file(Kind::Encoding))
}

/// Reads all documents of a file, or of standard input if `path` is `-`.
///
/// # Errors
/// The file cannot be read, is neither YAML nor JSON, or has no document.
pub fn read(path: &str) -> Result<Vec<Document>, Error> {
    let in_file = |error: Error| Error {
        file: label(path).to_owned(),
        ..error
    };
    let documents = documents(label(path), text(path)?).map_err(in_file)?;
    if documents.is_empty() {
        return Err(in_file(Error::new(Kind::Empty)));
    }
    Ok(documents)
}

/// Parses all documents of a text. Empty documents are ignored.
///
/// # Errors
/// The text is neither YAML nor JSON.
pub fn parse(text: &str) -> Result<Vec<Document>, Error> {
    documents("", text.to_owned())
}

/// The values of documents, for those who do not ask where they are.
pub fn values(documents: Vec<Document>) -> Vec<Value> {
    documents.into_iter().map(|document| document.value).collect()
}

fn documents(file: &str, text: String) -> Result<Vec<Document>, Error> {
    let text = Arc::new(Text::new(text));
    let parsed = parsed(&text).map_err(|error| template(text.text()).unwrap_or(error))?;
    let mut found = Vec::new();
    for (value, lines) in parsed {
        list::split(value, String::new(), lines, &mut found);
    }
    let file: Arc<str> = file.into();
    let documents = found.into_iter().map(|(value, path, lines)| Document {
        value,
        file: Arc::clone(&file),
        path,
        lines,
    });
    Ok(documents.collect())
}

/// JSON is read as such, because YAML does not allow two documents without a line between them. Of two errors, that of the parser which came
/// further is the useful one.
fn parsed(text: &Arc<Text>) -> Result<Vec<(Value, Lines)>, Error> {
    if !json::is_likely(text.text()) {
        return yaml::documents(text.text());
    }
    match json::documents(text) {
        // YAML would take it for a part of a name or a value.
        Err(error) if json::is_at_comment(text.text(), &error) => Err(Error {
            kind: Kind::Comment,
            ..error
        }),
        Err(error) if error.is_syntax() => match yaml::documents(text.text()) {
            Err(other) if other.is_syntax() && other.place < error.place => Err(error),
            documents => documents,
        },
        documents => documents,
    }
}

/// The error of a text that is no YAML because it is a template of one.
fn template(text: &str) -> Option<Error> {
    let (index, line) = text.lines().enumerate().find(|(_, line)| line.contains("{{"))?;
    let column = line.chars().take_while(|character| *character != '{').count();
    Some(Error::at((index + 1, column + 1), Kind::Template))
}

#[cfg(test)]
mod tests;
