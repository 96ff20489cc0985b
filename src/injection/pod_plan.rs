//! What the containers of one pod are to get, worked out once for all of them.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::injection::env::{Proxies, Runtimes};
use crate::injection::made_by::{config_digest, nothing_digest};
use crate::injection::reason::Reason;
use crate::injection::record::MadeBy;
use crate::injection::situation::Applied;
use crate::injection::situation::Injection;
use crate::injection::trusted_ca::{CurrentVolume, NAME, WantedCa};
use crate::injection::warnings::Warnings;
use crate::kubernetes::PodSpec;
use crate::pod_options::{EXCLUDE_CONTAINERS, NO_PROXY, PodOptions};
use crate::settings::ResolvedSettings;
use json::presentable;
use values::{MAX_VARIABLE_BYTES, NoProxyEntry, NoProxyList, Os, glob_matches};

/// What the containers of a pod are to get.
pub(crate) struct PodPlan<'p> {
    /// The text of the request.
    pub text: &'p str,
    pub os: Os,
    /// Why no container gets anything: what the policy set before is removed.
    pub nothing: Option<Reason>,
    pub proxies: Proxies<'p>,
    /// The names, in upper case, whose value the policy replaces where a container sets it.
    pub overridden: Vec<&'static str>,
    pub runtimes: Runtimes<'p>,
    /// The CA, or why no container gets it.
    pub trusted_ca: Result<WantedCa<'p>, Reason>,
    /// The pod's volume of the CA's name.
    pub volume: CurrentVolume,
    pub exclusions: Exclusions<'p>,
    /// Names or patterns of ConfigMaps and Secrets that set proxies.
    pub proxy_env_from: &'p [Cow<'p, str>],
    /// What the record is to say of what made the pod.
    pub made_by: MadeBy<'p>,
    /// How many bytes the policy's `NO_PROXY` has.
    pub list_bytes: usize,
    pub warnings: Warnings,
}

/// The containers that are skipped.
#[derive(Default)]
pub(crate) struct Exclusions<'p> {
    /// The names in the pod's annotation.
    names: HashSet<&'p str>,
    /// The names and patterns in the settings.
    patterns: &'p [Cow<'p, str>],
    /// Whether those are the default.
    are_default: bool,
}

impl Exclusions<'_> {
    /// Why a container is excluded, if it is.
    pub(super) fn reason(&self, container: &str) -> Option<Reason> {
        if self.names.contains(container) {
            return Some(Reason::ExcludedByPod);
        }
        let found = self
            .patterns
            .iter()
            .position(|pattern| glob_matches(pattern, container));
        found.map(match self.are_default {
            true => Reason::ExcludedByDefault,
            false => Reason::ExcludedBySettings,
        })
    }
}

impl<'p> PodPlan<'p> {
    /// Works out what a pod gets. `no_ca` is a reason to leave the CA out.
    pub(super) fn new(injection: &Injection<'p>, spec: &PodSpec, os: Os, no_ca: Option<Reason>) -> Self {
        match injection.applied {
            Ok(applied) => PodPlan::of(applied, injection, spec, os, no_ca),
            Err(reason) => PodPlan::nothing(injection, spec, os, reason),
        }
    }

    fn nothing(injection: &Injection<'p>, spec: &PodSpec, os: Os, reason: Reason) -> Self {
        PodPlan {
            text: injection.text,
            os,
            nothing: Some(reason),
            proxies: Proxies::none(reason, os),
            overridden: Vec::new(),
            runtimes: Runtimes::none(os),
            trusted_ca: Err(reason),
            volume: CurrentVolume::find(injection.text, spec, None, injection.volume_claim()),
            exclusions: Exclusions::default(),
            proxy_env_from: &[],
            made_by: MadeBy {
                config: nothing_digest(),
                profile: None,
            },
            list_bytes: 0,
            warnings: Warnings::default(),
        }
    }

    fn of(applied: &'p Applied<'p>, injection: &Injection<'p>, spec: &PodSpec, os: Os, no_ca: Option<Reason>) -> Self {
        let (settings, options) = (&applied.settings, injection.options);
        let mut warnings = Warnings::default();
        if !injection.is_ephemeral {
            check_exclusions(spec, options, &mut warnings);
        }
        let mut of_ca = Warnings::default();
        let ca = WantedCa::new(settings, os, options, &mut of_ca);
        let wanted_volume = ca.as_ref().ok().map(|ca| (ca.trusted_ca, &*ca.volume));
        let volume = CurrentVolume::find(injection.text, spec, wanted_volume, injection.volume_claim());
        let trusted_ca = ca.and_then(|ca| without_obstacle(ca, volume, no_ca, &mut warnings));
        let proxies = match no_proxy(settings, options, os, &mut warnings) {
            Some(list) => Proxies::new(settings, list, os),
            None => Proxies::none(Reason::ListTooLongForWindows, os),
        };
        if trusted_ca.is_ok() {
            of_ca.into_vec().into_iter().for_each(|warning| warnings.add(warning));
        }
        check_urls(&proxies, &mut warnings);
        let list = proxies.no_proxy.as_ref().ok().filter(|_| options.no_proxy.is_none());
        let config = config_digest(applied, list.map(|list| list.value.digest()));
        PodPlan {
            text: injection.text,
            os,
            nothing: None,
            overridden: proxies.overridden(),
            runtimes: Runtimes::new(settings, os),
            trusted_ca,
            volume,
            exclusions: Exclusions {
                names: options.excluded_containers.iter().copied().collect(),
                patterns: &settings.exclude_containers,
                are_default: settings.excludes_default,
            },
            proxy_env_from: &settings.proxy_env_from,
            made_by: MadeBy {
                config,
                profile: applied.profile.as_deref(),
            },
            list_bytes: proxies.no_proxy.as_ref().map_or(0, |list| list.value.text().len()),
            proxies,
            warnings,
        }
    }
}

/// Warns of excluded containers that the pod does not have: otherwise nobody would notice a typing error.
fn check_exclusions(spec: &PodSpec, options: &PodOptions, warnings: &mut Warnings) {
    if options.excluded_containers.is_empty() {
        return;
    }
    let containers: HashSet<&str> = spec.all_containers().map(|container| &*container.name).collect();
    for name in &options.excluded_containers {
        if !containers.contains(name) {
            let instead = if name.contains('*') {
                "patterns work only in the settings; write the full name"
            } else {
                "write the name of one of its containers"
            };
            warnings.add(format!(
                "annotation {EXCLUDE_CONTAINERS}: the pod has no container {}; {instead}",
                presentable(name)
            ));
        }
    }
}

/// The CA, unless the pod has another volume of its name, or there is a reason against it.
fn without_obstacle<'p>(
    ca: WantedCa<'p>,
    volume: CurrentVolume,
    no_ca: Option<Reason>,
    warnings: &mut Warnings,
) -> Result<WantedCa<'p>, Reason> {
    if !volume.is_free() {
        warnings.add(format!(
            "the trusted CA is not added, because the pod already has a volume named {NAME}; rename that volume"
        ));
        return Err(Reason::ForeignVolume);
    }
    if no_ca == Some(Reason::NoRoom) {
        warnings.add(
            "the trusted CA is not added, because with it and its record the annotations of the pod would exceed \
             256 KiB; shorten the annotations",
        );
    }
    no_ca.map_or(Ok(ca), Err)
}

/// Warns of the URLs that the operating system does not accept.
fn check_urls(proxies: &Proxies, warnings: &mut Warnings) {
    for (value, name) in [(&proxies.http, "HTTP_PROXY"), (&proxies.https, "HTTPS_PROXY")] {
        if let Err(Reason::TooLong) = value {
            warnings.add(format!(
                "{name} is not set: its URL is longer than Windows allows; shorten the URL"
            ));
        }
    }
}

/// The settings' entries, followed by those of the pod's annotation; `None` if the operating system does not accept a
/// list of that length.
fn no_proxy<'l>(
    settings: &'l ResolvedSettings,
    options: &PodOptions,
    os: Os,
    warnings: &mut Warnings,
) -> Option<Cow<'l, NoProxyList>> {
    let fits = |list: &NoProxyList| os.fits("NO_PROXY", list.value());
    if let Some(items) = options.no_proxy {
        let mut list = settings.no_proxy.clone();
        // The annotation may be longer than what can be read in time.
        let is_short = items.len() <= MAX_VARIABLE_BYTES;
        if is_short {
            push_entries(items, settings.expand_cidrs, &mut list, warnings);
        }
        if is_short && fits(&list) {
            return Some(Cow::Owned(list));
        }
        warnings.add(format!(
            "annotation {NO_PROXY} is ignored, because it would make NO_PROXY longer than the operating system allows"
        ));
    }
    // The check of the settings makes sure that Linux accepts it.
    if os == Os::Windows && !fits(&settings.no_proxy) {
        warnings.add(
            "no proxy is set: NO_PROXY would be longer than Windows allows, and a proxy without NO_PROXY would break in-cluster \
             traffic",
        );
        return None;
    }
    Some(Cow::Borrowed(&settings.no_proxy))
}

fn push_entries(items: &str, expand_cidrs: u16, list: &mut NoProxyList, warnings: &mut Warnings) {
    for (index, item) in items.split(',').enumerate().filter(|(_, item)| !item.trim().is_empty()) {
        match NoProxyEntry::parse(item) {
            Ok(_) if list.is_full() => {}
            Ok(entry) => list.push_expanded(&entry, expand_cidrs),
            Err(reason) => warnings.add(format!(
                "annotation {NO_PROXY}: entry {} is skipped: {reason}",
                index + 1
            )),
        }
    }
}
