//! What the tests of this folder share.

use crate::kubernetes::{EnvValue, EnvVar};
use json::Span;

/// `NAME=value`, or `NAME` for `valueFrom`.
pub(super) fn env<'t>(entries: &[&'t str]) -> Vec<EnvVar<'t>> {
    let variable = |entry: &&'t str| {
        let (name, value) = match entry.split_once('=') {
            Some((name, text)) => (
                name,
                EnvValue::Literal {
                    text: text.into(),
                    span: None,
                },
            ),
            None => (*entry, EnvValue::From { json: "{}" }),
        };
        EnvVar {
            span: Span::default(),
            name: name.into(),
            value,
        }
    };
    entries.iter().map(variable).collect()
}
