//! Where a request comes in: each function takes the bytes of a call and returns the answer. `lib.rs` connects them to
//! waPC.

use kubewarden_policy_sdk::settings::SettingsValidationResponse;

use crate::injection::{Injection, Outcome, Record, Verdict};
use crate::json::{Problem, Reader, describe};
use crate::kubernetes::{AdmissionRequest, Pod, Subject};
use crate::pod_options::{PodOptions, may_concern};
use crate::response::Response;
use crate::settings::{Mode, Settings, Unresolved};

pub use crate::settings::FIELDS;

/// Decides on `{"request": <AdmissionRequest>, "settings": <settings>}`.
///
/// Never fails. A request that cannot be read is rejected with code 400, or with 500 if the settings are invalid.
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

/// Checks settings. The message lists every problem, separated by `; `.
pub fn validate_settings(payload: &[u8]) -> SettingsValidationResponse {
    let problems = match simdutf8::basic::from_utf8(payload) {
        Ok(text) => Settings::problems(Reader::new(text)),
        Err(_) => vec!["the settings are not UTF-8".to_owned()],
    };
    SettingsValidationResponse {
        valid: problems.is_empty(),
        message: (!problems.is_empty()).then(|| problems.join("; ")),
    }
}

fn decide(payload: Reader) -> Response {
    read(payload).unwrap_or_else(|problem| {
        // A syntax error later in the text explains more than a problem that is found before it.
        let problem = payload.check().err().unwrap_or(problem);
        let message = describe(payload, vec![problem]).join("; ");
        // Who must fix an object knows it by the paths of its own manifest.
        let manifests = ["request.object.", "request.oldObject."];
        let message = manifests
            .iter()
            .find_map(|object| message.strip_prefix(object))
            .unwrap_or(&message)
            .to_owned();
        Response::Reject { code: 400, message }
    })
}

/// A request, and the pod that it is about if the policy may have something to change in it.
type ReadRequest<'a> = (AdmissionRequest<'a>, Option<Result<Subject<'a>, Problem>>);

/// Reads the payload, and answers. Of members that occur twice, the last one counts.
fn read(payload: Reader) -> Result<Response, Problem> {
    let mut request = None;
    let mut settings_at = None;
    let mut settings = None;
    let mut reader = payload;
    reader.object(|reader, field| {
        match field {
            "request" => {
                request = Some(read_request(reader)?);
                settings = None;
            }
            "settings" => {
                settings_at = Some(*reader);
                settings = None;
                // In the payload, the request comes before the settings. If nothing can change, they do not matter.
                match &request {
                    Some(Ok((request, Some(subject)))) => settings = Some(read_settings(reader, request, subject)?),
                    _ => reader.skip()?,
                }
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    reader.end()?;
    let incomplete = || Problem::new(0, "the payload must have request and settings");
    let (request, Some(subject)) = request.ok_or_else(incomplete)?? else {
        return Ok(Response::accept());
    };
    let (settings, problems) = match settings {
        Some(settings) => settings,
        None => read_settings(&mut settings_at.ok_or_else(incomplete)?, &request, &subject)?,
    };
    if !problems.is_empty() {
        return Ok(invalid_settings(&describe(settings.document(), problems)));
    }
    answer(payload.text(), settings, &request, &subject?)
}

/// Reads a request. A problem of it does not count if another request follows.
fn read_request<'a>(reader: &mut Reader<'a>) -> Result<Result<ReadRequest<'a>, Problem>, Problem> {
    let start = *reader;
    match AdmissionRequest::read(reader, may_concern) {
        Ok(mut request) => {
            let subject = request.subject(may_concern).transpose();
            let subject = subject.filter(|subject| concerns(subject.as_ref()));
            Ok(Ok((request, subject)))
        }
        Err(problem) => {
            *reader = start;
            reader.skip()?;
            Ok(Err(problem))
        }
    }
}

/// Reads settings for the pod, or for none if it cannot be read: problems of settings are reported first.
fn read_settings<'a>(
    reader: &mut Reader<'a>,
    request: &AdmissionRequest,
    subject: &Result<Subject, Problem>,
) -> Result<(Box<Settings<'a>>, Vec<Problem>), Problem> {
    let mut problems = Vec::new();
    let none = Pod::default();
    let pod = subject.as_ref().map_or(&none, Subject::pod);
    let settings = Settings::read(reader, &request.namespace, pod, &mut problems)?;
    Ok((settings, problems))
}

/// Whether the policy may have something to change. A pod that cannot be read counts too, so that its problem is
/// reported.
fn concerns(subject: Result<&Subject, &Problem>) -> bool {
    subject.is_ok_and(|subject| subject.pod().concerns) || subject.is_err()
}

fn answer<'a>(
    text: &'a str,
    settings: Box<Settings<'a>>,
    request: &AdmissionRequest<'a>,
    subject: &Subject<'a>,
) -> Result<Response<'a>, Problem> {
    let report = settings.mode() == Mode::Report;
    let pod = subject.pod();
    let is_ephemeral = matches!(subject, Subject::EphemeralContainers { .. });
    let options = PodOptions::read(&pod.metadata.annotations);
    // Re-creating these would change nothing.
    let is_never_stale = pod.finished || is_ephemeral || options.opt_out;
    if report && is_never_stale || options.opt_out && is_ephemeral {
        return Ok(Response::accept());
    }
    let document = settings.document();
    let settings = if options.opt_out {
        None
    } else {
        match settings.resolve(&request.namespace, options.profile) {
            Ok(settings) => settings,
            Err(Unresolved::Settings(problems)) => return Ok(invalid_settings(&describe(document, problems))),
            // `kubectl debug` must work even if the pod's profile no longer exists.
            Err(Unresolved::Profile(problem)) if is_ephemeral => {
                let warning = format!("no proxy is set: {}", problem.message());
                return Ok(Response::Accept {
                    warnings: vec![warning],
                });
            }
            Err(Unresolved::Profile(problem) | Unresolved::Pod(problem)) => return Err(problem),
        }
    };
    let record = options.record.and_then(Record::parse);
    if settings.is_none() && record.is_none() {
        return Ok(Response::accept());
    }
    let injection = Injection {
        text,
        settings: settings.as_ref(),
        options: &options,
        record: record.as_ref(),
        report,
    };
    let outcome = match subject {
        Subject::Pod(pod) => injection.pod(pod)?,
        Subject::EphemeralContainers { pod, added } => injection.ephemeral_containers(pod, added)?,
    };
    Ok(response(outcome, request, report, options.warnings.clone()))
}

fn response<'a>(
    outcome: Outcome<'a>,
    request: &AdmissionRequest,
    report: bool,
    mut warnings: Vec<String>,
) -> Response<'a> {
    let mut of_outcome = outcome.warnings;
    if report {
        match outcome.report.verdict() {
            Verdict::Stale(message) => return Response::Reject { code: 400, message },
            Verdict::Current(unseen) => unseen.into_iter().for_each(|warning| of_outcome.add(warning)),
        }
    }
    warnings.extend(of_outcome.into_vec());
    if report || outcome.edits.is_empty() {
        return Response::Accept { warnings };
    }
    Response::Mutate {
        object: request.object_span,
        edits: outcome.edits,
        warnings,
    }
}

fn invalid_settings<'a>(problems: &[String]) -> Response<'a> {
    Response::Reject {
        code: 500,
        message: format!("the settings of this policy are invalid: {}", problems.join("; ")),
    }
}
