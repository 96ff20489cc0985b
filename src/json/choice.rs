//! Strings that are one of a few words.

use super::{Problem, Reader};

/// A type whose values are written as words.
pub(crate) trait Choice: Copy + 'static {
    const ALL: &'static [(&'static str, Self)];

    /// The value that a word stands for.
    fn of_word(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == word);
        found.map(|(_, value)| *value)
    }

    /// What to write instead of a word that stands for none: `must be A, B or C`.
    fn advice(word: &str) -> String {
        let words: Vec<&str> = Self::ALL.iter().map(|(word, _)| *word).collect();
        let did_you_mean = nearest(word, &words).map(|word| format!("; did you mean {word}?"));
        format!("must be {}{}", alternatives(&words), did_you_mean.unwrap_or_default())
    }
}

impl Reader<'_> {
    /// Reads a string that is one of a few words.
    pub(crate) fn choice<T: Choice>(&mut self) -> Result<Option<T>, Problem> {
        let at = self.position();
        self.string()?
            .map(|word| T::of_word(&word).ok_or_else(|| Problem::new(at, T::advice(&word))))
            .transpose()
    }
}

/// The word that was probably meant: the same in another case, or one that a few typing errors make it.
pub(super) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let folded = word.to_ascii_lowercase();
    // A long word may be a paste of anything.
    if folded.len() > 64 {
        return None;
    }
    known
        .iter()
        .map(|known| (strsim::osa_distance(&folded, &known.to_ascii_lowercase()), *known))
        .filter(|(distance, known)| distance * 3 <= known.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// `A, B or C`
pub(super) fn alternatives(words: &[&str]) -> String {
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
