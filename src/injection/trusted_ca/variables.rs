//! The variables that point a container's runtimes to the CA.

use crate::injection::env::Value;
use crate::injection::names::{APPENDED_CA, REPLACED_CA};
use crate::injection::warnings::Warnings;
use crate::json::Field;
use crate::pod_options::{PodOptions, TRUSTED_CA_USE};
use crate::settings::{ResolvedSettings, TrustedCa, TrustedCaUse};

/// The path of the bundle in containers.
const BUNDLE_FILE: &str = "/etc/http-proxy/trusted-ca/ca.crt";

/// The directories in which OpenSSL and Go look for certificates: the one in which most images have their own roots,
/// and the volume.
const DIRECTORIES: &str = "/etc/ssl/certs:/etc/http-proxy/trusted-ca";

/// Names and values.
pub(crate) type CaVariables = Vec<(&'static str, Value)>;

/// The variables of `trustedCaUse`, or of the pod's annotation if it sets a different use.
pub(crate) fn ca_variables(settings: &ResolvedSettings, options: &PodOptions, warnings: &mut Warnings) -> CaVariables {
    let can_append = matches!(settings.trusted_ca, Some(TrustedCa::Bundle(_)));
    let trusted_ca_use = match options.trusted_ca_use {
        Field::Is(TrustedCaUse::Append) if !can_append => {
            warnings.add(format!(
                "annotation {TRUSTED_CA_USE} is ignored; a CA that does not come from trustedCa cannot be appended; write \
                 Replace or Mount"
            ));
            settings.trusted_ca_use
        }
        Field::Is(choice) => choice,
        Field::Wrong => {
            warnings.add(format!(
                "annotation {TRUSTED_CA_USE} is ignored; write Append, Replace or Mount"
            ));
            settings.trusted_ca_use
        }
        Field::Absent => settings.trusted_ca_use,
    };
    let names = match trusted_ca_use {
        TrustedCaUse::Append => &APPENDED_CA[..],
        TrustedCaUse::Replace => &REPLACED_CA,
        TrustedCaUse::Mount => &[],
    };
    let bundle = Value::literal(BUNDLE_FILE);
    let value = |name: &'static str| match name {
        "SSL_CERT_DIR" => (name, Value::literal(DIRECTORIES)),
        name => (name, bundle.clone()),
    };
    names.iter().copied().map(value).collect()
}
