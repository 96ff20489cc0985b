//! Documents as kubectl reads them: the same values as its YAML library gives, and what is written is read again.
//!
//! An input is a text.

#![no_main]

use documents::{parse, spelled, to_yaml_documents, values};
use http_proxy_policy_fuzz::{check_secrecy, go};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Some(text) = documents::decode(data) else { return };
    check_spelled(&text);
    let documents = match parse(&text) {
        Ok(documents) => documents,
        Err(error) => {
            let said = error.to_string();
            assert!(said.starts_with("line "), "{said}");
            check_secrecy(&text, &[said]);
            return;
        }
    };
    // A carriage return alone ends a line of YAML too.
    let lines = text.matches(['\n', '\r']).count() + 1;
    for document in &documents {
        for path in ["", "a", "spec.settings.noProxy[3]", "items[0].metadata"] {
            let line = document.line_of(path);
            assert!((1..=lines).contains(&line), "{path}: line {line} of {lines}");
        }
    }
    let is_whole = matches!(documents.as_slice(), [document] if document.path.is_empty());
    let read = values(documents);
    let written = to_yaml_documents(&read).expect("JSON can be written as YAML");
    let again = parse(&written).map(values);
    let all_rounded = |values: &[Value]| values.iter().cloned().map(rounded).collect::<Vec<_>>();
    assert!(
        matches!(&again, Ok(again) if all_rounded(again) == all_rounded(&read)),
        "{written}: {again:?}"
    );
    if is_whole
        && is_one_document(&text)
        && let Some(expected) = go::read_yaml(&text)
    {
        assert_eq!(rounded(read[0].clone()), rounded(expected), "{text}");
    }
});

/// A string, written as a scalar, means itself.
fn check_spelled(text: &str) {
    let spelled = spelled(text);
    for document in [
        &spelled,
        &format!("- {spelled}\n"),
        &format!("a: {spelled}\n"),
        &format!("[{spelled}, b]"),
    ] {
        let read = parse(document).map(values);
        let found = match read.as_deref() {
            Ok([Value::String(found)]) => Some(found.as_str()),
            Ok([found]) => found.get(0).or(found.get("a")).unwrap_or(found).as_str(),
            Ok([found, ..]) => found.as_str(),
            _ => None,
        };
        assert_eq!(found, Some(text), "{document}: {read:?}");
    }
}

/// Whether kubectl takes a text for one document of YAML: JSON is read by another parser, and documents are split at their lines before.
/// YAML 1.1 has line breaks that 1.2, which is read here, takes for characters of a scalar. A block that ends without a line break gets one here.
/// Between braces and brackets, kubectl takes `?a` for a key `a`, and the `a:` of `[a:]` for a string; YAML 1.2 does the opposite. It
/// also leaves out an entry that is a tag alone. Where a carriage return stands alone, they disagree about lines.
/// Nor does kubectl take lines without an indent for those of a block that is the whole document.
/// It ends the name of an anchor at the first character that is no letter, digit, `_` or `-`; YAML 1.2 at white space, a comma or a bracket.
fn is_one_document(text: &str) -> bool {
    let is_json = text.trim_start().starts_with(['{', '[']);
    let is_mark = |line: &str| ["---", "...", "%"].iter().any(|mark| line.starts_with(mark));
    let starts_a_node = |at: usize| at == 0 || text[..at].ends_with([' ', '\t', ',', '{', '[', '\n', '\r']);
    let is_mark_of_a_node = |(at, _): (usize, &str)| starts_a_node(at) && !text[at + 1..].starts_with([' ', '\n']);
    let is_odd_anchor = |(at, _): (usize, &str)| {
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}');
        let is_of_both = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        starts_a_node(at) && !text[at + 1..].chars().take_while(|c| !ends(*c)).all(is_of_both)
    };
    let content = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let mut words = content
        .flat_map(str::split_whitespace)
        .filter(|word| !word.starts_with('&'));
    let is_block = words.next().is_some_and(|word| word.starts_with(['|', '>']));
    !is_json
        && !is_block
        && !text.match_indices(['?', '!']).any(is_mark_of_a_node)
        && !text.match_indices(['&', '*']).any(is_odd_anchor)
        && ![":,", ":]", ":}"].iter().any(|ends| text.contains(ends))
        && !text.replace("\r\n", "").contains('\r')
        && text.ends_with('\n')
        && !text.lines().any(is_mark)
        && !text.contains(['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'])
}

/// Go writes numbers in its own way, and YAML has one number for 70 and 70.0; how they are spelled is not compared.
fn rounded(mut value: Value) -> Value {
    match &mut value {
        Value::Number(number) => {
            if let Some(float) = number.as_f64() {
                value = float.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = rounded(item.take())),
        Value::Object(members) => members.values_mut().for_each(|member| *member = rounded(member.take())),
        _ => {}
    }
    value
}
