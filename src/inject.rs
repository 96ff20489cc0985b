//! Settings and a pod in, edits of the pod out.

use std::borrow::Cow;

use crate::glob;
use crate::json::{Edits, Problem, Reader, quoted};
use crate::no_proxy::{NoProxyEntry, NoProxyList};
use crate::pod::{Annotation, Annotations, Container, EnvValue, Metadata, Pod};
use crate::request::{AdmissionRequest, Target, descend};
use crate::response::Response;
use crate::settings::Settings;
use crate::variables::{EnvChanges, Value, Variables};

/// Answers a request with valid settings.
///
/// # Errors
/// The object has not the shape that the Kubernetes API defines.
pub fn inject<'a>(settings: &Settings<'a>, request: &AdmissionRequest<'a>) -> Result<Response<'a>, Problem> {
    let target = match request.target()? {
        Some(target) if settings.enabled => target,
        _ => return Ok(Response::accept()),
    };
    let object = target.object();
    let mut injection = Injection {
        settings,
        text: object.text(),
        edits: Edits::default(),
        warnings: Vec::new(),
    };
    match target {
        Target::Pod { object } => injection.pod(&Pod::read(object)?),
        Target::Template { object, template } => {
            if let Some(mut metadata) = descend(object, &["metadata"])? {
                let metadata = Metadata::read(&mut metadata)?;
                if metadata.terminating || metadata.controlled {
                    return Ok(Response::accept());
                }
            }
            injection.pod(&Pod::read(template)?);
        }
        Target::EphemeralContainers { object, old_object } => {
            injection.ephemeral_containers(&Pod::read(object)?, &Pod::read(old_object)?);
        }
    }
    Ok(injection.into_response(object))
}

/// An answer in the making.
struct Injection<'s, 'a> {
    settings: &'s Settings<'a>,
    text: &'a str,
    edits: Edits,
    warnings: Vec<String>,
}

impl<'s, 'a> Injection<'s, 'a> {
    fn pod(&mut self, pod: &Pod<'a>) {
        if !pod.metadata.leave_alone() {
            self.containers(pod, pod.spec.containers.iter());
        }
    }

    /// At `pods/ephemeralcontainers` the API server drops every change but that of the list, so all else is read from
    /// the old object.
    fn ephemeral_containers(&mut self, new: &Pod<'a>, old: &Pod<'a>) {
        if !old.metadata.leave_alone() {
            let is_new = |container: &&Container| {
                old.spec
                    .ephemeral_containers
                    .iter()
                    .all(|old| old.name != container.name)
            };
            self.containers(old, new.spec.ephemeral_containers.iter().filter(is_new));
        }
    }

    /// Gives containers the variables that their pod is due.
    fn containers<'c>(&mut self, pod: &Pod, containers: impl Iterator<Item = &'c Container<'a>>)
    where
        'a: 'c,
    {
        let annotations = &pod.metadata.annotations;
        let no_proxy = self.no_proxy(annotations);
        let variables = Variables::new(self.settings, &no_proxy, pod.spec.windows);
        let excluded_here = annotations.get(Annotation::ExcludeContainers).unwrap_or_default();
        for container in containers {
            let excluded = excluded_here.split(',').any(|name| name.trim() == container.name)
                || self
                    .settings
                    .exclude_containers
                    .iter()
                    .any(|pattern| glob::matches(pattern, &container.name));
            if !excluded {
                let changes = variables.changes(&container.env.variables);
                self.apply(container, &changes);
            }
        }
    }

    /// The settings' entries, and behind them those of the pod's annotation.
    fn no_proxy<'l>(&mut self, annotations: &'l Annotations) -> Cow<'l, NoProxyList<'l>>
    where
        's: 'l,
        'a: 'l,
    {
        let no_proxy = &self.settings.no_proxy;
        let Some(items) = annotations.get(Annotation::NoProxy) else {
            return Cow::Borrowed(no_proxy);
        };
        let mut list = no_proxy.clone();
        for (index, item) in items.split(',').enumerate().filter(|(_, item)| !item.trim().is_empty()) {
            match NoProxyEntry::parse(item) {
                Ok(entry) => list.push_entry(&entry, self.settings.expand_cidrs),
                Err(fault) => self.warnings.push(format!(
                    "annotation http-proxy.kubewarden.io/no-proxy: entry {} is left out, it {fault}",
                    index + 1
                )),
            }
        }
        Cow::Owned(list)
    }

    fn apply(&mut self, container: &Container, changes: &EnvChanges) {
        for (index, value) in &changes.set {
            let variable = &container.env.variables[*index];
            match &variable.value {
                EnvValue::Literal { place: Some(place), .. } => {
                    self.edits.replace(place.clone(), value.json().to_owned())
                }
                EnvValue::Literal { place: None, .. } => {
                    self.edits
                        .insert_member(self.text, &variable.place, "value", &[value.json()]);
                }
                EnvValue::From => {
                    let entry = format!("{{\"name\":{},\"value\":{}}}", quoted(&variable.name), value.json());
                    self.edits.replace(variable.place.clone(), entry);
                }
            }
        }
        for name in &changes.too_long {
            self.warnings.push(format!(
                "container {}: {name} is left as it is, its new value would be longer than the system allows",
                container.name
            ));
        }
        let in_front = env_vars(&changes.in_front);
        let behind = env_vars(&changes.behind);
        match &container.env.place {
            Some(list) if self.text[list.clone()].starts_with('[') => {
                self.edits.insert_items(self.text, list, &in_front, &behind);
            }
            _ if behind.is_empty() => {}
            Some(null) => self.edits.replace(null.clone(), format!("[{behind}]")),
            None => {
                self.edits
                    .insert_member(self.text, &container.place, "env", &["[", &behind, "]"]);
            }
        }
    }

    fn into_response(self, mut object: Reader<'a>) -> Response<'a> {
        if self.edits.is_empty() {
            Response::Accept {
                warnings: self.warnings,
            }
        } else {
            Response::Mutate {
                text: self.text,
                object: object.skip(),
                edits: self.edits,
                warnings: self.warnings,
            }
        }
    }
}

/// Entries of `env`, joined by commas. The names are ours and need no escapes.
fn env_vars(variables: &[(&str, Cow<Value>)]) -> String {
    let mut parts = Vec::with_capacity(variables.len() * 6);
    for (name, value) in variables {
        let comma = if parts.is_empty() { "" } else { "," };
        parts.extend([comma, "{\"name\":\"", name, "\",\"value\":", value.json(), "}"]);
    }
    parts.concat()
}
