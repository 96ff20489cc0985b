//! Changes a JSON text here and there, and leaves the rest as it is, white space and all.

use std::borrow::Cow;
use std::ops::Range;

use crate::json::quoted;

/// New text for some places of a text; the rest stays as it is.
#[derive(Default)]
pub struct Edits {
    /// In the order of their places; what is put in front of a value comes before what replaces it.
    edits: Vec<(Range<usize>, Cow<'static, str>)>,
    added_bytes: usize,
}

impl Edits {
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// How many bytes the text grows by, at most.
    pub fn added_bytes(&self) -> usize {
        self.added_bytes
    }

    pub fn replace(&mut self, place: Range<usize>, text: impl Into<Cow<'static, str>>) {
        let text = text.into();
        if text.is_empty() && place.is_empty() {
            return;
        }
        self.added_bytes += text.len().saturating_sub(place.len());
        self.edits.insert(self.earlier(&place), (place, text));
    }

    pub fn insert(&mut self, at: usize, text: impl Into<Cow<'static, str>>) {
        self.replace(at..at, text);
    }

    /// How many edits come before a new one at this place: nearly always all, as a pod is read from front to back.
    fn earlier(&self, place: &Range<usize>) -> usize {
        let ends = |place: &Range<usize>| (place.start, place.end);
        let last = self.edits.iter().rposition(|(other, _)| ends(other) <= ends(place));
        last.map_or(0, |last| last + 1)
    }

    /// Puts members, as they stand between braces, in front of the others of the object that stands at `object`.
    fn insert_members<const N: usize>(&mut self, text: &str, object: &Range<usize>, members: [Cow<'static, str>; N]) {
        let at = object.start + 1;
        let earlier = self.edits[..self.earlier(&(at..at))].last();
        let (in_front, behind) = match earlier {
            _ if !is_empty(text, object) => ("", ","),
            // What is put into one object is put in one after the other.
            Some((place, _)) if place.start == at => (",", ""),
            _ => ("", ""),
        };
        self.insert(at, in_front);
        members.into_iter().for_each(|member| self.insert(at, member));
        self.insert(at, behind);
    }

    /// Puts members into the innermost of the objects that `path` leads to from the object that stands at `outer`. Each
    /// is given by its key and its place; those that are `null` or not there are made.
    pub fn add_members(
        &mut self,
        text: &str,
        outer: &Range<usize>,
        path: &[(&str, Option<&Range<usize>>)],
        members: String,
    ) {
        match path {
            [(_, Some(object)), inner @ ..] if text[(*object).clone()].starts_with('{') => {
                self.add_members(text, object, inner, members);
            }
            [(name, place), inner @ ..] => {
                let made: String = inner.iter().map(|(name, _)| format!("{{{}:", quoted(name))).collect();
                let value = format!("{made}{{{members}}}{}", "}".repeat(inner.len()));
                match place {
                    Some(null) => self.replace((*null).clone(), value),
                    None => self.insert_members(text, outer, [quoted(name).into(), ":".into(), value.into()]),
                }
            }
            [] => self.insert_members(text, outer, [members.into()]),
        }
    }

    /// Sets the member `key`, which stands at `place` if it is there, of the object that stands at `object`. The key needs
    /// no escapes.
    pub fn set_member(
        &mut self,
        text: &str,
        object: &Range<usize>,
        key: &str,
        place: Option<&Range<usize>>,
        value: String,
    ) {
        match place {
            Some(place) => self.replace(place.clone(), value),
            None => self.insert_members(text, object, [["\"", key, "\":"].concat().into(), value.into()]),
        }
    }

    /// Puts an item behind those of the list `key`, which stands at `list` if it is there, of the object that stands at
    /// `object`.
    pub fn add_item(&mut self, text: &str, object: &Range<usize>, key: &str, list: Option<&Range<usize>>, item: &str) {
        match list {
            Some(list) if text[list.clone()].starts_with('[') => {
                let comma = if is_empty(text, list) { "" } else { "," };
                self.insert(list.end - 1, [comma, item].concat());
            }
            _ => self.set_member(text, object, key, list, ["[", item, "]"].concat()),
        }
    }

    /// Takes an item out of a list, of which nothing else may be edited.
    pub fn remove_item(&mut self, text: &str, list: &Range<usize>, item: &Range<usize>) {
        let behind = text[item.end..list.end].trim_ascii_start();
        let place = if behind.starts_with(',') {
            item.start..list.end - behind.len() + 1
        } else {
            let in_front = text[list.start..item.start].trim_ascii_end();
            let comma = usize::from(in_front.ends_with(','));
            list.start + in_front.len() - comma..item.end
        };
        self.replace(place, "");
    }

    /// Writes the part of `text` at `place`, edited.
    pub fn write(self, text: &str, place: Range<usize>, out: &mut String) {
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
        edits.replace(c.start + 2..c.start + 3, "1.0");
        edits.insert(c.start + 2, "0.5,");
        let whole = 0..text.len();
        edits.add_item(text, &whole, "c", Some(&c), "2");
        edits.add_item(text, &whole, "b", Some(&b), "3");
        edits.add_item(text, &d, "g", None, "7");
        edits.insert_members(text, &d, ["\"e\":5".into()]);
        edits.insert_members(text, &(0..text.len()), ["\"f\":".into(), "[6]".into()]);
        let mut out = String::new();
        edits.write(text, 0..text.len(), &mut out);
        assert_eq!(
            out,
            r#"{"f":[6], "a" : 1.50, "b": [3] , "c":[ 0.5,1.0 ,2], "d":{"g":[7],"e":5} }"#
        );
    }

    #[test]
    fn an_item_is_removed_with_its_comma() {
        for (list, item, left) in [
            ("[1]", "1", "[]"),
            ("[ 1 ]", "1", "[ ]"),
            ("[1 , 2,3]", "1", "[ 2,3]"),
            ("[1 , 2 , 3]", "2", "[1 ,  3]"),
            ("[1, 2 ]", "2", "[1 ]"),
        ] {
            let at = list.find(item).unwrap();
            let mut edits = Edits::default();
            edits.remove_item(list, &(0..list.len()), &(at..at + 1));
            let mut out = String::new();
            edits.write(list, 0..list.len(), &mut out);
            assert_eq!(out, left, "{list}");
        }
    }
}
