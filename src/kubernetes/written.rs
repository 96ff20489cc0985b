//! The volumes, mounts and variables that the policy writes, in the types and the defaulted form of the API.
//!
//! Each struct has the members of the API's type that the policy writes, in the order of their names. The types of `k8s_openapi` would
//! bring what the policy never writes into the module, and take longer to build than all the rest; the tests write and read with them.

use std::borrow::Cow;

use json::parsed;
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
    /// Keys of a ConfigMap, each with the name of its file.
    ConfigMap {
        name: &'s str,
        optional: Option<bool>,
        items: Vec<(&'s str, &'s str)>,
    },
    /// An OCI image: all its files.
    /// <https://kubernetes.io/docs/tasks/configure-pod-container/image-volumes/>
    Image { reference: &'s str, pull_policy: &'s str },
    /// ClusterTrustBundles, as a file of this name.
    ClusterTrustBundle {
        source: &'s ClusterTrustBundleSource<'s>,
        path: &'s str,
    },
}

/// `EnvVarSource`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EnvVarSource<'v> {
    secret_key_ref: SecretKeySelector<'v>,
}

#[derive(Serialize)]
struct SecretKeySelector<'v> {
    key: &'v str,
    name: &'v str,
    #[serde(skip_serializing_if = "Option::is_none")]
    optional: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VolumeMount<'v> {
    mount_path: &'v str,
    name: &'v str,
    read_only: bool,
}

/// A `Volume`: its name and its source, in the order of the names of their members.
#[derive(Serialize)]
#[serde(untagged)]
enum Volume<'v> {
    #[serde(rename_all = "camelCase")]
    ConfigMap {
        config_map: ConfigMapVolumeSource<'v>,
        name: &'v str,
    },
    DownwardApi {
        #[serde(rename = "downwardAPI")]
        downward_api: DownwardApiVolumeSource<'v>,
        name: &'v str,
    },
    Image {
        image: ImageVolumeSource<'v>,
        name: &'v str,
    },
    Projected {
        name: &'v str,
        projected: ProjectedVolumeSource<'v>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConfigMapVolumeSource<'v> {
    default_mode: i32,
    items: Vec<KeyToPath<'v>>,
    name: &'v str,
    #[serde(skip_serializing_if = "Option::is_none")]
    optional: Option<bool>,
}

#[derive(Serialize)]
struct KeyToPath<'v> {
    key: &'v str,
    path: &'v str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DownwardApiVolumeSource<'v> {
    default_mode: i32,
    items: Vec<DownwardApiVolumeFile<'v>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DownwardApiVolumeFile<'v> {
    field_ref: ObjectFieldSelector,
    path: &'v str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectFieldSelector {
    api_version: &'static str,
    field_path: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImageVolumeSource<'v> {
    pull_policy: &'v str,
    reference: &'v str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProjectedVolumeSource<'v> {
    default_mode: i32,
    sources: [VolumeProjection<'v>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VolumeProjection<'v> {
    cluster_trust_bundle: ClusterTrustBundleProjection<'v>,
}

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
    json(&EnvVarSource {
        secret_key_ref: SecretKeySelector {
            key: &secret.key,
            name: &secret.name,
            optional: secret.optional,
        },
    })
}

/// An entry of `volumeMounts` as JSON: the whole volume, read-only.
pub(crate) fn mount_json(volume: &str, path: &str) -> String {
    json(&VolumeMount {
        mount_path: path,
        name: volume,
        read_only: true,
    })
}

/// An entry of `volumes` as JSON, as the API server stores it.
pub(crate) fn volume_json(name: &str, source: &VolumeSource) -> String {
    json(&match source {
        VolumeSource::Annotation { key, paths } => Volume::DownwardApi {
            downward_api: DownwardApiVolumeSource {
                default_mode: DEFAULT_MODE,
                items: paths.iter().map(|path| annotation_file(key, path)).collect(),
            },
            name,
        },
        VolumeSource::ConfigMap {
            name: config_map,
            optional,
            items,
        } => Volume::ConfigMap {
            config_map: ConfigMapVolumeSource {
                default_mode: DEFAULT_MODE,
                items: items.iter().map(|(key, path)| KeyToPath { key, path }).collect(),
                name: config_map,
                optional: *optional,
            },
            name,
        },
        VolumeSource::Image { reference, pull_policy } => Volume::Image {
            image: ImageVolumeSource { pull_policy, reference },
            name,
        },
        VolumeSource::ClusterTrustBundle { source, path } => Volume::Projected {
            name,
            projected: ProjectedVolumeSource {
                default_mode: DEFAULT_MODE,
                sources: [VolumeProjection {
                    cluster_trust_bundle: projection(source, path),
                }],
            },
        },
    })
}

fn annotation_file<'v>(annotation: &str, path: &'v str) -> DownwardApiVolumeFile<'v> {
    DownwardApiVolumeFile {
        field_ref: ObjectFieldSelector {
            api_version: "v1",
            field_path: format!("metadata.annotations['{annotation}']"),
        },
        path,
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
    let mut selector = parsed(selector).unwrap_or_default();
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
            expression
                .retain(|_, member| !member.is_null() && member.as_array().is_none_or(|values| !values.is_empty()));
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
    use json::canonical;

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
            name: "corp",
            optional: None,
            items: vec![("ca.crt", "a"), ("ca.p12", "b")],
        };
        check::<api::Volume>(
            &volume_json("ca", &config_map),
            r#"{"configMap":{"defaultMode":420,"items":[{"key":"ca.crt","path":"a"},{"key":"ca.p12","path":"b"}],"name":"corp"},"name":"ca"}"#,
        );
        let image = VolumeSource::Image {
            reference: "example.com/ca:1",
            pull_policy: "IfNotPresent",
        };
        check::<api::Volume>(
            &volume_json("ca", &image),
            r#"{"image":{"pullPolicy":"IfNotPresent","reference":"example.com/ca:1"},"name":"ca"}"#,
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
                signer(
                    r#"{"matchLabels":null,"matchExpressions":[{"operator":"Exists","values":null,"key":"a"},{"operator":"Exists","values":[],"key":"b"}]}"#,
                ),
                None,
            ),
            r#"{"name":"ca","projected":{"defaultMode":420,"sources":[{"clusterTrustBundle":{"labelSelector":{"matchExpressions":[{"key":"a","operator":"Exists"},{"key":"b","operator":"Exists"}]},"path":"a","signerName":"example.com/ca"}}]}}"#,
        );
        check::<api::Volume>(
            &volume(signer("{}"), None),
            r#"{"name":"ca","projected":{"defaultMode":420,"sources":[{"clusterTrustBundle":{"labelSelector":{},"path":"a","signerName":"example.com/ca"}}]}}"#,
        );
    }
}
