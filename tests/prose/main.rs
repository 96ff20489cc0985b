//! Pages, messages and comments have none of the phrases in `patterns.txt`. `make lint` runs this.
//!
//! Code on pages is skipped. In Rust, what counts is strings and comments.

mod text;

use std::fs;
use std::path::{Path, PathBuf};

use testkit::files::{find, project_file};

use crate::text::Text;

/// A phrase, the word that makes it right if it follows, and what to write instead.
struct Pattern {
    phrase: String,
    unless: Option<String>,
    better: String,
}

fn patterns() -> Vec<Pattern> {
    let read = |line: &str| {
        let (phrase, better) = line.split_once(" | ")?;
        let (phrase, unless) = match phrase.split_once(" ^") {
            Some((phrase, unless)) => (phrase, Some(unless.to_owned())),
            None => (phrase, None),
        };
        Some(Pattern {
            phrase: phrase.to_lowercase(),
            unless,
            better: better.to_owned(),
        })
    };
    include_str!("patterns.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(read)
        .collect()
}

impl Pattern {
    /// Where the phrase begins in a text.
    fn places<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-' || c == '_');
        text.match_indices(&self.phrase).map(|(at, _)| at).filter(move |at| {
            let (before, after) = (&text[..*at], &text[at + self.phrase.len()..]);
            let begins = !word(self.phrase.chars().next()) || !word(before.chars().next_back());
            let ends = !word(self.phrase.chars().next_back()) || !word(after.chars().next());
            let is_excepted = self
                .unless
                .as_ref()
                .is_some_and(|unless| after.trim_start().starts_with(unless));
            begins && ends && !is_excepted
        })
    }
}

/// `file:line: phrase; what to write` for each phrase in a file.
fn faults(patterns: &[Pattern], name: &str, content: &str) -> Vec<String> {
    let texts = match Path::new(name).extension().and_then(|extension| extension.to_str()) {
        Some("rs") => Text::of_rust(content),
        Some("md") => vec![Text::of_markdown(content)],
        _ => vec![Text::new(content, 1)],
    };
    let mut faults = Vec::new();
    for text in &texts {
        for pattern in patterns {
            for at in pattern.places(text.lower()) {
                faults.push(format!(
                    "{name}:{}: {:?}; write: {}",
                    text.line(at),
                    pattern.phrase,
                    pattern.better
                ));
            }
        }
    }
    faults
}

#[test]
fn no_page_message_or_comment_has_a_phrase_of_the_list() {
    let root = project_file("");
    let below = |folders: &[&str], extension: &str| -> Vec<PathBuf> {
        folders
            .iter()
            .flat_map(|folder| find(&root.join(folder), &[extension]))
            .collect()
    };
    let mut files = below(&["docs", "examples", "charts", "crates", "e2e-tests"], "md");
    files.extend(below(&["src", "crates"], "rs"));
    for file in [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "questions-ui.yml",
        "policy-metadata.yml",
    ] {
        files.push(root.join(file));
    }
    for file in ["values.yaml", "templates/NOTES.txt"] {
        files.push(root.join("charts/http-proxy-policy").join(file));
    }
    let patterns = patterns();
    let mut found = Vec::new();
    for file in files {
        let name = file.strip_prefix(&root).unwrap_or(&file).to_str().unwrap();
        found.extend(faults(&patterns, name, &fs::read_to_string(&file).unwrap()));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_phrase_is_found_across_lines_and_not_in_code() {
    let patterns = patterns();
    let found = |name: &str, content: &str| faults(&patterns, name, content).len();
    assert_eq!(found("a.md", "It is left\nout here.\n"), 1);
    assert_eq!(found("a.md", "`left out`\n\n```\nleft out\n```\n"), 0);
    assert_eq!(found("a.md", "A as well as B, and a final\n  dot\n"), 1);
    assert_eq!(
        found("a.rs", "// Left\n// out.\nlet left_out = \"in place \\\n  of\";\n"),
        2
    );
    assert_eq!(
        found("a.rs", "let c = '\"'; left(out); let d = r#\"is \"left out\"#;"),
        1
    );
    assert_eq!(
        faults(&patterns, "a.md", "One.\n\nIt is left\nout.\n")[0]
            .split(' ')
            .next(),
        Some("a.md:3:")
    );
}
