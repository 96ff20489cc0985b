//! Decides the CA's volume, and the annotation that it may project.

use serde_json::Value;

use crate::kubernetes::{PodSpec, VolumeSource, volume_json as written};
use crate::pod_options::TRUSTED_CA as ANNOTATION;
use crate::settings::TrustedCa;
use json::{Choice, Span, canonical, parsed};
use values::Digest;

/// The volume.
pub(crate) const NAME: &str = "http-proxy-trusted-ca";

/// The bundle's file.
const FILE: &str = "ca.crt";

/// The file of the PKCS#12 store.
pub(super) const TRUST_STORE: &str = "truststore.p12";

/// The volume as stored by an API server that does not support the source `clusterTrustBundle`: it drops unknown fields
/// without an error.
const EMPTIED: &str = r#"{"name":"http-proxy-trusted-ca","projected":{"defaultMode":420,"sources":[{}]}}"#;

/// The pod's current volume of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CurrentVolume {
    None,
    /// It belongs to the policy: the record claims it, or it equals what the policy writes.
    Ours {
        span: Span,
        /// Whether the record claims it.
        claimed: bool,
        /// Whether it needs no change.
        current: bool,
        /// Whether an API server dropped its source.
        emptied: bool,
        /// Whether it projects the annotation.
        projects_annotation: bool,
    },
    /// It does not belong to the policy.
    Foreign,
}

/// What to do with the volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VolumePlan {
    /// It stays, or there is none; with its digest if the record claims it.
    Leave(Option<Digest>),
    /// It is added, or replaces the one at the span.
    Write(Option<Span>),
    /// It is removed.
    Remove(Span),
}

/// The volume as the API server stores it.
pub(crate) fn volume_json(trusted_ca: &TrustedCa) -> String {
    let source = match trusted_ca {
        TrustedCa::Bundle(bundle) => VolumeSource::Annotation {
            key: ANNOTATION,
            paths: std::iter::once(FILE)
                .chain(bundle.hashed_names.iter().map(String::as_str))
                .collect(),
        },
        TrustedCa::ConfigMap(keys) => VolumeSource::ConfigMap {
            name: &keys.name,
            optional: keys.optional,
            items: std::iter::once((&*keys.key, FILE))
                .chain(keys.pkcs12_key.iter().map(|key| (&**key, TRUST_STORE)))
                .collect(),
        },
        TrustedCa::ClusterTrustBundle(source) => VolumeSource::ClusterTrustBundle { source, path: FILE },
        TrustedCa::Image(image) => VolumeSource::Image {
            reference: &image.reference,
            pull_policy: image.pull_policy.word(),
        },
    };
    written(NAME, &source)
}

impl CurrentVolume {
    /// Looks for the volume. `wanted` is the CA that the pod is to have, with its volume; `claim` is from the record.
    pub(crate) fn find(text: &str, spec: &PodSpec, wanted: Option<(&TrustedCa, &str)>, claim: Option<Digest>) -> Self {
        let Some(volume) = spec.volumes.iter().rfind(|volume| volume.name == NAME) else {
            return CurrentVolume::None;
        };
        let span = volume.span;
        let there = canonical(span.of(text));
        let emptied = there == EMPTIED;
        let claimed = claim.is_some() && (emptied || claim == Some(Digest::new(&there)));
        let current = wanted.is_some_and(|(_, wanted)| there == wanted);
        let wants_bundles = matches!(wanted, Some((TrustedCa::ClusterTrustBundle(_), _)));
        let is_ours = claimed || current || is_of_some_bundle(&there) || emptied && wants_bundles;
        if !is_ours {
            return CurrentVolume::Foreign;
        }
        CurrentVolume::Ours {
            span,
            claimed,
            current,
            emptied,
            projects_annotation: there.contains(&format!("metadata.annotations['{ANNOTATION}']")),
        }
    }

    /// Whether the policy may write the volume.
    pub(crate) fn is_free(self) -> bool {
        self != CurrentVolume::Foreign
    }
}

/// Whether a volume is what the policy writes for any bundle: it projects the policy's annotation and nothing else, as
/// the file of the bundle and under the names by which OpenSSL looks for certificates. A volume that projects the
/// annotation under a different name does not belong to the policy.
fn is_of_some_bundle(volume: &str) -> bool {
    let volume = parsed(volume).unwrap_or_default();
    let field_path = format!("metadata.annotations['{ANNOTATION}']");
    let is_item = |item: &Value| {
        let path = item["path"].as_str().unwrap_or_default();
        item["fieldRef"]["fieldPath"] == field_path && (path == FILE || is_hashed_name(path))
    };
    let items = volume["downwardAPI"]["items"].as_array();
    items.is_some_and(|items| !items.is_empty() && items.iter().all(is_item))
}

/// Whether OpenSSL looks for certificates under this name, such as `5f15c80c.0`.
fn is_hashed_name(path: &str) -> bool {
    path.split_once('.').is_some_and(|(hash, count)| {
        hash.len() == 8
            && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !count.is_empty()
            && count.bytes().all(|byte| byte.is_ascii_digit())
    })
}

impl VolumePlan {
    /// Decides from the current volume, the digest of the `wanted` one, and whether containers use the volume for
    /// anything.
    pub(crate) fn new(current: CurrentVolume, wanted: Option<Digest>, claim: Option<Digest>, is_used: bool) -> Self {
        match (current, wanted) {
            (CurrentVolume::None, Some(_)) => VolumePlan::Write(None),
            (
                CurrentVolume::Ours {
                    claimed, current: true, ..
                },
                Some(digest),
            ) => VolumePlan::Leave(Some(digest).filter(|_| claimed)),
            (CurrentVolume::Ours { span, .. }, Some(_)) => VolumePlan::Write(Some(span)),
            (CurrentVolume::Ours { claimed: true, .. }, None) if is_used => VolumePlan::Leave(claim),
            (
                CurrentVolume::Ours {
                    claimed: true, span, ..
                },
                None,
            ) => VolumePlan::Remove(span),
            _ => VolumePlan::Leave(None),
        }
    }

    /// What the record is to say about the volume; `wanted` is the digest of the one that is written.
    pub(crate) fn claim(self, wanted: Option<Digest>) -> Option<Digest> {
        match self {
            VolumePlan::Leave(claim) => claim,
            VolumePlan::Write(_) => wanted,
            VolumePlan::Remove(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hashed_name_is_eight_hexadecimal_digits_and_a_number() {
        for (name, is) in [
            ("5f15c80c.0", true),
            ("00000000.19", true),
            ("5f15c80.0", false),
            ("5f15c80cd.0", false),
            ("5f15c80g.0", false),
            ("5f15c80c.", false),
            ("5f15c80c.x", false),
            ("5f15c80c.0.1", false),
            ("5f15c80c", false),
            (".0", false),
        ] {
            assert_eq!(is_hashed_name(name), is, "{name}");
        }
    }
}
