//! What the containers of one pod are to get, worked out once for all of them.

use std::borrow::Cow;
use std::collections::HashSet;

use super::env::{ProxyVariables, RuntimeVariables};
use super::trusted_ca::CaVariables;
use super::warnings::Warnings;
use crate::json::presentable;
use crate::kubernetes::Pod;
use crate::pod_options::{EXCLUDE_CONTAINERS, NO_PROXY, PodOptions};
use crate::settings::ResolvedSettings;
use crate::values::{MAX_VARIABLE_BYTES, NoProxyEntry, NoProxyList, Os, glob_matches};

/// What the containers of a pod are to get.
pub(super) struct PodPlan<'s> {
    /// The text of the request.
    pub text: &'s str,
    pub os: Os,
    /// `None` if no proxy is to be set.
    pub proxies: Option<ProxyVariables>,
    /// `None` if no proxy is to be set, or the settings turn no runtime on.
    pub runtimes: Option<RuntimeVariables<'s>>,
    /// The variables of the CA; `None` if containers are not to have it.
    pub trusted_ca: Option<CaVariables>,
    /// Whether the pod is only compared with what it would be if it were re-created.
    pub report: bool,
    /// The names of the excluded containers in the pod's annotation.
    excluded_names: HashSet<&'s str>,
    /// The names and patterns of the excluded containers in the settings.
    excluded_patterns: &'s [Cow<'s, str>],
}

impl<'s> PodPlan<'s> {
    /// A plan that removes everything that the policy has set.
    pub(super) fn nothing(text: &'s str, os: Os, report: bool) -> Self {
        PodPlan {
            text,
            os,
            proxies: None,
            runtimes: None,
            trusted_ca: None,
            report,
            excluded_names: HashSet::new(),
            excluded_patterns: &[],
        }
    }

    /// Adds the proxies of the settings to a plan, and the containers that the settings or the pod exclude.
    pub(super) fn add_settings(
        &mut self,
        settings: &'s ResolvedSettings,
        options: &'s PodOptions,
        warnings: &mut Warnings,
    ) {
        self.excluded_names = options.excluded_containers.iter().copied().collect();
        self.excluded_patterns = &settings.exclude_containers;
        if let Some(no_proxy) = no_proxy(settings, options, self.os, warnings) {
            self.proxies = Some(ProxyVariables::new(settings, &no_proxy, self.os));
            let runtimes = (settings.java || settings.node).then(|| RuntimeVariables::new(settings, self.os));
            self.runtimes = runtimes;
        }
    }

    /// Whether a container is excluded.
    pub(super) fn excludes(&self, container: &str) -> bool {
        let mut patterns = self.excluded_patterns.iter();
        self.excluded_names.contains(container) || patterns.any(|pattern| glob_matches(pattern, container))
    }
}

/// Warns of excluded containers that the pod does not have: otherwise nobody would notice a typing error.
pub(super) fn check_exclusions(pod: &Pod, options: &PodOptions, warnings: &mut Warnings) {
    if options.excluded_containers.is_empty() {
        return;
    }
    let containers: HashSet<&str> = pod.spec.all_containers().map(|container| &*container.name).collect();
    for name in &options.excluded_containers {
        if !containers.contains(name) {
            let instead = if name.contains('*') {
                "write full names: patterns work only in the settings"
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
            "annotation {NO_PROXY} is ignored; with it NO_PROXY would be longer than the operating system allows"
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
            Ok(entry) => list.push_entry(&entry, expand_cidrs),
            Err(reason) => warnings.add(format!(
                "annotation {NO_PROXY}: entry {} is left out: {reason}",
                index + 1
            )),
        }
    }
}
