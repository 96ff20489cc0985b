//! How long files and functions are, without tests, comments and blank lines.

use std::fs;

use testkit::files::{find, project_file};

use crate::imports::code;

const LINES_OF_A_FILE: usize = 300;
const LINES_OF_A_FUNCTION: usize = 45;

/// The functions that may be longer, and why.
const EXCEPTIONS: [(&str, &str); 1] = [("crates/testkit/src/worst_cases.rs: pods", "a table of cases")];

/// The files and functions that are too long, with their lines: `src/policy.rs: decide (58)`.
fn too_long(file: &str, text: &str) -> Vec<String> {
    let code = code(text);
    let lines: Vec<&str> = code.lines().filter(|line| !line.trim().is_empty()).collect();
    let functions = lines.iter().enumerate().filter_map(|(start, line)| {
        let name = function(line)?;
        Some((format!("{file}: {name}"), length(&lines[start..]), LINES_OF_A_FUNCTION))
    });
    let whole = (file.to_owned(), lines.len(), LINES_OF_A_FILE);
    std::iter::once(whole)
        .chain(functions)
        .filter(|(_, length, limit)| length > limit)
        .map(|(name, length, _)| format!("{name} ({length})"))
        .collect()
}

/// The name of the function that begins in a line.
fn function(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let is_qualifier =
        |word: &str| word.starts_with("pub") || ["async", "const", "extern", "unsafe", "\"C\""].contains(&word);
    let name = after.split(['(', '<']).next()?;
    before.split_whitespace().all(is_qualifier).then_some(name)
}

/// How many of the lines belong to the function that begins in the first one, as rustfmt indents it.
fn length(lines: &[&str]) -> usize {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let ends = |line: &&str| indent(line) == indent(lines[0]) && line.ends_with(['}', ';']);
    lines.iter().position(ends).map_or(lines.len(), |last| last + 1)
}

#[test]
fn files_and_functions_are_short() {
    let root = project_file("");
    let sources = ["src", "crates"]
        .iter()
        .flat_map(|folder| find(&root.join(folder), &["rs"]));
    let mut long = Vec::new();
    for source in sources {
        let path = source.strip_prefix(&root).unwrap().to_str().unwrap();
        if path.contains("src/") && !path.contains("/tests") {
            long.extend(too_long(path, &fs::read_to_string(&source).unwrap()));
        }
    }
    let is_exception = |name: &&String| EXCEPTIONS.iter().any(|(exception, _)| name.starts_with(exception));
    assert!(long.iter().any(|name| is_exception(&name)), "nothing long was found");
    long.retain(|name| !is_exception(&name));
    assert!(long.is_empty(), "too long; split it:\n{}", long.join("\n"));
}

#[test]
fn a_function_is_as_long_as_its_code() {
    let check = |lines: usize, expected: &[&str]| {
        let body = "\n\n        // Why.\n        a();".repeat(lines - 2);
        let text = format!("impl A {{\n    fn none(&self);\n    pub(crate) fn long<T>() {{{body}\n    }}\n}}\n");
        assert_eq!(too_long("a.rs", &text), expected);
    };
    check(LINES_OF_A_FUNCTION, &[]);
    check(LINES_OF_A_FUNCTION + 1, &["a.rs: long (46)"]);
}
