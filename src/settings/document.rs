//! The settings document.

use std::collections::HashSet;

use crate::kubernetes::{Metadata, PodSpec};
use crate::settings::fields::{FIELDS, SettingsField};
use crate::settings::general::{General, Mode};
use crate::settings::http_proxy_config::HttpProxyConfig;
use crate::settings::located::Located;
use crate::settings::profile::{Condition, Profile};
use crate::settings::resolved_settings::{ResolvedSettings, check_length, check_together};
use json::{Described, Field, Problem, Reader, describe, presentable};
use values::Digest;

/// The settings of the policy.
#[derive(Clone)]
pub(crate) struct Settings<'a> {
    document: Reader<'a>,
    top_level: HttpProxyConfig<'a>,
    general: General<'a>,
    profiles: Vec<Profile<'a>>,
}

/// The settings that apply to a pod: those of a profile, or those at the top level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// The index of the profile.
    pub profile: Option<usize>,
    pub because: ProfileBecause,
}

/// What chose the settings of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProfileBecause {
    /// The pod's annotation names the profile.
    Annotation,
    /// The profile is the first whose `match` holds, and this condition says most.
    Matches(Condition),
    /// The pod's record names what applied when the pod was created.
    Record,
    /// No profile matches.
    TopLevel,
}

/// Why the settings for a pod cannot be determined.
pub(crate) enum Unresolved {
    /// The pod names a profile that does not exist or is not for it.
    Profile(Problem),
    /// The pod does not have the shape that the Kubernetes API defines.
    Pod(Problem),
}

impl<'a> Settings<'a> {
    /// Reads the settings document at `reader`, without its certificates, and of its profiles the names and conditions.
    ///
    /// # Errors
    /// All problems that requests meet, with their paths.
    pub(crate) fn read(reader: Reader<'a>) -> Result<Self, Vec<Described>> {
        let mut problems = Vec::new();
        match Settings::read_document(reader, &mut problems) {
            Ok(settings) if problems.is_empty() => return Ok(settings),
            Ok(_) => {}
            Err(problem) => problems.push(problem),
        }
        Err(describe(reader, problems))
    }

    /// Every problem of the settings document at `reader`.
    pub(crate) fn problems(reader: Reader<'a>) -> Vec<Described> {
        let mut problems = Vec::new();
        let read = reader
            .check()
            .and_then(|()| Settings::read_document(reader, &mut problems));
        match read {
            Ok(settings) => settings.check(&mut problems),
            Err(problem) => problems.push(problem),
        }
        describe(reader, problems)
    }

    fn read_document(mut reader: Reader<'a>, problems: &mut Vec<Problem>) -> Result<Self, Problem> {
        let mut settings = Settings {
            document: reader,
            top_level: HttpProxyConfig::default(),
            general: General::default(),
            profiles: Vec::new(),
        };
        let fields = |reader: &mut Reader<'a>, problems: &mut Vec<Problem>| {
            reader.checked_object(problems, |reader, name, problems| {
                settings.read_field(name, reader, problems)
            })
        };
        let is_object = reader.field(problems, fields)? != Field::Wrong;
        if is_object && settings.profiles.is_empty() {
            settings.require_proxy_or_ca(settings.top_level.sets_proxy_or_ca(), problems);
        }
        Ok(settings)
    }

    fn read_field(&mut self, name: &str, reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<(), Problem> {
        match SettingsField::of_name(name) {
            Some(SettingsField::Config(field)) => self.top_level.read_field(field, reader, problems),
            Some(SettingsField::General(field)) => self.general.read_field(field, reader, problems),
            Some(SettingsField::Profiles) => {
                self.profiles.clear();
                reader.checked_array(problems, |reader, problems| {
                    self.profiles.push(Profile::read(reader, problems)?);
                    Ok(())
                })?;
                Ok(())
            }
            None => Err(Problem::unknown_field(reader.position(), name, FIELDS)),
        }
    }

    /// `mode`
    pub(crate) fn mode(&self) -> Mode {
        self.general.mode
    }

    /// Whether the top level has `enabled: false`: then nothing applies to any pod.
    pub(crate) fn is_off(&self) -> bool {
        self.top_level.enabled == Field::Is(false)
    }

    /// The name of a profile.
    pub(crate) fn profile_name(&self, profile: usize) -> &str {
        match &self.profiles[profile].name {
            Field::Is(name) => name,
            _ => "",
        }
    }

    /// The names of the profiles, in order.
    pub(crate) fn profile_names(&self) -> impl Iterator<Item = &str> {
        (0..self.profiles.len()).map(|index| self.profile_name(index))
    }

    /// The fingerprint of the names and conditions of the profiles, which decide which one applies to a pod.
    pub(crate) fn profiles_digest(&self) -> Digest {
        let of_profile = |(index, profile): (usize, &Profile)| {
            Digest::new(self.profile_name(index)).and_digest(profile.matches.digest())
        };
        let digests = self.profiles.iter().enumerate().map(of_profile);
        digests.fold(Digest::new(""), Digest::and_digest)
    }

    fn require_proxy_or_ca(&self, is_set: bool, problems: &mut Vec<Problem>) {
        if !is_set && !self.is_off() {
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
        check_together(&self.top_level, &mut resolved);
        check_length(&self.top_level, &self.general, &mut resolved);
        for profile in &self.profiles {
            let config = profile.config(problems);
            is_set |= config.sets_proxy_or_ca();
            if let Field::Is(name) = &profile.name
                && !names.insert(name)
            {
                let reason = "has the same name as an earlier profile; give each profile its own name";
                problems.push(Problem::new(profile.position(), reason));
            }
            config.check(problems);
            let has_own_list = matches!(config.no_proxy, Field::Is(_)) || config.no_proxy_defaults == Field::Is(true);
            let config = config.inherit(self.top_level.clone());
            let mut of_profile = Vec::new();
            check_together(&config, &mut of_profile);
            if has_own_list {
                check_length(&config, &self.general, &mut of_profile);
            }
            // A problem in inherited fields is reported only once.
            of_profile.retain(|problem| !resolved.contains(problem));
            resolved.extend(of_profile);
        }
        problems.extend(resolved);
        if !self.profiles.is_empty() {
            self.require_proxy_or_ca(is_set, problems);
        }
    }

    /// What applies to a pod in `namespace` whose annotation names the profile `named`, if it has one.
    pub(crate) fn choose(
        &self,
        namespace: &str,
        metadata: &Metadata,
        spec: &PodSpec,
        named: Option<Located<&str>>,
    ) -> Result<Chosen, Unresolved> {
        if let Some(named) = named {
            let profile = self.named_for(namespace, named).map_err(Unresolved::Profile)?;
            return Ok(Chosen {
                profile: Some(profile),
                because: ProfileBecause::Annotation,
            });
        }
        for (index, profile) in self.profiles.iter().enumerate() {
            let holds = profile.matches.holds(namespace, metadata, spec);
            if let Some(condition) = holds.map_err(Unresolved::Pod)? {
                return Ok(Chosen {
                    profile: Some(index),
                    because: ProfileBecause::Matches(condition),
                });
            }
        }
        Ok(Chosen {
            profile: None,
            because: ProfileBecause::TopLevel,
        })
    }

    /// The profile of this name.
    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        self.profile_names().position(|other| other == name)
    }

    /// The profile that a pod chooses with its annotation. A profile for some namespaces is not available to pods of others,
    /// because it may hold a team's credentials.
    fn named_for(&self, namespace: &str, named: Located<&str>) -> Result<usize, Problem> {
        let is_for = |index: &usize| self.profiles[*index].matches.namespace(namespace).is_some();
        let found = self.named(named.value).filter(is_for);
        found.ok_or_else(|| {
            let names: Vec<&str> = (0..self.profiles.len())
                .filter(is_for)
                .map(|index| self.profile_name(index))
                .collect();
            let what = match named.value {
                "" => "is empty".to_owned(),
                name => format!(
                    "namespace {} has no profile {}",
                    presentable(namespace),
                    presentable(name)
                ),
            };
            let advice = match names.as_slice() {
                [] if named.value.is_empty() => "; remove the annotation".to_owned(),
                [] => ", nor any other profile; remove the annotation".to_owned(),
                names => format!("; use one of {}, or remove the annotation", names.join(", ")),
            };
            Problem::new(named.at, what + &advice)
        })
    }

    /// The settings of a profile, with what it inherits, or those at the top level; `None` if they are not enabled.
    ///
    /// # Errors
    /// All problems of the profile's fields, and of fields that cannot go together, with their paths.
    pub(crate) fn resolve(self, profile: Option<usize>) -> Result<Option<ResolvedSettings<'a>>, Vec<Described>> {
        let mut problems = Vec::new();
        let config = match profile {
            None => self.top_level,
            Some(index) => self.profiles[index].config(&mut problems).inherit(self.top_level),
        };
        let enabled = config.enabled != Field::Is(false);
        let resolved = ResolvedSettings::new(config, self.general, &mut problems);
        if problems.is_empty() {
            Ok(enabled.then_some(resolved))
        } else {
            Err(describe(self.document, problems))
        }
    }

    /// What applies at the top level, or in the profile of this name, whether it is enabled or not; and whether it is. `None` if
    /// there is no such profile.
    #[cfg(any(not(target_family = "wasm"), feature = "library"))]
    pub(crate) fn effective(self, profile: Option<&str>) -> Option<(bool, ResolvedSettings<'a>)> {
        let mut problems = Vec::new();
        let config = match profile {
            None => self.top_level,
            Some(name) => {
                let index = self.named(name)?;
                self.profiles[index].config(&mut problems).inherit(self.top_level)
            }
        };
        let enabled = config.enabled != Field::Is(false);
        Some((enabled, ResolvedSettings::new(config, self.general, &mut problems)))
    }
}
