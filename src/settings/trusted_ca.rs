//! The certificate authorities for pods to trust: the `trustedCa` fields.

use super::Located;
use super::cluster_trust_bundle::read_cluster_trust_bundle;
use super::key_selector::read_key_selector;
use crate::json::{Choice, Field, Problem, Reader};
use crate::kubernetes::{ClusterTrustBundleSource, KeySelector};
use crate::values::Bundle;

/// Where the pods' certificate authorities come from.
#[derive(Clone, Debug)]
pub(crate) enum TrustedCa<'a> {
    /// `trustedCa`
    Bundle(Bundle),
    /// `trustedCaFrom.configMapKeyRef`
    ConfigMap(KeySelector<'a>),
    /// `trustedCaFrom.clusterTrustBundle`
    ClusterTrustBundle(ClusterTrustBundleSource<'a>),
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
            return Err(Problem::new(
                at,
                "trustedCa and trustedCA are both set; keep one of the two",
            ));
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

    /// Reports fields that cannot go together.
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        let Field::Is(from) = &self.from else {
            return;
        };
        if !self.bundle.is_absent() {
            problems.push(Problem::new(from.at, "trustedCa is set as well; keep one of the two"));
        }
        match self.usage.value().map_or(TrustedCaUse::Replace, |usage| usage.value) {
            TrustedCaUse::Append => {
                let reason = "must not be Append with trustedCaFrom, since the file names that OpenSSL needs depend on the \
                              certificates; write Replace or Mount, or use trustedCa";
                problems.push(Problem::new(
                    self.usage.value().map_or(from.at, |usage| usage.at),
                    reason,
                ));
            }
            TrustedCaUse::Replace if from.value.is_optional() => {
                let reason = "optional: true cannot be used with trustedCaUse: Replace, because without the bundle every variable \
                              would name a missing file and no TLS would work; remove optional, or write trustedCaUse: Mount";
                problems.push(Problem::new(from.at, reason));
            }
            TrustedCaUse::Replace | TrustedCaUse::Mount => {}
        }
    }

    /// The source and the use of the CA.
    pub(super) fn resolve(self) -> (Option<TrustedCa<'a>>, TrustedCaUse) {
        let (trusted_ca, default_use) = match (self.bundle.value(), self.from.value()) {
            (_, Some(from)) => (Some(from.value), TrustedCaUse::Replace),
            (Some(bundle), None) => (Some(TrustedCa::Bundle(bundle.value)), TrustedCaUse::Append),
            (None, None) => (None, TrustedCaUse::Append),
        };
        (trusted_ca, self.usage.value().map_or(default_use, |usage| usage.value))
    }
}

impl TrustedCa<'_> {
    /// Whether pods start if it is missing.
    fn is_optional(&self) -> bool {
        let optional = match self {
            TrustedCa::Bundle(_) => None,
            TrustedCa::ConfigMap(key) => key.optional,
            TrustedCa::ClusterTrustBundle(source) => source.optional,
        };
        optional == Some(true)
    }
}

fn read_from<'a>(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Option<TrustedCa<'a>>, Problem> {
    let at = reader.position();
    let (mut config_map, mut bundle) = (Field::Absent, Field::Absent);
    let from = reader.checked_object(problems, |reader, field, problems| {
        match field {
            "configMapKeyRef" => {
                let read = |reader: &mut Reader<'a>, problems: &mut _| read_key_selector(reader, problems, "ConfigMap");
                config_map = reader.field(problems, read)?;
            }
            "clusterTrustBundle" => bundle = reader.field(problems, read_cluster_trust_bundle)?,
            _ => {
                let known = ["configMapKeyRef", "clusterTrustBundle"];
                return Err(Problem::unknown_field(reader.position(), field, &known));
            }
        }
        Ok(())
    })?;
    match (config_map.is_absent(), bundle.is_absent()) {
        _ if from.is_none() => return Ok(None),
        (true, true) => {
            let reason = "must have configMapKeyRef, with the name and key of a ConfigMap, or clusterTrustBundle";
            return Err(Problem::new(at, reason));
        }
        (false, false) => {
            problems.push(Problem::new(
                at,
                "configMapKeyRef and clusterTrustBundle are both set; keep one of the two",
            ));
        }
        _ => {}
    }
    let config_map = config_map.value().map(TrustedCa::ConfigMap);
    Ok(config_map.or(bundle.value().map(TrustedCa::ClusterTrustBundle)))
}
