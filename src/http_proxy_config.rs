//! The fields that AKS's `httpProxyConfig` and a profile have in common: what pods get.

use std::borrow::Cow;

use crate::json::Reader;
use crate::key_ref::KeyRef;
use crate::problem::Problem;
use crate::proxy::Proxy;
use crate::trusted_ca::TrustedCaUse;
use crate::values::Bundle;
use crate::values::MAX_VARIABLE_BYTES;
use crate::values::ProxyUrl;
use crate::values::{Destination, NoProxyEntry};

/// These fields as they were written, at the top level of the settings or in a profile.
#[derive(Clone, Default)]
pub struct HttpProxyConfig<'a> {
    /// `enabled`
    pub enabled: Option<bool>,
    /// `httpProxy` or `httpProxyFrom`
    pub http_proxy: Option<Proxy<'a>>,
    /// `httpsProxy` or `httpsProxyFrom`
    pub https_proxy: Option<Proxy<'a>>,
    /// `noProxy`
    pub no_proxy: Option<Vec<NoProxyEntry<'a>>>,
    /// `noProxyDefaults`
    pub no_proxy_defaults: Option<bool>,
    pub trusted_ca: TrustedCaFields<'a>,
    pub runtimes: RuntimesFields,
}

/// What concerns the CA.
#[derive(Clone, Default)]
pub struct TrustedCaFields<'a> {
    /// `trustedCa`
    pub bundle: Option<Located<Bundle>>,
    /// Whether `trustedCa` is `null`, which in a profile stands for none.
    pub none: bool,
    /// `trustedCaFrom`
    pub from: Option<Located<KeyRef<'a>>>,
    /// `trustedCaUse`
    pub usage: Option<Located<TrustedCaUse>>,
}

/// `runtimes`
#[derive(Clone, Copy, Default)]
pub struct RuntimesFields {
    pub java: Option<bool>,
    pub node: Option<bool>,
}

/// A value, and where it was read.
#[derive(Clone)]
pub struct Located<T> {
    pub at: usize,
    pub value: T,
}

impl<'a> HttpProxyConfig<'a> {
    /// Reads the value of one field; `false` if it is none of these, and the value is still to be read.
    pub fn read_field(
        &mut self,
        field: &str,
        reader: &mut Reader<'a>,
        problems: &mut Vec<Problem>,
    ) -> Result<bool, Problem> {
        let at = reader.position();
        match field {
            "enabled" => self.enabled = boolean_or_its_text(reader)?.or(self.enabled),
            "httpProxy" => set_proxy(&mut self.http_proxy, proxy_url(reader, &["http"])?, at)?,
            "httpsProxy" => set_proxy(&mut self.https_proxy, proxy_url(reader, &["http", "https"])?, at)?,
            "httpProxyFrom" => set_proxy(&mut self.http_proxy, proxy_secret(reader, problems)?, at)?,
            "httpsProxyFrom" => set_proxy(&mut self.https_proxy, proxy_secret(reader, problems)?, at)?,
            "noProxy" => self.no_proxy = no_proxy_items(reader, problems)?,
            "noProxyDefaults" => self.no_proxy_defaults = reader.boolean()?,
            // Azure's documentation and its API disagree on the name.
            "trustedCa" | "trustedCA" => match reader.string()? {
                Some(_) if self.trusted_ca.bundle.is_some() => {
                    return Err(Problem::new(
                        at,
                        "is there twice, as trustedCa and trustedCA; remove one",
                    ));
                }
                Some(base64) => {
                    let value = Bundle::read(&base64).map_err(|fault| Problem::new(at, fault))?;
                    self.trusted_ca.bundle = Some(Located { at, value });
                }
                None => self.trusted_ca.none = true,
            },
            "trustedCaFrom" => {
                let from = KeyRef::read(reader, "configMapKeyRef", problems)?;
                self.trusted_ca.from = from.map(|value| Located { at, value });
            }
            "trustedCaUse" => {
                self.trusted_ca.usage = match reader.string()? {
                    None => None,
                    Some(choice) => match TrustedCaUse::parse(&choice) {
                        Some(value) => Some(Located { at, value }),
                        None => return Err(Problem::new(at, "must be Append, Replace or Mount")),
                    },
                }
            }
            "runtimes" => {
                reader.checked_object(problems, |reader, runtime, _| {
                    match runtime {
                        "java" => self.runtimes.java = reader.boolean()?,
                        "node" => self.runtimes.node = reader.boolean()?,
                        _ => return Err(Problem::new(reader.position(), "is no runtime; java and node are")),
                    }
                    Ok(())
                })?;
            }
            // What AKS computes of the document, shown by `az aks show`.
            "effectiveNoProxy" | "effectiveNoProxyUrls" => {
                reader.skip()?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Whether it says where pods connect to, or whom they trust.
    pub fn sets_proxy_or_ca(&self) -> bool {
        self.sets_proxy() || self.trusted_ca.bundle.is_some() || self.trusted_ca.from.is_some()
    }

    fn sets_proxy(&self) -> bool {
        self.http_proxy.is_some() || self.https_proxy.is_some()
    }

    /// A profile's fields, with those of the top level where it leaves them out. The proxies go together, and so does what
    /// concerns the CA; the runtimes are taken one by one.
    pub fn inherit(mut self, top_level: Self) -> Self {
        if !self.sets_proxy() {
            self.http_proxy = top_level.http_proxy;
            self.https_proxy = top_level.https_proxy;
        }
        let trusted_ca = &mut self.trusted_ca;
        if trusted_ca.bundle.is_none() && trusted_ca.from.is_none() && !trusted_ca.none {
            trusted_ca.bundle = top_level.trusted_ca.bundle;
            trusted_ca.from = top_level.trusted_ca.from;
            trusted_ca.usage = trusted_ca.usage.take().or(top_level.trusted_ca.usage);
        }
        self.enabled = self.enabled.or(top_level.enabled);
        self.no_proxy = self.no_proxy.or(top_level.no_proxy);
        self.no_proxy_defaults = self.no_proxy_defaults.or(top_level.no_proxy_defaults);
        self.runtimes.java = self.runtimes.java.or(top_level.runtimes.java);
        self.runtimes.node = self.runtimes.node.or(top_level.runtimes.node);
        self
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

fn proxy_url<'a>(reader: &mut Reader<'a>, schemes: &[&str]) -> Result<Option<Proxy<'a>>, Problem> {
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
    Ok(Some(Proxy::Url(url)))
}

fn proxy_secret<'a>(reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<Option<Proxy<'a>>, Problem> {
    Ok(KeyRef::read(reader, "secretKeyRef", problems)?.map(Proxy::Secret))
}

fn no_proxy_items<'a>(
    reader: &mut Reader<'a>,
    problems: &mut Vec<Problem>,
) -> Result<Option<Vec<NoProxyEntry<'a>>>, Problem> {
    let mut entries = Vec::new();
    let mut everything_at = None;
    let mut items = 0;
    let list = reader.array(|reader| {
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
                if entry.destination == Destination::Everything {
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
    Ok(list.map(|_| entries))
}
