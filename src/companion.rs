//! What the companion command uses of the policy: the same checks of settings with the same messages, and what the
//! settings give to a pod. Not part of the WebAssembly module.

use std::fmt;

use crate::kubernetes::{BundleSelector, names};
use crate::pod_options;
use crate::settings::{Proxy, ResolvedSettings, Settings, TrustedCa, password_fault};
use json::Reader;
use values::{Bundle, NoProxyEntry, ProxyUrl};

/// The annotation with the record of what the policy set, which the policy itself writes.
pub const INJECTED: &str = pod_options::INJECTED;
/// The annotation with the bundle of `trustedCa`, which the policy itself writes.
pub const TRUSTED_CA: &str = pod_options::TRUSTED_CA;

/// What the settings give at the top level or in a profile.
#[derive(Clone, Debug)]
pub struct Effective {
    /// Whether pods get anything.
    pub enabled: bool,
    /// The proxy for http destinations.
    pub http_proxy: Option<ProxySource>,
    /// The proxy for https destinations; the http proxy if the settings have none for https.
    pub https_proxy: Option<ProxySource>,
    /// The entries of `NO_PROXY` as emitted, in order: those of the settings, then the in-cluster ones.
    pub no_proxy: Vec<String>,
    /// The certificate authorities that pods trust.
    pub trusted_ca: Option<TrustedCaSource>,
    /// The objects that pods refer to, in their namespace.
    pub references: Vec<Reference>,
}

/// A Secret or a ConfigMap of a pod's namespace, of which pods get a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub kind: &'static str,
    pub name: String,
    pub key: String,
    /// Whether pods start without it.
    pub is_optional: bool,
}

/// Where the URL of a proxy comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum ProxySource {
    /// A URL as emitted, with its credentials.
    Url(String),
    /// A key of a Secret in the pod's namespace.
    Secret { name: String, key: String },
}

/// Where the trusted CA comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum TrustedCaSource {
    /// PEM, with nothing but the certificates.
    Pem(String),
    /// A key of a ConfigMap in the pod's namespace.
    ConfigMap { name: String, key: String },
    /// An OCI image.
    Image { reference: String },
    /// A ClusterTrustBundle of this name, or all bundles of this signer that match the settings' label selector.
    ClusterTrustBundle { name_or_signer: String },
}

pub use json::Described;
pub use values::is_dns_subdomain;

/// Whether a label can have this key.
pub fn is_label_key(key: &str) -> bool {
    names::is_qualified_name(key)
}

/// Whether a label can have this value.
pub fn is_label_value(value: &str) -> bool {
    names::is_label_value(value)
}

/// Every problem of a settings document (JSON), in the order of the text.
pub fn problems(settings: &str) -> Vec<Described> {
    Settings::problems(Reader::new(settings))
}

/// What a settings document (JSON) gives at the top level, or in the named profile, with what the profile inherits.
///
/// # Errors
/// The problems of the document, as from [`problems`]; or that the profile does not exist, with the names of the
/// profiles.
pub fn effective(settings: &str, profile: Option<&str>) -> Result<Effective, Vec<Described>> {
    match problems(settings) {
        problems if problems.is_empty() => {}
        problems => return Err(problems),
    }
    let no_such_profile = || {
        vec![Described::of_whole(&unknown_profile(
            profile.unwrap_or_default(),
            &profile_names(settings),
        ))]
    };
    let (enabled, resolved) = read(settings)
        .and_then(|settings| settings.effective(profile))
        .ok_or_else(no_such_profile)?;
    Ok(Effective {
        enabled,
        references: references(&resolved),
        http_proxy: resolved.http_proxy.as_ref().map(ProxySource::of),
        https_proxy: resolved.https_proxy.as_ref().map(ProxySource::of),
        no_proxy: resolved.no_proxy.entries().map(|entry| entry.text.to_owned()).collect(),
        trusted_ca: resolved.trusted_ca.map(TrustedCaSource::of),
    })
}

fn references(settings: &ResolvedSettings) -> Vec<Reference> {
    let reference = |kind, name: &str, key: &str, optional: Option<bool>| Reference {
        kind,
        name: name.to_owned(),
        key: key.to_owned(),
        is_optional: optional == Some(true),
    };
    let proxies = [&settings.http_proxy, &settings.https_proxy].into_iter().flatten();
    let mut references: Vec<Reference> = proxies
        .filter_map(|proxy| match proxy {
            Proxy::Secret(key) => Some(reference("Secret", &key.name, &key.key, key.optional)),
            Proxy::Url(_) => None,
        })
        .collect();
    references.dedup();
    if let Some(TrustedCa::ConfigMap(keys)) = &settings.trusted_ca {
        let names = [Some(&keys.key), keys.pkcs12_key.as_ref()].into_iter().flatten();
        references.extend(names.map(|key| reference("ConfigMap", &keys.name, key, keys.optional)));
    }
    references
}

/// The names of the profiles of a settings document (JSON), in order; none if the document has problems.
pub fn profile_names(settings: &str) -> Vec<String> {
    read(settings)
        .map(|settings| settings.profile_names().map(str::to_owned).collect())
        .unwrap_or_default()
}

/// The URL of a proxy as emitted, if settings accept it as `httpsProxy` (`https`) or as `httpProxy`.
///
/// # Errors
/// What is wrong and what to write, without any part of the URL.
pub fn proxy_url(text: &str, https: bool) -> Result<String, String> {
    let schemes: &[&str] = if https { &["http", "https"] } else { &["http"] };
    ProxyUrl::parse(text.into(), schemes).map(|url| url.as_str().to_owned())
}

/// An item of `noProxy` as emitted.
///
/// # Errors
/// What is wrong and what to write.
pub fn no_proxy_entry(text: &str) -> Result<String, String> {
    NoProxyEntry::parse(text).map(|entry| entry.text.into_owned())
}

/// The certificates of a PEM text, in the form of `trustedCa`, with nothing else in it.
///
/// # Errors
/// What is wrong with it, certificate by certificate, without any of its content.
pub fn trusted_ca(pem: &str) -> Result<String, Vec<String>> {
    let bundle = Bundle::of_pem(pem).map_err(|fault| vec![fault])?;
    match bundle.check() {
        faults if faults.is_empty() => Ok(bundle.pem),
        faults => Err(faults),
    }
}

/// Certificates in PEM, with the names by which OpenSSL looks for them in a folder.
#[derive(Clone)]
pub struct Certificates {
    /// Blocks of base64 in lines of 64 characters, with nothing between them.
    pub pem: String,
    /// A name for each certificate, such as `5f15c80c.0`; the number tells certificates with the same subject apart.
    pub hashed_names: Vec<String>,
}

/// As [`trusted_ca`], without a limit on the number of certificates.
///
/// # Errors
/// As [`trusted_ca`].
pub fn certificates(pem: &str) -> Result<Certificates, Vec<String>> {
    let bundle = Bundle::of_any_size(pem).map_err(|fault| vec![fault])?;
    match bundle.check() {
        faults if faults.is_empty() => Ok(Certificates {
            pem: bundle.pem,
            hashed_names: bundle.hashed_names,
        }),
        faults => Err(faults),
    }
}

/// Checks a password as `trustStorePassword`.
///
/// # Errors
/// What is wrong and what to write, without the password.
pub fn trust_store_password(text: &str) -> Result<(), &'static str> {
    password_fault(text).map_or(Ok(()), Err)
}

fn read(settings: &str) -> Option<Settings<'_>> {
    Settings::read(Reader::new(settings)).ok()
}

fn unknown_profile(name: &str, names: &[String]) -> String {
    let choice = match names {
        [] => "the settings have none".to_owned(),
        names => format!("use one of: {}", names.join(", ")),
    };
    format!("--profile {name}: no such profile; {choice}")
}

impl ProxySource {
    fn of(proxy: &Proxy) -> Self {
        match proxy {
            Proxy::Url(url) => ProxySource::Url(url.as_str().to_owned()),
            Proxy::Secret(key_ref) => ProxySource::Secret {
                name: key_ref.name.to_string(),
                key: key_ref.key.to_string(),
            },
        }
    }
}

impl TrustedCaSource {
    fn of(trusted_ca: TrustedCa) -> Self {
        match trusted_ca {
            TrustedCa::Bundle(bundle) => TrustedCaSource::Pem(bundle.pem),
            TrustedCa::ConfigMap(key_ref) => TrustedCaSource::ConfigMap {
                name: key_ref.name.into_owned(),
                key: key_ref.key.into_owned(),
            },
            TrustedCa::Image(image) => TrustedCaSource::Image {
                reference: image.reference.into_owned(),
            },
            TrustedCa::ClusterTrustBundle(source) => TrustedCaSource::ClusterTrustBundle {
                name_or_signer: match source.bundles {
                    BundleSelector::Name(name) => name.into_owned(),
                    BundleSelector::Signer { signer_name, .. } => signer_name.into_owned(),
                },
            },
        }
    }
}

/// Without the user-info, which often holds a password.
impl fmt::Debug for ProxySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProxySource::Url(url) => match url.rsplit_once('@') {
                Some((_, host)) => write!(f, "Url(…@{host})"),
                None => write!(f, "Url({url})"),
            },
            ProxySource::Secret { name, key } => write!(f, "Secret({name}, {key})"),
        }
    }
}

/// Without the certificates.
impl fmt::Debug for TrustedCaSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrustedCaSource::Pem(pem) => write!(f, "Pem({} bytes)", pem.len()),
            TrustedCaSource::ConfigMap { name, key } => write!(f, "ConfigMap({name}, {key})"),
            TrustedCaSource::Image { reference } => write!(f, "Image({reference})"),
            TrustedCaSource::ClusterTrustBundle { name_or_signer } => write!(f, "ClusterTrustBundle({name_or_signer})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use testkit::certificates::ROOT;

    use super::*;

    const SETTINGS: &str = r#"{
        "httpProxy": "http://user:hunter2@proxy:3128/", "noProxy": ["*.corp.example", "10.1.2.3/8"],
        "profiles": [{"name": "dmz", "match": {"namespaces": ["dmz"]}, "noProxyDefaults": false,
                      "httpsProxyFrom": {"secretKeyRef": {"name": "proxy", "key": "url"}}}]
    }"#;

    #[test]
    fn every_problem_stands_alone() {
        assert_eq!(problems(SETTINGS), []);
        let problems = problems(r#"{"httpProxy": "", "noProxy": ["a,b", "[::1]"]}"#);
        assert_eq!(problems.len(), 3);
        for (problem, path) in problems.iter().zip(["httpProxy: ", "noProxy[0]: ", "noProxy[1]: "]) {
            assert!(problem.to_string().starts_with(path), "{problem}");
        }
    }

    #[test]
    fn the_policy_refuses_the_same_in_the_same_words() {
        for settings in [
            "{}",
            "[]",
            "{",
            r#"{"httpProxy": "proxy:3128", "noProxi": [], "noProxy": ["a b", "http://user:hunter2@c"]}"#,
            r#"{"enabled": "no", "profiles": [{"name": "a"}, {"httpProxy": "", "match": {"namespaces": []}}]}"#,
        ] {
            let of_policy = crate::policy::validate_settings(settings.as_bytes());
            assert_eq!(Err(Described::lines(&problems(settings))), of_policy);
        }
    }

    #[test]
    fn the_top_level_and_each_profile_have_their_own_values() {
        let top_level = effective(SETTINGS, None).unwrap();
        assert!(top_level.enabled);
        assert_eq!(top_level.https_proxy, top_level.http_proxy);
        assert_eq!(top_level.no_proxy[..3], [".corp.example", "10.0.0.0/8", "localhost"]);
        let profile = effective(SETTINGS, Some("dmz")).unwrap();
        assert_eq!(profile.http_proxy, None);
        assert_eq!(format!("{:?}", profile.https_proxy), "Some(Secret(proxy, url))");
        assert_eq!(profile.no_proxy, [".corp.example", "10.0.0.0/8"]);
        assert_eq!(
            effective(SETTINGS, Some("dmv")).unwrap_err(),
            [Described::of_whole("--profile dmv: no such profile; use one of: dmz")]
        );
    }

    #[test]
    fn a_password_is_not_for_debugging() {
        let shown = format!("{:?}", effective(SETTINGS, None).unwrap());
        assert!(shown.contains("proxy:3128") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn certificates_are_not_for_debugging() {
        let settings = serde_json::json!({"trustedCa": STANDARD.encode(ROOT)});
        let effective = effective(&settings.to_string(), None).unwrap();
        let expected = format!("Some(Pem({} bytes))", ROOT.len());
        assert_eq!(format!("{:?}", effective.trusted_ca), expected);
    }

    #[test]
    fn a_trusted_ca_is_given_with_nothing_else_in_it_or_refused_with_every_fault() {
        assert_eq!(trusted_ca(&format!("Example Root CA\n{ROOT}")).unwrap(), ROOT);
        let without_subject_alternative_name = include_str!("../e2e-tests/certificates/host-without-san.pem");
        let faults = trusted_ca(&without_subject_alternative_name.repeat(2)).unwrap_err();
        assert_eq!(faults.len(), 2);
        for (fault, start) in faults
            .iter()
            .zip(["certificate 1: is neither", "certificate 2: is neither"])
        {
            assert!(fault.starts_with(start), "{fault}");
        }
    }
}
