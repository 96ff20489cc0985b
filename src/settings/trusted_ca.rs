//! The certificate authorities for pods to trust: the `trustedCa` fields.

use std::borrow::Cow;

use crate::kubernetes::ClusterTrustBundleSource;
use crate::settings::cluster_trust_bundle::read_cluster_trust_bundle;
use crate::settings::image::{ImageSource, read_image};
use crate::settings::key_selector::{ConfigMapKeys, read_config_map_keys};
use crate::settings::located::Located;
use json::{Choice, Field, Problem, Reader};
use values::Bundle;

/// Java's usual password. It protects nothing, but Java asks for one.
const DEFAULT_PASSWORD: &str = "changeit";

/// Where the pods' certificate authorities come from.
#[derive(Clone, Debug)]
pub(crate) enum TrustedCa<'a> {
    /// `trustedCa`
    Bundle(Bundle),
    /// `trustedCaFrom.configMapKeyRef`
    ConfigMap(ConfigMapKeys<'a>),
    /// `trustedCaFrom.clusterTrustBundle`
    ClusterTrustBundle(ClusterTrustBundleSource<'a>),
    /// `trustedCaFrom.image`
    Image(ImageSource<'a>),
}

/// `trustedCaUse`: how a container's runtimes use the CA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrustedCaUse {
    /// The CA adds to the roots of the image.
    Append,
    /// The CA replaces the roots of the image.
    Replace,
    /// The CA is only mounted as a file.
    Mount,
}

impl Choice for TrustedCaUse {
    const ALL: &'static [(&'static str, Self)] = &[
        ("Append", TrustedCaUse::Append),
        ("Replace", TrustedCaUse::Replace),
        ("Mount", TrustedCaUse::Mount),
    ];
}

/// The fields as they were written.
#[derive(Clone, Default)]
pub(super) struct TrustedCaFields<'a> {
    /// `trustedCa`
    pub bundle: Field<Located<Bundle>>,
    /// Whether `trustedCa` is `null`, which means no CA in a profile.
    pub none: bool,
    /// `trustedCaFrom`
    pub from: Field<Located<TrustedCa<'a>>>,
    /// `trustedCaUse`
    pub usage: Field<Located<TrustedCaUse>>,
    /// `trustStorePassword`
    pub password: Field<Cow<'a, str>>,
}

impl<'a> TrustedCaFields<'a> {
    /// Whether a source is set, valid or not.
    pub(super) fn is_set(&self) -> bool {
        !self.bundle.is_absent() || !self.from.is_absent()
    }

    /// Reads `trustedCa`, or `trustedCA` as AKS also writes it.
    pub(super) fn read_bundle(&mut self, reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<(), Problem> {
        let at = reader.position();
        if reader.is_null() {
            self.none = true;
            return reader.skip();
        }
        if !self.bundle.is_absent() {
            return Err(Problem::new(at, "trustedCa and trustedCA are both set; keep only one"));
        }
        self.bundle = Located::read(reader, problems, |reader, _| {
            let base64 = reader.string()?;
            let bundle = base64.map(|base64| Bundle::read(&base64)).transpose();
            bundle.map_err(|reason| Problem::new(at, reason))
        })?;
        Ok(())
    }

    /// Reads `trustedCaFrom`.
    pub(super) fn read_from(&mut self, reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<(), Problem> {
        self.from = Located::read(reader, problems, read_from)?;
        Ok(())
    }

    /// Reads `trustedCaUse`.
    pub(super) fn read_usage(&mut self, reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<(), Problem> {
        self.usage = Located::read(reader, problems, |reader, _| reader.choice())?;
        Ok(())
    }

    /// Reads `trustStorePassword`.
    pub(super) fn read_password(
        &mut self,
        reader: &mut Reader<'a>,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Problem> {
        self.password = reader.field(problems, |reader, _| read_password(reader))?;
        Ok(())
    }

    /// Reports fields that cannot go together.
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        let Field::Is(from) = &self.from else {
            return;
        };
        if !self.bundle.is_absent() {
            problems.push(Problem::new(from.at, "trustedCa is also set; keep only one"));
        }
        let at = self.usage.value().map_or(from.at, |usage| usage.at);
        match self.usage.value().map_or(TrustedCaUse::Replace, |usage| usage.value) {
            TrustedCaUse::Append if !from.value.can_be_appended() => {
                let reason = "must not be Append with this trustedCaFrom, because the file names that OpenSSL needs depend on the \
                              certificates; write Replace or Mount, or use trustedCa or trustedCaFrom.image";
                problems.push(Problem::new(at, reason));
            }
            TrustedCaUse::Replace if from.value.may_be_missing() => {
                let reason = "optional: true cannot be used with trustedCaUse: Replace, because without the bundle every variable \
                              would name a missing file and no TLS would work; remove optional, or write trustedCaUse: Mount";
                problems.push(Problem::new(from.at, reason));
            }
            _ => {}
        }
    }

    /// The source and the use of the CA, and the password of its trust store.
    pub(super) fn resolve(self) -> (Option<TrustedCa<'a>>, TrustedCaUse, Cow<'a, str>) {
        let (trusted_ca, default_use) = match (self.bundle.value(), self.from.value()) {
            (_, Some(from)) => (Some(from.value), TrustedCaUse::Replace),
            (Some(bundle), None) => (Some(TrustedCa::Bundle(bundle.value)), TrustedCaUse::Append),
            (None, None) => (None, TrustedCaUse::Append),
        };
        let trusted_ca_use = self.usage.value().map_or(default_use, |usage| usage.value);
        let password = self.password.value().unwrap_or(DEFAULT_PASSWORD.into());
        (trusted_ca, trusted_ca_use, password)
    }
}

/// What differs between the sources.
impl TrustedCa<'_> {
    /// Whether it can add to the roots of an image: OpenSSL needs files whose names depend on the certificates.
    pub(crate) fn can_be_appended(&self) -> bool {
        matches!(self, TrustedCa::Bundle(_) | TrustedCa::Image(_))
    }

    /// Whether it has a PKCS#12 trust store, which Java needs.
    pub(crate) fn has_trust_store(&self) -> bool {
        match self {
            TrustedCa::ConfigMap(keys) => keys.pkcs12_key.is_some(),
            TrustedCa::Image(_) => true,
            TrustedCa::Bundle(_) | TrustedCa::ClusterTrustBundle(_) => false,
        }
    }

    /// Whether pods start without it.
    pub(crate) fn may_be_missing(&self) -> bool {
        let optional = match self {
            TrustedCa::ConfigMap(keys) => keys.optional,
            TrustedCa::ClusterTrustBundle(source) => source.optional,
            TrustedCa::Bundle(_) | TrustedCa::Image(_) => None,
        };
        optional == Some(true)
    }
}

fn read_password<'a>(reader: &mut Reader<'a>) -> Result<Option<Cow<'a, str>>, Problem> {
    let at = reader.position();
    match reader.string()? {
        Some(password) => match password_fault(&password) {
            Some(fault) => Err(Problem::new(at, fault)),
            None => Ok(Some(password)),
        },
        None => Ok(None),
    }
}

/// What is wrong with the password of a trust store, and what to write. Java's options are separated by white space, and JVMs read quotes
/// and backslashes in them in different ways.
pub(crate) fn password_fault(password: &str) -> Option<&'static str> {
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '\\');
    if password.is_empty() {
        Some("is empty; remove the field to use changeit")
    } else if password.chars().all(is_plain) {
        None
    } else {
        Some("must be ASCII without white space, quotes and backslashes; write the password of the PKCS#12 store")
    }
}

fn read_from<'a>(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Option<TrustedCa<'a>>, Problem> {
    let at = reader.position();
    let (mut config_map, mut bundle, mut image) = (Field::Absent, Field::Absent, Field::Absent);
    let from = reader.checked_object(problems, |reader, field, problems| {
        match field {
            "configMapKeyRef" => config_map = reader.field(problems, read_config_map_keys)?,
            "clusterTrustBundle" => bundle = reader.field(problems, read_cluster_trust_bundle)?,
            "image" => image = reader.field(problems, read_image)?,
            _ => {
                let known = ["configMapKeyRef", "clusterTrustBundle", "image"];
                return Err(Problem::unknown_field(reader.position(), field, &known));
            }
        }
        Ok(())
    })?;
    if from.is_none() {
        return Ok(None);
    }
    match [config_map.is_absent(), bundle.is_absent(), image.is_absent()] {
        [true, true, true] => {
            let reason =
                "must have configMapKeyRef, with the name and key of a ConfigMap, or clusterTrustBundle, or image";
            return Err(Problem::new(at, reason));
        }
        [false, true, true] | [true, false, true] | [true, true, false] => {}
        _ => {
            let reason = "configMapKeyRef, clusterTrustBundle and image exclude each other; keep only one";
            problems.push(Problem::new(at, reason));
        }
    }
    let config_map = config_map.value().map(TrustedCa::ConfigMap);
    let bundle = bundle.value().map(TrustedCa::ClusterTrustBundle);
    Ok(config_map.or(bundle).or(image.value().map(TrustedCa::Image)))
}
