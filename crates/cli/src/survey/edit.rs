//! Adds entries to lists of `noProxy` in a text, where the lists are: comments, anchors and the order of fields stay.

use documents::{Document, spelled};
use serde_json::Value;

/// Entries for one list.
pub(super) struct Addition<'d> {
    pub document: &'d Document,
    /// The path of the settings, or of the profile, that has the list.
    pub path: String,
    /// The list as it is; `null` where there is none.
    pub list: Value,
    /// Each entry with its source.
    pub entries: Vec<(String, String)>,
}

/// A text to insert, and before which byte.
type Insertion = (usize, String);

/// The text with all entries; `None` where a list cannot be found, or has an unusual form. The caller checks what the text says then.
pub(super) fn edited(original: &str, additions: &[Addition]) -> Option<String> {
    let lines = Lines::new(original);
    let mut insertions: Vec<Insertion> = Vec::new();
    for addition in additions.iter().filter(|addition| !addition.entries.is_empty()) {
        insertions.extend(lines.insertions(addition)?);
    }
    insertions.sort_by_key(|(at, _)| *at);
    let mut text = original.to_owned();
    for (at, inserted) in insertions.iter().rev() {
        text.insert_str(*at, inserted);
    }
    Some(text)
}

struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    /// What ends a line.
    end: &'static str,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Lines {
            text,
            starts: std::iter::once(0).chain(ends).collect(),
            end: if text.contains("\r\n") { "\r\n" } else { "\n" },
        }
    }

    /// A line by its number from 1, with where it begins. Without what ends it.
    fn line(&self, number: usize) -> Option<(usize, &'t str)> {
        let start = *self.starts.get(number.checked_sub(1)?)?;
        Some((start, self.text[start..].lines().next().unwrap_or_default()))
    }

    fn insertions(&self, addition: &Addition) -> Option<Vec<Insertion>> {
        let line_of = |field: &str| addition.document.line_of(&format!("{}.{field}", addition.path));
        let Some(list) = addition.list.as_array() else {
            return self.new_list(addition, &line_of);
        };
        let first = line_of("noProxy");
        let key = self.line(first)?;
        let (_, value) = key.1.split_once("noProxy")?;
        if value.trim_start_matches(['"', '\'', ':', ' ']).starts_with('*') {
            // The list is where the anchor is, and gets the entries there.
            return Some(Vec::new());
        }
        let last = line_of(&format!("noProxy[{}]", list.len().saturating_sub(1)));
        let (start, line) = self.line(last)?;
        if last > first && line.trim_start().starts_with("- ") {
            let items = self.block(indent(line), addition);
            return Some(vec![(start + line.len(), items)]);
        }
        self.flow(key, addition)
    }

    /// Lines of a list, after the end of a line.
    fn block(&self, margin: &str, addition: &Addition) -> String {
        let items = addition.entries.iter();
        let items = items.map(|(entry, source)| format!("{}{margin}- {} # {source}", self.end, spelled(entry)));
        items.collect()
    }

    /// A list where there is none, after the proxy.
    fn new_list(&self, addition: &Addition, line_of: &dyn Fn(&str) -> usize) -> Option<Vec<Insertion>> {
        ["httpsProxy", "httpProxy"].into_iter().find_map(|field| {
            let (start, line) = self.line(line_of(field))?;
            line.trim_start().strip_prefix(field)?.strip_prefix(':')?;
            let margin = indent(line);
            let items = self.block(&format!("{margin}  "), addition);
            Some(vec![(
                start + line.len(),
                format!("{}{margin}noProxy:{items}", self.end),
            )])
        })
    }

    /// A list in brackets, whose key is in this line.
    fn flow(&self, (start, line): (usize, &str), addition: &Addition) -> Option<Vec<Insertion>> {
        let key = start + line.find("noProxy")?;
        let open = key + self.text[key..].find('[')?;
        let (last, close) = end_of_list(self.text, open + 1)?;
        let before = &self.text[open..last];
        let is_json = self.text.trim_start().starts_with('{') || before.ends_with('"');
        let spell = |entry: &str| {
            if is_json {
                Value::from(entry).to_string()
            } else {
                spelled(entry)
            }
        };
        let items: Vec<String> = addition.entries.iter().map(|(entry, _)| spell(entry)).collect();
        let comma = if before.ends_with(['[', ',']) { "" } else { "," };
        let line_of_close = self.text[..close].rfind('\n').map_or(0, |at| at + 1);
        if line_of_close > last && before.len() > 1 {
            let line_of_last = self.text[..last].rfind('\n').map_or(0, |at| at + 1);
            let margin = indent(&self.text[line_of_last..]);
            let separator = format!(",{}{margin}", self.end);
            let items = format!("{margin}{}{}", items.join(&separator), self.end);
            return Some(vec![(last, comma.to_owned()), (line_of_close, items)]);
        }
        let space = if before.len() > 1 { " " } else { "" };
        Some(vec![(last, format!("{comma}{space}{}", items.join(", ")))])
    }
}

/// Of a list in brackets, where its last item ends, and where its closing bracket is. `at` is where its first item begins.
fn end_of_list(text: &str, at: usize) -> Option<(usize, usize)> {
    let (mut last, mut quote, mut before) = (at, None, ' ');
    let mut is_comment = false;
    for (index, c) in text[at..].char_indices() {
        let index = at + index;
        match (c, quote) {
            ('\n', None) => is_comment = false,
            _ if is_comment => {}
            (c, Some(quoted)) => {
                quote = Some(quoted).filter(|quoted| *quoted != c);
                last = index + c.len_utf8();
            }
            (']', None) => return Some((last, index)),
            ('#', None) if before.is_whitespace() => is_comment = true,
            (c, None) if c.is_whitespace() => {}
            (c, None) => {
                quote = Some(c).filter(|c| ['"', '\''].contains(c));
                last = index + c.len_utf8();
            }
        }
        before = c;
    }
    None
}

/// The white space at the start of a line.
fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text whose settings at each of the paths get two entries.
    fn extended(text: &str, paths: &[&str]) -> Option<String> {
        let documents = documents::parse(text).unwrap();
        let addition = |path: &&str| {
            let pointer: String = path
                .split(['.', '['])
                .filter(|part| !part.is_empty())
                .map(|part| format!("/{}", part.trim_end_matches(']')))
                .collect();
            let entry = |entry: &str, source: &str| (entry.to_owned(), source.to_owned());
            Addition {
                document: &documents[0],
                path: (*path).to_owned(),
                list: documents[0].value.pointer(&pointer).unwrap()["noProxy"].clone(),
                entries: vec![entry("p", "Service p"), entry("true", "Service q")],
            }
        };
        edited(text, &paths.iter().map(addition).collect::<Vec<_>>())
    }

    /// Checks texts with settings, each with what it is after the entries are added.
    fn check(cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(extended(text, &[""]).as_deref(), Some(*expected));
        }
    }

    #[test]
    fn entries_follow_the_last_line_of_a_block_list() {
        check(&[
            (
                "httpProxy: x\nnoProxy: # mine\n  - a # all\nmode: Inject\n",
                "httpProxy: x\nnoProxy: # mine\n  - a # all\n  - p # Service p\n  - \"true\" # Service q\nmode: Inject\n",
            ),
            (
                "noProxy:\r\n- a\r\n",
                "noProxy:\r\n- a\r\n- p # Service p\r\n- \"true\" # Service q\r\n",
            ),
            (
                "noProxy:\n- a\n- b",
                "noProxy:\n- a\n- b\n- p # Service p\n- \"true\" # Service q",
            ),
        ]);
    }

    #[test]
    fn a_list_follows_the_proxy_where_there_is_none() {
        let list = "noProxy:\n  - p # Service p\n  - \"true\" # Service q\n";
        check(&[
            (
                "# c\nhttpProxy: x # c\nmode: Inject\n",
                &format!("# c\nhttpProxy: x # c\n{list}mode: Inject\n"),
            ),
            (
                "httpsProxy: y\nhttpProxy: x\n",
                &format!("httpsProxy: y\n{list}httpProxy: x\n"),
            ),
        ]);
        let nested = extended("spec:\n  settings:\n    httpProxy: x\n", &["spec.settings"]);
        let expected =
            "spec:\n  settings:\n    httpProxy: x\n    noProxy:\n      - p # Service p\n      - \"true\" # Service q\n";
        assert_eq!(nested.as_deref(), Some(expected));
        assert_eq!(extended("{httpProxy: x}\n", &[""]), None);
    }

    #[test]
    fn entries_follow_the_last_one_in_brackets() {
        check(&[
            ("noProxy: [a] # c\n", "noProxy: [a, p, \"true\"] # c\n"),
            ("noProxy: [a ]\n", "noProxy: [a, p, \"true\" ]\n"),
            ("noProxy: [a,]\n", "noProxy: [a, p, \"true\"]\n"),
            ("noProxy: []\n", "noProxy: [p, \"true\"]\n"),
            ("noProxy: [ ]\n", "noProxy: [p, \"true\" ]\n"),
            ("noProxy: [\n]\n", "noProxy: [p, \"true\"\n]\n"),
            ("noProxy: ['a]#', b, ä]\n", "noProxy: ['a]#', b, ä, p, \"true\"]\n"),
            ("noProxy: [a#b, c]\n", "noProxy: [a#b, c, p, \"true\"]\n"),
            ("noProxy: [a, # ]\n  b]\n", "noProxy: [a, # ]\n  b, p, \"true\"]\n"),
            ("noProxy: [a, \"b\"]\n", "noProxy: [a, \"b\", \"p\", \"true\"]\n"),
            ("{\"noProxy\":[\"a\"]}", "{\"noProxy\":[\"a\", \"p\", \"true\"]}"),
            (
                "{httpProxy: x, noProxy: [a]}\n",
                "{httpProxy: x, noProxy: [a, \"p\", \"true\"]}\n",
            ),
        ]);
    }

    #[test]
    fn entries_get_lines_where_those_in_brackets_have_them() {
        check(&[
            (
                "noProxy: [\n  a, # one\n  b # two, ]\n  ] # end\n",
                "noProxy: [\n  a, # one\n  b, # two, ]\n  p,\n  \"true\"\n  ] # end\n",
            ),
            (
                "{\n  \"noProxy\": [\n    \"a\"\n  ],\n  \"mode\": \"Inject\"\n}\n",
                "{\n  \"noProxy\": [\n    \"a\",\n    \"p\",\n    \"true\"\n  ],\n  \"mode\": \"Inject\"\n}\n",
            ),
            (
                "noProxy: [\r\n  a\r\n  ]\r\n",
                "noProxy: [\r\n  a,\r\n  p,\r\n  \"true\"\r\n  ]\r\n",
            ),
            ("noProxy: [\n  a,\n  ]\n", "noProxy: [\n  a,\n  p,\n  \"true\"\n  ]\n"),
        ]);
        let nested = extended("spec:\n  noProxy: [a\n  ]\n", &["spec"]);
        assert_eq!(
            nested.as_deref(),
            Some("spec:\n  noProxy: [a,\n  p,\n  \"true\"\n  ]\n")
        );
    }

    #[test]
    fn several_lists_are_extended_and_an_alias_has_the_entries_of_its_anchor() {
        let text = "noProxy: &own [a]\nprofiles:\n- noProxy: *own\n- noProxy: [b]\n";
        let expected = "noProxy: &own [a, p, \"true\"]\nprofiles:\n- noProxy: *own\n- noProxy: [b, p, \"true\"]\n";
        let paths = ["profiles[1]", "", "profiles[0]"];
        assert_eq!(extended(text, &paths).as_deref(), Some(expected));
        assert_eq!(edited(text, &[]).as_deref(), Some(text));
        let documents = documents::parse(text).unwrap();
        let none = Addition {
            document: &documents[0],
            path: String::new(),
            list: Value::Null,
            entries: Vec::new(),
        };
        assert_eq!(edited(text, &[none]).as_deref(), Some(text));
    }
}
