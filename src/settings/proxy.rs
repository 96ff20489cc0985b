//! A proxy: its URL, or the Secret that holds its URL.

use crate::kubernetes::KeySelector;
use crate::settings::key_selector::read_secret_key;
use crate::settings::located::Located;
use json::{Field, Problem, Reader};
use values::{MAX_VARIABLE_BYTES, ProxyUrl};

/// How containers get the URL of a proxy.
#[derive(Clone, Debug)]
pub(crate) enum Proxy<'a> {
    /// `httpProxy`, `httpsProxy`
    Url(ProxyUrl<'a>),
    /// `httpProxyFrom`, `httpsProxyFrom`: the kubelet reads it, the policy never sees it.
    Secret(KeySelector<'a>),
}

/// The two fields of one proxy. Only one of them may be set.
#[derive(Clone, Default)]
pub(super) struct ProxyFields<'a> {
    /// `httpProxy`, `httpsProxy`
    pub url: Field<Located<ProxyUrl<'a>>>,
    /// `httpProxyFrom`, `httpsProxyFrom`
    pub from: Field<Located<KeySelector<'a>>>,
}

impl<'a> ProxyFields<'a> {
    /// Whether one of the two is set, valid or not.
    pub(super) fn is_set(&self) -> bool {
        !self.url.is_absent() || !self.from.is_absent()
    }

    /// Reports that both are set. `name` is the field of the URL.
    pub(super) fn check(&self, name: &str, problems: &mut Vec<Problem>) {
        if let (false, Field::Is(from)) = (self.url.is_absent(), &self.from) {
            let reason = format!("{name} is also set; keep only one");
            problems.push(Problem::new(from.at, reason));
        }
    }

    pub(super) fn proxy(self) -> Option<Proxy<'a>> {
        match (self.url.value(), self.from.value()) {
            (Some(url), _) => Some(Proxy::Url(url.value)),
            (None, Some(from)) => Some(Proxy::Secret(from.value)),
            (None, None) => None,
        }
    }
}

/// Reads a URL whose scheme must be one of `schemes`.
pub(super) fn read_url<'a>(reader: &mut Reader<'a>, schemes: &[&str]) -> Result<Option<ProxyUrl<'a>>, Problem> {
    let at = reader.position();
    let Some(url) = reader.string()? else {
        return Ok(None);
    };
    let url = ProxyUrl::parse(url, schemes).map_err(|reason| Problem::new(at, reason))?;
    // Measured with the longest variable name, and with each $ doubled.
    let length = "HTTPS_PROXY=".len() + url.as_str().len();
    let doubled = || url.as_str().matches('$').count();
    if 2 * length >= MAX_VARIABLE_BYTES && length + doubled() >= MAX_VARIABLE_BYTES {
        let length = length + doubled();
        let reason =
            format!("is too long: {length} bytes; Linux allows fewer than {MAX_VARIABLE_BYTES}; write a shorter URL");
        return Err(Problem::new(at, reason));
    }
    Ok(Some(url))
}

/// Reads `{secretKeyRef: {name, key, optional?}}`.
pub(super) fn read_from<'a>(
    reader: &mut Reader<'a>,
    problems: &mut Vec<Problem>,
) -> Result<Option<KeySelector<'a>>, Problem> {
    let at = reader.position();
    let mut secret = Field::Absent;
    let from = reader.checked_object(problems, |reader, field, problems| {
        if field != "secretKeyRef" {
            return Err(Problem::unknown_field(reader.position(), field, &["secretKeyRef"]));
        }
        secret = reader.field(problems, read_secret_key)?;
        Ok(())
    })?;
    if from.is_some() && secret.is_absent() {
        return Err(Problem::new(
            at,
            "must have secretKeyRef, with the name and key of a Secret",
        ));
    }
    Ok(secret.value())
}
