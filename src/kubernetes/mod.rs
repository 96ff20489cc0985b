//! Admission requests and pods as the Kubernetes API defines them. The rules of the policy are elsewhere.

mod admission_request;
mod annotations;
mod container;
mod env;
mod label_selector;
mod labels;
mod list;
mod metadata;
mod names;
mod node_selection;
mod pod;
mod volumes;
mod written;

pub(crate) use admission_request::{AdmissionRequest, Subject};
pub(crate) use annotations::{Annotations, MAX_ANNOTATION_BYTES};
pub(crate) use container::Container;
pub(crate) use env::{EnvValue, EnvVar, references};
pub(crate) use label_selector::{label_key, label_value, selects};
pub(crate) use labels::Labels;
pub(crate) use metadata::Metadata;
pub(crate) use names::{is_config_map_key, is_label_value, is_qualified_name};
pub(crate) use node_selection::NodeSelection;
pub(crate) use pod::Pod;
pub(crate) use volumes::{Volume, VolumeMount};
pub(crate) use written::{
    BundleSelector, ClusterTrustBundleSource, KeySelector, VolumeSource, mount_json, secret_source_json, volume_json,
};
