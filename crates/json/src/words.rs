//! Words in messages: lists of words, and the word that was probably meant.

/// The word that was probably meant: it differs in case only, or by a few typing errors.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let length = word.chars().count();
    let is_near = |distance: usize, known: &str| distance * 3 <= known.len();
    let folded = word.to_ascii_lowercase();
    known
        .iter()
        // What differs in length differs at least as much.
        .filter(|known| is_near(length.abs_diff(known.len()), known))
        .map(|known| (strsim::osa_distance(&folded, &known.to_ascii_lowercase()), *known))
        .filter(|(distance, known)| is_near(*distance, known))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// `A, B or C`
pub(crate) fn alternatives(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [word] => (*word).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_a_few_typing_errors_away() {
        let known = ["httpProxy", "httpsProxy", "noProxy", "mode"];
        for (word, meant) in [
            ("noproxy", Some("noProxy")),
            ("no_proxy", Some("noProxy")),
            ("noPorxy", Some("noProxy")),
            ("httpProxies", Some("httpProxy")),
            ("https_proxy", Some("httpsProxy")),
            ("Mode", Some("mode")),
            ("proxy", Some("noProxy")),
            ("x", None),
            ("certificate", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, &known), meant, "{word}");
        }
    }

    #[test]
    fn words_are_listed() {
        assert_eq!(alternatives(&["A"]), "A");
        assert_eq!(alternatives(&["A", "B", "C"]), "A, B or C");
    }
}
