//! The CA that a pod is to have.

use crate::injection::env::Value;
use crate::injection::names::{APPENDED_CA, REPLACED_CA};
use crate::injection::reason::Reason;
use crate::injection::trusted_ca::MOUNT_PATH;
use crate::injection::trusted_ca::volume::{CurrentVolume, TRUST_STORE, VolumePlan, volume_json};
use crate::injection::warnings::Warnings;
use crate::kubernetes::Pod;
use crate::pod_options::{PodOptions, TRUSTED_CA, TRUSTED_CA_USE};
use crate::settings::{ResolvedSettings, TrustedCa, TrustedCaUse};
use json::Field;
use values::Os;

/// The directory in which most images have their own roots.
const ROOTS: &str = "/etc/ssl/certs";

/// The CA that a pod is to have, and what containers get with it.
pub(crate) struct WantedCa<'s> {
    pub trusted_ca: &'s TrustedCa<'s>,
    /// Its volume, as JSON.
    pub volume: String,
    /// The variables, or why there are none.
    pub variables: Result<Vec<(&'static str, Value)>, Reason>,
    /// Java's options for the trust store, or why there are none.
    pub trust_store: Result<String, Reason>,
}

impl<'s> WantedCa<'s> {
    /// The CA of the settings, for a pod of this operating system. Windows has no place for it.
    pub(crate) fn new(
        settings: &'s ResolvedSettings<'s>,
        os: Os,
        options: &PodOptions,
        warnings: &mut Warnings,
    ) -> Result<Self, Reason> {
        let trusted_ca = settings.trusted_ca.as_ref().ok_or(Reason::NoCa)?;
        if os == Os::Windows {
            return Err(Reason::Windows);
        }
        let usage = usage(settings, trusted_ca, options, warnings);
        Ok(WantedCa {
            trusted_ca,
            volume: volume_json(trusted_ca),
            variables: usage.map(variables),
            trust_store: match usage {
                _ if !trusted_ca.has_trust_store() => Err(Reason::NoTrustStore),
                Ok(TrustedCaUse::Replace) => Ok(trust_store(&settings.trust_store_password)),
                Ok(_) => Err(Reason::NotReplaced),
                Err(reason) => Err(reason),
            },
        })
    }
}

/// How containers use the CA: as the settings say, or as the pod's annotation does. An error says why they get no variables.
fn usage(
    settings: &ResolvedSettings,
    trusted_ca: &TrustedCa,
    options: &PodOptions,
    warnings: &mut Warnings,
) -> Result<TrustedCaUse, Reason> {
    let usage = match options.trusted_ca_use {
        Field::Is(TrustedCaUse::Append) if !trusted_ca.can_be_appended() => {
            warnings.add(format!(
                "annotation {TRUSTED_CA_USE} is ignored; a CA that does not come from trustedCa or an image cannot be appended; write \
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
    match usage {
        TrustedCaUse::Mount => Err(Reason::OnlyMounted),
        // The settings cannot say so.
        TrustedCaUse::Replace if trusted_ca.may_be_missing() => {
            warnings.add(format!(
                "annotation {TRUSTED_CA_USE}: no variables are set, because the bundle is optional, and without it no TLS would work; \
                 write Mount, or remove optional from the settings"
            ));
            Err(Reason::OptionalReplace)
        }
        usage => Ok(usage),
    }
}

/// The variables that point runtimes to the CA.
fn variables(usage: TrustedCaUse) -> Vec<(&'static str, Value)> {
    let names = match usage {
        TrustedCaUse::Append => &APPENDED_CA[..],
        TrustedCaUse::Replace => &REPLACED_CA,
        TrustedCaUse::Mount => &[],
    };
    let bundle = Value::literal(&[MOUNT_PATH, "/ca.crt"].concat());
    let value = |name: &'static str| match name {
        // OpenSSL and Go look for certificates in both directories.
        "SSL_CERT_DIR" => (name, Value::literal(&[ROOTS, ":", MOUNT_PATH].concat())),
        name => (name, bundle.clone()),
    };
    names.iter().copied().map(value).collect()
}

/// Java's options for the trust store. A `$` in the password is doubled, which is Kubernetes' escape.
/// <https://docs.oracle.com/en/java/javase/21/security/java-secure-socket-extension-jsse-reference-guide.html>
fn trust_store(password: &str) -> String {
    let password = password.replace('$', "$$");
    format!(
        "-Djavax.net.ssl.trustStore={MOUNT_PATH}/{TRUST_STORE} -Djavax.net.ssl.trustStoreType=PKCS12 \
         -Djavax.net.ssl.trustStorePassword={password}"
    )
}

/// Decides the annotation that holds the bundle: its key, with the new value, or `None` to remove it.
pub(crate) fn annotation_change(
    pod: &Pod,
    current: CurrentVolume,
    volume: VolumePlan,
    wanted: Option<&WantedCa>,
) -> Option<(&'static str, Option<String>)> {
    let projected = matches!(
        current,
        CurrentVolume::Ours {
            projects_annotation: true,
            ..
        }
    );
    match wanted.map(|wanted| wanted.trusted_ca) {
        Some(TrustedCa::Bundle(bundle)) => {
            let is_there = pod.metadata.annotations.get(TRUSTED_CA) == Some(&bundle.pem);
            (!is_there).then(|| (TRUSTED_CA, Some(bundle.pem.clone())))
        }
        _ if projected && !matches!(volume, VolumePlan::Leave(_)) => Some((TRUSTED_CA, None)),
        _ => None,
    }
}
