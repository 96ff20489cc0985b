//! What a user has entered on the page: all that decides the answer, and all that a link shares.

use serde::Deserialize;

/// How messages name the two texts, and the fields.
pub const SETTINGS: &str = "settings";
pub const OBJECTS: &str = "objects";
pub const NAMESPACE: &str = "namespace";
pub const NAMESPACE_LABELS: &str = "namespaceLabels";

/// The fields of the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct State {
    /// Settings or a policy manifest, as YAML or JSON.
    pub settings: String,
    /// Pods, workloads and namespaces, as YAML or JSON.
    pub objects: String,
    /// The namespace of the request; empty: that of each object, or `default`.
    #[serde(default)]
    pub namespace: String,
    /// `KEY=VALUE,KEY=VALUE`; empty: not known.
    #[serde(default)]
    pub namespace_labels: String,
    /// `CREATE`, `UPDATE` or `DELETE`; empty: `CREATE`.
    #[serde(default)]
    pub operation: String,
    /// Sets `mode: Report` in the settings.
    #[serde(default)]
    pub report: bool,
}

impl State {
    /// The texts of the page, by the names of their fields.
    pub fn texts(&self) -> [(&'static str, &str); 5] {
        [
            (SETTINGS, &self.settings),
            (OBJECTS, &self.objects),
            (NAMESPACE, &self.namespace),
            (NAMESPACE_LABELS, &self.namespace_labels),
            ("operation", &self.operation),
        ]
    }
}
