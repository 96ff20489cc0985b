//! The value of an environment variable.

use crate::injection::record::Digest;
use crate::json::{quoted, same};
use crate::kubernetes::{EnvValue, EnvVar, secret_source_json};
use crate::settings::Proxy;

/// The value of a variable, written as JSON once for all places where it is used.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    source: Source,
    json: String,
    digest: Digest,
}

#[derive(Clone, Debug)]
enum Source {
    Literal(String),
    Secret,
}

impl Value {
    /// A text in which `$(NAME)` is a reference.
    pub(crate) fn literal(text: String) -> Self {
        Value {
            json: quoted(&text),
            digest: Digest::new(&text),
            source: Source::Literal(text),
        }
    }

    /// The URL of a proxy. A `$` in it is doubled, which is Kubernetes' escape.
    pub(crate) fn of_proxy(proxy: &Proxy) -> Self {
        match proxy {
            Proxy::Url(url) => Value::literal(url.as_str().replace('$', "$$")),
            Proxy::Secret(secret) => {
                let json = secret_source_json(secret);
                Value {
                    digest: Digest::new(&json),
                    json,
                    source: Source::Secret,
                }
            }
        }
    }

    /// The key of this value in an entry of `env`.
    pub(crate) fn key(&self) -> &'static str {
        match self.source {
            Source::Literal(_) => "value",
            Source::Secret => "valueFrom",
        }
    }

    /// As JSON.
    pub(crate) fn json(&self) -> &str {
        &self.json
    }

    /// The text; empty for a value from a Secret.
    pub(crate) fn text(&self) -> &str {
        match &self.source {
            Source::Literal(text) => text,
            Source::Secret => "",
        }
    }

    pub(crate) fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether an entry of `env` has this value.
    pub(crate) fn is_set_by(&self, variable: &EnvVar) -> bool {
        match (&self.source, &variable.value) {
            (Source::Literal(text), EnvValue::Literal { text: other, .. }) => text == other,
            (Source::Secret, EnvValue::From { json }) => same(json, &self.json),
            _ => false,
        }
    }
}
