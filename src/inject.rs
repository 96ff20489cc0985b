//! Settings and a pod in, edits of the pod out.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::edits::Edits;
use crate::glob;
use crate::json::{Problem, Reader, quoted, same};
use crate::metadata::{Annotation, Annotations, Metadata};
use crate::no_proxy::NoProxyList;
use crate::no_proxy_entry::NoProxyEntry;
use crate::pod::{Container, EnvValue, Pod};
use crate::request::{AdmissionRequest, Target};
use crate::response::Response;
use crate::settings::Settings;
use crate::trusted_ca::{TrustedCa, TrustedCaUse};
use crate::trusted_ca_volume::{self, ANNOTATION, MAX_ANNOTATION_BYTES, Mounted};
use crate::variables::{EnvChanges, Value, Variables, fits};

/// Most bytes that an object may grow by. API servers store no object over 1.5 MiB (etcd's limit), but whoever sends one can
/// make it grow by a multiple of its size: a long list for many containers.
const MAX_ADDED_BYTES: usize = 4 * 1024 * 1024;

/// Most warnings of an answer.
const MAX_WARNINGS: usize = 20;

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
        Target::Pod { object } => injection.pod(&Pod::read(object)?)?,
        Target::Template { object, template } => {
            if let Some(mut metadata) = object.descend(&["metadata"])? {
                let metadata = Metadata::read(&mut metadata)?;
                if metadata.terminating || metadata.controlled {
                    return Ok(Response::accept());
                }
            }
            injection.pod(&Pod::read(template)?)?;
        }
        Target::EphemeralContainers { object, old_object } => {
            let old = Container::read_ephemeral(old_object)?;
            let old: HashSet<&str> = old.iter().map(|container| &*container.name).collect();
            let mut new = Container::read_ephemeral(object)?;
            new.retain(|container| !old.contains(&*container.name));
            if !new.is_empty() {
                injection.ephemeral_containers(&new, &Pod::read(old_object)?)?;
            }
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
    fn pod(&mut self, pod: &Pod<'a>) -> Result<(), Problem> {
        if pod.metadata.leave_alone() {
            return Ok(());
        }
        let trusted_ca = self
            .trusted_ca(pod)
            .filter(|trusted_ca| self.has_room_for(trusted_ca, pod));
        let trusting = self.containers(pod, &pod.spec.containers, trusted_ca.is_some())?;
        if let Some(trusted_ca) = trusted_ca
            && trusting > 0
        {
            self.carry(pod, trusted_ca);
        }
        Ok(())
    }

    /// At `pods/ephemeralcontainers` the API server drops every change but that of the list, so all else is read from
    /// the old object, and the CA is mounted where the pod has its volume already.
    fn ephemeral_containers(&mut self, new: &[Container<'a>], old: &Pod<'a>) -> Result<(), Problem> {
        if old.metadata.leave_alone() {
            return Ok(());
        }
        let trust = old.spec.trusted_ca_volume.is_some() && self.trusted_ca(old).is_some();
        self.containers(old, new, trust)?;
        Ok(())
    }

    /// Gives containers what their pod is due; with `trust`, the CA too. Tells how many of them have the CA then.
    fn containers(&mut self, pod: &Pod, containers: &[Container<'a>], trust: bool) -> Result<usize, Problem> {
        let annotations = &pod.metadata.annotations;
        let no_proxy = self.no_proxy(annotations, pod.spec.windows);
        let variables = no_proxy
            .as_ref()
            .map(|list| Variables::new(self.settings, list, pod.spec.windows));
        let ca_variables = if trust {
            self.trusted_ca_variables(annotations)
        } else {
            Vec::new()
        };
        let excluded_here = annotations.get(Annotation::ExcludeContainers).unwrap_or_default();
        let excluded_here: HashSet<&str> = excluded_here
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        let mut trusting = 0;
        for container in containers {
            let excluded = excluded_here.contains(&*container.name)
                || self
                    .settings
                    .exclude_containers
                    .iter()
                    .any(|pattern| glob::matches(pattern, &container.name));
            if excluded {
                continue;
            }
            let env = &container.env.variables;
            let mut changes = variables
                .as_ref()
                .map_or_else(EnvChanges::default, |variables| variables.changes(env));
            if trust && self.mount(container) {
                trusting += 1;
                changes.add_missing(env, &ca_variables);
            }
            self.apply(container, &changes);
            if self.edits.added_bytes() > MAX_ADDED_BYTES {
                return Err(Problem::new(
                    pod.place.start,
                    format!(
                        "would grow by more than {MAX_ADDED_BYTES} bytes, and the API server stores no such object"
                    ),
                ));
            }
        }
        Ok(trusting)
    }

    /// The CA that a pod is due, if its volume can be there.
    fn trusted_ca(&mut self, pod: &Pod) -> Option<&'s TrustedCa<'a>> {
        let trusted_ca = self.settings.trusted_ca.as_ref().filter(|_| !pod.spec.windows)?;
        if let Some(place) = &pod.spec.trusted_ca_volume
            && !trusted_ca_volume::is_ours(&self.text[place.clone()], trusted_ca)
        {
            let name = trusted_ca_volume::NAME;
            self.warn(format!(
                "no container gets the trusted CA: the pod has a volume of its own named {name}"
            ));
            return None;
        }
        Some(trusted_ca)
    }

    /// Whether the pod's annotations can take a bundle as well.
    fn has_room_for(&mut self, trusted_ca: &TrustedCa, pod: &Pod) -> bool {
        let TrustedCa::Bundle(bundle) = trusted_ca else {
            return true;
        };
        let annotations = &pod.metadata.annotations;
        let replaced = annotations
            .get(Annotation::TrustedCa)
            .map_or(0, |old| old.len() + ANNOTATION.len());
        let room = annotations.bytes - replaced + ANNOTATION.len() + bundle.pem.len() <= MAX_ANNOTATION_BYTES;
        if !room {
            self.warn("no container gets the trusted CA: with it the pod's annotations would exceed 256 KiB");
        }
        room
    }

    /// Tells whoever made the request; API servers pass on a few warnings only.
    fn warn(&mut self, warning: impl Into<String>) {
        match self.warnings.len() {
            0..MAX_WARNINGS => self.warnings.push(warning.into()),
            MAX_WARNINGS => self.warnings.push("there is more of this kind".to_owned()),
            _ => {}
        }
    }

    /// What `trustedCaUse`, or the pod's annotation in its stead, sets.
    fn trusted_ca_variables(&mut self, annotations: &Annotations) -> Vec<(&'static str, Value)> {
        let mut trusted_ca_use = self.settings.trusted_ca_use;
        if let Some(choice) = annotations.get(Annotation::TrustedCaUse) {
            let from_config_map = matches!(self.settings.trusted_ca, Some(TrustedCa::ConfigMap(_)));
            match TrustedCaUse::parse(choice) {
                Some(TrustedCaUse::Append) if from_config_map => self.warn(
                    "annotation http-proxy.kubewarden.io/trusted-ca-use is ignored, a CA from a ConfigMap cannot be \
                     appended; write Replace or Mount",
                ),
                Some(choice) => trusted_ca_use = choice,
                None => self.warn(
                    "annotation http-proxy.kubewarden.io/trusted-ca-use is ignored; write Append, Replace or Mount",
                ),
            }
        }
        let variables = trusted_ca_volume::variables(trusted_ca_use).iter();
        variables
            .map(|(name, value)| (*name, Value::literal((*value).to_owned())))
            .collect()
    }

    /// Mounts the CA's volume in a container, and tells whether it is there then.
    fn mount(&mut self, container: &Container) -> bool {
        match trusted_ca_volume::mounted(container) {
            Mounted::Volume => true,
            Mounted::Nothing => {
                let list = container.volume_mounts.as_ref();
                self.edits.add_items(
                    self.text,
                    &container.place,
                    "volumeMounts",
                    list,
                    ["", trusted_ca_volume::MOUNT],
                );
                true
            }
            Mounted::Other => {
                self.warn(format!(
                    "container {} does not get the trusted CA: something is mounted at, above or below {}",
                    container.name,
                    trusted_ca_volume::MOUNT_PATH
                ));
                false
            }
        }
    }

    /// Puts the CA into the pod: the volume, and the annotation that the volume projects.
    fn carry(&mut self, pod: &Pod, trusted_ca: &TrustedCa) {
        let volume = trusted_ca_volume::volume(trusted_ca);
        let volumes = pod.spec.volumes.as_ref();
        match &pod.spec.trusted_ca_volume {
            None => self
                .edits
                .add_items(self.text, &pod.spec.place, "volumes", volumes, ["", &volume]),
            Some(place) if same(&self.text[place.clone()], &volume) => {}
            Some(place) => self.edits.replace(place.clone(), volume),
        }
        let TrustedCa::Bundle(bundle) = trusted_ca else {
            return;
        };
        let metadata = &pod.metadata;
        let annotations = &metadata.annotations;
        match annotations.find(Annotation::TrustedCa) {
            Some((pem, _)) if pem == bundle.pem => {}
            Some((_, place)) => self.edits.replace(place.clone(), quoted(&bundle.pem)),
            None => {
                let path = [
                    ("metadata", metadata.place.as_ref()),
                    ("annotations", annotations.place.as_ref()),
                ];
                self.edits
                    .add_member(self.text, &pod.place, &path, ANNOTATION, &quoted(&bundle.pem));
            }
        }
    }

    /// The settings' entries, and behind them those of the pod's annotation; none where the system takes no list as long.
    fn no_proxy<'l>(&mut self, annotations: &'l Annotations, windows: bool) -> Option<Cow<'l, NoProxyList<'l>>>
    where
        's: 'l,
        'a: 'l,
    {
        let settings = self.settings;
        let fits = |list: &NoProxyList| fits("NO_PROXY", &list.value(), windows);
        if let Some(items) = annotations.get(Annotation::NoProxy) {
            let mut list: NoProxyList<'l> = settings.no_proxy.clone();
            for (index, item) in items.split(',').enumerate().filter(|(_, item)| !item.trim().is_empty()) {
                match NoProxyEntry::parse(item) {
                    Ok(entry) => list.push_entry(&entry, settings.expand_cidrs),
                    Err(fault) => self.warn(format!(
                        "annotation http-proxy.kubewarden.io/no-proxy: entry {} is left out, it {fault}",
                        index + 1
                    )),
                }
            }
            if fits(&list) {
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

    fn apply(&mut self, container: &Container, changes: &EnvChanges) {
        for (index, value) in &changes.set {
            let variable = &container.env.variables[*index];
            match (&variable.value, value.key()) {
                (EnvValue::Literal { place: Some(place), .. }, "value") => {
                    self.edits.replace(place.clone(), value.json().to_owned());
                }
                (EnvValue::Literal { place: None, .. }, key) => {
                    self.edits
                        .insert_member(self.text, &variable.place, key, &[value.json()]);
                }
                (_, key) => {
                    let entry = format!("{{\"name\":{},\"{key}\":{}}}", quoted(&variable.name), value.json());
                    self.edits.replace(variable.place.clone(), entry);
                }
            }
        }
        for name in &changes.too_long {
            self.warn(format!(
                "container {}: {name} is left as it is, its new value would be longer than the system allows",
                container.name
            ));
        }
        let added = [&changes.in_front, &changes.behind].map(|variables| env_vars(variables));
        let list = container.env.place.as_ref();
        self.edits
            .add_items(self.text, &container.place, "env", list, [&added[0], &added[1]]);
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
    let mut parts = Vec::with_capacity(variables.len() * 8);
    for (name, value) in variables {
        let comma = if parts.is_empty() { "" } else { "," };
        parts.extend([
            comma,
            "{\"name\":\"",
            name,
            "\",\"",
            value.key(),
            "\":",
            value.json(),
            "}",
        ]);
    }
    parts.concat()
}
