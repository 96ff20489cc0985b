//! Decides what one container gets.

use crate::injection::env::{AuthorsEnv, EnvPlan, Wanted};
use crate::injection::pod_plan::PodPlan;
use crate::injection::reason::{Caveat, Reason};
use crate::injection::record::Claims;
use crate::injection::trusted_ca::{MountPlan, WantedCa};
use crate::kubernetes::Container;
use crate::settings::{ExistingVariables, Mode};

/// What one container gets, and what the policy removes from it.
pub(crate) struct ContainerPlan<'p> {
    pub container: &'p Container<'p>,
    /// Why the container as a whole is skipped.
    pub excluded: Option<Reason>,
    /// Whether the record has the container.
    pub is_recorded: bool,
    pub authors: AuthorsEnv<'p>,
    pub env: EnvPlan,
    pub mount: MountPlan,
}

impl<'p> ContainerPlan<'p> {
    /// Decides. `claims` is what the record says about the container; in a `report`, what came later does not count.
    pub(super) fn new(
        plan: &PodPlan,
        container: &'p Container<'p>,
        claims: Option<&'p Claims<'p>>,
        mode: Mode,
    ) -> Self {
        let excluded = plan.nothing.or_else(|| plan.exclusions.reason(&container.name));
        let claimed = claims.map_or([].as_slice(), |claims| &claims.env);
        let overridden = if excluded.is_some() { &[] } else { &*plan.overridden };
        let mut authors = AuthorsEnv::new(&container.env, claimed, overridden);
        let keeps_all_proxy = excluded.is_none() && plan.proxies.existing != ExistingVariables::Override;
        let later = if mode == Mode::Report {
            authors.mark_later(plan.os, keeps_all_proxy)
        } else {
            Vec::new()
        };
        let ca = match excluded {
            Some(reason) => Err(reason),
            None => plan.trusted_ca.as_ref().map_err(|reason| *reason),
        };
        let mount_claim = claims.and_then(|claims| claims.mount);
        let has_ca = ca.as_ref().map(|_| ()).map_err(|reason| *reason);
        let mount = MountPlan::new(plan.text, container, has_ca, mount_claim, mode);
        let ca = ca.and_then(|ca| mount.reason().map_or(Ok(ca), Err));
        let mut env = match excluded {
            Some(reason) => EnvPlan::leave(reason, &authors),
            None => EnvPlan::decide(&wanted(plan, container, ca), &authors),
        };
        let later = later
            .into_iter()
            .map(|at| Caveat::SetLater(authors.name(at).to_owned()));
        env.caveats.splice(0..0, later);
        ContainerPlan {
            container,
            excluded,
            is_recorded: claims.is_some(),
            authors,
            env,
            mount,
        }
    }
}

/// What a container is to get that is not skipped.
fn wanted<'p>(plan: &'p PodPlan, container: &'p Container, ca: Result<&'p WantedCa, Reason>) -> Wanted<'p> {
    let variables = ca.ok().and_then(|ca| ca.variables.as_deref().ok());
    Wanted {
        proxies: &plan.proxies,
        runtimes: &plan.runtimes,
        trusted_ca: variables.unwrap_or_default(),
        trust_store: ca.and_then(|ca| ca.trust_store.as_deref().map_err(|reason| *reason)),
        env_from: &container.env_from,
        proxy_env_from: plan.proxy_env_from,
    }
}
