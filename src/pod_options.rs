//! What the author of a pod asks for with annotations. `docs/annotations.md` describes them for users.

use crate::json::{Choice, Field};
use crate::kubernetes::{Annotations, MAX_ANNOTATION_BYTES, Metadata};
use crate::settings::{Located, TrustedCaUse};
use crate::values::quoted;

/// `"true"` opts a pod out, as in AKS.
const NO_HTTP_PROXY_VARS: &str = "kubernetes.azure.com/no-http-proxy-vars";
/// `"false"` opts a pod out.
const INJECT: &str = "http-proxy.kubewarden.io/inject";
/// Names of containers, separated by commas.
pub(crate) const EXCLUDE_CONTAINERS: &str = "http-proxy.kubewarden.io/exclude-containers";
/// More `NO_PROXY` entries, separated by commas.
pub(crate) const NO_PROXY: &str = "http-proxy.kubewarden.io/no-proxy";
/// The name of the profile to apply.
pub(crate) const PROFILE: &str = "http-proxy.kubewarden.io/profile";
/// `Append`, `Replace` or `Mount`.
pub(crate) const TRUSTED_CA_USE: &str = "http-proxy.kubewarden.io/trusted-ca-use";
/// The record of what the policy set, which the policy itself writes.
pub(crate) const INJECTED: &str = "http-proxy.kubewarden.io/injected";

/// The annotations of one pod, parsed.
#[derive(Default)]
pub(crate) struct PodOptions<'p> {
    pub opt_out: bool,
    /// Excluded containers.
    pub excluded_containers: Vec<&'p str>,
    /// More `NO_PROXY` entries, separated by commas.
    pub no_proxy: Option<&'p str>,
    /// The name of the profile to apply.
    pub profile: Option<Located<&'p str>>,
    pub trusted_ca_use: Field<TrustedCaUse>,
    /// The text of the record.
    pub record: Option<&'p str>,
    /// Warnings about annotations that have no effect.
    pub warnings: Vec<String>,
}

impl<'p> PodOptions<'p> {
    pub(crate) fn read(annotations: &'p Annotations) -> Self {
        let excluded = annotations.get(EXCLUDE_CONTAINERS).unwrap_or_default();
        // The API server refuses a pod with more.
        let excluded = if excluded.len() > MAX_ANNOTATION_BYTES {
            ""
        } else {
            excluded
        };
        PodOptions {
            opt_out: opts_out(annotations),
            excluded_containers: excluded
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .collect(),
            no_proxy: annotations.get(NO_PROXY),
            profile: annotations.find(PROFILE).map(|profile| Located {
                at: profile.span.start,
                value: &*profile.value,
            }),
            trusted_ca_use: match annotations.get(TRUSTED_CA_USE).map(TrustedCaUse::of_word) {
                None => Field::Absent,
                Some(None) => Field::Wrong,
                Some(Some(usage)) => Field::Is(usage),
            },
            record: annotations.get(INJECTED),
            warnings: [NO_HTTP_PROXY_VARS, INJECT]
                .iter()
                .filter_map(|key| unclear_opt_out(key, annotations.get(key)?))
                .collect(),
        }
    }
}

/// Whether the policy may have something to change in a pod with these metadata. It has not if the pod is being
/// deleted, is the mirror pod of a static pod, or opts out and carries no record.
pub(crate) fn may_concern(metadata: &Metadata) -> bool {
    let annotations = &metadata.annotations;
    !metadata.terminating && !metadata.is_mirror() && (!opts_out(annotations) || annotations.get(INJECTED).is_some())
}

fn opts_out(annotations: &Annotations) -> bool {
    annotations.get(NO_HTTP_PROXY_VARS) == Some("true") || annotations.get(INJECT) == Some("false")
}

fn unclear_opt_out(key: &str, value: &str) -> Option<String> {
    (!matches!(value, "true" | "false")).then(|| {
        let value = quoted(value).unwrap_or_else(|| "its value".to_owned());
        format!("annotation {key}: {value} has no effect; write \"true\" or \"false\"")
    })
}
