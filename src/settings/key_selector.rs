//! Reads a key of a Secret or a ConfigMap.

use std::borrow::Cow;

use crate::kubernetes::{KeySelector, is_config_map_key};
use json::{Field, Problem, Reader};
use values::is_dns_subdomain;

/// Keys of a ConfigMap in the pod's namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfigMapKeys<'a> {
    pub name: Cow<'a, str>,
    /// The key of the PEM bundle.
    pub key: Cow<'a, str>,
    /// The key of a PKCS#12 store with the same certificates.
    pub pkcs12_key: Option<Cow<'a, str>>,
    pub optional: Option<bool>,
}

/// The fields as they were written.
#[derive(Default)]
struct KeyFields<'a> {
    name: Field<Cow<'a, str>>,
    key: Field<Cow<'a, str>>,
    pkcs12_key: Field<Cow<'a, str>>,
    optional: Field<bool>,
}

/// Reads `{name, key, optional?}` of a Secret.
pub(super) fn read_secret_key<'a>(
    reader: &mut Reader<'a>,
    problems: &mut Vec<Problem>,
) -> Result<Option<KeySelector<'a>>, Problem> {
    let fields = KeyFields::read(reader, problems, "Secret", &["name", "key", "optional"])?;
    Ok(fields.map(|fields| KeySelector {
        name: fields.name.value().unwrap_or_default(),
        key: fields.key.value().unwrap_or_default(),
        optional: fields.optional.value(),
    }))
}

/// Reads `{name, key, pkcs12Key?, optional?}` of a ConfigMap.
pub(super) fn read_config_map_keys<'a>(
    reader: &mut Reader<'a>,
    problems: &mut Vec<Problem>,
) -> Result<Option<ConfigMapKeys<'a>>, Problem> {
    let fields = KeyFields::read(reader, problems, "ConfigMap", &["name", "key", "pkcs12Key", "optional"])?;
    Ok(fields.map(|fields| ConfigMapKeys {
        name: fields.name.value().unwrap_or_default(),
        key: fields.key.value().unwrap_or_default(),
        pkcs12_key: fields.pkcs12_key.value(),
        optional: fields.optional.value(),
    }))
}

impl<'a> KeyFields<'a> {
    /// Reads the `known` fields of a reference to an `object`. A name or key that is missing or wrong is reported, so such
    /// settings are not used.
    fn read(
        reader: &mut Reader<'a>,
        problems: &mut Vec<Problem>,
        object: &str,
        known: &[&str],
    ) -> Result<Option<Self>, Problem> {
        let at = reader.position();
        let mut fields = KeyFields::default();
        let selector = reader.checked_object(problems, |reader, field, problems| {
            match field {
                _ if !known.contains(&field) => {
                    return Err(Problem::unknown_field(reader.position(), field, known));
                }
                "name" => fields.name = reader.field(problems, |reader, _| object_name(reader, object))?,
                "key" => fields.key = reader.field(problems, |reader, _| object_key(reader, object))?,
                "pkcs12Key" => fields.pkcs12_key = reader.field(problems, |reader, _| object_key(reader, object))?,
                _ => fields.optional = reader.field(problems, |reader, _| reader.boolean())?,
            }
            Ok(())
        })?;
        if selector.is_none() {
            return Ok(None);
        }
        for (field, what) in [(&fields.name, "name"), (&fields.key, "key")] {
            if field.is_absent() {
                problems.push(Problem::new(at, format!("must have the {what} of a {object}")));
            }
        }
        Ok(Some(fields))
    }
}

fn object_name<'a>(reader: &mut Reader<'a>, object: &str) -> Result<Option<Cow<'a, str>>, Problem> {
    let at = reader.position();
    let reason = format!("must be the name of a {object}: lower-case letters, digits, - and ., at most 253 characters");
    checked(reader.string()?, is_dns_subdomain, at, reason)
}

fn object_key<'a>(reader: &mut Reader<'a>, object: &str) -> Result<Option<Cow<'a, str>>, Problem> {
    let at = reader.position();
    let reason = format!(
        "must be a key of a {object}: letters, digits, -, _ and ., at most 253 characters; it must not be . or begin with .."
    );
    checked(reader.string()?, is_config_map_key, at, reason)
}

fn checked<'a>(
    text: Option<Cow<'a, str>>,
    is_valid: impl Fn(&str) -> bool,
    at: usize,
    reason: String,
) -> Result<Option<Cow<'a, str>>, Problem> {
    match text {
        Some(text) if !is_valid(&text) => Err(Problem::new(at, reason)),
        text => Ok(text),
    }
}
