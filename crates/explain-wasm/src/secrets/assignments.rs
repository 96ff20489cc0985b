//! Names with their values in a text of any language: `a=b`, `a = "b"`, `a => 'b'`, `<a>b</a>`, queries of URLs, connection strings.

use super::names;

/// Ends a value that is in no quotes.
const ENDS: &str = "&;,|'\"`<>(){}[]";

/// The shortest signature in a query (`sig=`).
const SIGNATURE: usize = 20;

/// Whether a name that says that its value is secret has one.
pub fn has_secret(text: &str) -> bool {
    let of_equals = text.match_indices('=').map(|(at, _)| (&text[..at], &text[at + 1..]));
    of_equals.into_iter().any(|(before, after)| is_secret(before, after)) || has_secret_element(text)
}

fn is_secret(before: &str, after: &str) -> bool {
    let before = before.trim_end();
    let is_name = |character: char| character.is_alphanumeric() || "_.-".contains(character);
    let quoted = before.trim_end_matches(['"', '\'']);
    let start = quoted
        .char_indices()
        .rev()
        .take_while(|(_, character)| is_name(*character))
        .last()
        .map_or(quoted.len(), |(index, _)| index);
    let name = &quoted[start..];
    // A comparison, and `=>`.
    let after = after.strip_prefix('>').unwrap_or(after);
    if after.starts_with(['=', '~']) {
        return false;
    }
    let value = value(after.trim_start());
    names::is_secret(name) && !names::is_harmless(value) || name == "sig" && value.len() >= SIGNATURE
}

/// The value that a text begins with: in quotes, a reference, a placeholder, or up to what separates it from others.
fn value(text: &str) -> &str {
    let quote = text.chars().next().filter(|first| ['"', '\''].contains(first));
    if let Some(quote) = quote {
        return text[1..].split(quote).next().unwrap_or_default();
    }
    for (start, end) in [("$(", ')'), ("${", '}'), ("<", '>')] {
        if text.starts_with(start)
            && let Some(at) = text.find(end)
        {
            return &text[..=at];
        }
    }
    let is_end = |character: char| character.is_whitespace() || ENDS.contains(character);
    text.split(is_end).next().unwrap_or_default()
}

/// `<password>b</password>`
fn has_secret_element(text: &str) -> bool {
    let tags: Vec<&str> = text.split('<').collect();
    tags.windows(2).any(|pair| {
        let Some((name, value)) = pair[0].split_once('>') else {
            return false;
        };
        let is_closed = pair[1].strip_prefix('/').is_some_and(|end| end.starts_with(name));
        is_closed && names::is_secret(name) && !names::is_harmless(value)
    })
}
