//! Why a file cannot be read. No message quotes the file: it may hold a password.

use std::fmt;

/// Why a file cannot be read, shown as `policy.yaml:3:1: invalid YAML or JSON`.
#[derive(Debug)]
pub struct Error {
    /// As messages name it: `standard input` for `-`; empty for a text that is no file.
    pub file: String,
    /// Line and column, from 1.
    pub place: Option<(usize, usize)>,
    pub(crate) kind: Kind,
}

/// What is wrong.
#[derive(Debug)]
pub(crate) enum Kind {
    Io(std::io::Error),
    /// Standard input was read before.
    Twice,
    Encoding,
    Empty,
    Syntax,
    Template,
    Comment,
    Depth,
    DuplicateKey,
    Key,
    NotJson,
    Alias,
    Aliases,
    Merge,
}

impl Error {
    pub(crate) fn new(kind: Kind) -> Self {
        Error {
            file: String::new(),
            place: None,
            kind,
        }
    }

    pub(crate) fn at(place: (usize, usize), kind: Kind) -> Self {
        Error {
            place: Some(place),
            ..Error::new(kind)
        }
    }

    /// What is wrong and what to do, without the place.
    pub fn message(&self) -> String {
        let text = match &self.kind {
            Kind::Io(error) => return format!("cannot be read: {error}"),
            Kind::Twice => "can be read only once; write - for one file",
            Kind::Encoding => "neither UTF-8 nor UTF-16; save the file as UTF-8",
            Kind::Empty => "contains no document; write YAML or JSON",
            Kind::Syntax => "invalid YAML or JSON",
            Kind::Template => "a Helm template, not YAML; render it first: helm template … | http-proxy …",
            Kind::Comment => "a comment, which JSON does not have; remove it",
            Kind::Depth => "nested too deeply; write at most 250 levels",
            Kind::DuplicateKey => "this key is in the same mapping twice; remove one of them",
            Kind::Key => "kubectl does not take this value for a key; put it in quotes",
            Kind::NotJson => "this value has no form in JSON, which Kubernetes uses; put it in quotes",
            Kind::Alias => "this alias has no anchor above it; write the anchor (&NAME) first",
            Kind::Aliases => "the aliases stand for more than 1,000,000 values; write fewer",
            Kind::Merge => "a merge key (<<) takes a mapping, or a list of mappings",
        };
        text.to_owned()
    }

    /// Whether the file itself could not be read, as opposed to what is in it.
    pub fn is_unread(&self) -> bool {
        matches!(self.kind, Kind::Io(_) | Kind::Twice)
    }

    /// Whether the file is a Helm template.
    pub fn is_template(&self) -> bool {
        matches!(self.kind, Kind::Template)
    }

    /// Whether the text is not even of the form that was expected.
    pub(crate) fn is_syntax(&self) -> bool {
        matches!(self.kind, Kind::Syntax)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        match self.place {
            Some((line, column)) if self.file.is_empty() => write!(f, "line {line}, column {column}: ")?,
            Some((line, column)) => write!(f, ":{line}:{column}: ")?,
            None if self.file.is_empty() => {}
            None => f.write_str(": ")?,
        }
        f.write_str(&self.message())
    }
}

impl std::error::Error for Error {}
