//! A container's `env`.

use std::borrow::Cow;

use crate::kubernetes::list::read_list;
use json::{Problem, Reader, Span};
use memchr::memchr;

/// An entry of `env`.
#[derive(Clone, Debug)]
pub(crate) struct EnvVar<'a> {
    pub span: Span,
    pub name: Cow<'a, str>,
    pub value: EnvValue<'a>,
}

/// What an entry of `env` sets a variable to.
#[derive(Clone, Debug)]
pub(crate) enum EnvValue<'a> {
    /// `value`; an entry without one sets the empty value.
    Literal {
        text: Cow<'a, str>,
        /// Where `value` is, if it is there.
        span: Option<Span>,
    },
    /// `valueFrom`, known to the kubelet only.
    From { json: &'a str },
}

impl<'a> EnvVar<'a> {
    pub(super) fn read_list(reader: &mut Reader<'a>) -> Result<Vec<Self>, Problem> {
        read_list(reader, EnvVar::read)
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut name = Cow::Borrowed("");
        let mut text = None;
        let mut text_span = None;
        let mut from = None;
        let span = reader.required_object(|reader, field| {
            match field {
                "name" => name = reader.string()?.unwrap_or_default(),
                "value" => {
                    let (span, value) = reader.spanned(Reader::string)?;
                    (text, text_span) = (value, Some(span));
                }
                "valueFrom" => {
                    if !reader.is_object() && !reader.is_null() {
                        return Err(Problem::new(reader.position(), "must be an object"));
                    }
                    let is_there = !reader.is_null();
                    from = Some(reader.skipped_text()?).filter(|_| is_there);
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let value = match from {
            Some(json) => EnvValue::From { json },
            None => EnvValue::Literal {
                text: text.unwrap_or_default(),
                span: text_span,
            },
        };
        Ok(EnvVar { span, name, value })
    }

    /// The `value`; `None` for `valueFrom`.
    pub(crate) fn literal(&self) -> Option<&str> {
        match &self.value {
            EnvValue::Literal { text, .. } => Some(text),
            EnvValue::From { .. } => None,
        }
    }
}

/// The names that a value refers to, as in `$(NAME)`. The kubelet expands them from the variables before it. `$$`
/// is an escaped `$` and starts no reference.
/// <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>
///
/// | value | refers to |
/// | --- | --- |
/// | `--proxy=$(HTTP_PROXY),$(B)` | `HTTP_PROXY`, `B` |
/// | `$$(A)`, `$A`, `${A}`, `$(A` | nothing |
pub(crate) fn references(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = value;
    std::iter::from_fn(move || {
        loop {
            rest = &rest[memchr(b'$', rest.as_bytes())? + 1..];
            if let Some(escaped) = rest.strip_prefix('$') {
                rest = escaped;
            } else if let Some(opened) = rest.strip_prefix('(') {
                // If this bracket is not closed, no later one is.
                let (name, after) = opened.split_once(')')?;
                rest = after;
                return Some(name);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_the_kubelet_reads_them() {
        for (value, names) in [
            ("--proxy=$(HTTP_PROXY),$(B)", &["HTTP_PROXY", "B"][..]),
            ("$$(A)$$$(B)", &["B"]),
            ("$A ${A} $(A", &[]),
            ("$(A$(B)", &["A$(B"]),
            ("$", &[]),
            ("sixteen bytes and more $(A)", &["A"]),
        ] {
            assert_eq!(references(value).collect::<Vec<_>>(), names, "{value}");
        }
    }
}
