//! The value of an environment variable.

use crate::json::{quoted, same};
use crate::key_ref::KeyRef;
use crate::pod::{EnvValue, EnvVar};
use crate::proxy::Proxy;
use crate::record::{Digest, canonical};
use crate::values::Os;

/// Whether the system takes `name=value`.
pub fn fits(name: &str, value: &str, windows: bool) -> bool {
    let os = if windows { Os::Windows } else { Os::Linux };
    os.fits(name, value)
}

/// What a variable is set to, written as JSON once for all the places where it goes.
#[derive(Clone)]
pub struct Value {
    source: Source,
    json: String,
    digest: Digest,
}

#[derive(Clone)]
enum Source {
    Literal(String),
    Secret,
}

impl Value {
    pub fn literal(text: String) -> Self {
        Value {
            json: quoted(&text),
            digest: Digest::of(&text),
            source: Source::Literal(text),
        }
    }

    fn secret(secret: &KeyRef) -> Self {
        let json = format!("{{\"secretKeyRef\":{}}}", secret.json());
        Value {
            digest: Digest::of(&canonical(&json)),
            json,
            source: Source::Secret,
        }
    }

    pub fn of_proxy(proxy: &Proxy) -> Self {
        match proxy {
            Proxy::Url(url) => Value::literal(url.as_str().replace('$', "$$")),
            Proxy::Secret(secret) => Value::secret(secret),
        }
    }

    /// The key under which it stands in an entry of `env`.
    pub fn key(&self) -> &'static str {
        match self.source {
            Source::Literal(_) => "value",
            Source::Secret => "valueFrom",
        }
    }

    /// With quotes and escapes.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The text itself; of what a Secret holds, nothing is known.
    pub fn text(&self) -> &str {
        match &self.source {
            Source::Literal(text) => text,
            Source::Secret => "",
        }
    }

    pub fn digest(&self) -> Digest {
        self.digest
    }

    pub fn is_set_by(&self, variable: &EnvVar) -> bool {
        match (&self.source, &variable.value) {
            (Source::Literal(text), EnvValue::Literal { text: own, .. }) => text == own,
            (Source::Secret, EnvValue::From { json }) => same(json, &self.json),
            _ => false,
        }
    }
}
