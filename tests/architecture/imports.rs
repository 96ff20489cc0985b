//! Which module of a crate imports which.

use std::collections::{BTreeMap, BTreeSet};

/// The way to a module or an item from the crate's root.
pub type Path = Vec<String>;

/// The modules of a crate, one for each file.
pub struct Modules {
    /// What each refers to, and by which name: `use a::b as c` is `a::b` by the name `c`.
    references: BTreeMap<Path, Vec<(Path, String)>>,
}

impl Modules {
    /// From the paths of files in `src/` and their texts.
    pub fn read(files: impl Iterator<Item = (String, String)>) -> Self {
        let references = files
            .filter(|(file, _)| !file.ends_with("tests.rs"))
            .map(|(file, text)| {
                let mut module: Path = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
                if module.len() > 1 && module.last().is_some_and(|name| name == "mod") {
                    module.pop();
                }
                let references = references(&code(&text));
                (module, references)
            })
            .collect();
        Modules { references }
    }

    /// The wings and files at the top level.
    pub fn top_level(&self) -> BTreeSet<String> {
        self.references.keys().map(|module| module[0].clone()).collect()
    }

    /// The modules that import, and those that they import, directly or through what another one exports.
    pub fn imports(&self) -> Vec<(Path, Path)> {
        let modules = self.references.iter();
        modules
            .flat_map(|(module, references)| {
                let imported = references.iter().filter_map(|(path, _)| self.resolve(module, path, 0));
                imported.map(|imported| (module.clone(), imported))
            })
            .filter(|(importing, imported)| importing != imported)
            .collect()
    }

    /// The module that a path in `module` leads to. None outside of the crate.
    fn resolve(&self, module: &Path, path: &[String], depth: usize) -> Option<Path> {
        assert!(depth < 16, "{module:?} exports {path:?} in a circle");
        let mut at = module.clone();
        let root = |at: &Path| at.is_empty() || at.len() == 1 && at[0] == "lib";
        for (index, name) in path.iter().enumerate() {
            let below: Path = if root(&at) {
                vec![name.clone()]
            } else {
                [at.clone(), vec![name.clone()]].concat()
            };
            match name.as_str() {
                "crate" => at = Path::new(),
                "self" => {}
                "super" => drop(at.pop()),
                _ if self.is_module(&below) => at = below,
                _ => {
                    let exporting = if at.is_empty() {
                        vec!["lib".to_owned()]
                    } else {
                        at.clone()
                    };
                    let exports = self.references.get(&exporting).into_iter().flatten();
                    let export = exports
                        .filter(|(export, by)| by == name && export != path)
                        .map(|(export, _)| export);
                    let found = export
                        .filter_map(|export| self.resolve(&exporting, export, depth + 1))
                        .next();
                    // The first name of a path that starts nowhere here is another crate's.
                    return found.or_else(|| (index > 0).then_some(exporting));
                }
            }
        }
        Some(at)
    }

    fn is_module(&self, path: &Path) -> bool {
        self.references.keys().any(|module| module.starts_with(path))
    }
}

/// A file's text without comments, and without the tests at its end.
pub fn code(text: &str) -> String {
    let (text, _) = text.split_once("#[cfg(test)]\nmod tests {").unwrap_or((text, ""));
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// What a file refers to: all its `use`s, and its other paths from `crate` or `super` on.
fn references(code: &str) -> Vec<(Path, String)> {
    let mut references = Vec::new();
    let mut rest = code;
    while let Some((at, word)) = next_word(rest) {
        let line = code[..code.len() - rest.len() + at]
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .trim();
        rest = &rest[at + word.len()..];
        // Not the word in a text, and not `use<'a>`, which says what a type captures.
        if word == "use" && (line.is_empty() || line.starts_with("pub")) && rest.starts_with(' ') {
            let (tree, after) = rest.split_once(';').expect("a use ends");
            read_tree(tree, &mut Path::new(), &mut references);
            rest = after;
        } else if ["crate", "super"].contains(&word) && rest.starts_with("::") {
            let end = rest.find(|c: char| !(is_word(c) || c == ':')).unwrap_or(rest.len());
            let path = format!("{word}{}", &rest[..end]);
            read_tree(path.trim_end_matches(':'), &mut Path::new(), &mut references);
            rest = &rest[end..];
        }
    }
    references
}

/// Reads what follows `use`: `a::b`, `a::b as c`, `a::{b, c::d}`, `a::*`.
fn read_tree(tree: &str, prefix: &mut Path, references: &mut Vec<(Path, String)>) {
    let tree = tree.trim();
    let length = prefix.len();
    let group = tree.find('{').unwrap_or(tree.len());
    let (names, group) = tree.split_at(group);
    let (names, alias) = names
        .split_once(" as ")
        .map_or((names, None), |(names, alias)| (names, Some(alias)));
    prefix.extend(
        names
            .split("::")
            .map(str::trim)
            .filter(|name| !["", "*", "self"].contains(name))
            .map(str::to_owned),
    );
    if names.trim().starts_with("self") && length == 0 {
        prefix.insert(0, "self".to_owned());
    }
    if group.is_empty() {
        let name = alias.map_or_else(
            || prefix.last().cloned().unwrap_or_default(),
            |alias| alias.trim().to_owned(),
        );
        references.push((prefix.clone(), name));
    } else {
        let inner = group
            .strip_prefix('{')
            .and_then(|group| group.trim_end().strip_suffix('}'))
            .expect("a group ends");
        for item in items(inner) {
            read_tree(item, prefix, references);
        }
    }
    prefix.truncate(length);
}

/// The parts between the commas that are in no inner group.
fn items(group: &str) -> Vec<&str> {
    let mut depth = 0;
    let items = group.split(move |c| {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        c == ',' && depth == 0
    });
    items.filter(|item| !item.trim().is_empty()).collect()
}

fn next_word(text: &str) -> Option<(usize, &str)> {
    let start = text.find(is_word)?;
    let end = text[start..]
        .find(|c| !is_word(c))
        .map_or(text.len(), |length| start + length);
    Some((start, &text[start..end]))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
