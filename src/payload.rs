//! The payload of a call, and what is wrong with it.

use crate::kubernetes::AdmissionRequest;
use crate::pod_options::OPT_OUTS;
use crate::response::Response;
use json::{Described, Problem, Reader, describe};

/// `{"request": <AdmissionRequest>, "settings": <settings>}`
pub(crate) struct Payload<'a> {
    pub request: AdmissionRequest<'a>,
    /// Where the settings are.
    pub settings: Reader<'a>,
}

/// Why a request is rejected before a decision.
pub(crate) enum Fault {
    NotUtf8,
    /// The request or its pod does not have the shape that the Kubernetes API defines.
    Request(Problem),
    /// The pod names a profile that it cannot have.
    Profile(Problem),
    /// As [`Fault::Profile`], in a report: the pod runs, but could not be created again.
    CannotBeRecreated(Problem),
    Settings(Vec<Described>),
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Fault::Request(problem)
    }
}

impl<'a> Payload<'a> {
    /// Reads the payload. Of members that occur twice, the last one counts, and a problem of the others does not.
    pub(crate) fn read(mut reader: Reader<'a>) -> Result<Self, Fault> {
        let (mut request, mut settings) = (None, None);
        reader.object(|reader, field| {
            match field {
                "request" => {
                    let start = *reader;
                    request = Some(AdmissionRequest::read(reader, &OPT_OUTS));
                    if let Some(Err(_)) = request {
                        *reader = start;
                        reader.skip()?;
                    }
                }
                "settings" => {
                    settings = Some(*reader);
                    reader.skip()?;
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        reader.end()?;
        let incomplete = || Problem::new(0, "the payload must have request and settings");
        Ok(Payload {
            request: request.ok_or_else(incomplete)??,
            settings: settings.ok_or_else(incomplete)?,
        })
    }
}

impl Fault {
    /// The answer to a payload with this fault.
    pub(crate) fn refuse<'a>(self, payload: &str) -> Response<'a> {
        let (code, message) = self.message(payload);
        Response::Reject { code, message }
    }

    /// The HTTP status and the message of the answer.
    pub(crate) fn message(self, payload: &str) -> (u16, String) {
        match self {
            Fault::NotUtf8 => (400, "the request is not UTF-8".to_owned()),
            Fault::Request(problem) | Fault::Profile(problem) => (400, described(payload, problem).to_string()),
            Fault::CannotBeRecreated(problem) => (
                400,
                format!("cannot be re-created: {}", described(payload, problem).message),
            ),
            Fault::Settings(problems) => {
                let problems: Vec<String> = problems.iter().map(Described::to_string).collect();
                let problems = problems.join("; ");
                (500, format!("the settings of this policy are invalid: {problems}"))
            }
        }
    }
}

/// The problem with its path. People who must fix an object know it by the paths of its manifest.
fn described(payload: &str, problem: Problem) -> Described {
    let reader = Reader::new(payload);
    // A syntax error later in the text explains more than a problem that is found before it.
    let problem = reader.check().err().unwrap_or(problem);
    let message = problem.message().to_owned();
    let mut described = describe(reader, vec![problem]).pop().unwrap_or(Described {
        path: String::new(),
        message,
    });
    let of_manifest = ["request.object.", "request.oldObject."]
        .iter()
        .find_map(|object| described.path.strip_prefix(object))
        .map(str::to_owned);
    described.path = of_manifest.unwrap_or(described.path);
    described
}
