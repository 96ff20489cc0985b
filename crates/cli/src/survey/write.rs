//! Writes the settings with the suggested entries: as an edit of the user's text where that gives the same settings, so that comments stay.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use documents::{Content, Document, label};
use explain::input::Source;
use serde_json::Value;
use survey::Report;

use super::edit::{Addition, edited};
use crate::console;

/// Settings in the file that get the entries.
struct Place<'d> {
    document: &'d Document,
    /// The index of the document.
    index: usize,
    /// The path of the settings in it.
    path: String,
    before: Value,
    after: Value,
    /// The policy's, where it is a manifest.
    name: Option<String>,
}

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
    let places = places(documents, source, &entries);
    let mut expected: Vec<Value> = documents.iter().map(|document| document.value.clone()).collect();
    places
        .iter()
        .for_each(|place| replace(&mut expected[place.index], place));
    let changed = survey::with_entries(&source.settings, &entries);
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
    let original = original(from);
    let additions: Vec<Addition> = places.iter().flat_map(|place| additions(place, report)).collect();
    let edited = edited(&original, &additions).filter(|text| is(text, &expected));
    if edited.is_none() {
        console::note(&format!(
            "note: {}: the list cannot be edited in place, so comments and anchors are lost, and fields may be in another order",
            target.display()
        ));
    }
    let text = edited.map_or_else(|| rewritten(&original, &expected), Ok)?;
    write(target, from, &text).with_context(|| format!("{}: cannot be written", target.display()))?;
    let policies: Vec<&str> = places.iter().filter_map(|place| place.name.as_deref()).collect();
    let notes = notes(target, entries.len(), &policies);
    notes.iter().for_each(|note| console::note(note));
    Ok(())
}

/// What was written: how many entries, and the names of the policies that have them.
fn notes(target: &Path, count: usize, policies: &[&str]) -> Vec<String> {
    let noun = if count == 1 { "entry" } else { "entries" };
    let mut notes = vec![format!("wrote {} with {count} more noProxy {noun}", target.display())];
    if count > 0 && policies.len() > 1 {
        notes.push(format!(
            "note: all policies of the file have them: {}",
            policies.join(", ")
        ));
    }
    notes
}

/// The text of a file; empty for standard input, which was read before.
fn original(from: &str) -> String {
    let bytes = if from == "-" {
        Vec::new()
    } else {
        fs::read(from).unwrap_or_default()
    };
    documents::decode(&bytes).unwrap_or_default()
}

/// The documents as a new text.
fn rewritten(original: &str, expected: &[Value]) -> Result<String> {
    let text = match expected {
        [only] if original.trim_start().starts_with('{') => serde_json::to_string_pretty(only)? + "\n",
        all => documents::to_yaml_documents(all)?,
    };
    Ok(if original.contains("\r\n") {
        text.replace('\n', "\r\n")
    } else {
        text
    })
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

/// The settings that were surveyed, and those of the other policies of this module: what breaks with one breaks with all of them.
fn places<'d>(documents: &'d [Document], source: &Source, entries: &[&str]) -> Vec<Place<'d>> {
    let mut places = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        let content = Content::recognise(&document.value);
        let name = match &content {
            Content::Policy(policy) => Some(policy.name.clone()),
            _ => None,
        };
        for (path, settings) in content.settings() {
            if name.is_some() || *settings == source.settings {
                places.push(Place {
                    document,
                    index,
                    path: path.to_owned(),
                    before: settings.clone(),
                    after: survey::with_entries(settings, entries),
                    name: name.clone(),
                });
            }
        }
    }
    places
}

/// Replaces the settings in a document, where they are in it as they are read.
fn replace(document: &mut Value, place: &Place) {
    let pointer = place.path.split(['.', '[']).filter(|part| !part.is_empty());
    let pointer: String = pointer.map(|part| format!("/{}", part.trim_end_matches(']'))).collect();
    if let Some(found) = document.pointer_mut(&pointer).filter(|found| **found == place.before) {
        *found = place.after.clone();
    }
}

/// What each list of settings gets.
fn additions<'d>(place: &Place<'d>, report: &Report) -> Vec<Addition<'d>> {
    let profiles = place.before["profiles"].as_array().map_or(0, Vec::len);
    let profiles = (0..profiles).map(|index| (format!("/profiles/{index}"), format!("profiles[{index}]")));
    let lists = std::iter::once((String::new(), String::new())).chain(profiles);
    let addition = |(pointer, path): (String, String)| {
        let [list, longer] =
            [&place.before, &place.after].map(|settings| settings.pointer(&format!("{pointer}/noProxy")));
        let added = longer?
            .as_array()?
            .iter()
            .skip(list.and_then(Value::as_array).map_or(0, Vec::len));
        let added = added.filter_map(|entry| {
            let mut suggested = report.suggestions.no_proxy.iter();
            let suggestion = suggested.find(|suggestion| *entry == suggestion.entry)?;
            Some((suggestion.entry.clone(), suggestion.source.clone()))
        });
        Some(Addition {
            document: place.document,
            path: format!("{}.{path}", place.path).trim_matches('.').to_owned(),
            list: list.cloned().unwrap_or_default(),
            entries: added.collect(),
        })
    };
    lists.filter_map(addition).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_new_text_has_the_form_and_the_line_ends_of_the_original() {
        let one = json!({"a": [1, "true"]});
        let json = "{\n  \"a\": [\n    1,\n    \"true\"\n  ]\n}\n";
        let yaml = "a:\n- 1\n- \"true\"\n";
        for (original, documents, expected) in [
            ("a: []\n", vec![one.clone()], yaml.to_owned()),
            (" {\"a\": []}\n", vec![one.clone()], json.to_owned()),
            ("{\"a\": []}\r\n", vec![one.clone()], json.replace('\n', "\r\n")),
            ("a: []\r\n", vec![one.clone()], yaml.replace('\n', "\r\n")),
        ] {
            assert_eq!(rewritten(original, &documents).unwrap(), expected, "{original:?}");
        }
        let several = rewritten("{\"a\": []}\n---\n{}\n", &[one.clone(), one.clone()]).unwrap();
        assert_eq!(
            documents::values(documents::parse(&several).unwrap()),
            [one.clone(), one]
        );
        assert!(!several.contains('{'), "{several}");
    }

    #[test]
    fn what_was_written_is_said_and_which_policies_have_it() {
        let target = Path::new("better.yaml");
        for (count, policies, expected) in [
            (0, &[][..], &["wrote better.yaml with 0 more noProxy entries"][..]),
            (0, &["a", "b"], &["wrote better.yaml with 0 more noProxy entries"]),
            (1, &["a"], &["wrote better.yaml with 1 more noProxy entry"]),
            (2, &[], &["wrote better.yaml with 2 more noProxy entries"]),
            (
                1,
                &["a", "b"],
                &[
                    "wrote better.yaml with 1 more noProxy entry",
                    "note: all policies of the file have them: a, b",
                ],
            ),
        ] {
            assert_eq!(notes(target, count, policies), expected);
        }
    }

    #[test]
    fn a_text_is_what_was_meant_if_it_has_the_same_documents() {
        let expected = [json!({"a": 1}), json!({"b": 2})];
        for (text, same) in [
            ("a: 1 # c\n---\n{b: 2}\n", true),
            ("a: 1\n", false),
            ("a: 1\n---\nb: '2'\n", false),
            ("a: [\n", false),
        ] {
            assert_eq!(is(text, &expected), same, "{text}");
        }
    }
}
