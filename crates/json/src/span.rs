//! Places in a text.

/// A part of a text, from byte `start` up to, but not including, byte `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// The empty part before byte `at`.
    pub fn empty(at: usize) -> Self {
        Span { start: at, end: at }
    }

    /// How many bytes it has.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The part itself; empty if `text` has no such part. This never panics, because a panic message could contain the
    /// text.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// A member of an object, whether it exists or not.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    pub object: Span,
    /// The key. It must not need escapes.
    pub key: &'static str,
    /// Where the value is. It may be `null`.
    pub value: Option<Span>,
}
