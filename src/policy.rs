//! Where a request comes in: each function takes the bytes of a call and returns the answer. `lib.rs` connects them to
//! waPC.

use crate::injection::{Applied, Injection, Outcome, Planned, Reason, Record, Verdict, config_digest};
use crate::kubernetes::{PodSpec, Subject};
use crate::payload::{Fault, Payload};
use crate::pod_options::{OPT_OUTS, PodOptions};
use crate::response::Response;
use crate::settings::{Chosen, Mode, ProfileBecause, Settings, Unresolved};
use json::{Described, Problem, Reader, Span};

pub use crate::settings::FIELDS;

/// Decides on `{"request": <AdmissionRequest>, "settings": <settings>}`.
///
/// Never fails. A request that cannot be read is rejected with code 400, or with 500 if the settings are invalid.
pub fn validate(payload: &[u8]) -> String {
    match simdutf8::basic::from_utf8(payload) {
        Ok(text) => decide(text, |decision| decision.response().into_json())
            .unwrap_or_else(|fault| fault.refuse(text).into_json()),
        Err(_) => Fault::NotUtf8.refuse("").into_json(),
    }
}

/// Checks settings.
///
/// # Errors
/// Every problem of the settings, one to a line.
pub fn validate_settings(payload: &[u8]) -> Result<(), String> {
    let problems = match simdutf8::basic::from_utf8(payload) {
        Ok(text) => Settings::problems(Reader::new(text)),
        Err(_) => vec![Described::of_whole("the settings are not UTF-8")],
    };
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Described::lines(&problems))
    }
}

/// What is decided for a request.
pub(crate) enum Decision<'p> {
    /// The object is accepted as it is.
    Nothing { reason: Reason, warnings: Vec<String> },
    /// It gets what is planned.
    Planned(Box<Decided<'p>>),
}

/// The plans for a pod, and what comes of them.
pub(crate) struct Decided<'p> {
    /// The settings, or why there are none.
    pub applied: Result<&'p Applied<'p>, Reason>,
    pub planned: Planned<'p>,
    outcome: Outcome<'p>,
    /// Where the object is in the payload.
    object: Span,
    mode: Mode,
    /// Warnings about the pod's annotations.
    warnings: Vec<String>,
}

/// Reads the request, then the settings, decides, and shows the decision to `show`.
pub(crate) fn decide<T>(text: &str, show: impl FnOnce(Decision) -> T) -> Result<T, Fault> {
    let mut payload = Payload::read(Reader::new(text))?;
    let subject = match payload.request.subject(&OPT_OUTS)? {
        Ok(subject) => subject,
        Err(reason) => return Ok(show(Decision::nothing(Reason::NoSubject(reason)))),
    };
    let options = PodOptions::read(&subject.pod().metadata.annotations);
    if let Some(reason) = left_alone(&subject, &options) {
        return Ok(show(Decision::nothing(reason)));
    }
    let settings = Settings::read(payload.settings).map_err(Fault::Settings)?;
    let mode = settings.mode();
    if let Some(reason) = not_due(&subject, &options, mode) {
        return Ok(show(Decision::nothing(reason)));
    }
    let spec = subject.pod().spec()?;
    let record = options.record.and_then(Record::parse);
    let pod = PodInNamespace {
        namespace: &payload.request.namespace,
        subject: &subject,
        spec,
        options: &options,
        record: record.as_ref(),
    };
    let applied = match apply(settings, &pod) {
        // `kubectl debug` must work even if the pod's profile no longer exists.
        Err(Fault::Profile(problem)) if subject.is_ephemeral() => {
            return Ok(show(Decision::unknown_profile(&problem)));
        }
        applied => applied?,
    };
    if let (Err(reason), None) = (&applied, &record) {
        return Ok(show(Decision::nothing(*reason)));
    }
    let injection = pod.injection(text, &applied, mode);
    let (planned, outcome) = inject(&injection, &subject, spec)?;
    Ok(show(Decision::Planned(Box::new(Decided {
        applied: injection.applied,
        planned,
        outcome,
        object: payload.request.object_span,
        mode,
        warnings: options.warnings.clone(),
    }))))
}

/// Injects into whatever the request is about.
fn inject<'p>(
    injection: &Injection<'p>,
    subject: &'p Subject<'p>,
    spec: &'p PodSpec<'p>,
) -> Result<(Planned<'p>, Outcome<'p>), Problem> {
    match subject {
        Subject::Pod(pod) | Subject::Template(pod) => injection.pod(pod, spec),
        Subject::EphemeralContainers { pod, added } => injection.ephemeral_containers(pod, spec, added),
    }
}

/// Why a pod is unchanged, regardless of the settings.
fn left_alone(subject: &Subject, options: &PodOptions) -> Option<Reason> {
    let metadata = &subject.pod().metadata;
    if metadata.terminating {
        Some(Reason::Terminating)
    } else if metadata.is_mirror() {
        Some(Reason::Mirror)
    } else {
        // What a record shows to be the policy's is taken out of a pod that opts out.
        options
            .opt_out
            .filter(|_| options.record.is_none())
            .map(Reason::OptedOut)
    }
}

/// Why nothing would change if a pod were re-created, or if `kubectl debug` added containers to it.
fn not_due(subject: &Subject, options: &PodOptions, mode: Mode) -> Option<Reason> {
    let is_ephemeral = subject.is_ephemeral();
    match options.opt_out {
        Some(key) if mode == Mode::Report || is_ephemeral => Some(Reason::OptedOut(key)),
        _ if mode == Mode::Report && subject.pod().finished => Some(Reason::Finished),
        _ if mode == Mode::Report && is_ephemeral => Some(Reason::Ephemeral),
        _ => None,
    }
}

/// A pod, and all that decides which settings apply to it.
struct PodInNamespace<'p> {
    namespace: &'p str,
    subject: &'p Subject<'p>,
    spec: &'p PodSpec<'p>,
    options: &'p PodOptions<'p>,
    record: Option<&'p Record<'p>>,
}

impl<'p> PodInNamespace<'p> {
    /// What to inject into it.
    fn injection(&self, text: &'p str, applied: &'p Result<Applied<'p>, Reason>, mode: Mode) -> Injection<'p> {
        Injection {
            text,
            applied: applied.as_ref().map_err(|reason| *reason),
            options: self.options,
            record: self.record,
            is_template: matches!(self.subject, Subject::Template(_)),
            is_ephemeral: self.subject.is_ephemeral(),
            mode,
        }
    }
}

/// The settings that apply to a pod, or why none do.
fn apply<'a>(settings: Settings<'a>, pod: &PodInNamespace) -> Result<Result<Applied<'a>, Reason>, Fault> {
    if let Some(key) = pod.options.opt_out {
        return Ok(Err(Reason::OptedOut(key)));
    }
    if settings.is_off() {
        return Ok(Err(Reason::Disabled));
    }
    let report = settings.mode() == Mode::Report;
    if report && let Some(applied) = recorded(&settings, pod)? {
        return Ok(Ok(applied));
    }
    let metadata = &pod.subject.pod().metadata;
    let chosen = settings.choose(pod.namespace, metadata, pod.spec, pod.options.profile);
    let chosen = chosen.map_err(|unresolved| match unresolved {
        Unresolved::Profile(problem) if report => Fault::CannotBeRecreated(problem),
        Unresolved::Profile(problem) => Fault::Profile(problem),
        Unresolved::Pod(problem) => Fault::Request(problem),
    })?;
    resolve(settings, chosen)
}

/// The settings that the record says were applied, if they are still the same: then whatever makes another profile match now came
/// later, and re-creating the pod would change nothing.
fn recorded<'a>(settings: &Settings<'a>, pod: &PodInNamespace) -> Result<Option<Applied<'a>>, Fault> {
    let Some(made_by) = pod.record.and_then(|record| record.made_by) else {
        return Ok(None);
    };
    let profile = match made_by.profile.map(|name| settings.named(name)) {
        // There is no such profile any more.
        Some(None) => return Ok(None),
        profile => profile.flatten(),
    };
    let because = ProfileBecause::Record;
    let applied = resolve(settings.clone(), Chosen { profile, because })?;
    Ok(applied
        .ok()
        .filter(|applied| config_digest(applied, None) == made_by.config))
}

fn resolve(settings: Settings, chosen: Chosen) -> Result<Result<Applied, Reason>, Fault> {
    let profile = chosen.profile.map(|profile| settings.profile_name(profile).to_owned());
    let profiles = settings.profiles_digest();
    let resolved = settings.resolve(chosen.profile).map_err(Fault::Settings)?;
    let off = if profile.is_some() {
        Reason::DisabledByProfile
    } else {
        Reason::Disabled
    };
    Ok(resolved.ok_or(off).map(|settings| Applied {
        settings,
        profile,
        because: chosen.because,
        profiles,
    }))
}

impl<'p> Decision<'p> {
    fn nothing(reason: Reason) -> Self {
        Decision::Nothing {
            reason,
            warnings: Vec::new(),
        }
    }

    fn unknown_profile(problem: &Problem) -> Self {
        Decision::Nothing {
            reason: Reason::UnknownProfile,
            warnings: vec![format!("no proxy is injected: {}", problem.message())],
        }
    }

    fn response(self) -> Response<'p> {
        match self {
            Decision::Nothing { warnings, .. } => Response::Accept {
                profile: None,
                warnings,
            },
            Decision::Planned(decided) => decided.response(),
        }
    }
}

impl<'p> Decided<'p> {
    fn response(self) -> Response<'p> {
        let Outcome {
            edits,
            report,
            warnings: of_outcome,
        } = self.outcome;
        let mut warnings = self.warnings;
        warnings.extend(of_outcome.into_vec());
        if self.mode == Mode::Report {
            match report.verdict() {
                Verdict::Stale(message) => return Response::Reject { code: 400, message },
                Verdict::Current(later) => warnings.extend(later),
            }
        }
        let profile = self.applied.ok().and_then(|applied| applied.profile.clone());
        if self.mode == Mode::Report || edits.is_empty() {
            return Response::Accept { profile, warnings };
        }
        Response::Mutate {
            object: self.object,
            edits,
            profile,
            warnings,
        }
    }
}
