//! Strings that are one of a few words.

use crate::words::{alternatives, nearest};
use crate::{Problem, Reader};

/// A type whose values are written as words.
pub trait Choice: Copy + PartialEq + 'static {
    const ALL: &'static [(&'static str, Self)];

    /// The value that a word stands for.
    fn of_word(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == word);
        found.map(|(_, value)| *value)
    }

    /// The word for this value.
    fn word(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, value)| *value == self);
        found.map_or("", |(word, _)| word)
    }

    /// The message for an unknown word: `must be A, B or C`.
    fn advice(word: &str) -> String {
        let words: Vec<&str> = Self::ALL.iter().map(|(word, _)| *word).collect();
        if word.is_empty() {
            return format!("is empty; remove the field, or write {}", alternatives(&words));
        }
        let did_you_mean = nearest(word, &words).map(|word| format!("; did you mean {word}?"));
        format!("must be {}{}", alternatives(&words), did_you_mean.unwrap_or_default())
    }
}

impl Reader<'_> {
    /// Reads a string that is one of a few words.
    pub fn choice<T: Choice>(&mut self) -> Result<Option<T>, Problem> {
        let at = self.position();
        self.string()?
            .map(|word| T::of_word(&word).ok_or_else(|| Problem::new(at, T::advice(&word))))
            .transpose()
    }
}
