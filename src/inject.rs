//! Settings and a pod in, edits of the pod out.

mod trusted_ca;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::edits::Edits;
use crate::env_changes::EnvChanges;
use crate::json::{Reader, quoted};
use crate::metadata::{Annotation, Annotations};
use crate::own_env::OwnEnv;
use crate::pod::{Container, Pod};
use crate::problem::Problem;
use crate::record::{Claims, Record, RecordWriter};
use crate::report::Report;
use crate::request::{AdmissionRequest, Target};
use crate::resolved_settings::ResolvedSettings;
use crate::response::{Fault, Response};
use crate::runtimes;
use crate::settings::{Mode, Settings};
use crate::trusted_ca_volume::MAX_ANNOTATION_BYTES;
use crate::value::fits;
use crate::values::MAX_VARIABLE_BYTES;
use crate::values::NoProxyEntry;
use crate::values::NoProxyList;
use crate::values::glob_matches;
use crate::variables::Variables;

pub use trusted_ca::MountChange;
use trusted_ca::{Mounts, PodTrust};

/// Most bytes that an object may grow by. API servers store no object over 1.5 MiB (etcd's limit), but whoever sends one can
/// make it grow by a multiple of its size: a long list for many containers.
const MAX_ADDED_BYTES: usize = 4 * 1024 * 1024;

/// Most bytes of `NO_PROXY` that an object's containers are given, or compared with: a long list takes long for each of them.
const MAX_LIST_BYTES: usize = 2 * 1024 * 1024;

/// Most warnings of an answer.
const MAX_WARNINGS: usize = 20;

/// Answers a request.
///
/// # Errors
/// The settings have problems, or the object has not the shape that the Kubernetes API defines.
pub fn inject<'a>(
    settings: Settings<'a>,
    request: AdmissionRequest<'a>,
    target: Target<'a>,
) -> Result<Response<'a>, Fault> {
    let report = settings.mode() == Mode::Report;
    let Target {
        pod,
        ephemeral_containers,
    } = target;
    let annotations = &pod.metadata.annotations;
    let opt_out = annotations.opt_out();
    // To re-create these would change nothing.
    let is_no_case = pod.finished || ephemeral_containers.is_some() || opt_out;
    if report && is_no_case || opt_out && ephemeral_containers.is_some() {
        return Ok(Response::accept());
    }
    let settings = if opt_out {
        None
    } else {
        settings.resolve(&request.namespace, &pod)?
    };
    let record = annotations.get(Annotation::Injected).and_then(Record::parse);
    if settings.is_none() && record.is_none() {
        return Ok(Response::accept());
    }
    let mut injection = Injection {
        settings: settings.as_ref(),
        text: request.text,
        report: report.then(|| Report::new(record.is_some())),
        record: record.as_ref(),
        written: RecordWriter::default(),
        edits: Edits::default(),
        warnings: Vec::new(),
    };
    match ephemeral_containers {
        None => injection.pod(&pod)?,
        Some(new) => injection.ephemeral_containers(&new, &pod)?,
    }
    Ok(injection.into_response(request.object_place))
}

/// Annotations with new values, or without.
type AnnotationChanges = Vec<(Annotation, Option<String>)>;

/// An answer in the making.
struct Injection<'s, 'a> {
    /// `None` where nothing is to be injected.
    settings: Option<&'s ResolvedSettings<'a>>,
    text: &'a str,
    /// What is the policy's already.
    record: Option<&'s Record<'s>>,
    /// What is the policy's afterwards.
    written: RecordWriter,
    edits: Edits,
    /// What the pod would get, in Report mode.
    report: Option<Report>,
    warnings: Vec<String>,
}

impl<'s, 'a> Injection<'s, 'a> {
    fn pod(&mut self, pod: &Pod<'a>) -> Result<(), Problem> {
        let mut trust = self.trust(pod);
        trust.due = trust.due.filter(|trusted_ca| self.has_room_for(trusted_ca, pod));
        let mounts = self.containers(pod, &pod.spec.containers, &trust)?;
        let mut changes = Vec::new();
        let volume = self.volume(pod, &trust, &mounts, &mut changes);
        let record = std::mem::take(&mut self.written).text(volume);
        self.record_change(&pod.metadata.annotations, record, &mut changes);
        self.annotate(pod, changes)
    }

    /// Gives the new ones what they are due; the CA is mounted where the pod has its volume already.
    fn ephemeral_containers(&mut self, new: &[Container<'a>], old: &Pod<'a>) -> Result<(), Problem> {
        let mut trust = self.trust(old);
        trust.due = trust.due.filter(|_| old.spec.trusted_ca_volume.is_some());
        self.containers(old, new, &trust)?;
        Ok(())
    }

    /// Gives containers what their pod is due, and takes away what they are not due any more.
    fn containers(&mut self, pod: &Pod, containers: &[Container<'a>], trust: &PodTrust) -> Result<Mounts, Problem> {
        let annotations = &pod.metadata.annotations;
        let no_proxy = self
            .settings
            .and_then(|settings| self.no_proxy(settings, annotations, pod.spec.windows));
        let variables = self.settings.zip(no_proxy.as_ref());
        let variables = variables.map(|(settings, list)| Variables::new(settings, list, pod.spec.windows));
        let ca_variables = match (self.settings, trust.due) {
            (Some(settings), Some(_)) => self.trusted_ca_variables(settings, annotations),
            _ => Vec::new(),
        };
        let excluded_here = annotations.get(Annotation::ExcludeContainers).unwrap_or_default();
        let excluded_here: HashSet<&str> = excluded_here
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        let mut mounts = Mounts::default();
        let mut list_bytes = 0;
        for container in containers {
            let name = &*container.name;
            let settings = self.settings.filter(|settings| {
                let mut patterns = settings.exclude_containers.iter();
                !excluded_here.contains(name) && !patterns.any(|pattern| glob_matches(pattern, name))
            });
            let there = &container.env.variables;
            let claims = self.record.and_then(|record| record.claims(name));
            let claimed = claims.map_or([].as_slice(), |claims| &claims.env);
            let variables = variables.as_ref().filter(|_| settings.is_some());
            let own = OwnEnv::new(there, claimed, |name| {
                variables.is_some_and(|variables| variables.replaces(name))
            });
            let mut changes = EnvChanges::default();
            if let Some(settings) = settings {
                if let Some(variables) = variables {
                    list_bytes += variables.no_proxy_len();
                    changes = variables.changes(&own.variables);
                    let warning = runtimes::add(settings, variables, container, &own.variables, &mut changes);
                    warning.into_iter().for_each(|warning| self.warn(warning));
                }
                for too_long in &changes.too_long {
                    self.warn(format!(
                        "container {}: {too_long} is left as it is, its new value would be longer than the system allows",
                        container.shown_name()
                    ));
                }
            }
            let mount_claim = claims.and_then(|claims| claims.mount);
            let (mounted, mount) = self.mount(container, trust, settings.is_none(), mount_claim, &mut mounts);
            if matches!(mounted, Some(MountChange::Kept | MountChange::Added)) {
                for (name, value) in &ca_variables {
                    changes.add_missing(&own.variables, name, value);
                }
            }
            changes.restore(&own);
            if let Some(list) = changes.list(self.text, there, &own) {
                let place = container.env.place.as_ref();
                self.edits.set_member(self.text, &container.place, "env", place, list);
            }
            let env = changes.claims(&own);
            self.written.add(name, &Claims { env, mount });
            if let Some(report) = &mut self.report {
                report.add(container.shown_name(), claims.is_some(), there, &own, &changes, mounted);
            }
            if self.edits.added_bytes() > MAX_ADDED_BYTES {
                return Err(Problem::new(
                    pod.place.start,
                    format!(
                        "would grow by more than {MAX_ADDED_BYTES} bytes, and the API server stores no such object"
                    ),
                ));
            }
            if list_bytes > MAX_LIST_BYTES {
                let fault = "has too many containers for a NO_PROXY as long as this one";
                return Err(Problem::new(pod.place.start, fault));
            }
        }
        Ok(mounts)
    }

    /// Tells whoever made the request; API servers pass on a few warnings only.
    fn warn(&mut self, warning: impl Into<String>) {
        match self.warnings.len() {
            0..MAX_WARNINGS => self.warnings.push(warning.into()),
            MAX_WARNINGS => self.warnings.push("there is more of this kind".to_owned()),
            _ => {}
        }
    }

    /// The settings' entries, and behind them those of the pod's annotation; none where the system takes no list as long.
    fn no_proxy<'l>(
        &mut self,
        settings: &'l ResolvedSettings<'a>,
        annotations: &'l Annotations,
        windows: bool,
    ) -> Option<Cow<'l, NoProxyList>> {
        let fits = |list: &NoProxyList| fits("NO_PROXY", list.value(), windows);
        if let Some(items) = annotations.get(Annotation::NoProxy) {
            let mut list = settings.no_proxy.clone();
            // Whoever creates a pod may write more than can be read in time.
            let short = items.len() <= MAX_VARIABLE_BYTES;
            let items = if short { items } else { "" };
            for (index, item) in items.split(',').enumerate().filter(|(_, item)| !item.trim().is_empty()) {
                match NoProxyEntry::parse(item) {
                    Ok(_) if list.is_full() => {}
                    Ok(entry) => list.push_entry(&entry, settings.expand_cidrs),
                    Err(fault) => self.warn(format!(
                        "annotation http-proxy.kubewarden.io/no-proxy: entry {} is left out, it {fault}",
                        index + 1
                    )),
                }
            }
            if short && fits(&list) {
                return Some(Cow::Owned(list));
            }
            self.warn("annotation http-proxy.kubewarden.io/no-proxy is ignored, it makes a longer list than the system allows");
        }
        // What Linux takes, the settings were checked for.
        if windows && !fits(&settings.no_proxy) {
            self.warn("no proxy is set: NO_PROXY would be longer than Windows allows, and without it a proxy breaks more than it mends");
            return None;
        }
        Some(Cow::Borrowed(&settings.no_proxy))
    }

    /// Adds the record to the changes, if it changes.
    fn record_change(&mut self, annotations: &Annotations, record: Option<String>, changes: &mut AnnotationChanges) {
        let key = Annotation::Injected.key();
        let record = record.filter(|record| {
            let mut bytes = annotations.bytes_beside(Annotation::Injected) + key.len() + record.len();
            for (annotation, value) in &*changes {
                bytes -= annotations.bytes - annotations.bytes_beside(*annotation);
                bytes += value.as_ref().map_or(0, |value| annotation.key().len() + value.len());
            }
            bytes <= MAX_ANNOTATION_BYTES
        });
        let there = annotations.get(Annotation::Injected);
        match record {
            Some(record) if there == Some(&record) => {}
            Some(record) => changes.push((Annotation::Injected, Some(record))),
            // What is no record is not the policy's.
            None if self.record.is_some() => changes.push((Annotation::Injected, None)),
            None => {}
        }
    }

    fn annotate(&mut self, pod: &Pod, changes: AnnotationChanges) -> Result<(), Problem> {
        let metadata = &pod.metadata;
        let annotations = &metadata.annotations;
        let there = |annotation: &Annotation| annotations.get(*annotation).is_some();
        let member = |annotation: &Annotation, value: &str| [&quoted(annotation.key()), ":", &quoted(value)].concat();
        if let Some(place) = &annotations.place
            && changes
                .iter()
                .any(|(annotation, value)| value.is_none() && there(annotation))
        {
            let changed: Vec<&str> = changes.iter().map(|(annotation, _)| annotation.key()).collect();
            let mut members = Reader::at(self.text, place.start).members_without(&changed)?;
            for (annotation, value) in &changes {
                members.extend(value.as_ref().map(|value| member(annotation, value)));
            }
            self.edits
                .replace(place.clone(), ["{", &members.join(","), "}"].concat());
            return Ok(());
        }
        let mut new = Vec::new();
        for (annotation, value) in &changes {
            match (annotations.find(*annotation), value) {
                (Some((_, place)), Some(value)) => self.edits.replace(place.clone(), quoted(value)),
                (None, Some(value)) => new.push(member(annotation, value)),
                (_, None) => {}
            }
        }
        if !new.is_empty() {
            let path = [
                ("metadata", metadata.place.as_ref()),
                ("annotations", annotations.place.as_ref()),
            ];
            self.edits.add_members(self.text, &pod.place, &path, new.join(","));
        }
        Ok(())
    }

    fn into_response(self, object: Range<usize>) -> Response<'a> {
        let warnings = self.warnings;
        match self.report {
            Some(report) => report.into_response(warnings),
            None if self.edits.is_empty() => Response::Accept { warnings },
            None => Response::Mutate {
                text: self.text,
                object,
                edits: self.edits,
                warnings,
            },
        }
    }
}
