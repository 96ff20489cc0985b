//! Reads the ClusterTrustBundles that hold the CA.
//!
//! The rules are those of `ValidateProjectedVolumeSource`, `ValidateClusterTrustBundleName` and `ValidateSignerName` in
//! <https://github.com/kubernetes/kubernetes/tree/master/pkg/apis>, so that the API server accepts the pods.

use std::borrow::Cow;

use crate::kubernetes::{BundleSelector, ClusterTrustBundleSource, LabelSelector};
use json::{Field, Problem, Reader};
use values::is_dns_subdomain;

/// The maximum length of a signer's name: a domain, a namespace and an object, with a slash and a dot between them.
const MAX_SIGNER_NAME: usize = 571;

/// Reads `{name, optional?}` or `{signerName, labelSelector, optional?}`.
pub(super) fn read_cluster_trust_bundle<'a>(
    reader: &mut Reader<'a>,
    problems: &mut Vec<Problem>,
) -> Result<Option<ClusterTrustBundleSource<'a>>, Problem> {
    let at = reader.position();
    let (mut name, mut signer_name, mut optional) = (Field::Absent, Field::Absent, Field::Absent);
    let mut label_selector = Field::Absent;
    let source = reader.checked_object(problems, |reader, field, problems| {
        match field {
            "name" => name = reader.field(problems, |reader, _| bundle_name(reader))?,
            "signerName" => signer_name = reader.field(problems, |reader, _| read_signer_name(reader))?,
            "labelSelector" => label_selector = reader.field(problems, selector_text)?,
            "optional" => optional = reader.field(problems, |reader, _| reader.boolean())?,
            _ => {
                let known = ["name", "signerName", "labelSelector", "optional"];
                return Err(Problem::unknown_field(reader.position(), field, &known));
            }
        }
        Ok(())
    })?;
    if source.is_none() {
        return Ok(None);
    }
    if let Some(reason) = wrong_combination(&name, &signer_name, &label_selector) {
        problems.push(Problem::new(at, reason));
    }
    let bundles = match (name.value(), signer_name.value(), label_selector.value()) {
        (None, Some(signer_name), Some(label_selector)) => BundleSelector::Signer {
            signer_name,
            label_selector,
        },
        // Without a name, a problem has been reported, so these settings are not used.
        (name, ..) => BundleSelector::Name(name.unwrap_or_default()),
    };
    Ok(Some(ClusterTrustBundleSource {
        bundles,
        optional: optional.value(),
    }))
}

fn wrong_combination<A, B, C>(name: &Field<A>, signer_name: &Field<B>, labels: &Field<C>) -> Option<&'static str> {
    match (name.is_absent(), signer_name.is_absent(), labels.is_absent()) {
        (true, true, _) => Some("either name or signerName must be specified"),
        (false, false, _) => Some("only one of name and signerName may be used"),
        (false, true, false) => Some("labelSelector must be unset if name is specified"),
        (true, false, true) => Some(
            "signerName without labelSelector selects no bundle at all; write a labelSelector, {} for all bundles of the signer",
        ),
        _ => None,
    }
}

fn bundle_name<'a>(reader: &mut Reader<'a>) -> Result<Option<Cow<'a, str>>, Problem> {
    let at = reader.position();
    let Some(name) = reader.string()? else {
        return Ok(None);
    };
    if is_bundle_name(&name) {
        Ok(Some(name))
    } else {
        let reason = "must be the name of a ClusterTrustBundle: a lower-case RFC 1123 subdomain, or a signer's name and such a \
                      subdomain, as in example.com:signer:name";
        Err(Problem::new(at, reason))
    }
}

/// Whether the API accepts a bundle of this name: the name of a signer's bundle begins with the signer's name, with `:` for its
/// `/`, and another bundle's name has no `:`.
fn is_bundle_name(name: &str) -> bool {
    match name.rsplit_once(':') {
        None => is_dns_subdomain(name),
        Some((signer, last)) => {
            let signer = signer
                .split_once(':')
                .map(|(domain, path)| [domain, "/", path].concat());
            signer.is_some_and(|signer| is_signer_name(&signer)) && is_dns_subdomain(last)
        }
    }
}

fn read_signer_name<'a>(reader: &mut Reader<'a>) -> Result<Option<Cow<'a, str>>, Problem> {
    let at = reader.position();
    match reader.string()? {
        Some(name) if !is_signer_name(&name) => {
            let reason = "must be a fully qualified domain and path of the form example.com/signer-name";
            Err(Problem::new(at, reason))
        }
        name => Ok(name),
    }
}

fn is_signer_name(name: &str) -> bool {
    let Some((domain, path)) = name.split_once('/') else {
        return false;
    };
    name.len() <= MAX_SIGNER_NAME
        && domain.contains('.')
        && is_dns_subdomain(domain)
        && domain.split('.').all(|label| label.len() <= 63)
        && path.split('.').all(is_dns_subdomain)
}

/// The text of a selector without problems.
fn selector_text<'a>(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Option<&'a str>, Problem> {
    let selector = LabelSelector::read(&mut reader.clone(), problems)?;
    let text = reader.skipped_text()?;
    Ok(selector.map(|_| text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_named_after_its_signer_if_it_has_one() {
        for (name, is) in [
            ("corp", true),
            ("corp.example", true),
            ("example.com:ca:corp", true),
            ("example.com:a.b:corp", true),
            (":x", false),
            ("a:x", false),
            ("example.com:ca:", false),
            ("example.com::x", false),
            ("example:ca:x", false),
            ("Corp", false),
            ("", false),
        ] {
            assert_eq!(is_bundle_name(name), is, "{name}");
        }
    }

    #[test]
    fn a_signer_has_a_domain_and_a_path() {
        for name in ["example.com/ca", "a.b/c.d", "kubernetes.io/kube-apiserver-serving"] {
            assert!(is_signer_name(name), "{name}");
        }
        for name in [
            "",
            "example.com",
            "example/ca",
            "example.com/",
            "/ca",
            "a.b/c/d",
            "A.b/c",
            "a.b/c.",
            "a.b/C",
        ] {
            assert!(!is_signer_name(name), "{name}");
        }
    }
}
