//! Reads the OCI image that holds the CA.

use std::borrow::Cow;

use json::{Choice, Field, Problem, Reader};
use values::{ImageReference, quoted};

/// `trustedCaFrom.image`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageSource<'a> {
    pub reference: Cow<'a, str>,
    pub pull_policy: PullPolicy,
}

/// When a kubelet pulls an image.
/// <https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PullPolicy {
    Always,
    IfNotPresent,
    Never,
}

impl Choice for PullPolicy {
    const ALL: &'static [(&'static str, Self)] = &[
        ("Always", PullPolicy::Always),
        ("IfNotPresent", PullPolicy::IfNotPresent),
        ("Never", PullPolicy::Never),
    ];
}

/// Reads `{reference, pullPolicy?}`.
pub(super) fn read_image<'a>(
    reader: &mut Reader<'a>,
    problems: &mut Vec<Problem>,
) -> Result<Option<ImageSource<'a>>, Problem> {
    let at = reader.position();
    let (mut reference, mut pull_policy) = (Field::Absent, Field::Absent);
    let image = reader.checked_object(problems, |reader, field, problems| {
        match field {
            "reference" => reference = reader.field(problems, |reader, _| read_reference(reader))?,
            "pullPolicy" => pull_policy = reader.field(problems, |reader, _| reader.choice())?,
            _ => {
                let known = ["reference", "pullPolicy"];
                return Err(Problem::unknown_field(reader.position(), field, &known));
            }
        }
        Ok(())
    })?;
    if image.is_none() {
        return Ok(None);
    }
    if reference.is_absent() {
        let reason = "must have the reference of an image, such as registry.example.com/trust/ca:2026";
        problems.push(Problem::new(at, reason));
    }
    let reference: Cow<str> = reference.value().unwrap_or_default();
    let by_default = || default_pull_policy(&reference);
    Ok(Some(ImageSource {
        pull_policy: pull_policy.value().unwrap_or_else(by_default),
        reference,
    }))
}

/// What the API server fills in (`SetDefaults_Volume` of
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/defaults.go>): a tag that may move is pulled each time.
fn default_pull_policy(reference: &str) -> PullPolicy {
    match ImageReference::parse(reference) {
        Ok(image) if image.is_latest() => PullPolicy::Always,
        _ => PullPolicy::IfNotPresent,
    }
}

fn read_reference<'a>(reader: &mut Reader<'a>) -> Result<Option<Cow<'a, str>>, Problem> {
    let at = reader.position();
    let Some(reference) = reader.string()? else {
        return Ok(None);
    };
    match ImageReference::parse(&reference) {
        Ok(_) => Ok(Some(reference)),
        Err(fault) => {
            let what = quoted(&reference).map_or_else(|| fault.to_owned(), |quoted| format!("{quoted} {fault}"));
            Err(Problem::new(at, what))
        }
    }
}
