//! The settings that the user has, in whatever document.

use anyhow::{Context, Result, bail};
use documents::{Document, Policy};
use serde_json::Value;

pub struct Settings {
    /// The file, and where in it the settings are.
    pub source: String,
    pub value: Value,
    /// The manifest that they are from.
    pub policy: Option<Policy>,
}

/// How messages name a file.
pub fn label(path: &str) -> &str {
    if path == "-" { "standard input" } else { path }
}

impl Settings {
    /// Reads a file that has one document with settings.
    ///
    /// # Errors
    /// The file cannot be read, or it has no settings, or several documents with settings.
    pub fn read(path: &str) -> Result<Self> {
        let label = label(path);
        let documents = documents::read(path).with_context(|| label.to_owned())?;
        let found = documents
            .into_iter()
            .map(Document::recognise)
            .filter(|document| document.settings().is_some());
        let found: Vec<Document> = found.collect();
        let [document] = found.as_slice() else {
            bail!(
                "{label}: {} documents with settings; pass one: settings, a policy's manifest or the output of az aks show",
                found.len()
            );
        };
        let source = match document.path() {
            "" => label.to_owned(),
            path => format!("{label}, {path}"),
        };
        Ok(Settings {
            source,
            value: document.settings().cloned().unwrap_or_default(),
            policy: match document {
                Document::Policy(policy) => Some((**policy).clone()),
                _ => None,
            },
        })
    }

    /// Whether the API server sends the objects of a namespace to the policy.
    pub fn selects(&self, namespace: &str) -> bool {
        self.policy.as_ref().is_none_or(|policy| policy.selects(namespace))
    }
}
