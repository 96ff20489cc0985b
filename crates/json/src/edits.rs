//! Changes parts of a JSON text, and keeps the rest as it is, including white space.

use std::borrow::Cow;
use std::ops::Deref;
use std::rc::Rc;

use crate::{Problem, Reader, Slot, Span};

/// New text for some spans of a text; the rest is unchanged.
pub struct Edits<'t> {
    text: &'t str,
    /// In order of span. What is inserted before a value comes before the value's replacement.
    edits: Vec<(Span, NewText)>,
    added_bytes: usize,
}

/// What an edit puts into the text.
pub enum NewText {
    Static(&'static str),
    Own(String),
    /// For several edits.
    Shared(Rc<String>),
}

impl Deref for NewText {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            NewText::Static(text) => text,
            NewText::Own(text) => text,
            NewText::Shared(text) => text,
        }
    }
}

impl From<&'static str> for NewText {
    fn from(text: &'static str) -> Self {
        NewText::Static(text)
    }
}

impl From<String> for NewText {
    fn from(text: String) -> Self {
        NewText::Own(text)
    }
}

impl From<Rc<String>> for NewText {
    fn from(text: Rc<String>) -> Self {
        NewText::Shared(text)
    }
}

impl<'t> Edits<'t> {
    pub fn new(text: &'t str) -> Self {
        Edits {
            text,
            edits: Vec::with_capacity(8),
            added_bytes: 0,
        }
    }

    pub fn text(&self) -> &'t str {
        self.text
    }

    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// How many bytes the text grows by, at most.
    pub fn added_bytes(&self) -> usize {
        self.added_bytes
    }

    pub fn replace(&mut self, span: Span, text: impl Into<NewText>) {
        let text = text.into();
        if text.is_empty() && span.is_empty() {
            return;
        }
        self.added_bytes += text.len().saturating_sub(span.len());
        self.edits.insert(self.earlier(span), (span, text));
    }

    pub fn insert(&mut self, at: usize, text: impl Into<NewText>) {
        self.replace(Span::empty(at), text);
    }

    /// How many edits come before a new one at this span: nearly always all of them, because a pod is read from front
    /// to back.
    fn earlier(&self, span: Span) -> usize {
        let last = self.edits.iter().rposition(|(other, _)| *other <= span);
        last.map_or(0, |last| last + 1)
    }

    /// Sets a member of an object.
    pub fn set(&mut self, slot: Slot, value: String) {
        match slot.value {
            Some(span) => self.replace(span, value),
            None => self.insert_members(slot.object, ["\"", slot.key, "\":", &value].concat()),
        }
    }

    /// Adds items, separated by commas, at the end of a list.
    pub fn push(&mut self, slot: Slot, items: impl Into<NewText>) {
        match slot.value {
            Some(list) if list.of(self.text).starts_with('[') => {
                if !self.has_nothing_in(list) {
                    self.insert(list.end - 1, ",");
                }
                self.insert(list.end - 1, items);
            }
            _ => self.set(slot, ["[", &items.into(), "]"].concat()),
        }
    }

    /// Removes an item from a list that has no other edits.
    pub fn remove_item(&mut self, list: Span, item: Span) {
        let before = Span {
            start: list.start,
            end: item.start,
        };
        let after = Span {
            start: item.end,
            end: list.end,
        };
        let after = after.of(self.text).trim_ascii_start();
        let cut = if after.starts_with(',') {
            Span {
                start: item.start,
                end: list.end - after.len() + 1,
            }
        } else {
            let before = before.of(self.text).trim_ascii_end();
            let comma = usize::from(before.ends_with(','));
            Span {
                start: list.start + before.len() - comma,
                end: item.end,
            }
        };
        self.replace(cut, "");
    }

    /// Adds members, written as between braces, to the innermost object of `path`, which leads there from the object
    /// `outer`. Each object of the path has its key and its span. Objects that are `null` or missing are created.
    pub fn add_members(&mut self, outer: Span, path: &[(&str, Option<Span>)], members: &str) {
        match path {
            [(_, Some(object)), inner @ ..] if object.of(self.text).starts_with('{') => {
                self.add_members(*object, inner, members);
            }
            [(key, value), inner @ ..] => {
                let mut object = String::with_capacity(members.len() + 32 * path.len());
                if value.is_none() {
                    object.extend(["\"", key, "\":"]);
                }
                inner.iter().for_each(|(key, _)| object.extend(["{\"", key, "\":"]));
                object.extend(["{", members]);
                path.iter().for_each(|_| object.push('}'));
                match value {
                    Some(null) => self.replace(*null, object),
                    None => self.insert_members(outer, object),
                }
            }
            [] => self.insert_members(outer, members.to_owned()),
        }
    }

    /// Removes members from an object that has no other edits, and adds others at its beginning.
    ///
    /// # Errors
    /// There is no JSON object at `object`.
    pub fn exchange_members(&mut self, object: Span, removed: &[&str], added: &str) -> Result<(), Problem> {
        let members = Reader::at(self.text, object.start).member_spans()?;
        let is_kept = |(key, _): &(Cow<str>, Span)| !removed.contains(&&**key);
        let last_kept = members.iter().rposition(is_kept);
        let comma = if added.is_empty() || last_kept.is_none() {
            ""
        } else {
            ","
        };
        self.insert(object.start + 1, [added, comma].concat());
        let followed = last_kept.map_or(0, |last| last + 1);
        for (index, member) in members.iter().enumerate().take(followed) {
            if !is_kept(member) {
                self.replace(
                    Span {
                        start: member.1.start,
                        end: members[index + 1].1.start,
                    },
                    "",
                );
            }
        }
        if let (Some(first), Some(last)) = (members.get(followed), members.last()) {
            let start = last_kept.map_or(first.1.start, |last| members[last].1.end);
            self.replace(Span { start, end: last.1.end }, "");
        }
        Ok(())
    }

    /// Adds members, written as between braces, at the beginning of an object.
    fn insert_members(&mut self, object: Span, members: String) {
        let at = object.start + 1;
        let earlier = self.edits[..self.earlier(Span::empty(at))].last();
        // Members that are added to the same object follow one another, in order.
        let is_first = earlier.is_none_or(|(span, _)| span.start != at);
        let text = match (is_first, self.has_nothing_in(object)) {
            (_, false) => [&members, ","].concat(),
            (true, true) => members,
            (false, true) => [",", &members].concat(),
        };
        self.insert(at, text);
    }

    /// Whether an object or list is empty.
    fn has_nothing_in(&self, span: Span) -> bool {
        let inner = Span {
            start: span.start + 1,
            end: span.end - 1,
        };
        inner.of(self.text).trim_ascii().is_empty()
    }

    /// Writes a part of the text, edited.
    pub fn write(self, part: Span, out: &mut String) {
        let mut at = part.start;
        let unchanged = |start, end| Span { start, end }.of(self.text);
        for (span, new) in &self.edits {
            out.push_str(unchanged(at, span.start));
            out.push_str(new);
            at = span.end;
        }
        out.push_str(unchanged(at, part.end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, part: &str) -> Span {
        let start = text.find(part).unwrap();
        Span {
            start,
            end: start + part.len(),
        }
    }

    fn whole(text: &str) -> Span {
        Span {
            start: 0,
            end: text.len(),
        }
    }

    fn written(edits: Edits) -> String {
        let mut out = String::new();
        let part = whole(edits.text);
        edits.write(part, &mut out);
        out
    }

    #[test]
    fn edits_leave_the_rest_as_it_is() {
        let text = r#"{ "a" : 1.50, "b": [] , "c":[ 1 ], "d":{} }"#;
        let slot = |object, key, value| Slot { object, key, value };
        let (b, c, d) = (span(text, "[]"), span(text, "[ 1 ]"), span(text, "{}"));
        let mut edits = Edits::new(text);
        edits.replace(
            Span {
                start: c.start + 2,
                end: c.start + 3,
            },
            "1.0",
        );
        edits.insert(c.start + 2, "0.5,");
        edits.push(slot(whole(text), "c", Some(c)), "2".to_owned());
        edits.push(slot(whole(text), "b", Some(b)), "3,4".to_owned());
        edits.push(slot(d, "g", None), "7".to_owned());
        edits.set(slot(d, "e", None), "5".to_owned());
        edits.set(slot(whole(text), "f", None), "[6]".to_owned());
        assert_eq!(
            written(edits),
            r#"{"f":[6], "a" : 1.50, "b": [3,4] , "c":[ 0.5,1.0 ,2], "d":{"g":[7],"e":5} }"#
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
            let mut edits = Edits::new(list);
            edits.remove_item(whole(list), span(list, item));
            assert_eq!(written(edits), left, "{list}");
        }
    }

    #[test]
    fn members_are_exchanged_and_the_others_stay_as_they_are() {
        for (object, removed, added, left) in [
            ("{}", &[][..], r#""n":0"#, r#"{"n":0}"#),
            (r#"{"a":1}"#, &["a"], "", "{}"),
            (r#"{"a":1}"#, &["a"], r#""n":0"#, r#"{"n":0}"#),
            (r#"{ "a": 1, "b" : 2 }"#, &["a"], r#""n":0"#, r#"{"n":0, "b" : 2 }"#),
            (r#"{ "a": 1, "b" : 2 }"#, &["b"], "", r#"{ "a": 1 }"#),
            (r#"{"a":1,"b":2,"c":3,"d":4}"#, &["b", "d"], "", r#"{"a":1,"c":3}"#),
            (
                r#"{"a":1,"b":2,"c":3,"d":4}"#,
                &["c", "d"],
                r#""n":0"#,
                r#"{"n":0,"a":1,"b":2}"#,
            ),
            (r#"{"a":1,"\u0062":2,"c":3}"#, &["b"], "", r#"{"a":1,"c":3}"#),
            (r#"{"a":1,"b":2,"a":3}"#, &["a"], "", r#"{"b":2}"#),
        ] {
            let mut edits = Edits::new(object);
            edits.exchange_members(whole(object), removed, added).unwrap();
            assert_eq!(written(edits), left, "{object} {removed:?} {added}");
        }
    }
}
