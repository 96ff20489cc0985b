//! The settings that are the same for all pods.

use std::borrow::Cow;

use crate::settings::fields::GeneralField;
use json::{Choice, Problem, Reader};
use values::is_dns_name;

/// The containers of service meshes. They carry or set up the pod's traffic, so they must not use the proxy themselves.
const MESH_CONTAINERS: [&str; 5] = [
    "istio-proxy",
    "istio-init",
    "istio-validation",
    "linkerd-proxy",
    "linkerd-init",
];

/// The maximum value of `expandCidrs`.
const MAX_EXPANDED_ADDRESSES: u16 = 4096;

#[derive(Clone)]
pub(crate) struct General<'a> {
    /// `clusterDomain`
    pub cluster_domain: Cow<'a, str>,
    /// `expandCidrs`: networks of at most this many addresses are also listed address by address.
    pub expand_cidrs: u16,
    /// `existingVariables`
    pub existing_variables: ExistingVariables,
    /// `excludeContainers`: names or patterns of containers.
    pub exclude_containers: Vec<Cow<'a, str>>,
    /// Whether those are the default, because the settings omit the field.
    pub excludes_default: bool,
    /// `proxyEnvFrom`: names or patterns of ConfigMaps and Secrets that set proxies.
    pub proxy_env_from: Vec<Cow<'a, str>>,
    /// `mode`
    pub mode: Mode,
}

/// What to do with a pod that the policy would change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Change it.
    Inject,
    /// Reject it, and say what would change: the audit scanner reports rejected objects.
    Report,
}

/// What to do if a container already sets a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExistingVariables {
    /// The container keeps its proxies, and its `NO_PROXY` is extended.
    Merge,
    /// If the container sets one name of a pair, the pair is unchanged.
    Keep,
    /// The policy's value replaces the container's.
    Override,
}

impl Choice for Mode {
    const ALL: &'static [(&'static str, Self)] = &[("Inject", Mode::Inject), ("Report", Mode::Report)];
}

impl Choice for ExistingVariables {
    const ALL: &'static [(&'static str, Self)] = &[
        ("Merge", ExistingVariables::Merge),
        ("Keep", ExistingVariables::Keep),
        ("Override", ExistingVariables::Override),
    ];
}

impl Default for General<'_> {
    fn default() -> Self {
        General {
            cluster_domain: Cow::Borrowed("cluster.local"),
            expand_cidrs: 0,
            existing_variables: ExistingVariables::Merge,
            exclude_containers: MESH_CONTAINERS.map(Cow::Borrowed).into(),
            excludes_default: true,
            proxy_env_from: Vec::new(),
            mode: Mode::Inject,
        }
    }
}

impl<'a> General<'a> {
    /// Reads the value of one field.
    pub(crate) fn read_field(
        &mut self,
        field: GeneralField,
        reader: &mut Reader<'a>,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Problem> {
        let defaults = General::default();
        match field {
            GeneralField::ClusterDomain => {
                self.cluster_domain = read_cluster_domain(reader)?.unwrap_or(defaults.cluster_domain);
            }
            GeneralField::ExpandCidrs => {
                self.expand_cidrs = read_expand_cidrs(reader)?.unwrap_or(defaults.expand_cidrs);
            }
            GeneralField::ExistingVariables => {
                self.existing_variables = reader.choice()?.unwrap_or(defaults.existing_variables);
            }
            GeneralField::ExcludeContainers => {
                let reason = "must be the name of a container; * stands for any characters";
                let patterns = read_patterns(reader, reason, problems)?;
                self.excludes_default = patterns.is_none();
                self.exclude_containers = patterns.unwrap_or(defaults.exclude_containers);
            }
            GeneralField::ProxyEnvFrom => {
                let reason = "must be the name of a ConfigMap or a Secret; * stands for any characters";
                self.proxy_env_from = read_patterns(reader, reason, problems)?.unwrap_or(defaults.proxy_env_from);
            }
            GeneralField::Mode => self.mode = reader.choice()?.unwrap_or(defaults.mode),
        }
        Ok(())
    }
}

fn read_cluster_domain<'a>(reader: &mut Reader<'a>) -> Result<Option<Cow<'a, str>>, Problem> {
    let at = reader.position();
    match reader.string()? {
        Some(domain) if domain.is_empty() => Err(Problem::new(at, "is empty; remove the field to use cluster.local")),
        Some(domain) if !is_dns_name(&domain) => {
            let reason = "must be a DNS name that does not start or end with a dot, such as cluster.local";
            Err(Problem::new(at, reason))
        }
        domain => Ok(domain),
    }
}

fn read_expand_cidrs(reader: &mut Reader) -> Result<Option<u16>, Problem> {
    let at = reader.position();
    if reader.is_null() {
        reader.skip()?;
        return Ok(None);
    }
    let limit = reader.skipped_text()?.parse().ok();
    limit
        .filter(|limit| *limit <= MAX_EXPANDED_ADDRESSES)
        .map(Some)
        .ok_or_else(|| Problem::new(at, "must be an integer from 0 to 4096"))
}

/// Reads a list of names and patterns. `reason` says what each item must be.
fn read_patterns<'a>(
    reader: &mut Reader<'a>,
    reason: &str,
    problems: &mut Vec<Problem>,
) -> Result<Option<Vec<Cow<'a, str>>>, Problem> {
    let mut names = Vec::new();
    let list = reader.checked_array(problems, |reader, _| {
        let at = reader.position();
        let name = reader.string()?.filter(|name| !name.is_empty());
        names.push(name.ok_or_else(|| Problem::new(at, reason))?);
        Ok(())
    })?;
    Ok(list.map(|_| names))
}
