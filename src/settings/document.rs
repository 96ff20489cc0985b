//! The settings document.

use std::collections::HashSet;

use super::fields::SettingsField;
use super::http_proxy_config::HttpProxyConfig;
use super::profile::{Conditions, Profile};
use super::resolved_settings::check_together;
use super::{FIELDS, General, Located, Mode, ResolvedSettings};
use crate::json::{Field, Problem, Reader, describe, presentable};
use crate::kubernetes::Pod;

/// The settings of the policy.
pub(crate) struct Settings<'a> {
    document: Reader<'a>,
    top_level: HttpProxyConfig<'a>,
    general: General<'a>,
    /// `profiles`, and whether their conditions hold for the pod.
    profiles: Vec<(Profile<'a>, Conditions)>,
}

/// Why the settings for a pod cannot be determined.
pub(crate) enum Unresolved {
    /// The settings are invalid.
    Settings(Vec<Problem>),
    /// The pod names a profile that does not exist or is not for it.
    Profile(Problem),
    /// The pod does not have the shape that the Kubernetes API defines.
    Pod(Problem),
}

impl<'a> Settings<'a> {
    /// `mode`
    pub(crate) fn mode(&self) -> Mode {
        self.general.mode
    }

    /// The document that these settings were read from, to which the positions of problems refer.
    pub(crate) fn document(&self) -> Reader<'a> {
        self.document
    }

    /// Reads the settings document at `reader` for a pod in `namespace`, without its certificates, and of its profiles only
    /// the conditions. Adds what is wrong to `problems`.
    ///
    /// # Errors
    /// The document is not JSON.
    pub(crate) fn read(
        reader: &mut Reader<'a>,
        namespace: &str,
        pod: &Pod,
        problems: &mut Vec<Problem>,
    ) -> Result<Box<Self>, Problem> {
        let mut settings = Box::new(Settings {
            document: *reader,
            top_level: HttpProxyConfig::default(),
            general: General::default(),
            profiles: Vec::new(),
        });
        let fields = |reader: &mut Reader<'a>, problems: &mut Vec<Problem>| {
            reader.checked_object(problems, |reader, name, problems| {
                settings.read_field(name, reader, namespace, pod, problems)
            })
        };
        let is_object = reader.field(problems, fields)? != Field::Wrong;
        if is_object && settings.profiles.is_empty() {
            settings.require_proxy_or_ca(settings.top_level.sets_proxy_or_ca(), problems);
        }
        Ok(settings)
    }

    fn read_field(
        &mut self,
        name: &str,
        reader: &mut Reader<'a>,
        namespace: &str,
        pod: &Pod,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Problem> {
        match SettingsField::of_name(name) {
            Some(SettingsField::Config(field)) => self.top_level.read_field(field, reader, problems),
            Some(SettingsField::General(field)) => self.general.read_field(field, reader, problems),
            Some(SettingsField::Profiles) => {
                self.profiles.clear();
                reader.checked_array(problems, |reader, problems| {
                    self.profiles.push(Profile::read(reader, namespace, pod, problems)?);
                    Ok(())
                })?;
                Ok(())
            }
            None => Err(Problem::unknown_field(reader.position(), name, FIELDS)),
        }
    }

    /// Every problem of the settings document at `reader`: the path of its field, what is wrong, and what to write.
    pub(crate) fn problems(reader: Reader<'a>) -> Vec<String> {
        let mut problems = Vec::new();
        let read = reader
            .check()
            .and_then(|()| Settings::read(&mut reader.clone(), "", &Pod::default(), &mut problems));
        match read {
            Ok(settings) => settings.check(&mut problems),
            Err(problem) => problems.push(problem),
        }
        describe(reader, problems)
    }

    /// The names of the profiles, in order.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn profile_names(&self) -> impl Iterator<Item = std::borrow::Cow<'a, str>> {
        self.profiles
            .iter()
            .filter_map(|(profile, _)| profile.name(&mut Vec::new()).value())
    }

    /// What applies at the top level, or in the profile of this name; and whether it is enabled. `None` if there is no
    /// such profile.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn effective(self, profile: Option<&str>) -> Option<(bool, ResolvedSettings<'a>)> {
        let mut problems = Vec::new();
        let config = match profile {
            None => self.top_level,
            Some(name) => {
                let index = self.profile_names().position(|other| other == name)?;
                self.profiles[index].0.config(&mut problems).inherit(self.top_level)
            }
        };
        let enabled = config.enabled != Field::Is(false);
        Some((enabled, ResolvedSettings::new(config, self.general, &mut problems)))
    }

    fn require_proxy_or_ca(&self, is_set: bool, problems: &mut Vec<Problem>) {
        if !is_set && self.top_level.enabled != Field::Is(false) {
            let reason = "neither a proxy nor a CA is set; set httpProxy, httpsProxy, trustedCa or one of httpProxyFrom, \
                          httpsProxyFrom and trustedCaFrom, or enabled: false";
            problems.push(Problem::new(self.document.position(), reason));
        }
    }

    /// Checks what requests assume to be valid.
    fn check(&self, problems: &mut Vec<Problem>) {
        let mut names = HashSet::new();
        let mut is_set = self.top_level.sets_proxy_or_ca();
        let mut resolved = Vec::new();
        self.top_level.check(problems);
        check_together(&self.top_level, &self.general, &mut resolved);
        let mut of_names = Vec::new();
        for (profile, _) in &self.profiles {
            let name = profile.name(&mut of_names);
            let config = profile.config(problems);
            is_set |= config.sets_proxy_or_ca();
            if let Field::Is(name) = name
                && !names.insert(name)
            {
                let reason = "has the same name as an earlier profile; give each profile its own name";
                problems.push(Problem::new(profile.position(), reason));
            }
            config.check(problems);
            let config = config.inherit(self.top_level.clone());
            let mut of_profile = Vec::new();
            check_together(&config, &self.general, &mut of_profile);
            // A problem in inherited fields is reported only once.
            of_profile.retain(|problem| !resolved.contains(problem));
            resolved.extend(of_profile);
        }
        problems.extend(resolved);
        // A missing name is reported before missing conditions, as both are at the start of the profile.
        problems.splice(0..0, of_names);
        if !self.profiles.is_empty() {
            self.require_proxy_or_ca(is_set, problems);
        }
    }

    /// What applies to the pod, in `namespace`, that chooses the profile `chosen`; `None` if nothing applies.
    pub(crate) fn resolve(
        mut self: Box<Self>,
        namespace: &str,
        chosen: Option<Located<&str>>,
    ) -> Result<Option<ResolvedSettings<'a>>, Unresolved> {
        if self.top_level.enabled == Field::Is(false) {
            return Ok(None);
        }
        let profiles = std::mem::take(&mut self.profiles);
        let mut problems = Vec::new();
        let profile = match chosen {
            Some(chosen) => Some(chosen_profile(profiles, namespace, chosen)?),
            None => matching_profile(profiles).map_err(Unresolved::Pod)?,
        };
        let config = match profile {
            None => self.top_level,
            Some(profile) => profile.config(&mut problems).inherit(self.top_level),
        };
        let enabled = config.enabled != Field::Is(false);
        let resolved = ResolvedSettings::new(config, self.general, &mut problems);
        if !problems.is_empty() {
            return Err(Unresolved::Settings(problems));
        }
        Ok(enabled.then_some(resolved))
    }
}

/// The first profile that is for the pod.
fn matching_profile<'a>(profiles: Vec<(Profile<'a>, Conditions)>) -> Result<Option<Profile<'a>>, Problem> {
    for (profile, conditions) in profiles {
        if conditions.hold()? {
            return Ok(Some(profile));
        }
    }
    Ok(None)
}

/// The profile that a pod chooses with its annotation. A profile for some namespaces is not available to pods of others,
/// because it may hold a team's credentials.
fn chosen_profile<'a>(
    profiles: Vec<(Profile<'a>, Conditions)>,
    namespace: &str,
    chosen: Located<&str>,
) -> Result<Profile<'a>, Unresolved> {
    let mut names = Vec::new();
    for (profile, conditions) in profiles {
        if !conditions.allow_namespace() {
            continue;
        }
        let mut problems = Vec::new();
        let name = profile.name(&mut problems);
        if !problems.is_empty() {
            return Err(Unresolved::Settings(problems));
        }
        match name.value() {
            Some(name) if name == chosen.value => return Ok(profile),
            name => names.extend(name),
        }
    }
    let advice = match names.as_slice() {
        [] => ", nor any other profile; remove the annotation".to_owned(),
        names => format!("; use one of {}, or remove the annotation", names.join(", ")),
    };
    let reason = format!(
        "namespace {} has no profile {}{advice}",
        presentable(namespace),
        presentable(chosen.value)
    );
    Err(Unresolved::Profile(Problem::new(chosen.at, reason)))
}
