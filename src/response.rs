//! The policy's answers.

use serde::Serialize;

use json::{Edits, Span, push_quoted};

/// The answer to `validate`.
/// <https://docs.kubewarden.io/en/tutorials/writing-policies/spec/validating-policies>
pub(crate) enum Response<'a> {
    /// The object is accepted as it is.
    Accept {
        /// The name of the profile that applied.
        profile: Option<String>,
        warnings: Vec<String>,
    },
    /// The object is accepted with changes.
    Mutate {
        /// Where the object is in the text that is edited.
        object: Span,
        edits: Edits<'a>,
        /// The name of the profile that applied.
        profile: Option<String>,
        warnings: Vec<String>,
    },
    /// The object is rejected; `code` is an HTTP status.
    Reject { code: u16, message: String },
}

impl Response<'_> {
    /// The answer as JSON. A changed object is copied, not parsed again.
    pub(crate) fn into_json(self) -> String {
        match self {
            Response::Accept { profile, warnings } => Verdict {
                accepted: true,
                audit_annotations: profile.map(|profile| AuditAnnotations { profile }),
                code: None,
                message: None,
                warnings,
            }
            .into_json(),
            Response::Reject { code, message } => Verdict {
                accepted: false,
                audit_annotations: None,
                code: Some(code),
                message: Some(message),
                warnings: Vec::new(),
            }
            .into_json(),
            Response::Mutate {
                object,
                edits,
                profile,
                warnings,
            } => {
                let bytes: usize = warnings.iter().map(|warning| warning.len() + 8).sum();
                let mut json = String::with_capacity(object.len() + edits.added_bytes() + bytes + 64);
                json.push_str("{\"accepted\":true,\"mutated_object\":");
                edits.write(object, &mut json);
                if let Some(profile) = profile {
                    json.push_str(",\"audit_annotations\":{\"profile\":");
                    push_quoted(&mut json, &profile);
                    json.push('}');
                }
                for (index, warning) in warnings.iter().enumerate() {
                    json.push_str(if index == 0 { ",\"warnings\":[" } else { "," });
                    push_quoted(&mut json, warning);
                }
                json.push_str(if warnings.is_empty() { "}" } else { "]}" });
                json
            }
        }
    }
}

/// An answer without an object. The SDK's `ValidationResponse` would write each field that is omitted as `null`.
#[derive(Serialize)]
struct Verdict {
    accepted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_annotations: Option<AuditAnnotations>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// What the API server adds to the request's entry in its audit log.
#[derive(Serialize)]
struct AuditAnnotations {
    profile: String,
}

impl Verdict {
    fn into_json(self) -> String {
        // All keys are strings, so writing it does not fail.
        serde_json::to_string(&self).unwrap_or_default()
    }
}
