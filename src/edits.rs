//! Changes a JSON text here and there, and leaves the rest as it is, white space and all.

use std::ops::Range;

use crate::json::quoted;

/// New text for some places of a text; the rest stays as it is.
#[derive(Default)]
pub struct Edits {
    edits: Vec<(Range<usize>, String)>,
    added_bytes: usize,
}

impl Edits {
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// How many bytes of new text there are.
    pub fn added_bytes(&self) -> usize {
        self.added_bytes
    }

    pub fn replace(&mut self, place: Range<usize>, text: String) {
        self.added_bytes += text.len();
        self.edits.push((place, text));
    }

    pub fn insert(&mut self, at: usize, text: String) {
        self.replace(at..at, text);
    }

    /// Puts a member in front of the others of the object that stands at `object`. `key` needs no escapes; the value
    /// is given in parts.
    pub fn insert_member(&mut self, text: &str, object: &Range<usize>, key: &str, value: &[&str]) {
        let at = object.start + 1;
        let (in_front, behind) = match is_empty(text, object) {
            false => ("", ","),
            // The members of one object are put in one after the other.
            true if self.edits.last().is_some_and(|(place, _)| place.start == at) => (",", ""),
            true => ("", ""),
        };
        self.insert(at, [&[in_front, "\"", key, "\":"], value, &[behind]].concat().concat());
    }

    /// Puts a member into the innermost of the objects that `path` leads to from the object that stands at `outer`. Each
    /// is given by its key and its place; those that are `null` or not there are made.
    pub fn add_member(
        &mut self,
        text: &str,
        outer: &Range<usize>,
        path: &[(&str, Option<&Range<usize>>)],
        key: &str,
        value: &str,
    ) {
        match path {
            [(_, Some(object)), inner @ ..] if text[(*object).clone()].starts_with('{') => {
                self.add_member(text, object, inner, key, value);
            }
            [(name, place), inner @ ..] => {
                let made: String = inner.iter().map(|(name, _)| format!("{{{}:", quoted(name))).collect();
                let value = format!("{made}{{{}:{value}}}{}", quoted(key), "}".repeat(inner.len()));
                match place {
                    Some(null) => self.replace((*null).clone(), value),
                    None => self.insert_member(text, outer, name, &[&value]),
                }
            }
            [] => self.insert_member(text, outer, key, &[value]),
        }
    }

    /// Puts items, joined by commas, in front of and behind those of the list `key` of the object that stands at
    /// `object`. The list stands at `list`; it is made if it is `null` or not there.
    pub fn add_items(
        &mut self,
        text: &str,
        object: &Range<usize>,
        key: &str,
        list: Option<&Range<usize>>,
        [in_front, behind]: [&str; 2],
    ) {
        let comma = |needed: bool| if needed { "," } else { "" };
        let both = comma(!in_front.is_empty() && !behind.is_empty());
        let list = match list {
            _ if in_front.is_empty() && behind.is_empty() => return,
            Some(list) if text[list.clone()].starts_with('[') => list,
            Some(null) => return self.replace(null.clone(), ["[", in_front, both, behind, "]"].concat()),
            None => return self.insert_member(text, object, key, &["[", in_front, both, behind, "]"]),
        };
        let filled = !is_empty(text, list);
        if !in_front.is_empty() {
            self.insert(list.start + 1, [in_front, comma(filled)].concat());
        }
        if !behind.is_empty() {
            self.insert(list.end - 1, [comma(filled || !in_front.is_empty()), behind].concat());
        }
    }

    /// Writes the part of `text` at `place`, edited.
    pub fn write(mut self, text: &str, place: Range<usize>, out: &mut String) {
        // What is put in front of a value comes before what replaces it.
        self.edits.sort_by_key(|(place, _)| (place.start, place.end));
        let mut at = place.start;
        for (edited, new) in &self.edits {
            out.push_str(&text[at..edited.start]);
            out.push_str(new);
            at = edited.end;
        }
        out.push_str(&text[at..place.end]);
    }
}

fn is_empty(text: &str, place: &Range<usize>) -> bool {
    text[place.start + 1..place.end - 1].trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_leave_the_rest_as_it_is() {
        let text = r#"{ "a" : 1.50, "b": [] , "c":[ 1 ], "d":{} }"#;
        let list = |start: usize, text: &str| start..start + text.len();
        let mut edits = Edits::default();
        let b = list(text.find("[]").unwrap(), "[]");
        let c = list(text.find("[ 1 ]").unwrap(), "[ 1 ]");
        let d = list(text.find("{}").unwrap(), "{}");
        edits.replace(c.start + 2..c.start + 3, "1.0".to_owned());
        edits.insert(c.start + 2, "0.5,".to_owned());
        let whole = 0..text.len();
        edits.add_items(text, &whole, "c", Some(&c), ["0", "2"]);
        edits.add_items(text, &whole, "b", Some(&b), ["3", "4"]);
        edits.add_items(text, &d, "g", None, ["", "7"]);
        edits.insert_member(text, &d, "e", &["5"]);
        edits.insert_member(text, &(0..text.len()), "f", &["[", "6", "]"]);
        let mut out = String::new();
        edits.write(text, 0..text.len(), &mut out);
        assert_eq!(
            out,
            r#"{"f":[6], "a" : 1.50, "b": [3,4] , "c":[0, 0.5,1.0 ,2], "d":{"g":[7],"e":5} }"#
        );
    }
}
