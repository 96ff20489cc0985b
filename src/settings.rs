//! The policy's settings: AKS's `httpProxyConfig`, and what goes beyond it.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::http_proxy_config::HttpProxyConfig;
use crate::json::Reader;
use crate::metadata::Annotation;
use crate::pod::Pod;
use crate::problem::{self, Problem};
use crate::profile::Profile;
use crate::resolved_settings::ResolvedSettings;
use crate::response::Fault;
use crate::values::is_dns_name;

/// Meshes' own containers, which carry or set up the pod's traffic and must not be proxied themselves.
const MESH_CONTAINERS: [&str; 5] = [
    "istio-proxy",
    "istio-init",
    "istio-validation",
    "linkerd-proxy",
    "linkerd-init",
];

/// All fields, each of which the documentation and Rancher's form describe.
pub const FIELDS: [&str; 17] = [
    "httpProxy",
    "httpsProxy",
    "noProxy",
    "trustedCa",
    "enabled",
    "httpProxyFrom",
    "httpsProxyFrom",
    "noProxyDefaults",
    "clusterDomain",
    "expandCidrs",
    "existingVariables",
    "excludeContainers",
    "trustedCaFrom",
    "trustedCaUse",
    "runtimes",
    "profiles",
    "mode",
];

/// What AKS's documents have beside: another spelling, and what AKS computes of the document.
const AKS_FIELDS: [&str; 3] = ["trustedCA", "effectiveNoProxy", "effectiveNoProxyUrls"];

/// Most addresses that `expandCidrs` may ask for.
const MAX_EXPANDED_ADDRESSES: u16 = 4096;

/// The settings of the policy.
pub struct Settings<'a> {
    document: Reader<'a>,
    top_level: HttpProxyConfig<'a>,
    general: General<'a>,
    /// `profiles`
    profiles: Vec<Profile<'a>>,
}

/// What is the same for all pods.
#[derive(Clone)]
pub struct General<'a> {
    /// `clusterDomain`
    pub cluster_domain: Cow<'a, str>,
    /// `expandCidrs`: networks of at most this many addresses are also listed address by address.
    pub expand_cidrs: u16,
    /// `existingVariables`
    pub existing_variables: ExistingVariables,
    /// `excludeContainers`: names or globs of containers that are left alone.
    pub exclude_containers: Vec<Cow<'a, str>>,
    /// `mode`
    pub mode: Mode,
}

/// What to do with a pod that is due something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Give it that.
    Inject,
    /// Reject it, and say what it is due: an audit scanner reports what is rejected.
    Report,
}

/// What to do where a container already sets a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExistingVariables {
    /// The container's proxies stay, its `NO_PROXY` is extended.
    Merge,
    /// A pair of which the container sets a name stays as it is.
    Keep,
    /// The policy's value replaces the container's.
    Override,
}

impl Default for General<'_> {
    fn default() -> Self {
        General {
            cluster_domain: Cow::Borrowed("cluster.local"),
            expand_cidrs: 0,
            existing_variables: ExistingVariables::Merge,
            exclude_containers: MESH_CONTAINERS.map(Cow::Borrowed).into(),
            mode: Mode::Inject,
        }
    }
}

impl<'a> General<'a> {
    /// Reads the value of one field.
    fn read_field(&mut self, field: &str, reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<(), Problem> {
        let at = reader.position();
        match field {
            "clusterDomain" => {
                let domain = reader.string()?;
                if domain.as_deref().is_some_and(|domain| !is_dns_name(domain)) {
                    return Err(Problem::new(
                        at,
                        "must be a DNS name without dots at its ends, such as cluster.local",
                    ));
                }
                set(&mut self.cluster_domain, domain);
            }
            "expandCidrs" => {
                if !reader.is_null() {
                    let text = reader.skipped_text()?;
                    self.expand_cidrs = text
                        .parse()
                        .ok()
                        .filter(|limit| *limit <= MAX_EXPANDED_ADDRESSES)
                        .ok_or_else(|| Problem::new(at, "must be an integer from 0 to 4096"))?;
                } else {
                    reader.skip()?;
                }
            }
            "existingVariables" => {
                let choice = match reader.string()?.as_deref() {
                    None => None,
                    Some("Merge") => Some(ExistingVariables::Merge),
                    Some("Keep") => Some(ExistingVariables::Keep),
                    Some("Override") => Some(ExistingVariables::Override),
                    Some(_) => return Err(Problem::new(at, "must be Merge, Keep or Override")),
                };
                set(&mut self.existing_variables, choice);
            }
            "excludeContainers" => {
                let mut names = Vec::new();
                let list = reader.checked_array(problems, |reader, _| {
                    let at = reader.position();
                    let name = reader.string()?.filter(|name| !name.is_empty());
                    let fault = "must be a container's name, * for any characters";
                    names.push(name.ok_or_else(|| Problem::new(at, fault))?);
                    Ok(())
                })?;
                set(&mut self.exclude_containers, list.map(|_| names));
            }
            "mode" => {
                let choice = match reader.string()?.as_deref() {
                    None => None,
                    Some("Inject") => Some(Mode::Inject),
                    Some("Report") => Some(Mode::Report),
                    Some(_) => return Err(Problem::new(at, "must be Inject or Report")),
                };
                set(&mut self.mode, choice);
            }
            _ => return Err(Problem::unknown_field(at)),
        }
        Ok(())
    }
}

impl<'a> Settings<'a> {
    /// `mode`
    pub fn mode(&self) -> Mode {
        self.general.mode
    }

    /// Reads the settings document in front of `reader` for a request: of certificates and profiles no more than a
    /// request needs. What is wrong goes to `problems`.
    ///
    /// # Errors
    /// The document is not JSON.
    pub fn read(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Self, Problem> {
        let mut settings = Settings {
            document: *reader,
            top_level: HttpProxyConfig::default(),
            general: General::default(),
            profiles: Vec::new(),
        };
        let outcome = reader.checked_object(problems, |reader, field, problems| {
            if !FIELDS.contains(&field) && !AKS_FIELDS.contains(&field) {
                return Err(Problem::unknown_field(reader.position()));
            }
            if field == "profiles" {
                reader.checked_array(problems, |reader, problems| {
                    settings.profiles.push(Profile::read(reader, problems)?);
                    Ok(())
                })?;
            } else if !settings.top_level.read_field(field, reader, problems)? {
                settings.general.read_field(field, reader, problems)?;
            }
            Ok(())
        });
        if let Err(problem) = outcome {
            *reader = settings.document;
            reader.skip()?;
            problems.push(problem);
        }
        if settings.profiles.is_empty() {
            settings.require_proxy_or_ca(settings.top_level.sets_proxy_or_ca(), problems);
        }
        Ok(settings)
    }

    /// Checks all of the settings document in front of `reader`.
    ///
    /// # Errors
    /// Every problem, each with the path of its field, what is wrong and what would be right.
    pub fn validate(reader: Reader<'a>) -> Result<(), String> {
        let mut problems = Vec::new();
        let read = reader
            .check()
            .and_then(|()| Settings::read(&mut reader.clone(), &mut problems));
        match read {
            Ok(settings) => settings.check(&mut problems),
            Err(problem) => problems.push(problem),
        }
        match problems.as_mut_slice() {
            [] => Ok(()),
            problems => Err(problem::describe(reader, problems)),
        }
    }

    fn require_proxy_or_ca(&self, is_set: bool, problems: &mut Vec<Problem>) {
        // With a proxy or a CA that has a problem, that one is said already.
        if problems.is_empty() && !is_set && self.top_level.enabled != Some(false) {
            let fault = "neither a proxy nor a CA is set; set httpProxy, httpsProxy, trustedCa or one of their …From \
                         forms, or enabled: false";
            problems.push(Problem::new(self.document.position(), fault));
        }
    }

    /// Checks what a request takes to be valid.
    fn check(&self, problems: &mut Vec<Problem>) {
        let check_bundle = |config: &HttpProxyConfig, problems: &mut Vec<Problem>| {
            if let Some(bundle) = &config.trusted_ca.bundle {
                let faults = bundle.value.check();
                problems.extend(faults.into_iter().map(|fault| Problem::new(bundle.at, fault)));
            }
        };
        let resolve = |config: HttpProxyConfig<'a>, at: usize| {
            let mut problems = Vec::new();
            ResolvedSettings::new(config, self.general.clone(), at, &mut problems);
            problems
        };
        check_bundle(&self.top_level, problems);
        let of_top_level = resolve(self.top_level.clone(), self.document.position());
        let mut names = HashSet::new();
        let mut is_set = self.top_level.sets_proxy_or_ca();
        for profile in &self.profiles {
            let at = profile.document.position();
            let config = profile.config(problems);
            is_set |= config.sets_proxy_or_ca();
            if !profile.name.is_empty() && !names.insert(&*profile.name) {
                problems.push(Problem::new(at, "has the name of an earlier profile; give it its own"));
            }
            check_bundle(&config, problems);
            let mut of_profile = resolve(config.inherit(self.top_level.clone()), at);
            // What a profile inherits is said once.
            let same_fault = |one: &Problem, other: &Problem| one.message == other.message;
            of_profile.retain(|problem| !of_top_level.iter().any(|known| same_fault(known, problem)));
            problems.extend(of_profile);
        }
        problems.extend(of_top_level);
        self.require_proxy_or_ca(is_set, problems);
    }

    /// What applies to a pod in `namespace`; `None` where that is nothing.
    ///
    /// # Errors
    /// The pod names a profile that there is not, has not the shape that the Kubernetes API defines, or the profile that
    /// applies has problems.
    pub fn resolve(self, namespace: &str, pod: &Pod) -> Result<Option<ResolvedSettings<'a>>, Fault> {
        if self.top_level.enabled == Some(false) {
            return Ok(None);
        }
        let mut problems = Vec::new();
        let profile = self.profile(namespace, pod)?;
        let profile = profile.map(|profile| (profile.config(&mut problems), profile.document.position()));
        let (config, at) = match profile {
            None => (self.top_level, self.document.position()),
            Some((config, at)) => (config.inherit(self.top_level), at),
        };
        let enabled = config.enabled != Some(false);
        let resolved = ResolvedSettings::new(config, self.general, at, &mut problems);
        Fault::of_settings(self.document, &mut problems)?;
        Ok(enabled.then_some(resolved))
    }

    /// The profile that the pod names, or else the first one that matches.
    fn profile(&self, namespace: &str, pod: &Pod) -> Result<Option<&Profile<'a>>, Problem> {
        let Some((wanted, place)) = pod.metadata.annotations.find(Annotation::Profile) else {
            for profile in &self.profiles {
                if profile.matches(namespace, pod)? {
                    return Ok(Some(profile));
                }
            }
            return Ok(None);
        };
        let found = self.profiles.iter().find(|profile| profile.name == wanted);
        found.map(Some).ok_or_else(|| {
            let names: Vec<&str> = self.profiles.iter().map(|profile| &*profile.name).collect();
            let fault = match names.as_slice() {
                [] => "names a profile, and the policy has none; remove it".to_owned(),
                names => format!("names no profile of the policy; its profiles are {}", names.join(", ")),
            };
            Problem::new(place.start, fault)
        })
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
