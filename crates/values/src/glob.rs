//! Patterns in which `*` stands for any characters, or none.

/// Whether the whole of `text` matches.
pub fn glob_matches(pattern: &str, text: &str) -> bool {
    let same = |(one, other): &(u8, u8)| one == other && *one != b'*';
    let common = pattern.bytes().zip(text.bytes()).take_while(same).count();
    match pattern.as_bytes().get(common) {
        None => text.len() == common,
        // Both are the same up to here.
        Some(b'*') => matches_behind_star(&pattern[common + 1..], &text[common..]),
        Some(_) => false,
    }
}

/// Whether the part of a pattern after its first `*` matches the end of `text`.
fn matches_behind_star(rest: &str, mut text: &str) -> bool {
    let mut parts = rest.split('*');
    let suffix = parts.next_back().unwrap_or_default();
    // The first match of a part is as good as any later one.
    for part in parts {
        let Some(at) = text.find(part) else {
            return false;
        };
        text = &text[at + part.len()..];
    }
    text.ends_with(suffix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text) in [
            ("app", "app"),
            ("*", ""),
            ("*", "app"),
            ("istio-*", "istio-proxy"),
            ("istio-*", "istio-"),
            ("*-proxy", "linkerd-proxy"),
            ("a*b*c", "a-b-b-c"),
            ("a**c", "ac"),
        ] {
            assert!(glob_matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("app", "apps"),
            ("", "app"),
            ("istio-*", "istio"),
            ("a*a", "a"),
            ("a*b*c", "acb"),
            ("*ab*b", "ab"),
        ] {
            assert!(!glob_matches(pattern, text), "{pattern} {text}");
        }
    }
}
