//! The fields that the top level (AKS's `httpProxyConfig`) and a profile have in common: what pods get.

use std::rc::Rc;

use crate::settings::fields::ConfigField;
use crate::settings::located::Located;
use crate::settings::no_proxy::read_no_proxy;
use crate::settings::proxy::{ProxyFields, read_from, read_url};
use crate::settings::trusted_ca::TrustedCaFields;
use json::{Field, Problem, Reader};
use values::NoProxyList;

/// These fields as they were written.
#[derive(Clone, Default)]
pub(super) struct HttpProxyConfig<'a> {
    /// `enabled`
    pub enabled: Field<bool>,
    /// `httpProxy`, `httpProxyFrom`
    pub http_proxy: ProxyFields<'a>,
    /// `httpsProxy`, `httpsProxyFrom`
    pub https_proxy: ProxyFields<'a>,
    /// `noProxy`
    pub no_proxy: Field<Located<Rc<NoProxyList>>>,
    /// `noProxyDefaults`
    pub no_proxy_defaults: Field<bool>,
    pub trusted_ca: TrustedCaFields<'a>,
    /// `runtimes.java`
    pub java: Field<bool>,
    /// `runtimes.node`
    pub node: Field<bool>,
}

impl<'a> HttpProxyConfig<'a> {
    /// Reads the value of one field. Its problems are reported.
    pub(super) fn read_field(
        &mut self,
        field: ConfigField,
        reader: &mut Reader<'a>,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Problem> {
        match field {
            ConfigField::Enabled => self.enabled = reader.field(problems, |reader, _| boolean_or_its_text(reader))?,
            ConfigField::HttpProxy => {
                self.http_proxy.url = Located::read(reader, problems, |reader, _| read_url(reader, &["http"]))?;
            }
            ConfigField::HttpsProxy => {
                let read = |reader: &mut Reader<'a>, _: &mut Vec<Problem>| read_url(reader, &["http", "https"]);
                self.https_proxy.url = Located::read(reader, problems, read)?;
            }
            ConfigField::HttpProxyFrom => self.http_proxy.from = Located::read(reader, problems, read_from)?,
            ConfigField::HttpsProxyFrom => self.https_proxy.from = Located::read(reader, problems, read_from)?,
            ConfigField::NoProxy => self.no_proxy = Located::read(reader, problems, read_no_proxy)?,
            ConfigField::NoProxyDefaults => {
                self.no_proxy_defaults = reader.field(problems, |reader, _| reader.boolean())?;
            }
            ConfigField::TrustedCa => self.trusted_ca.read_bundle(reader, problems)?,
            ConfigField::TrustedCaFrom => self.trusted_ca.read_from(reader, problems)?,
            ConfigField::TrustedCaUse => self.trusted_ca.read_usage(reader, problems)?,
            ConfigField::TrustStorePassword => self.trusted_ca.read_password(reader, problems)?,
            ConfigField::Runtimes => self.read_runtimes(reader, problems)?,
            ConfigField::Computed => reader.skip()?,
        }
        Ok(())
    }

    fn read_runtimes(&mut self, reader: &mut Reader<'a>, problems: &mut Vec<Problem>) -> Result<(), Problem> {
        (self.java, self.node) = (Field::Absent, Field::Absent);
        reader.checked_object(problems, |reader, runtime, problems| {
            let field = match runtime {
                "java" => &mut self.java,
                "node" => &mut self.node,
                _ => {
                    return Err(Problem::unknown_field(reader.position(), runtime, &["java", "node"]));
                }
            };
            *field = reader.field(problems, |reader, _| reader.boolean())?;
            Ok(())
        })?;
        Ok(())
    }

    /// Checks what requests assume to be valid: the certificates.
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        if let Field::Is(bundle) = &self.trusted_ca.bundle {
            let reasons = bundle.value.check();
            problems.extend(reasons.into_iter().map(|reason| Problem::new(bundle.at, reason)));
        }
    }

    /// Whether a proxy or a CA is set.
    pub(super) fn sets_proxy_or_ca(&self) -> bool {
        self.sets_proxy() || self.trusted_ca.is_set()
    }

    fn sets_proxy(&self) -> bool {
        self.http_proxy.is_set() || self.https_proxy.is_set()
    }

    /// A profile's fields, completed with those of the top level. The proxies are inherited together, and so are the
    /// fields of the CA. The runtimes are inherited one by one.
    pub(super) fn inherit(mut self, top_level: Self) -> Self {
        if !self.sets_proxy() {
            self.http_proxy = top_level.http_proxy;
            self.https_proxy = top_level.https_proxy;
        }
        let trusted_ca = &mut self.trusted_ca;
        if !trusted_ca.is_set() && !trusted_ca.none {
            trusted_ca.bundle = top_level.trusted_ca.bundle;
            trusted_ca.from = top_level.trusted_ca.from;
            trusted_ca.usage = std::mem::take(&mut trusted_ca.usage).or(top_level.trusted_ca.usage);
        }
        trusted_ca.password = std::mem::take(&mut trusted_ca.password).or(top_level.trusted_ca.password);
        self.enabled = self.enabled.or(top_level.enabled);
        self.no_proxy = self.no_proxy.or(top_level.no_proxy);
        self.no_proxy_defaults = self.no_proxy_defaults.or(top_level.no_proxy_defaults);
        self.java = self.java.or(top_level.java);
        self.node = self.node.or(top_level.node);
        self
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
