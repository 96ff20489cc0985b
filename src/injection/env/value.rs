//! The value of an environment variable.

use std::rc::Rc;

use crate::kubernetes::{EnvValue, EnvVar, secret_source_json};
use crate::settings::Proxy;
use json::{push_quoted, same};
use values::Digest;

/// What the member of a literal starts with; a quote ends it.
const LITERAL: &str = "\"value\":\"";

/// The value of a variable, written as JSON once for all places where it is used.
#[derive(Clone)]
pub(crate) struct Value(Rc<Content>);

struct Content {
    /// `value`, or `valueFrom` for a value from a Secret.
    key: &'static str,
    /// The key and the value as JSON.
    member: String,
    /// The text, unless it stands in `member` as it is. Empty for a value from a Secret.
    text: Option<String>,
    digest: Digest,
}

impl Value {
    /// A text in which `$(NAME)` is a reference.
    pub(crate) fn literal(text: &str) -> Self {
        let mut member = String::with_capacity(LITERAL.len() + text.len() + text.len() / 32 + 1);
        member.push_str("\"value\":");
        push_quoted(&mut member, text);
        let has_escapes = member.len() > LITERAL.len() + text.len() + 1;
        Value(Rc::new(Content {
            key: "value",
            member,
            text: has_escapes.then(|| text.to_owned()),
            digest: Digest::new(text),
        }))
    }

    /// The URL of a proxy. A `$` in it is doubled, which is Kubernetes' escape.
    pub(crate) fn of_proxy(proxy: &Proxy) -> Self {
        match proxy {
            Proxy::Url(url) if url.as_str().contains('$') => Value::literal(&url.as_str().replace('$', "$$")),
            Proxy::Url(url) => Value::literal(url.as_str()),
            Proxy::Secret(secret) => {
                let json = secret_source_json(secret);
                Value(Rc::new(Content {
                    key: "valueFrom",
                    member: ["\"valueFrom\":", &json].concat(),
                    text: Some(String::new()),
                    digest: Digest::new(&json),
                }))
            }
        }
    }

    /// The key of this value in an entry of `env`.
    pub(crate) fn key(&self) -> &'static str {
        self.0.key
    }

    /// As the member of an entry of `env`: key and value.
    pub(crate) fn member(&self) -> &str {
        &self.0.member
    }

    /// As JSON.
    pub(crate) fn json(&self) -> &str {
        &self.0.member[self.0.key.len() + "\"\":".len()..]
    }

    /// The text; empty for a value from a Secret.
    pub(crate) fn text(&self) -> &str {
        let Content { member, text, .. } = &*self.0;
        match text {
            Some(text) => text,
            None => &member[LITERAL.len()..member.len() - 1],
        }
    }

    pub(crate) fn digest(&self) -> Digest {
        self.0.digest
    }

    /// Whether it is this literal.
    pub(crate) fn is_literal(&self, text: &str) -> bool {
        self.0.key == "value" && self.text() == text
    }

    /// Whether an entry of `env` has this value.
    pub(crate) fn is_set_by(&self, variable: &EnvVar) -> bool {
        match (self.key(), &variable.value) {
            ("value", EnvValue::Literal { text, .. }) => text == self.text(),
            ("valueFrom", EnvValue::From { json }) => same(json, self.json()),
            _ => false,
        }
    }
}
