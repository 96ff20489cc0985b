//! Decides what one container gets. [`apply`](super::apply) writes it.

use super::env::{Assignments, AuthorsEnv, DesiredEnv, OwnVariables, Place, ProxyVariables, Value};
use super::pod_plan::PodPlan;
use super::record::Claims;
use super::trusted_ca::MountPlan;
use crate::kubernetes::Container;

/// What one container gets, and what the policy removes from it.
pub(super) struct ContainerPlan {
    /// Whether the settings or the pod exclude the container.
    pub is_excluded: bool,
    pub env: DesiredEnv,
    pub mount: MountPlan,
    /// Warnings for the user, without the container's name.
    pub warnings: Vec<String>,
}

/// Decides what a container gets. `claims` is what the record says about it.
pub(super) fn plan_container(plan: &PodPlan, container: &Container, claims: Option<&Claims>) -> ContainerPlan {
    let mut warnings = Vec::new();
    let is_excluded = plan.excludes(&container.name);
    let proxies = plan.proxies.as_ref().filter(|_| !is_excluded);
    let claimed = claims.map_or([].as_slice(), |claims| &claims.env);
    let overrides = |name: &str| proxies.is_some_and(|proxies| proxies.overrides(name));
    let mut authors = AuthorsEnv::new(&container.env, claimed, overrides);
    if plan.report {
        let keeps_all_proxy = proxies.is_some_and(ProxyVariables::keeps_all_proxy);
        let later = authors.remove_later_additions(plan.os, keeps_all_proxy);
        warnings.extend(later.iter().map(|name| set_later(name)));
    }
    let ca = plan.trusted_ca.as_ref().filter(|_| !is_excluded);
    let mount_claim = claims.and_then(|claims| claims.mount);
    let mount = MountPlan::new(plan.text, container, ca.is_some(), mount_claim, plan.report);
    warnings.extend(mount.warning());
    let ca_variables = ca.filter(|_| mount.has_ca()).map_or([].as_slice(), Vec::as_slice);
    let env = &*authors.variables;
    let mut assignments = Assignments::default();
    let mut new_at = env.len();
    if let Some(proxies) = proxies {
        let own = OwnVariables::find(env, plan.os);
        let given = proxies.given(&own);
        proxies.assign_urls(env, &own, given, &mut assignments);
        let is_new = |name: &str| {
            let of_runtimes = plan.runtimes.as_ref().is_some_and(|runtimes| runtimes.may_add(name));
            of_runtimes || ca_variables.iter().any(|(known, _)| *known == name)
        };
        let is_replaced = |index| proxies.replaces(index, &own, given);
        let place = Place::new(env, &is_new, &is_replaced);
        let list = proxies.assign_no_proxy(&place, &own, given, &mut assignments, &mut warnings);
        if let Some(runtimes) = plan.runtimes.as_ref().filter(|_| given.http || given.https) {
            let list = list
                .as_ref()
                .map_or_else(|| proxies.kept_no_proxy(env, &own), Value::text);
            runtimes.assign(container, &place, given, list, &mut assignments, &mut warnings);
        }
        new_at = place.new_at;
    }
    for (name, value) in ca_variables {
        assignments.add_missing(env, name, value);
    }
    if new_at < env.len() {
        assignments.sort_new();
    }
    ContainerPlan {
        is_excluded,
        env: DesiredEnv::new(&container.env, &authors, assignments, new_at),
        mount,
        warnings,
    }
}

fn set_later(name: &str) -> String {
    format!("{name} was set after the policy had processed the pod")
}
