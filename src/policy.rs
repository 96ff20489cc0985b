//! From the bytes of a call to the bytes of its answer. Knows nothing of waPC.

use kubewarden_policy_sdk::settings::SettingsValidationResponse;

use crate::inject;
use crate::json::Reader;
use crate::problem::{self, Problem};
use crate::request::AdmissionRequest;
use crate::response::{Fault, Response};
use crate::settings::Settings;

pub use crate::settings::FIELDS;

/// Decides on `{"request": <AdmissionRequest>, "settings": <settings>}`.
///
/// Never fails: what cannot be read is rejected, with code 400, or 500 where the settings are at fault.
pub fn validate(payload: &[u8]) -> String {
    let response = match simdutf8::basic::from_utf8(payload) {
        Ok(text) => decide(Reader::new(text)),
        Err(_) => Response::Reject {
            code: 400,
            message: "the request is not UTF-8".to_owned(),
        },
    };
    response.into_json()
}

/// Checks settings, and names every problem that they have.
pub fn validate_settings(payload: &[u8]) -> SettingsValidationResponse {
    let message = match simdutf8::basic::from_utf8(payload) {
        Ok(text) => Settings::validate(Reader::new(text)).err(),
        Err(_) => Some("is not UTF-8".to_owned()),
    };
    SettingsValidationResponse {
        valid: message.is_none(),
        message,
    }
}

fn decide(payload: Reader) -> Response {
    match answer(payload) {
        Ok(response) => response,
        Err(Fault::Settings(problems)) => Response::Reject {
            code: 500,
            message: format!("the settings of this policy are invalid: {problems}"),
        },
        Err(Fault::Request(problem)) => {
            // That the text is broken somewhere explains more than what it seems to say in front of that.
            let problem = payload.check().err().unwrap_or(problem);
            let message = problem::describe(payload, &mut [problem]);
            // Who must mend an object knows it by the paths of its own manifest.
            let manifests = ["request.object.", "request.oldObject."];
            let message = manifests
                .iter()
                .find_map(|object| message.strip_prefix(object))
                .unwrap_or(&message)
                .to_owned();
            Response::Reject { code: 400, message }
        }
    }
}

fn answer(payload: Reader) -> Result<Response, Fault> {
    let mut request = None;
    let mut settings = None;
    let mut problems = Vec::new();
    let mut reader = payload;
    reader.object(|reader, field| {
        match field {
            "request" => {
                let mut read = AdmissionRequest::read(reader)?;
                let target = read.target().transpose();
                request = Some((read, target));
            }
            // Where nothing can change, no settings matter. The request stands in front of them.
            "settings" if !matches!(request, Some((_, None))) => {
                let document = *reader;
                settings = Some((document, Settings::read(reader, &mut problems)?));
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    reader.end()?;
    match (request, settings) {
        (Some((_, None)), _) => Ok(Response::accept()),
        (Some((request, Some(target))), Some((document, settings))) => {
            Fault::of_settings(document, &mut problems)?;
            inject::inject(settings, request, target?)
        }
        _ => Err(Problem::new(0, "the payload must have request and settings").into()),
    }
}
