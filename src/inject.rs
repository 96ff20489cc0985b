//! Settings and a pod in, edits of the pod out.

use crate::glob;
use crate::json::{Edits, Problem, Reader, quoted};
use crate::no_proxy::{NoProxyEntry, NoProxyList};
use crate::pod::{Annotation, Annotations, Container, EnvValue, Metadata, PodSpec};
use crate::request::{AdmissionRequest, Target, descend};
use crate::response::Response;
use crate::settings::Settings;
use crate::variables::{EnvChanges, Variables};

/// Answers a request with valid settings.
///
/// # Errors
/// The object has not the shape that the Kubernetes API defines.
pub fn inject<'a>(settings: &Settings, request: &AdmissionRequest<'a>) -> Result<Response<'a>, Problem> {
    let Some(target) = request.target()? else {
        return Ok(Response::accept());
    };
    let object = target.object();
    let metadata = metadata_of(object)?;
    if metadata.terminating || !settings.enabled {
        return Ok(Response::accept());
    }
    let mut injection = Injection {
        text: object.text(),
        edits: Edits::default(),
        warnings: Vec::new(),
    };
    match target {
        Target::Pod { object } => {
            if metadata.annotations.get(Annotation::Mirror).is_none() {
                injection.pod(settings, &metadata.annotations, object)?;
            }
        }
        Target::Template { template, .. } => {
            if !metadata.controlled {
                injection.pod(settings, &metadata_of(template)?.annotations, template)?;
            }
        }
        Target::EphemeralContainers { object, old_object } => {
            injection.ephemeral_containers(settings, object, old_object)?;
        }
    }
    Ok(injection.into_response(object))
}

fn metadata_of<'a>(object: Reader<'a>) -> Result<Metadata<'a>, Problem> {
    match descend(object, &["metadata"])? {
        Some(mut metadata) => Metadata::read(&mut metadata),
        None => Ok(Metadata::default()),
    }
}

fn spec_of<'a>(object: Reader<'a>) -> Result<PodSpec<'a>, Problem> {
    match descend(object, &["spec"])? {
        Some(mut spec) => PodSpec::read(&mut spec),
        None => Ok(PodSpec::default()),
    }
}

/// An answer in the making.
struct Injection<'a> {
    text: &'a str,
    edits: Edits,
    warnings: Vec<String>,
}

impl<'a> Injection<'a> {
    fn pod(&mut self, settings: &Settings, annotations: &Annotations, pod: Reader<'a>) -> Result<(), Problem> {
        if annotations.opt_out() {
            return Ok(());
        }
        let spec = spec_of(pod)?;
        self.containers(settings, annotations, spec.windows, spec.containers.iter());
        Ok(())
    }

    /// At `pods/ephemeralcontainers` the API server drops every change but that of the list, so all else is read from
    /// the old object.
    fn ephemeral_containers(
        &mut self,
        settings: &Settings,
        object: Reader<'a>,
        old_object: Reader<'a>,
    ) -> Result<(), Problem> {
        let metadata = metadata_of(old_object)?;
        if metadata.terminating
            || metadata.annotations.get(Annotation::Mirror).is_some()
            || metadata.annotations.opt_out()
        {
            return Ok(());
        }
        let old = spec_of(old_object)?;
        let new = spec_of(object)?;
        let is_new = |container: &&Container| old.ephemeral_containers.iter().all(|old| old.name != container.name);
        let containers = new.ephemeral_containers.iter().filter(is_new);
        self.containers(settings, &metadata.annotations, old.windows, containers);
        Ok(())
    }

    fn containers<'c>(
        &mut self,
        settings: &Settings,
        annotations: &Annotations,
        windows: bool,
        containers: impl Iterator<Item = &'c Container<'a>>,
    ) where
        'a: 'c,
    {
        let no_proxy = self.no_proxy(settings, annotations);
        let variables = Variables::new(settings, &no_proxy, windows);
        let excluded_here = annotations.get(Annotation::ExcludeContainers).unwrap_or_default();
        for container in containers {
            let excluded = excluded_here.split(',').any(|name| name.trim() == container.name)
                || settings
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
    fn no_proxy<'l>(&mut self, settings: &'l Settings<'_>, annotations: &'l Annotations<'_>) -> NoProxyList<'l> {
        let mut list = settings.no_proxy_list();
        let items = annotations.get(Annotation::NoProxy).unwrap_or_default();
        for (index, item) in items.split(',').enumerate().filter(|(_, item)| !item.trim().is_empty()) {
            match NoProxyEntry::parse(item) {
                Ok(entry) => list.push_entry(&entry, settings.expand_cidrs),
                Err(fault) => self.warnings.push(format!(
                    "annotation http-proxy.kubewarden.io/no-proxy: entry {} is left out, it {fault}",
                    index + 1
                )),
            }
        }
        list
    }

    fn apply(&mut self, container: &Container, changes: &EnvChanges) {
        for (index, value) in &changes.set {
            let variable = &container.env.variables[*index];
            match &variable.value {
                EnvValue::Literal { place: Some(place), .. } => self.edits.replace(place.clone(), quoted(value)),
                EnvValue::Literal { place: None, .. } => {
                    self.edits
                        .insert_member(self.text, &variable.place, "value", &quoted(value));
                }
                EnvValue::From => self
                    .edits
                    .replace(variable.place.clone(), env_var(&variable.name, value)),
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
            None => self
                .edits
                .insert_member(self.text, &container.place, "env", &format!("[{behind}]")),
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

fn env_vars(variables: &[(&str, String)]) -> String {
    let variables: Vec<String> = variables.iter().map(|(name, value)| env_var(name, value)).collect();
    variables.join(",")
}

fn env_var(name: &str, value: &str) -> String {
    format!("{{\"name\":{},\"value\":{}}}", quoted(name), quoted(value))
}
