//! YAML as kubectl reads it: version 1.1's booleans, merge keys, and no key twice.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};
use serde_json::{Map, Value};

use crate::error::{Error, Kind};
use crate::lines::{Lines, Place};
use crate::scalar;

/// Most levels of a document.
const MAX_DEPTH: usize = 256;
/// Most values that the aliases of a file stand for in all.
const MAX_ALIASED: usize = 1_000_000;

/// The documents of a text; an empty one is null.
pub fn documents(text: &str) -> Result<Vec<(Value, Lines)>, Error> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        aliased: 0,
        at: (1, 1),
    };
    let mut documents = Vec::new();
    while let Some(event) = reader.next()? {
        match event {
            Event::StreamStart | Event::DocumentEnd => {}
            Event::StreamEnd => break,
            Event::DocumentStart(..) => {
                reader.anchors.clear();
                let Some(event) = reader.next()? else { break };
                let node = reader.node(event, 0)?;
                documents.push((node.value, Lines::Yaml(node.place)));
            }
            _ => return Err(reader.error(Kind::Syntax)),
        }
    }
    Ok(documents)
}

/// A value and its place.
#[derive(Clone)]
struct Node {
    value: Value,
    /// The value of a scalar that is a floating-point number: kubectl formats it differently as a key.
    float: Option<f64>,
    place: Arc<Place>,
    /// How many levels it has, and how many values in all.
    depth: usize,
    size: usize,
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// By their numbers: of two anchors of one name, each has its own.
    anchors: HashMap<usize, Node>,
    aliased: usize,
    /// Line and column of the last event, from 1.
    at: (usize, usize),
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<Event<'a>>, Error> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok((event, span))) => {
                self.at = place(&span);
                Ok(Some(event))
            }
            Some(Err(error)) => {
                let marker = error.marker();
                self.at = (marker.line(), marker.col() + 1);
                let is_deep = matches!(error.kind(), granit_parser::ErrorKind::RecursionLimitExceeded);
                Err(self.error(if is_deep { Kind::Depth } else { Kind::Syntax }))
            }
        }
    }

    fn error(&self, kind: Kind) -> Error {
        Error::at(self.at, kind)
    }

    fn expect(&mut self) -> Result<Event<'a>, Error> {
        self.next()?.ok_or_else(|| self.error(Kind::Syntax))
    }

    fn node(&mut self, event: Event<'a>, depth: usize) -> Result<Node, Error> {
        if depth > MAX_DEPTH {
            return Err(self.error(Kind::Depth));
        }
        let (node, anchor) = match event {
            Event::Alias(id) => return self.alias(id, depth),
            Event::Scalar(text, style, anchor, tag) => (self.scalar(&text, style, tag.as_deref())?, anchor),
            Event::SequenceStart(_, anchor, _) => (self.list(depth)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.mapping(depth)?, anchor),
            _ => return Err(self.error(Kind::Syntax)),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    /// What an alias stands for. An anchor that is still open is not known yet.
    fn alias(&mut self, id: usize, depth: usize) -> Result<Node, Error> {
        let node = self.anchors.get(&id).cloned().ok_or_else(|| self.error(Kind::Alias))?;
        self.aliased += node.size;
        if self.aliased > MAX_ALIASED {
            return Err(self.error(Kind::Aliases));
        }
        if depth + node.depth > MAX_DEPTH {
            return Err(self.error(Kind::Depth));
        }
        Ok(node)
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Node, Error> {
        let value = match tag
            .map(|tag| tag.suffix_in_namespace("tag:yaml.org,2002:").unwrap_or_default())
            .as_deref()
        {
            None if style == ScalarStyle::Plain => scalar::resolve(text),
            Some("bool" | "int" | "float" | "null" | "timestamp") => scalar::resolve(text),
            Some("binary") => {
                let compact: String = text.split_ascii_whitespace().collect();
                let bytes = STANDARD.decode(compact).ok();
                bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map(Value::String)
            }
            _ => Some(Value::from(text)),
        };
        let value = value.ok_or_else(|| self.error(Kind::NotJson))?;
        let float = value.is_number().then(|| scalar::float(text)).flatten();
        let node = Node::new(value, self.at.0, Vec::new(), BTreeMap::new(), (0, 1));
        Ok(Node { float, ..node })
    }

    fn list(&mut self, depth: usize) -> Result<Node, Error> {
        let line = self.at.0;
        let (mut values, mut places, mut extent) = (Vec::new(), Vec::new(), (0, 1));
        loop {
            match self.expect()? {
                Event::SequenceEnd => break,
                event => {
                    let node = self.node(event, depth + 1)?;
                    extent = node.below(extent);
                    values.push(node.value);
                    places.push(node.place);
                }
            }
        }
        Ok(Node::new(Value::Array(values), line, places, BTreeMap::new(), extent))
    }

    fn mapping(&mut self, depth: usize) -> Result<Node, Error> {
        let line = self.at.0;
        let (mut values, mut places, mut extent) = (Map::new(), BTreeMap::new(), (0, 1));
        // What a merge key brings may be set again, by the mapping itself or by another merge key.
        let mut merged = HashSet::new();
        loop {
            let event = self.expect()?;
            let at = self.at;
            let key = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<" => {
                    let event = self.expect()?;
                    let node = self.node(event, depth)?;
                    extent = node.below(extent);
                    self.merge(&node, &mut values, &mut places, &mut merged)?;
                    continue;
                }
                event => self.node(event, depth + 1)?,
            };
            let name = scalar::key(&key.value, key.float).ok_or_else(|| Error::at(at, Kind::Key))?;
            let event = self.expect()?;
            let node = self.node(event, depth + 1)?;
            extent = node.below(extent);
            let is_merged = merged.remove(&name);
            if values.insert(name.clone(), node.value).is_some() && !is_merged {
                return Err(Error::at(at, Kind::DuplicateKey));
            }
            let place = Arc::unwrap_or_clone(node.place);
            places.insert(name, Arc::new(Place { line: at.0, ..place }));
        }
        Ok(Node::new(Value::Object(values), line, Vec::new(), places, extent))
    }

    /// Takes over the fields of a mapping, or of several, the first of which counts. As for kubectl, they replace what stands above.
    fn merge(
        &self,
        node: &Node,
        values: &mut Map<String, Value>,
        places: &mut BTreeMap<String, Arc<Place>>,
        merged: &mut HashSet<String>,
    ) -> Result<(), Error> {
        let sources: Vec<(&Value, &Arc<Place>)> = match &node.value {
            Value::Array(items) => items.iter().zip(&node.place.items).rev().collect(),
            value => vec![(value, &node.place)],
        };
        for (value, place) in sources {
            let fields = value.as_object().ok_or_else(|| self.error(Kind::Merge))?;
            for (key, value) in fields {
                values.insert(key.clone(), value.clone());
                places.extend(place.fields.get(key).map(|place| (key.clone(), Arc::clone(place))));
                merged.insert(key.clone());
            }
        }
        Ok(())
    }
}

impl Node {
    fn new(
        value: Value,
        line: usize,
        items: Vec<Arc<Place>>,
        fields: BTreeMap<String, Arc<Place>>,
        (depth, size): (usize, usize),
    ) -> Self {
        let place = Arc::new(Place { line, items, fields });
        Node {
            value,
            float: None,
            place,
            depth,
            size,
        }
    }

    /// Also the extent of what holds this node.
    fn below(&self, (depth, size): (usize, usize)) -> (usize, usize) {
        (depth.max(self.depth + 1), size + self.size)
    }
}

fn place(span: &Span) -> (usize, usize) {
    (span.start.line(), span.start.col() + 1)
}
