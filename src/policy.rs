//! From the bytes of a call to the bytes of its answer. Knows nothing of waPC.

use kubewarden_policy_sdk::settings::SettingsValidationResponse;
use serde_json::value::RawValue;

use crate::inject;
use crate::json::{self, Problem, Reader};
use crate::request::AdmissionRequest;
use crate::response::Response;
use crate::settings::Settings;

/// Decides on `{"request": <AdmissionRequest>, "settings": <settings>}`.
///
/// Never fails: what cannot be read is rejected, with code 400, or 500 where the settings are at fault.
pub fn validate(payload: &[u8]) -> String {
    let response = match checked_json(payload) {
        Ok(payload) => decide(payload),
        Err(fault) => Response::Reject {
            code: 400,
            message: format!("the request {fault}"),
        },
    };
    response.into_json()
}

/// Checks settings, and names every problem that they have.
pub fn validate_settings(payload: &[u8]) -> SettingsValidationResponse {
    let outcome = match checked_json(payload) {
        Ok(payload) => Settings::validate(Reader::new(payload)),
        Err(fault) => Err(format!("the settings document {fault}")),
    };
    SettingsValidationResponse {
        valid: outcome.is_ok(),
        message: outcome.err(),
    }
}

/// Checks that the payload is one JSON value, which is all that [`Reader`] relies on.
fn checked_json(payload: &[u8]) -> Result<&RawValue, String> {
    let text = std::str::from_utf8(payload).map_err(|_| "is not UTF-8".to_owned())?;
    // serde_json's words for broken syntax tell line and column, and quote nothing.
    serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))
}

fn decide(payload: &RawValue) -> Response<'_> {
    let whole = Reader::new(payload);
    let mut settings = None;
    let mut request = None;
    let read = whole.clone().object(|reader, field| {
        match field {
            "settings" => {
                settings = Some(*reader);
                reader.skip();
            }
            "request" => request = Some(AdmissionRequest::read(reader)?),
            _ => drop(reader.skip()),
        }
        Ok(())
    });
    if let Err(problem) = read {
        return bad_request(whole, problem);
    }
    let (Some(settings), Some(request)) = (settings, request) else {
        return bad_request(whole, Problem::new(0, "the payload must have request and settings"));
    };
    let settings = match Settings::read(settings) {
        Ok(settings) => settings,
        Err(problems) => {
            return Response::Reject {
                code: 500,
                message: format!("the settings of this policy are invalid: {problems}"),
            };
        }
    };
    inject::inject(&settings, &request).unwrap_or_else(|problem| bad_request(whole, problem))
}

fn bad_request(payload: Reader, problem: Problem) -> Response<'static> {
    let message = json::describe(payload, &mut [problem]);
    // Who must mend an object knows it by the paths of its own manifest.
    let message = message.strip_prefix("request.object.").unwrap_or(&message).to_owned();
    Response::Reject { code: 400, message }
}
