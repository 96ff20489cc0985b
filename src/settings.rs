//! The policy's settings: AKS's `httpProxyConfig`, and what goes beyond it.

use std::borrow::Cow;

use crate::json::{self, Problem, Reader};
use crate::key_ref::KeyRef;
use crate::no_proxy::NoProxyList;
use crate::no_proxy_entry::{NoProxyEntry, is_dns_name};
use crate::proxy_url::{Proxy, ProxyUrl};
use crate::trusted_ca::{Bundle, TrustedCa, TrustedCaUse};
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
    /// `httpProxy` or `httpProxyFrom`
    pub http_proxy: Option<Proxy<'a>>,
    /// `httpsProxy` or `httpsProxyFrom`, or else the http proxy.
    pub https_proxy: Option<Proxy<'a>>,
    /// What `NO_PROXY` holds before a pod adds to it: `noProxy`, and with `noProxyDefaults` the in-cluster entries.
    pub no_proxy: NoProxyList<'a>,
    /// `expandCidrs`: networks of at most this many addresses are also listed address by address.
    pub expand_cidrs: u16,
    /// `trustedCa` or `trustedCaFrom`
    pub trusted_ca: Option<TrustedCa<'a>>,
    /// `trustedCaUse`
    pub trusted_ca_use: TrustedCaUse,
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
            trusted_ca: None,
            trusted_ca_use: TrustedCaUse::Append,
            existing_variables: ExistingVariables::Merge,
            exclude_containers: MESH_CONTAINERS.map(Cow::Borrowed).into(),
        }
    }
}

/// Fields that make settings together, read one by one.
struct Fields<'a> {
    no_proxy: Vec<NoProxyEntry<'a>>,
    no_proxy_defaults: bool,
    cluster_domain: Cow<'a, str>,
    check_certificates: bool,
    trusted_ca: Option<Bundle>,
    trusted_ca_from: Option<Located<KeyRef<'a>>>,
    trusted_ca_use: Option<Located<TrustedCaUse>>,
}

/// A value, and where it was read.
struct Located<T> {
    at: usize,
    value: T,
}

impl<'a> Settings<'a> {
    /// Reads the settings document in front of `reader` for a request: as [`Settings::validate`], but certificates are
    /// not parsed again.
    ///
    /// # Errors
    /// Every problem of the document, each with the path of its field, what is wrong and what would be right.
    pub fn read(reader: Reader<'a>) -> Result<Self, String> {
        Settings::read_document(reader, false)
    }

    /// Checks the settings document in front of `reader`.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn validate(reader: Reader<'a>) -> Result<(), String> {
        Settings::read_document(reader, true).map(drop)
    }

    fn read_document(mut reader: Reader<'a>, check_certificates: bool) -> Result<Self, String> {
        let document = reader;
        let mut settings = Settings::default();
        let mut fields = Fields {
            no_proxy: Vec::new(),
            no_proxy_defaults: true,
            cluster_domain: Cow::Borrowed("cluster.local"),
            check_certificates,
            trusted_ca: None,
            trusted_ca_from: None,
            trusted_ca_use: None,
        };
        let mut problems = Vec::new();
        let outcome = reader.object(|reader, field| {
            let value = *reader;
            if let Err(problem) = settings.read_field(field, reader, &mut fields, &mut problems) {
                problems.push(problem);
                *reader = value;
                reader.skip();
            }
            Ok(())
        });
        problems.extend(outcome.err());
        settings.complete(fields, document, &mut problems);
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
        fields: &mut Fields<'a>,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Problem> {
        let at = reader.position();
        match field {
            "enabled" => set(&mut self.enabled, boolean_or_its_text(reader)?),
            "httpProxy" => set_proxy(&mut self.http_proxy, proxy_url(reader, &["http"])?.map(Proxy::Url), at)?,
            "httpsProxy" => set_proxy(
                &mut self.https_proxy,
                proxy_url(reader, &["http", "https"])?.map(Proxy::Url),
                at,
            )?,
            "httpProxyFrom" => {
                let secret = KeyRef::read(reader, "secretKeyRef", problems)?.map(Proxy::Secret);
                set_proxy(&mut self.http_proxy, secret, at)?;
            }
            "httpsProxyFrom" => {
                let secret = KeyRef::read(reader, "secretKeyRef", problems)?.map(Proxy::Secret);
                set_proxy(&mut self.https_proxy, secret, at)?;
            }
            "noProxy" => fields.no_proxy = no_proxy_items(reader, problems)?,
            "noProxyDefaults" => set(&mut fields.no_proxy_defaults, reader.boolean()?),
            "clusterDomain" => {
                let domain = reader.string()?;
                if domain.as_deref().is_some_and(|domain| !is_dns_name(domain)) {
                    return Err(Problem::new(
                        at,
                        "must be a DNS name without dots at its ends, such as cluster.local",
                    ));
                }
                set(&mut fields.cluster_domain, domain);
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
            // Azure's documentation and its API disagree on the name.
            "trustedCa" | "trustedCA" => {
                fields.trusted_ca = match reader.string()? {
                    Some(_) if fields.trusted_ca.is_some() => {
                        return Err(Problem::new(
                            at,
                            "is there twice, as trustedCa and trustedCA; remove one",
                        ));
                    }
                    Some(base64) => {
                        let bundle = Bundle::read(&base64).map_err(|fault| Problem::new(at, fault))?;
                        if fields.check_certificates {
                            problems.extend(bundle.check().into_iter().map(|fault| Problem::new(at, fault)));
                        }
                        Some(bundle)
                    }
                    None => fields.trusted_ca.take(),
                }
            }
            "trustedCaFrom" => {
                fields.trusted_ca_from =
                    KeyRef::read(reader, "configMapKeyRef", problems)?.map(|value| Located { at, value })
            }
            "trustedCaUse" => {
                fields.trusted_ca_use = match reader.string()? {
                    None => None,
                    Some(choice) => match TrustedCaUse::parse(&choice) {
                        Some(value) => Some(Located { at, value }),
                        None => return Err(Problem::new(at, "must be Append, Replace or Mount")),
                    },
                }
            }
            // What AKS computes of the document, shown by `az aks show`.
            "effectiveNoProxy" | "effectiveNoProxyUrls" => {
                reader.skip();
            }
            _ => return Err(Problem::unknown_field(at)),
        }
        Ok(())
    }

    /// Fills in what depends on several fields, and checks it.
    fn complete(&mut self, fields: Fields<'a>, document: Reader, problems: &mut Vec<Problem>) {
        if self.https_proxy.is_none() {
            self.https_proxy.clone_from(&self.http_proxy);
        }
        self.no_proxy = fields.no_proxy_list(self.expand_cidrs);
        if let (Some(_), Some(from)) = (&fields.trusted_ca, &fields.trusted_ca_from) {
            problems.push(Problem::new(from.at, "excludes trustedCa; remove one of the two"));
        }
        if let Some(from) = fields.trusted_ca_from {
            self.trusted_ca = Some(TrustedCa::ConfigMap(from.value));
            self.trusted_ca_use = TrustedCaUse::Replace;
        }
        if let Some(bundle) = fields.trusted_ca {
            self.trusted_ca = Some(TrustedCa::Bundle(bundle));
            self.trusted_ca_use = TrustedCaUse::Append;
        }
        if let Some(Located { at, value }) = fields.trusted_ca_use {
            self.trusted_ca_use = value;
            if value == TrustedCaUse::Append && matches!(self.trusted_ca, Some(TrustedCa::ConfigMap(_))) {
                let fault = "cannot be Append with trustedCaFrom, as the file names that OpenSSL needs depend on the \
                             certificates; write Replace or Mount, or use trustedCa";
                problems.push(Problem::new(at, fault));
            }
        }
        // With a proxy or a CA that has a problem, that one is said already.
        if problems.is_empty() && self.enabled && self.https_proxy.is_none() && self.trusted_ca.is_none() {
            let fault = "neither a proxy nor a CA is set; set httpProxy, httpsProxy, trustedCa or one of their …From forms, or \
                         enabled: false";
            problems.push(Problem::new(document.position(), fault));
        }
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

impl<'a> Fields<'a> {
    fn no_proxy_list(&self, expand_cidrs: u16) -> NoProxyList<'a> {
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

/// Sets a proxy that is set by one of its two fields only.
fn set_proxy<'a>(field: &mut Option<Proxy<'a>>, proxy: Option<Proxy<'a>>, at: usize) -> Result<(), Problem> {
    if proxy.is_some() && field.is_some() {
        return Err(Problem::new(
            at,
            "is set as a URL and from a Secret; remove one of the two",
        ));
    }
    if proxy.is_some() {
        *field = proxy;
    }
    Ok(())
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
