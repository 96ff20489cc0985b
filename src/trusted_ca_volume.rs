//! How the CA bundle reaches the containers: as a pod annotation that a volume projects, without a ConfigMap in every
//! namespace; or as a ConfigMap that something else keeps there.

use serde_json::Value;

use crate::json::{quoted, same};
use crate::key_ref::KeyRef;
use crate::pod::Container;
use crate::trusted_ca::{TrustedCa, TrustedCaUse};

/// The annotation that holds the bundle.
pub const ANNOTATION: &str = "http-proxy.kubewarden.io/trusted-ca";

/// The volume.
pub const NAME: &str = "http-proxy-trusted-ca";

/// Where containers have the volume.
pub const MOUNT_PATH: &str = "/etc/http-proxy/trusted-ca";

/// The mount, for `volumeMounts`.
pub const MOUNT: &str = r#"{"name":"http-proxy-trusted-ca","mountPath":"/etc/http-proxy/trusted-ca","readOnly":true}"#;

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

/// The volume as the API server stores it, its defaults filled in.
pub fn volume(trusted_ca: &TrustedCa) -> String {
    match trusted_ca {
        TrustedCa::Bundle(bundle) => {
            let names = std::iter::once("ca.crt").chain(bundle.hashed_names.iter().map(String::as_str));
            let items: Vec<String> = names
                .map(|name| {
                    format!(
                        r#"{{"path":"{name}","fieldRef":{{"apiVersion":"v1","fieldPath":"metadata.annotations['{ANNOTATION}']"}}}}"#
                    )
                })
                .collect();
            format!(
                r#"{{"name":"{NAME}","downwardAPI":{{"items":[{}],"defaultMode":420}}}}"#,
                items.join(",")
            )
        }
        TrustedCa::ConfigMap(KeyRef { name, key, optional }) => {
            let optional = optional
                .map(|optional| format!(r#","optional":{optional}"#))
                .unwrap_or_default();
            format!(
                r#"{{"name":"{NAME}","configMap":{{"name":{},"items":[{{"key":{},"path":"ca.crt"}}],"defaultMode":420{optional}}}}}"#,
                quoted(name),
                quoted(key)
            )
        }
    }
}

/// Whether a volume of that name is the policy's: the one that it would make now, or one that projects the annotation.
pub fn is_ours(volume: &str, trusted_ca: &TrustedCa) -> bool {
    let projects_annotation = || {
        let volume: Value = serde_json::from_str(volume).unwrap_or_default();
        let field_path = format!("metadata.annotations['{ANNOTATION}']");
        let items = volume["downwardAPI"]["items"].as_array();
        items.is_some_and(|items| {
            !items.is_empty() && items.iter().all(|item| item["fieldRef"]["fieldPath"] == field_path)
        })
    };
    same(volume, &self::volume(trusted_ca)) || projects_annotation()
}

/// A container's mounts, as far as they matter to the volume.
#[derive(Debug, PartialEq, Eq)]
pub enum Mounted {
    /// None is in the way.
    Nothing,
    /// The volume is mounted already.
    Volume,
    /// Something of the container's own is mounted at the path, below or above it.
    Other,
}

/// Looks for mounts at, below or above the volume's path; `/` is no mount above.
pub fn mounted(container: &Container) -> Mounted {
    let mut mounted = Mounted::Nothing;
    for mount in &container.mounts {
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
            mounted = Mounted::Volume;
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
            (NAME, "/etc/http-proxy/trusted-ca", Mounted::Volume),
            (NAME, "/elsewhere", Mounted::Nothing),
            ("subPath", "/etc/http-proxy/trusted-ca", Mounted::Other),
        ] {
            let container = Container {
                name: "app".into(),
                place: 0..0,
                env: Env::default(),
                volume_mounts: None,
                mounts: vec![VolumeMount {
                    name: name.into(),
                    mount_path: path.into(),
                    partial: name == "subPath",
                }],
            };
            assert_eq!(mounted(&container), expected, "{name} {path}");
        }
    }
}
