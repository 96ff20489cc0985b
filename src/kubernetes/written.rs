//! The volumes, mounts and variables that the policy writes, in the types and the defaulted form of the API.
//!
//! `Volume` and `EnvVar` of `k8s_openapi` would bring every kind of source into the module, and `LabelSelector` the reading of its
//! types. So this module has its own structs around the sources that the policy writes.

use std::borrow::Cow;

use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, DownwardAPIVolumeFile, DownwardAPIVolumeSource, KeyToPath, ObjectFieldSelector,
    SecretKeySelector, VolumeMount,
};
use serde::Serialize;
use serde_json::Value;

/// The mode that the API server fills in if a volume does not set one for its files: 0644.
const DEFAULT_MODE: i32 = 0o644;

/// A key of a Secret or a ConfigMap in the pod's namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeySelector<'a> {
    pub name: Cow<'a, str>,
    pub key: Cow<'a, str>,
    pub optional: Option<bool>,
}

/// One or several ClusterTrustBundles.
/// <https://kubernetes.io/docs/concepts/storage/projected-volumes/#clustertrustbundle>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClusterTrustBundleSource<'a> {
    pub bundles: BundleSelector<'a>,
    pub optional: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BundleSelector<'a> {
    Name(Cow<'a, str>),
    Signer {
        signer_name: Cow<'a, str>,
        /// A `LabelSelector` in JSON, which selects among the signer's bundles.
        label_selector: &'a str,
    },
}

/// The source of the bundle in a volume.
pub(crate) enum VolumeSource<'s> {
    /// An annotation of the pod, as files of these names.
    Annotation { key: &'s str, paths: Vec<&'s str> },
    /// A key of a ConfigMap, as a file of this name.
    ConfigMap { key: &'s KeySelector<'s>, path: &'s str },
    /// ClusterTrustBundles, as a file of this name.
    ClusterTrustBundle {
        source: &'s ClusterTrustBundleSource<'s>,
        path: &'s str,
    },
}

/// `valueFrom` of a variable whose value is a Secret's key.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SecretSource {
    secret_key_ref: SecretKeySelector,
}

/// An entry of `volumes`, with one of the sources.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Volume<'v> {
    #[serde(skip_serializing_if = "Option::is_none")]
    config_map: Option<ConfigMapVolumeSource>,
    #[serde(rename = "downwardAPI", skip_serializing_if = "Option::is_none")]
    downward_api: Option<DownwardAPIVolumeSource>,
    name: &'v str,
    #[serde(skip_serializing_if = "Option::is_none")]
    projected: Option<Projected<'v>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Projected<'v> {
    default_mode: i32,
    sources: [Projection<'v>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Projection<'v> {
    cluster_trust_bundle: ClusterTrustBundleProjection<'v>,
}

/// The source `clusterTrustBundle`.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterTrustBundleProjection<'v> {
    #[serde(skip_serializing_if = "Option::is_none")]
    label_selector: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'v str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    optional: Option<bool>,
    path: &'v str,
    #[serde(skip_serializing_if = "Option::is_none")]
    signer_name: Option<&'v str>,
}

/// `valueFrom` of a variable, as JSON.
pub(crate) fn secret_source_json(secret: &KeySelector) -> String {
    json(&SecretSource {
        secret_key_ref: SecretKeySelector {
            key: secret.key.clone().into_owned(),
            name: secret.name.clone().into_owned(),
            optional: secret.optional,
        },
    })
}

/// An entry of `volumeMounts` as JSON: the whole volume, read-only.
pub(crate) fn mount_json(volume: &str, path: &str) -> String {
    json(&VolumeMount {
        mount_path: path.to_owned(),
        name: volume.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    })
}

/// An entry of `volumes` as JSON, as the API server stores it.
pub(crate) fn volume_json(name: &str, source: &VolumeSource) -> String {
    let mut volume = Volume {
        name,
        ..Volume::default()
    };
    match source {
        VolumeSource::Annotation { key, paths } => {
            volume.downward_api = Some(DownwardAPIVolumeSource {
                default_mode: Some(DEFAULT_MODE),
                items: Some(paths.iter().map(|path| annotation_file(key, path)).collect()),
            });
        }
        VolumeSource::ConfigMap { key, path } => {
            volume.config_map = Some(ConfigMapVolumeSource {
                default_mode: Some(DEFAULT_MODE),
                items: Some(vec![KeyToPath {
                    key: key.key.clone().into_owned(),
                    path: (*path).to_owned(),
                    ..KeyToPath::default()
                }]),
                name: key.name.clone().into_owned(),
                optional: key.optional,
            });
        }
        VolumeSource::ClusterTrustBundle { source, path } => {
            volume.projected = Some(Projected {
                default_mode: DEFAULT_MODE,
                sources: [Projection {
                    cluster_trust_bundle: projection(source, path),
                }],
            });
        }
    }
    json(&volume)
}

fn annotation_file(annotation: &str, path: &str) -> DownwardAPIVolumeFile {
    DownwardAPIVolumeFile {
        field_ref: Some(ObjectFieldSelector {
            api_version: Some("v1".to_owned()),
            field_path: format!("metadata.annotations['{annotation}']"),
        }),
        path: path.to_owned(),
        ..DownwardAPIVolumeFile::default()
    }
}

fn projection<'v>(source: &'v ClusterTrustBundleSource, path: &'v str) -> ClusterTrustBundleProjection<'v> {
    let mut projection = ClusterTrustBundleProjection {
        optional: source.optional,
        path,
        ..ClusterTrustBundleProjection::default()
    };
    match &source.bundles {
        BundleSelector::Name(name) => projection.name = Some(name),
        BundleSelector::Signer {
            signer_name,
            label_selector,
        } => {
            projection.signer_name = Some(signer_name);
            projection.label_selector = Some(as_stored(label_selector));
        }
    }
    projection
}

/// A label selector as the API server stores it: without members that are empty or `null`.
fn as_stored(selector: &str) -> Value {
    let mut selector: Value = serde_json::from_str(selector).unwrap_or_default();
    if let Some(members) = selector.as_object_mut() {
        members.retain(|_, member| match member {
            Value::Null => false,
            Value::Array(expressions) => !expressions.is_empty(),
            Value::Object(labels) => !labels.is_empty(),
            _ => true,
        });
    }
    if let Some(Value::Array(expressions)) = selector.get_mut("matchExpressions") {
        for expression in expressions.iter_mut().filter_map(Value::as_object_mut) {
            expression.retain(|_, member| !member.is_null());
        }
    }
    selector
}

/// All keys of these types are strings, so writing them does not fail.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1 as api;
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::json::canonical;

    /// The JSON is canonical, the API's type reads it, and writing that type gives the same JSON.
    #[track_caller]
    fn check<T: DeserializeOwned + Serialize>(written: &str, expected: &str) {
        assert_eq!(written, expected);
        assert_eq!(canonical(written), written);
        let typed: T = serde_json::from_str(written).unwrap();
        assert_eq!(serde_json::to_string(&typed).unwrap(), written);
    }

    fn key(optional: Option<bool>) -> KeySelector<'static> {
        KeySelector {
            name: "corp".into(),
            key: "ca.crt".into(),
            optional,
        }
    }

    #[test]
    fn what_is_written_is_what_the_api_knows() {
        check::<api::EnvVarSource>(
            &secret_source_json(&key(Some(false))),
            r#"{"secretKeyRef":{"key":"ca.crt","name":"corp","optional":false}}"#,
        );
        check::<api::VolumeMount>(
            &mount_json("ca", "/etc/ca"),
            r#"{"mountPath":"/etc/ca","name":"ca","readOnly":true}"#,
        );
        let annotation = VolumeSource::Annotation {
            key: "example.com/ca",
            paths: vec!["a"],
        };
        check::<api::Volume>(
            &volume_json("ca", &annotation),
            r#"{"downwardAPI":{"defaultMode":420,"items":[{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.annotations['example.com/ca']"},"path":"a"}]},"name":"ca"}"#,
        );
        let config_map = VolumeSource::ConfigMap {
            key: &key(None),
            path: "a",
        };
        check::<api::Volume>(
            &volume_json("ca", &config_map),
            r#"{"configMap":{"defaultMode":420,"items":[{"key":"ca.crt","path":"a"}],"name":"corp"},"name":"ca"}"#,
        );
    }

    #[test]
    fn a_cluster_trust_bundle_is_written_as_the_api_server_stores_it() {
        let volume = |bundles, optional| {
            let source = ClusterTrustBundleSource { bundles, optional };
            volume_json(
                "ca",
                &VolumeSource::ClusterTrustBundle {
                    source: &source,
                    path: "a",
                },
            )
        };
        check::<api::Volume>(
            &volume(BundleSelector::Name("corp".into()), Some(true)),
            r#"{"name":"ca","projected":{"defaultMode":420,"sources":[{"clusterTrustBundle":{"name":"corp","optional":true,"path":"a"}}]}}"#,
        );
        let signer = |label_selector| BundleSelector::Signer {
            signer_name: "example.com/ca".into(),
            label_selector,
        };
        check::<api::Volume>(
            &volume(signer(r#"{ "matchLabels": {"b":"c"}, "matchExpressions": [] }"#), None),
            r#"{"name":"ca","projected":{"defaultMode":420,"sources":[{"clusterTrustBundle":{"labelSelector":{"matchLabels":{"b":"c"}},"path":"a","signerName":"example.com/ca"}}]}}"#,
        );
        check::<api::Volume>(
            &volume(
                signer(r#"{"matchLabels":null,"matchExpressions":[{"operator":"Exists","values":null,"key":"a"}]}"#),
                None,
            ),
            r#"{"name":"ca","projected":{"defaultMode":420,"sources":[{"clusterTrustBundle":{"labelSelector":{"matchExpressions":[{"key":"a","operator":"Exists"}]},"path":"a","signerName":"example.com/ca"}}]}}"#,
        );
        check::<api::Volume>(
            &volume(signer("{}"), None),
            r#"{"name":"ca","projected":{"defaultMode":420,"sources":[{"clusterTrustBundle":{"labelSelector":{},"path":"a","signerName":"example.com/ca"}}]}}"#,
        );
    }
}
