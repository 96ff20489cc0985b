//! Reads the ClusterTrustBundles that hold the CA.
//!
//! The rules are those of `ValidateProjectedVolumeSource`, `ValidateClusterTrustBundleName` and `ValidateSignerName` in
//! <https://github.com/kubernetes/kubernetes/tree/master/pkg/apis>, so that the API server accepts the pods.

use std::borrow::Cow;

use crate::json::{Field, Problem, Reader};
use crate::kubernetes::{BundleSelector, ClusterTrustBundleSource, Labels, selects};
use crate::values::is_dns_subdomain;

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
    // The names of a signer's bundles begin with the signer's name, with : in place of /.
    let last = name.rsplit(':').next().unwrap_or_default();
    if is_dns_subdomain(last) {
        Ok(Some(name))
    } else {
        let reason = "must be the name of a ClusterTrustBundle: its last part, after a signer's name as in \
                      example.com:signer:name, is a lower-case RFC 1123 subdomain";
        Err(Problem::new(at, reason))
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
    let selector = selects(&mut reader.clone(), &Labels::default(), problems)?;
    let text = reader.skipped_text()?;
    Ok(selector.map(|_| text))
}

#[cfg(test)]
mod tests {
    use super::*;

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
