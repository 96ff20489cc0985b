//! The settings that apply to one pod.

use std::borrow::Cow;
use std::rc::Rc;

use crate::settings::general::ExistingVariables;
use crate::settings::general::General;
use crate::settings::http_proxy_config::HttpProxyConfig;
use crate::settings::located::Located;
use crate::settings::proxy::Proxy;
use crate::settings::trusted_ca::TrustedCa;
use crate::settings::trusted_ca::TrustedCaUse;
use json::{Field, Problem};
use values::{MAX_VARIABLE_BYTES, NoProxyList, in_cluster_entries};

/// The settings for one pod: a profile's if one applies, with everything worked out that depends on several fields.
pub(crate) struct ResolvedSettings<'a> {
    /// The proxy for http destinations.
    pub http_proxy: Option<Proxy<'a>>,
    /// The proxy for https destinations.
    pub https_proxy: Option<Proxy<'a>>,
    /// `NO_PROXY` before a pod adds to it: `noProxy`, and with `noProxyDefaults` the in-cluster entries.
    pub no_proxy: NoProxyList,
    /// The cluster's domain, if the in-cluster entries are in `no_proxy`.
    pub in_cluster: Option<Cow<'a, str>>,
    /// Networks of at most this many addresses are also listed address by address.
    pub expand_cidrs: u16,
    pub trusted_ca: Option<TrustedCa<'a>>,
    pub trusted_ca_use: TrustedCaUse,
    /// The password of the CA's PKCS#12 store.
    pub trust_store_password: Cow<'a, str>,
    /// Whether Java gets its own options.
    pub java: bool,
    /// Whether Node gets the variable that makes it read the proxy variables.
    pub node: bool,
    pub existing_variables: ExistingVariables,
    /// Names or patterns of excluded containers.
    pub exclude_containers: Vec<Cow<'a, str>>,
    /// Whether those are the default.
    pub excludes_default: bool,
    /// Names or patterns of ConfigMaps and Secrets that set proxies.
    pub proxy_env_from: Vec<Cow<'a, str>>,
}

impl<'a> ResolvedSettings<'a> {
    /// Resolves a configuration, and reports fields that cannot go together.
    pub(super) fn new(config: HttpProxyConfig<'a>, general: General<'a>, problems: &mut Vec<Problem>) -> Self {
        check_together(&config, problems);
        check_length(&config, &general, problems);
        let in_cluster = in_cluster(&config, &general).cloned();
        let no_proxy = no_proxy(config.no_proxy, general.expand_cidrs, in_cluster.as_deref());
        let (trusted_ca, trusted_ca_use, trust_store_password) = config.trusted_ca.resolve();
        let http_proxy = config.http_proxy.proxy();
        ResolvedSettings {
            https_proxy: config.https_proxy.proxy().or_else(|| http_proxy.clone()),
            http_proxy,
            no_proxy,
            in_cluster,
            expand_cidrs: general.expand_cidrs,
            trusted_ca,
            trusted_ca_use,
            trust_store_password,
            java: config.java.value() == Some(true),
            node: config.node.value() == Some(true),
            existing_variables: general.existing_variables,
            exclude_containers: general.exclude_containers,
            excludes_default: general.excludes_default,
            proxy_env_from: general.proxy_env_from,
        }
    }
}

/// Reports fields that cannot go together.
pub(super) fn check_together(config: &HttpProxyConfig, problems: &mut Vec<Problem>) {
    config.http_proxy.check("httpProxy", problems);
    config.https_proxy.check("httpsProxy", problems);
    config.trusted_ca.check(problems);
}

/// Reports a list of destinations that is too long. A list that a profile inherits is checked once.
pub(super) fn check_length(config: &HttpProxyConfig, general: &General, problems: &mut Vec<Problem>) {
    if let Field::Is(no_proxy) = &config.no_proxy
        && let Some(reason) = fault_of_length(no_proxy, config, general)
    {
        problems.push(Problem::new(no_proxy.at, reason));
    }
}

/// What is wrong with the length of `NO_PROXY`. The addresses are counted only if they may be too many, and never put together.
fn fault_of_length(own: &Located<Rc<NoProxyList>>, config: &HttpProxyConfig, general: &General) -> Option<String> {
    // The in-cluster entries have some two hundred bytes, and the cluster's domain twice.
    let of_cluster = 1024 + 2 * general.cluster_domain.len();
    if own.value.most_bytes(general.expand_cidrs) + of_cluster < MAX_VARIABLE_BYTES {
        return None;
    }
    let domain = in_cluster(config, general);
    let of_cluster: usize = domain.map_or(0, |domain| {
        in_cluster_entries(domain).map(|entry| entry.text.len() + 1).sum()
    });
    let own = own.value.expanded_bytes(general.expand_cidrs, MAX_VARIABLE_BYTES);
    let length = "NO_PROXY=".len() + own - 1 + of_cluster;
    (length >= MAX_VARIABLE_BYTES).then(|| {
        format!(
            "is too long: {MAX_VARIABLE_BYTES} bytes or more; Linux allows fewer; write networks instead of addresses, or lower expandCidrs"
        )
    })
}

/// The cluster's domain, if the in-cluster entries are wanted.
fn in_cluster<'c, 'a>(config: &HttpProxyConfig, general: &'c General<'a>) -> Option<&'c Cow<'a, str>> {
    (config.no_proxy_defaults != Field::Is(false)).then_some(&general.cluster_domain)
}

/// `NO_PROXY` before a pod adds to it.
fn no_proxy(own: Field<Located<Rc<NoProxyList>>>, expand_cidrs: u16, in_cluster: Option<&str>) -> NoProxyList {
    let own = own.value().map(|own| Rc::unwrap_or_clone(own.value));
    let mut list = own.unwrap_or_default().expand(expand_cidrs);
    if let Some(domain) = in_cluster {
        in_cluster_entries(domain).for_each(|entry| list.push(&entry));
    }
    list
}

#[cfg(test)]
impl ResolvedSettings<'static> {
    /// Settings with proxies only.
    pub(crate) fn of_proxies(
        http: Option<&'static str>,
        https: Option<&'static str>,
        existing_variables: ExistingVariables,
    ) -> Self {
        let mut config = HttpProxyConfig::default();
        for (proxy, field) in [(http, &mut config.http_proxy), (https, &mut config.https_proxy)] {
            if let Some(url) = proxy {
                let value = values::ProxyUrl::parse(url.into(), &["http"]).unwrap();
                field.url = Field::Is(Located { at: 0, value });
            }
        }
        let general = General {
            existing_variables,
            ..General::default()
        };
        ResolvedSettings::new(config, general, &mut Vec::new())
    }
}
