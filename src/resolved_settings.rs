//! What of the settings applies to one pod.

use std::borrow::Cow;

use crate::http_proxy_config::HttpProxyConfig;
use crate::problem::Problem;
use crate::proxy::Proxy;
use crate::settings::{ExistingVariables, General};
use crate::trusted_ca::{TrustedCa, TrustedCaUse};
use crate::values::MAX_VARIABLE_BYTES;
use crate::values::{IN_CLUSTER_ENTRIES, NoProxyList};

/// The settings for one pod: a profile's where one applies, everything that depends on several fields worked out.
pub struct ResolvedSettings<'a> {
    /// The proxy for http destinations.
    pub http_proxy: Option<Proxy<'a>>,
    /// The proxy for https destinations.
    pub https_proxy: Option<Proxy<'a>>,
    /// What `NO_PROXY` holds before a pod adds to it: `noProxy`, and with `noProxyDefaults` the in-cluster entries.
    pub no_proxy: NoProxyList,
    /// For Java, the in-cluster entries of `noProxyDefaults`: the last ones to go where there is little room.
    pub in_cluster: NoProxyList,
    /// Networks of at most this many addresses are also listed address by address.
    pub expand_cidrs: u16,
    pub trusted_ca: Option<TrustedCa<'a>>,
    pub trusted_ca_use: TrustedCaUse,
    /// Whether Java gets its own options.
    pub java: bool,
    /// Whether Node is told to heed the variables.
    pub node: bool,
    pub existing_variables: ExistingVariables,
    /// Names or globs of containers that are left alone.
    pub exclude_containers: Vec<Cow<'a, str>>,
}

impl<'a> ResolvedSettings<'a> {
    /// Works out what a configuration at position `at` says. What it says in vain goes to `problems`.
    pub fn new(config: HttpProxyConfig<'a>, general: General<'a>, at: usize, problems: &mut Vec<Problem>) -> Self {
        let mut no_proxy = NoProxyList::default();
        no_proxy.reserve(config.no_proxy.as_ref().map_or(0, Vec::len) + IN_CLUSTER_ENTRIES);
        for entry in config.no_proxy.iter().flatten() {
            no_proxy.push_entry(entry, general.expand_cidrs);
        }
        let java = config.runtimes.java == Some(true);
        let mut in_cluster = NoProxyList::default();
        if config.no_proxy_defaults != Some(false) {
            no_proxy.push_in_cluster(&general.cluster_domain);
            if java {
                in_cluster.push_in_cluster(&general.cluster_domain);
            }
        }
        let length = "NO_PROXY=".len() + no_proxy.value().len();
        if length >= MAX_VARIABLE_BYTES {
            problems.push(Problem::new(
                at,
                format!(
                    "noProxy makes a variable of {length} bytes, and Linux takes less than {MAX_VARIABLE_BYTES}; \
                     write networks in place of addresses, or lower expandCidrs"
                ),
            ));
        }
        let (trusted_ca, default_use) = match (config.trusted_ca.bundle, config.trusted_ca.from) {
            (bundle, Some(from)) => {
                if bundle.is_some() {
                    problems.push(Problem::new(from.at, "excludes trustedCa; remove one of the two"));
                }
                (Some(TrustedCa::ConfigMap(from.value)), TrustedCaUse::Replace)
            }
            (Some(bundle), None) => (Some(TrustedCa::Bundle(bundle.value)), TrustedCaUse::Append),
            (None, None) => (None, TrustedCaUse::Append),
        };
        let trusted_ca_use = match config.trusted_ca.usage {
            None => default_use,
            Some(usage) => {
                if usage.value == TrustedCaUse::Append && matches!(trusted_ca, Some(TrustedCa::ConfigMap(_))) {
                    let fault = "cannot be Append with trustedCaFrom, as the file names that OpenSSL needs depend on \
                                 the certificates; write Replace or Mount, or use trustedCa";
                    problems.push(Problem::new(usage.at, fault));
                }
                usage.value
            }
        };
        ResolvedSettings {
            https_proxy: config.https_proxy.or_else(|| config.http_proxy.clone()),
            http_proxy: config.http_proxy,
            no_proxy,
            in_cluster,
            expand_cidrs: general.expand_cidrs,
            trusted_ca,
            trusted_ca_use,
            java,
            node: config.runtimes.node == Some(true),
            existing_variables: general.existing_variables,
            exclude_containers: general.exclude_containers,
        }
    }
}
