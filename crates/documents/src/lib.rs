//! Reads the files that users have: YAML or JSON, several documents in a file, standard input. Recognises the policy's
//! settings in them, whether they stand alone, in a policy's manifest, or in what Azure prints.

mod aks;
mod policy;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use serde_json::Value;

pub use crate::aks::Aks;
pub use crate::policy::{NamespaceExpression, Operator, Policy};

/// Reads all documents of a file, or of standard input if `path` is `-`. The items of a Kubernetes `List` and of a JSON
/// array count as documents.
///
/// # Errors
/// The file cannot be read, is neither YAML nor JSON, or has no document.
pub fn read(path: &str) -> Result<Vec<Value>> {
    let text = match path {
        "-" => std::io::read_to_string(std::io::stdin()),
        path => std::fs::read_to_string(path),
    };
    let text = text.context("cannot be read")?;
    let documents = parse(&text)?;
    if documents.is_empty() {
        bail!("no document; write settings, a policy's manifest or what az aks show prints");
    }
    Ok(documents)
}

/// Parses all documents of a text. JSON is YAML. Empty documents are ignored.
///
/// # Errors
/// The text is not YAML. The error names the place and quotes nothing: the text may hold a password.
pub fn parse(text: &str) -> Result<Vec<Value>> {
    let mut documents = Vec::new();
    for document in serde_yaml_ng::Deserializer::from_str(text) {
        match Value::deserialize(document).map_err(|error| not_yaml(&error))? {
            Value::Null => {}
            Value::Array(items) => documents.extend(items),
            mut list if list["kind"] == "List" => {
                if let Value::Array(items) = list["items"].take() {
                    documents.extend(items);
                }
            }
            document => documents.push(document),
        }
    }
    Ok(documents)
}

fn not_yaml(error: &serde_yaml_ng::Error) -> anyhow::Error {
    match error.location() {
        Some(place) => anyhow!(
            "line {}, column {}: neither YAML nor JSON",
            place.line(),
            place.column()
        ),
        None => anyhow!("neither YAML nor JSON"),
    }
}

/// What a document is.
#[derive(Clone, Debug)]
pub enum Document {
    /// Settings on their own, or an `httpProxyConfig` on its own: `az aks show --query httpProxyConfig` prints one.
    Settings(Value),
    /// `{settings: …}`: a part of a policy's `spec`, or a file of values.
    Wrapped(Value),
    /// A `ClusterAdmissionPolicy` or an `AdmissionPolicy`.
    Policy(Box<Policy>),
    /// A cluster of AKS: `{httpProxyConfig}`, `{properties: {httpProxyConfig}}`, what `az aks show` prints, or an ARM
    /// template with a cluster.
    Aks(Box<Aks>),
    /// A manifest of another kind, which is given. It holds no settings.
    Other(String),
}

impl Document {
    /// Recognises a document by the fields that it has.
    pub fn recognise(value: Value) -> Self {
        if let Some(kind) = value["kind"].as_str()
            && value["apiVersion"].is_string()
        {
            return match Policy::read(&value) {
                Some(policy) => Document::Policy(Box::new(policy)),
                None => Document::Other(kind.to_owned()),
            };
        }
        if let Some(aks) = Aks::find(&value) {
            return Document::Aks(Box::new(aks));
        }
        match value.get("settings") {
            Some(settings) => Document::Wrapped(settings.clone()),
            None => Document::Settings(value),
        }
    }

    /// The settings; `None` for a manifest of another kind, and for a cluster without a configuration.
    pub fn settings(&self) -> Option<&Value> {
        match self {
            Document::Settings(settings) | Document::Wrapped(settings) => Some(settings),
            Document::Policy(policy) => Some(&policy.settings),
            Document::Aks(aks) => aks.http_proxy_config.as_ref(),
            Document::Other(_) => None,
        }
    }

    /// The path of the settings in the document, such as `spec.settings`; empty for settings on their own.
    pub fn path(&self) -> &str {
        match self {
            Document::Settings(_) | Document::Other(_) => "",
            Document::Wrapped(_) => "settings",
            Document::Policy(_) => "spec.settings",
            Document::Aks(aks) => &aks.path,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CONFIG: &str = "httpProxy: http://proxy:3128/";

    fn recognise(text: &str) -> Document {
        Document::recognise(parse(text).unwrap().remove(0))
    }

    #[test]
    fn settings_are_found_in_each_form_in_which_users_have_them() {
        for (text, path) in [
            (CONFIG, ""),
            ("settings: {httpProxy: http://proxy:3128/}", "settings"),
            (
                "{apiVersion: policies.kubewarden.io/v1, kind: ClusterAdmissionPolicy, spec: {settings: {httpProxy: \
              http://proxy:3128/}}}",
                "spec.settings",
            ),
            (
                "{apiVersion: policies.kubewarden.io/v1, kind: AdmissionPolicy, spec: {settings: {httpProxy: \
              http://proxy:3128/}}}",
                "spec.settings",
            ),
            ("httpProxyConfig: {httpProxy: http://proxy:3128/}", "httpProxyConfig"),
            (
                "properties: {httpProxyConfig: {httpProxy: http://proxy:3128/}}",
                "properties.httpProxyConfig",
            ),
            (
                "{id: /subscriptions/1, fqdn: a.example, httpProxyConfig: {httpProxy: http://proxy:3128/}}",
                "httpProxyConfig",
            ),
            (
                "{$schema: s, resources: [{type: other}, {type: Microsoft.ContainerService/managedClusters, properties: \
                 {httpProxyConfig: {httpProxy: http://proxy:3128/}}}]}",
                "resources[1].properties.httpProxyConfig",
            ),
        ] {
            let document = recognise(text);
            assert_eq!(
                document.settings(),
                Some(&json!({"httpProxy": "http://proxy:3128/"})),
                "{text}"
            );
            assert_eq!(document.path(), path);
        }
    }

    #[test]
    fn a_manifest_of_another_kind_holds_no_settings() {
        let document = recognise("{apiVersion: v1, kind: ConfigMap, data: {settings: a}}");
        assert!(
            matches!(&document, Document::Other(kind) if kind == "ConfigMap"),
            "{document:?}"
        );
        assert_eq!(document.settings(), None);
    }

    #[test]
    fn a_policy_of_the_same_name_in_another_group_is_another_kind() {
        assert!(matches!(
            recognise("{apiVersion: example.com/v1, kind: AdmissionPolicy, spec: {settings: {}}}"),
            Document::Other(_)
        ));
    }

    #[test]
    fn a_policy_without_settings_has_empty_ones() {
        let document = recognise("{apiVersion: policies.kubewarden.io/v1, kind: ClusterAdmissionPolicy, spec: {}}");
        assert_eq!(document.settings(), Some(&json!({})));
    }

    #[test]
    fn lists_arrays_and_streams_are_several_documents() {
        assert_eq!(parse("a: 1\n---\n---\nb: 2\n").unwrap().len(), 2);
        assert_eq!(
            parse(r#"{"kind": "List", "items": [{"a": 1}, {"b": 2}]}"#)
                .unwrap()
                .len(),
            2
        );
        assert_eq!(parse(r#"[{"a": 1}, {"b": 2}]"#).unwrap().len(), 2);
    }

    #[test]
    fn an_error_names_the_place_and_quotes_nothing() {
        let error = parse("a: 1\nb: [http://u:hunter2@proxy").unwrap_err();
        assert_eq!(format!("{error:#}"), "line 3, column 1: neither YAML nor JSON");
    }
}
