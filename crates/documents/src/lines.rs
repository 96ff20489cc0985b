//! The lines on which the values of a document begin.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::value::RawValue;

/// Where a value is in its file.
#[derive(Clone, Debug)]
pub enum Lines {
    Yaml(Arc<Place>),
    /// A part of a text in JSON, which is looked through when a line is asked for.
    Json(Arc<Text>, Range<usize>),
}

/// The place of a value in YAML.
#[derive(Clone, Debug)]
pub struct Place {
    /// From 1. Of a field, the line of its key.
    pub line: usize,
    pub items: Vec<Arc<Place>>,
    pub fields: BTreeMap<String, Arc<Place>>,
}

/// A text and where its lines begin.
#[derive(Debug)]
pub struct Text {
    text: String,
    starts: Vec<usize>,
}

impl Text {
    pub fn new(text: String) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = ends.map(|(index, _)| index + 1).collect();
        Text { text, starts }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line of a byte, from 1.
    pub fn line(&self, index: usize) -> usize {
        self.starts.partition_point(|start| *start <= index) + 1
    }

    /// Where a part of the text is in it.
    pub fn range(&self, part: &str) -> Range<usize> {
        let start = part.as_ptr() as usize - self.text.as_ptr() as usize;
        start..start + part.len()
    }
}

impl Lines {
    /// The line on which the value begins, from 1.
    pub fn line(&self) -> usize {
        match self {
            Lines::Yaml(place) => place.line,
            Lines::Json(text, range) => text.line(range.start),
        }
    }

    /// The line of a path below the value, such as `spec.settings.noProxy[3]`; of the last of its parts that exists.
    pub fn line_of(&self, path: &str) -> usize {
        let path = path.trim_start_matches('.');
        if path.is_empty() {
            return self.line();
        }
        match self.step(path) {
            Some((below, rest)) => below.line_of(rest),
            None => self.line(),
        }
    }

    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<Lines> {
        self.fields().remove(name)
    }

    /// The items of a list; none if the value is not a list.
    pub fn items(&self) -> Vec<Lines> {
        match self {
            Lines::Yaml(place) => place.items.iter().cloned().map(Lines::Yaml).collect(),
            Lines::Json(text, _) => {
                let items: Vec<&RawValue> = serde_json::from_str(self.json()).unwrap_or_default();
                let parts = items.into_iter().map(|item| text.range(item.get()));
                parts.map(|range| Lines::Json(Arc::clone(text), range)).collect()
            }
        }
    }

    fn fields(&self) -> BTreeMap<String, Lines> {
        match self {
            Lines::Yaml(place) => {
                let fields = place.fields.iter();
                fields
                    .map(|(key, place)| (key.clone(), Lines::Yaml(Arc::clone(place))))
                    .collect()
            }
            Lines::Json(text, _) => {
                let fields: BTreeMap<String, &RawValue> = serde_json::from_str(self.json()).unwrap_or_default();
                let parts = fields.into_iter();
                parts
                    .map(|(key, value)| (key, Lines::Json(Arc::clone(text), text.range(value.get()))))
                    .collect()
            }
        }
    }

    fn json(&self) -> &str {
        match self {
            Lines::Yaml(_) => "",
            Lines::Json(text, range) => &text.text[range.clone()],
        }
    }

    /// The value of the first part of a path, and the rest of the path. Keys may have dots, so the longest one that fits counts.
    fn step<'a>(&self, path: &'a str) -> Option<(Lines, &'a str)> {
        if let Some((index, rest)) = path.strip_prefix('[').and_then(|path| path.split_once(']')) {
            return Some((self.items().into_iter().nth(index.parse().ok()?)?, rest));
        }
        let fits = |key: &str| {
            let rest = path.strip_prefix(key)?;
            (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
        };
        let fields = self.fields().into_iter();
        let fitting = fields.filter_map(|(key, lines)| Some((lines, fits(&key)?)));
        fitting.min_by_key(|(_, rest)| rest.len())
    }
}
