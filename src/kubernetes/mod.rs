//! Admission requests and pods as the Kubernetes API defines them. The rules of the policy are elsewhere.

mod admission_request;
mod annotations;
mod container;
mod env;
mod label_selector;
mod labels;
mod list;
mod metadata;
pub(crate) mod names;
mod node_selection;
mod pod;
mod volumes;
mod written;

pub(crate) use admission_request::{AdmissionRequest, NoSubject, Subject};
pub(crate) use annotations::{Annotation, Annotations, MAX_ANNOTATION_BYTES};
pub(crate) use container::{Container, EnvFrom};
pub(crate) use env::{EnvValue, EnvVar, references};
pub(crate) use label_selector::{LabelPairs, LabelSelector, label_value, read_labels};
pub(crate) use metadata::Metadata;
pub(crate) use names::is_config_map_key;
pub(crate) use pod::{Pod, PodSpec};
pub(crate) use volumes::VolumeMount;
pub(crate) use written::{
    BundleSelector, ClusterTrustBundleSource, KeySelector, VolumeSource, mount_json, secret_source_json, volume_json,
};
