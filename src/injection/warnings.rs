//! Warnings for the user who makes a request.

/// The maximum number of warnings in an answer: API servers pass on only a few.
const MAX_WARNINGS: usize = 20;

/// Warnings in order, up to that number.
#[derive(Clone, Default)]
pub(crate) struct Warnings(Vec<String>);

impl Warnings {
    pub(crate) fn add(&mut self, warning: impl Into<String>) {
        self.extend(std::iter::once(warning.into()));
    }

    /// Adds warnings. Those that are not shown are not written.
    pub(super) fn extend(&mut self, warnings: impl IntoIterator<Item = String>) {
        for warning in warnings {
            match self.0.len() {
                0..MAX_WARNINGS => self.0.push(warning),
                MAX_WARNINGS => self.0.push("further warnings are not shown".to_owned()),
                _ => return,
            }
        }
    }

    pub(crate) fn into_vec(self) -> Vec<String> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_twenty_warnings_one_says_that_there_are_more() {
        let mut warnings = Warnings::default();
        for number in 1..=25 {
            warnings.add(format!("warning {number}"));
        }
        let shown = warnings.into_vec();
        assert_eq!(shown.len(), 21);
        assert_eq!(shown[19..], ["warning 20", "further warnings are not shown"]);
    }
}
