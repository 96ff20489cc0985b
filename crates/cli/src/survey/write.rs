//! Writes the settings with the suggested entries: as an edit of the user's text where that gives the same settings, so that comments stay.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use documents::{Content, Document, label, spelled};
use explain::input::Source;
use serde_json::Value;
use survey::Report;

use crate::console;

/// Writes the file with the settings to `target`.
///
/// # Errors
/// The file cannot be written, or the entries cannot be added to its documents.
pub(super) fn settings(
    target: &Path,
    from: &str,
    documents: &[Document],
    source: &Source,
    report: &Report,
) -> Result<()> {
    let entries: Vec<&str> = report.suggestions.entries();
    let changed = survey::with_entries(&source.settings, &entries);
    let expected: Vec<Value> = documents
        .iter()
        .map(|document| replaced(&document.value, source, &changed))
        .collect();
    let has_changed = |value: &Value| {
        let content = Content::recognise(value);
        content.settings().iter().any(|(_, settings)| **settings == changed)
    };
    if !expected.iter().any(has_changed) {
        bail!(
            "{}: the entries of noProxy cannot be added to documents of this form; add those of the report by hand",
            label(from)
        );
    }
    let original = if from == "-" {
        String::new()
    } else {
        fs::read_to_string(from).unwrap_or_default()
    };
    let edited = edited(&original, report).filter(|text| is(text, &expected));
    let text = match edited {
        Some(text) => text,
        None if is(&original, &expected) => original,
        None if original.trim_start().starts_with('{') && expected.len() == 1 => {
            serde_json::to_string_pretty(&expected[0])? + "\n"
        }
        None => documents::to_yaml_documents(&expected)?,
    };
    write(target, from, &text).with_context(|| format!("{}: cannot be written", target.display()))?;
    let count = entries.len();
    let noun = if count == 1 { "entry" } else { "entries" };
    console::note(&format!("wrote {} with {count} more noProxy {noun}", target.display()));
    Ok(())
}

/// Writes a file that nobody else can read who could not read the file with the settings: they may hold a password.
fn write(target: &Path, from: &str, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if let Ok(of_settings) = fs::metadata(from) {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        options.mode(of_settings.permissions().mode() & 0o666);
    }
    options.open(target)?.write_all(text.as_bytes())
}

/// Whether a text has these documents.
fn is(text: &str, expected: &[Value]) -> bool {
    documents::parse(text).is_ok_and(|documents| documents::values(documents) == expected)
}

/// A document with the settings in it replaced, where they are in it as they are read.
fn replaced(value: &Value, source: &Source, changed: &Value) -> Value {
    let content = Content::recognise(value);
    let settings = content.settings().into_iter();
    let paths = settings.filter(|(_, settings)| **settings == source.settings);
    let mut value = value.clone();
    for (path, _) in paths {
        let pointer = path.split(['.', '[']).filter(|part| !part.is_empty());
        let pointer: String = pointer.map(|part| format!("/{}", part.trim_end_matches(']'))).collect();
        if let Some(found) = value.pointer_mut(&pointer).filter(|found| **found == source.settings) {
            *found = changed.clone();
        }
    }
    value
}

/// The text with the entries added to each list of `noProxy` in it.
fn edited(original: &str, report: &Report) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut source = original.lines().peekable();
    while let Some(line) = source.next() {
        let rest = line.trim_start().trim_start_matches("- ").strip_prefix("noProxy:");
        let Some(rest) = rest else {
            lines.push(line.to_owned());
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        if let Some(list) = rest.trim().strip_prefix('[') {
            let key = &line[..line.find(':')?];
            lines.push(format!("{key}: [{}", longer_list(list, report)?));
            continue;
        }
        lines.push(line.to_owned());
        let mut at_item = None;
        let mut has_everything = false;
        while let Some(next) = source.peek() {
            let text = next.trim_start();
            let own = next.len() - text.len();
            let is_item = text.starts_with("- ") && own >= indent && at_item.is_none_or(|at| at == own);
            let is_comment = text.starts_with('#') && own >= indent;
            if !is_item && !is_comment {
                break;
            }
            at_item = at_item.or(is_item.then_some(own));
            has_everything |= text.strip_prefix("- ").is_some_and(is_everything);
            lines.extend(source.next().map(str::to_owned));
        }
        let margin = " ".repeat(at_item?);
        let entries = report.suggestions.no_proxy.iter().filter(|_| !has_everything);
        lines.extend(
            entries.map(|suggestion| format!("{margin}- {} # {}", spelled(&suggestion.entry), suggestion.source)),
        );
    }
    Some(lines.join("\n") + "\n")
}

/// A list in one line with the entries added. `list` is what follows its opening bracket.
fn longer_list(list: &str, report: &Report) -> Option<String> {
    let (items, after) = list.rsplit_once(']')?;
    let items = items
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(str::to_owned);
    let mut all: Vec<String> = items.collect();
    if !all.iter().any(|item| is_everything(item)) {
        let entries = report.suggestions.no_proxy.iter();
        all.extend(entries.map(|suggestion| spelled(&suggestion.entry)));
    }
    Some(format!("{}]{after}", all.join(", ")))
}

/// Whether an item of a YAML list is `*`, which must be alone.
fn is_everything(item: &str) -> bool {
    let item = item.split(" #").next().unwrap_or_default().trim();
    item.trim_matches(['"', '\'']) == "*"
}
