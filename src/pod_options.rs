//! What the author of a pod asks for with annotations. `docs/annotations.md` describes them for users.

use crate::kubernetes::{Annotations, MAX_ANNOTATION_BYTES};
use crate::settings::{Located, TrustedCaUse};
use json::{Choice, Field, nearest, presentable};
use values::quoted;

/// `"true"` opts a pod out, as in AKS.
const NO_HTTP_PROXY_VARS: &str = "kubernetes.azure.com/no-http-proxy-vars";
/// `"false"` opts a pod out.
const INJECT: &str = "http-proxy.kubewarden.io/inject";
/// The annotations that opt a pod out.
pub(crate) const OPT_OUTS: [(&str, &str); 2] = [(NO_HTTP_PROXY_VARS, "true"), (INJECT, "false")];

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

/// The bundle of `trustedCa`, which the policy itself writes.
pub(crate) const TRUSTED_CA: &str = "http-proxy.kubewarden.io/trusted-ca";

/// What the policy's own annotations begin with.
const PREFIX: &str = "http-proxy.kubewarden.io/";

/// All annotations with this prefix.
const KNOWN: [&str; 7] = [
    EXCLUDE_CONTAINERS,
    INJECT,
    INJECTED,
    NO_PROXY,
    PROFILE,
    TRUSTED_CA,
    TRUSTED_CA_USE,
];

/// At most this many unknown annotations get a warning: looking for a similar name takes thousands of instructions, API servers pass
/// on only a few warnings, and they limit the size of annotations only after the policy has seen them.
const MAX_UNKNOWN: usize = 20;

/// The annotations of one pod, parsed.
#[derive(Default)]
pub(crate) struct PodOptions<'p> {
    /// The annotation that opts the pod out.
    pub opt_out: Option<&'static str>,
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
            opt_out: opt_out(annotations),
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
                .chain(annotations.keys().filter_map(unknown).take(MAX_UNKNOWN))
                .collect(),
        }
    }
}

fn opt_out(annotations: &Annotations) -> Option<&'static str> {
    let found = OPT_OUTS.iter().find(|(key, word)| annotations.get(key) == Some(word));
    found.map(|(key, _)| *key)
}

/// The warning about an annotation that looks like one of the policy's.
fn unknown(key: &str) -> Option<String> {
    let name = key.strip_prefix(PREFIX)?;
    if KNOWN.contains(&key) {
        return None;
    }
    let names = KNOWN.map(|known| &known[PREFIX.len()..]);
    let advice = match nearest(name, &names) {
        Some(meant) => format!("did you mean {PREFIX}{meant}?"),
        None => "remove it".to_owned(),
    };
    Some(format!(
        "annotation {} is unknown and has no effect; {advice}",
        presentable(key)
    ))
}

fn unclear_opt_out(key: &str, value: &str) -> Option<String> {
    (!matches!(value, "true" | "false")).then(|| {
        let value = quoted(value).unwrap_or_else(|| "its value".to_owned());
        format!("annotation {key}: {value} has no effect; write \"true\" or \"false\"")
    })
}
