//! How the CA bundle reaches the containers: as a pod annotation that a volume projects, without a ConfigMap in every
//! namespace; or as a ConfigMap that something else keeps there.

use serde_json::Value;

use crate::json::quoted;
use crate::key_ref::KeyRef;
use crate::pod::Container;
use crate::trusted_ca::{TrustedCa, TrustedCaUse};

/// The annotation that holds the bundle.
pub const ANNOTATION: &str = "http-proxy.kubewarden.io/trusted-ca";

/// The volume.
pub const NAME: &str = "http-proxy-trusted-ca";

/// Where containers have the volume.
pub const MOUNT_PATH: &str = "/etc/http-proxy/trusted-ca";

/// The mount, for `volumeMounts`, in the form that [`canonical`] gives.
pub const MOUNT: &str = r#"{"mountPath":"/etc/http-proxy/trusted-ca","name":"http-proxy-trusted-ca","readOnly":true}"#;

const BUNDLE_FILE: &str = "/etc/http-proxy/trusted-ca/ca.crt";

/// The directories that OpenSSL and Go look into: where most images have their own roots, and the volume.
const DIRECTORIES: &str = "/etc/ssl/certs:/etc/http-proxy/trusted-ca";

/// `metadata.annotations` of an object hold 256 KiB at most, keys and values together (Kubernetes'
/// `TotalAnnotationSizeLimitB`).
pub const MAX_ANNOTATION_BYTES: usize = 256 * 1024;

/// The variables that tell a container's runtimes of the CA.
pub fn variables(trusted_ca_use: TrustedCaUse) -> &'static [(&'static str, &'static str)] {
    match trusted_ca_use {
        TrustedCaUse::Append => &[
            ("SSL_CERT_DIR", DIRECTORIES),
            ("NODE_EXTRA_CA_CERTS", BUNDLE_FILE),
            ("DENO_CERT", BUNDLE_FILE),
        ],
        TrustedCaUse::Replace => &[
            ("SSL_CERT_FILE", BUNDLE_FILE),
            ("REQUESTS_CA_BUNDLE", BUNDLE_FILE),
            ("CURL_CA_BUNDLE", BUNDLE_FILE),
            ("AWS_CA_BUNDLE", BUNDLE_FILE),
            ("GIT_SSL_CAINFO", BUNDLE_FILE),
            ("PIP_CERT", BUNDLE_FILE),
            ("CARGO_HTTP_CAINFO", BUNDLE_FILE),
            ("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", BUNDLE_FILE),
            ("NODE_EXTRA_CA_CERTS", BUNDLE_FILE),
            ("DENO_CERT", BUNDLE_FILE),
        ],
        TrustedCaUse::Mount => &[],
    }
}

/// Whether one of the variables has this name.
pub fn is_variable(name: &str) -> bool {
    [TrustedCaUse::Append, TrustedCaUse::Replace]
        .iter()
        .any(|usage| variables(*usage).iter().any(|(known, _)| *known == name))
}

/// The volume as the API server stores it, its defaults filled in, in the form that [`canonical`] gives.
pub fn volume(trusted_ca: &TrustedCa) -> String {
    match trusted_ca {
        TrustedCa::Bundle(bundle) => {
            let names = std::iter::once("ca.crt").chain(bundle.hashed_names.iter().map(String::as_str));
            let items: Vec<String> = names
                .map(|name| {
                    format!(
                        r#"{{"fieldRef":{{"apiVersion":"v1","fieldPath":"metadata.annotations['{ANNOTATION}']"}},"path":"{name}"}}"#
                    )
                })
                .collect();
            format!(
                r#"{{"downwardAPI":{{"defaultMode":420,"items":[{}]}},"name":"{NAME}"}}"#,
                items.join(",")
            )
        }
        TrustedCa::ConfigMap(KeyRef { name, key, optional }) => {
            let optional = optional
                .map(|optional| format!(r#","optional":{optional}"#))
                .unwrap_or_default();
            format!(
                r#"{{"configMap":{{"defaultMode":420,"items":[{{"key":{},"path":"ca.crt"}}],"name":{}{optional}}},"name":"{NAME}"}}"#,
                quoted(key),
                quoted(name),
            )
        }
    }
}

/// Whether a volume of that name is good for nothing but the policy's annotation.
pub fn projects_annotation(volume: &str) -> bool {
    let volume: Value = serde_json::from_str(volume).unwrap_or_default();
    let field_path = format!("metadata.annotations['{ANNOTATION}']");
    let items = volume["downwardAPI"]["items"].as_array();
    items.is_some_and(|items| !items.is_empty() && items.iter().all(|item| item["fieldRef"]["fieldPath"] == field_path))
}

/// A container's mounts, as far as they matter to the volume.
#[derive(Debug, PartialEq, Eq)]
pub enum Mounted {
    /// None is in the way.
    Nothing,
    /// The volume is mounted already, by the mount of this index.
    Volume(usize),
    /// Something of the container's own is mounted at the path, below or above it.
    Other,
}

/// Looks for mounts at, below or above the volume's path; `/` is no mount above.
pub fn mounted(container: &Container) -> Mounted {
    let mut mounted = Mounted::Nothing;
    for (index, mount) in container.mounts.iter().enumerate() {
        let path: Vec<&str> = mount
            .mount_path
            .split('/')
            .filter(|part| !matches!(*part, "" | "."))
            .collect();
        let ours = MOUNT_PATH[1..].split('/');
        let common = path
            .iter()
            .zip(ours.clone())
            .take_while(|(one, other)| *one == other)
            .count();
        let (at_or_above, at_or_below) = (common == path.len(), common == ours.count());
        if mount.name == NAME && !mount.partial && at_or_above && at_or_below {
            mounted = Mounted::Volume(index);
        } else if !path.is_empty() && (at_or_above || at_or_below) {
            return Mounted::Other;
        }
    }
    mounted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pod::{Env, VolumeMount};
    use crate::record::canonical;

    #[test]
    fn the_mount_is_in_its_canonical_form() {
        assert_eq!(canonical(MOUNT), MOUNT);
    }

    #[test]
    fn a_mount_is_in_the_way_at_above_or_below_the_path() {
        for (name, path, expected) in [
            ("tmp", "/tmp", Mounted::Nothing),
            ("root", "/", Mounted::Nothing),
            ("etc", "/etc/http", Mounted::Nothing),
            ("etc", "/etc/http-proxy/trusted-ca-2", Mounted::Nothing),
            ("etc", "/etc", Mounted::Other),
            ("etc", "/etc/http-proxy/", Mounted::Other),
            ("own", "/etc/http-proxy/trusted-ca", Mounted::Other),
            ("own", "/etc//http-proxy/./trusted-ca/", Mounted::Other),
            ("own", "/etc/http-proxy/trusted-ca/ca.crt", Mounted::Other),
            (NAME, "/etc/http-proxy/trusted-ca", Mounted::Volume(0)),
            (NAME, "/elsewhere", Mounted::Nothing),
        ] {
            assert_eq!(mounted(&container(name, path, false)), expected, "{name} {path}");
        }
        let partial = container(NAME, "/etc/http-proxy/trusted-ca", true);
        assert_eq!(mounted(&partial), Mounted::Other);
    }

    fn container(volume: &'static str, mount_path: &'static str, partial: bool) -> Container<'static> {
        Container {
            name: "app".into(),
            place: 0..0,
            env: Env::default(),
            env_from: false,
            volume_mounts: None,
            mounts: vec![VolumeMount {
                place: 0..0,
                name: volume.into(),
                mount_path: mount_path.into(),
                partial,
            }],
        }
    }
}
