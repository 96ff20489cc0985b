//! A key of a ConfigMap or a Secret in the pod's namespace.

use std::borrow::Cow;

use crate::json::{Reader, quoted};
use crate::problem::Problem;
use crate::values::is_dns_subdomain;

/// What Kubernetes calls `configMapKeyRef` or `secretKeyRef`: `{name, key, optional?}`.
#[derive(Clone, Debug)]
pub struct KeyRef<'a> {
    pub name: Cow<'a, str>,
    pub key: Cow<'a, str>,
    pub optional: Option<bool>,
}

impl<'a> KeyRef<'a> {
    /// Reads `{<kind>: {name, key, optional?}}`.
    pub fn read(reader: &mut Reader<'a>, kind: &str, problems: &mut Vec<Problem>) -> Result<Option<Self>, Problem> {
        let at = reader.position();
        let (mut name, mut key, mut optional) = (None, None, None);
        let source = reader.object(|reader, field| {
            if field != kind {
                problems.push(Problem::unknown_field(reader.position()));
                return reader.skip();
            }
            reader.object(|reader, field| {
                match field {
                    "name" => name = reader.string()?,
                    "key" => key = reader.string()?,
                    "optional" => optional = reader.boolean()?,
                    _ => {
                        problems.push(Problem::unknown_field(reader.position()));
                        reader.skip()?;
                    }
                }
                Ok(())
            })?;
            Ok(())
        })?;
        match (name, key) {
            _ if source.is_none() => Ok(None),
            (Some(name), Some(key)) if is_dns_subdomain(&name) && is_key(&key) => {
                Ok(Some(KeyRef { name, key, optional }))
            }
            _ => {
                let object = if kind == "secretKeyRef" { "Secret" } else { "ConfigMap" };
                let fault =
                    format!("must be {{{kind}: {{name: …, key: …}}}}, with the name of a {object} and a key of it");
                Err(Problem::new(at, fault))
            }
        }
    }

    /// The reference as the API server writes it.
    pub fn json(&self) -> String {
        let optional = self.optional.map(|optional| format!(",\"optional\":{optional}"));
        format!(
            "{{\"key\":{},\"name\":{}{}}}",
            quoted(&self.key),
            quoted(&self.name),
            optional.unwrap_or_default()
        )
    }
}

/// <https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-object>
fn is_key(key: &str) -> bool {
    (1..=253).contains(&key.len())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
