//! YAML as kubectl writes it, for kubectl to read: what YAML 1.1 would take for a boolean or a number is quoted.

use anyhow::Result;
use serde::Serialize;
use serde_saphyr::{SerializerOptions, ser_options};

/// One document.
///
/// # Errors
/// The value cannot be serialised.
pub fn to_yaml(value: &impl Serialize) -> Result<String> {
    // Long lines are not folded: a folded line is hard to search for and to copy.
    let options: SerializerOptions = ser_options! { folded_wrap_chars: usize::MAX };
    Ok(serde_saphyr::to_string_with_options(value, options)?)
}

/// Several documents, with `---` between them.
///
/// # Errors
/// As [`to_yaml`].
pub fn to_yaml_documents<T: Serialize>(values: &[T]) -> Result<String> {
    let documents = values.iter().map(to_yaml).collect::<Result<Vec<String>>>()?;
    Ok(documents.join("---\n"))
}
