//! The policy's settings: AKS's `httpProxyConfig`, and what goes beyond it.

use std::borrow::Cow;

use crate::json::{self, Problem, Reader};
use crate::no_proxy::{NoProxyEntry, NoProxyList, is_dns_name};
use crate::proxy_url::ProxyUrl;
use crate::variables::MAX_VARIABLE_BYTES;

/// Meshes' own containers, which carry or set up the pod's traffic and must not be proxied themselves.
const MESH_CONTAINERS: [&str; 5] = [
    "istio-proxy",
    "istio-init",
    "istio-validation",
    "linkerd-proxy",
    "linkerd-init",
];

/// Most addresses that `expandCidrs` may ask for.
const MAX_EXPANDED_ADDRESSES: u16 = 4096;

/// The settings of the policy. A value of this type is valid.
#[derive(Debug)]
pub struct Settings<'a> {
    /// `enabled`: false for no injection at all.
    pub enabled: bool,
    /// `httpProxy`
    pub http_proxy: Option<ProxyUrl<'a>>,
    /// `httpsProxy`, or else `httpProxy`.
    pub https_proxy: Option<ProxyUrl<'a>>,
    /// What `NO_PROXY` holds before a pod adds to it: `noProxy`, and with `noProxyDefaults` the in-cluster entries.
    pub no_proxy: NoProxyList<'a>,
    /// `expandCidrs`: networks of at most this many addresses are also listed address by address.
    pub expand_cidrs: u16,
    /// `existingVariables`
    pub existing_variables: ExistingVariables,
    /// `excludeContainers`: names or globs of containers that are left alone.
    pub exclude_containers: Vec<Cow<'a, str>>,
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

impl Default for Settings<'_> {
    fn default() -> Self {
        Settings {
            enabled: true,
            http_proxy: None,
            https_proxy: None,
            no_proxy: NoProxyList::default(),
            expand_cidrs: 0,
            existing_variables: ExistingVariables::Merge,
            exclude_containers: MESH_CONTAINERS.map(Cow::Borrowed).into(),
        }
    }
}

/// The fields of which the value of `NO_PROXY` is made.
struct NoProxyFields<'a> {
    no_proxy: Vec<NoProxyEntry<'a>>,
    no_proxy_defaults: bool,
    cluster_domain: Cow<'a, str>,
}

impl<'a> Settings<'a> {
    /// Reads the settings document that stands in front of `reader`.
    ///
    /// # Errors
    /// Every problem of the document, each with the path of its field, what is wrong and what would be right.
    pub fn read(mut reader: Reader<'a>) -> Result<Self, String> {
        let document = reader;
        let mut settings = Settings::default();
        let mut no_proxy = NoProxyFields {
            no_proxy: Vec::new(),
            no_proxy_defaults: true,
            cluster_domain: Cow::Borrowed("cluster.local"),
        };
        let mut problems = Vec::new();
        let outcome = reader.object(|reader, field| {
            let value = *reader;
            if let Err(problem) = settings.read_field(field, reader, &mut no_proxy, &mut problems) {
                problems.push(problem);
                *reader = value;
                reader.skip();
            }
            Ok(())
        });
        problems.extend(outcome.err());
        if problems.is_empty() {
            settings.complete(&no_proxy, document, &mut problems);
        }
        if problems.is_empty() {
            Ok(settings)
        } else {
            Err(json::describe(document, &mut problems))
        }
    }

    fn read_field(
        &mut self,
        field: &str,
        reader: &mut Reader<'a>,
        no_proxy: &mut NoProxyFields<'a>,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Problem> {
        let at = reader.position();
        match field {
            "enabled" => set(&mut self.enabled, boolean_or_its_text(reader)?),
            "httpProxy" => self.http_proxy = proxy_url(reader, &["http"])?,
            "httpsProxy" => self.https_proxy = proxy_url(reader, &["http", "https"])?,
            "noProxy" => no_proxy.no_proxy = no_proxy_items(reader, problems)?,
            "noProxyDefaults" => set(&mut no_proxy.no_proxy_defaults, reader.boolean()?),
            "clusterDomain" => {
                let domain = reader.string()?;
                if domain.as_deref().is_some_and(|domain| !is_dns_name(domain)) {
                    return Err(Problem::new(
                        at,
                        "must be a DNS name without dots at its ends, such as cluster.local",
                    ));
                }
                set(&mut no_proxy.cluster_domain, domain);
            }
            "expandCidrs" => {
                if !reader.is_null() {
                    let text = reader.skipped_text();
                    self.expand_cidrs = text
                        .parse()
                        .ok()
                        .filter(|limit| *limit <= MAX_EXPANDED_ADDRESSES)
                        .ok_or_else(|| Problem::new(at, "must be an integer from 0 to 4096"))?;
                } else {
                    reader.skip();
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
                let list = reader.array(|reader| {
                    let at = reader.position();
                    match reader.string() {
                        Ok(Some(name)) if !name.is_empty() => names.push(name),
                        Ok(_) => problems.push(Problem::new(at, "must be a container's name, * for any characters")),
                        Err(problem) => problems.push(problem),
                    }
                    Ok(())
                })?;
                set(&mut self.exclude_containers, list.map(|_| names));
            }
            // What AKS computes of the document, shown by `az aks show`.
            "effectiveNoProxy" | "effectiveNoProxyUrls" => {
                reader.skip();
            }
            _ => {
                return Err(Problem::new(
                    at,
                    "is no field of these settings; remove it or mend its spelling",
                ));
            }
        }
        Ok(())
    }

    /// Fills in what depends on several fields, and checks it.
    fn complete(&mut self, no_proxy: &NoProxyFields<'a>, document: Reader, problems: &mut Vec<Problem>) {
        if self.https_proxy.is_none() {
            self.https_proxy.clone_from(&self.http_proxy);
        }
        if self.enabled && self.https_proxy.is_none() {
            problems.push(Problem::new(
                document.position(),
                "no proxy is set; set httpProxy or httpsProxy, or enabled: false",
            ));
        }
        self.no_proxy = no_proxy.list(self.expand_cidrs);
        let length = "NO_PROXY=".len() + self.no_proxy.value_len();
        if length >= MAX_VARIABLE_BYTES {
            problems.push(Problem::new(
                document.position(),
                format!(
                    "noProxy makes a variable of {length} bytes, and Linux takes less than {MAX_VARIABLE_BYTES}; \
                     write networks in place of addresses, or lower expandCidrs"
                ),
            ));
        }
    }
}

impl<'a> NoProxyFields<'a> {
    fn list(&self, expand_cidrs: u16) -> NoProxyList<'a> {
        let mut list = NoProxyList::default();
        for entry in &self.no_proxy {
            list.push_entry(entry, expand_cidrs);
        }
        if self.no_proxy_defaults {
            for entry in ["localhost", "127.0.0.1", "::1", ".svc"] {
                list.push(Cow::Borrowed(entry));
            }
            list.push(Cow::Owned(format!(".{}", self.cluster_domain)));
            // The API server's address, which the kubelet puts in; and the clouds' metadata service, whose
            // answers (credentials among them) belong to the asking node alone.
            for entry in ["$(KUBERNETES_SERVICE_HOST)", "169.254.169.254"] {
                list.push(Cow::Borrowed(entry));
            }
        }
        list
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// `true`, `"true"`, `false` or `"false"`: the Azure CLI writes both kinds.
fn boolean_or_its_text(reader: &mut Reader) -> Result<Option<bool>, Problem> {
    let mut text = *reader;
    match text.string() {
        Ok(Some(string)) if string == "true" || string == "false" => {
            *reader = text;
            Ok(Some(string == "true"))
        }
        _ => reader.boolean(),
    }
}

fn proxy_url<'a>(reader: &mut Reader<'a>, schemes: &[&str]) -> Result<Option<ProxyUrl<'a>>, Problem> {
    let at = reader.position();
    let Some(url) = reader.string()? else {
        return Ok(None);
    };
    let url = ProxyUrl::parse(url, schemes).map_err(|fault| Problem::new(at, fault))?;
    // The longest name that carries it, and each $ doubled.
    let length = "HTTPS_PROXY=".len() + url.as_str().len() + url.as_str().matches('$').count();
    if length >= MAX_VARIABLE_BYTES {
        return Err(Problem::new(
            at,
            format!("makes a variable of {length} bytes, and Linux takes less than {MAX_VARIABLE_BYTES}"),
        ));
    }
    Ok(Some(url))
}

fn no_proxy_items<'a>(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Vec<NoProxyEntry<'a>>, Problem> {
    let mut entries = Vec::new();
    let mut everything_at = None;
    let mut items = 0;
    reader.array(|reader| {
        let at = reader.position();
        items += 1;
        let entry = match reader.string() {
            Ok(Some(Cow::Borrowed(item))) => NoProxyEntry::parse(item),
            Ok(Some(Cow::Owned(item))) => NoProxyEntry::parse(&item).map(NoProxyEntry::into_owned),
            Ok(None) => Err("is null; remove it"),
            Err(problem) => {
                problems.push(problem);
                return Ok(());
            }
        };
        match entry {
            Ok(entry) => {
                if entry == NoProxyEntry::Everything {
                    everything_at = Some(at);
                }
                entries.push(entry);
            }
            Err(fault) => problems.push(Problem::new(at, fault)),
        }
        Ok(())
    })?;
    if let Some(at) = everything_at
        && items > 1
    {
        problems.push(Problem::new(
            at,
            "matches everything and stands alone; remove it or the other items",
        ));
    }
    Ok(entries)
}
