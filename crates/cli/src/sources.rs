//! The URLs and certificates of the settings, or of files where the settings refer to a Secret or a ConfigMap.

use anyhow::{Result, anyhow};
use documents::{label, text};
use http_proxy_policy::companion::{self, Effective, ProxySource, TrustedCaSource};

use crate::args;

/// The values themselves.
#[derive(Default)]
pub struct Sources {
    /// URL, credentials included.
    pub http_proxy: Option<String>,
    /// URL, credentials included.
    pub https_proxy: Option<String>,
    /// PEM; empty for none.
    pub trusted_ca: String,
}

impl Sources {
    /// Takes what the settings have, or what a flag gives in its place.
    ///
    /// # Errors
    /// The settings refer to a Secret or a ConfigMap and no flag gives its content; or a file cannot be read, or is refused.
    pub fn read(effective: &Effective, files: &args::SourceFiles) -> Result<Self> {
        let http_file = files.http_proxy_file.as_deref();
        let https_file = files.https_proxy_file.as_deref();
        let http_proxy = proxy(effective.http_proxy.as_ref(), http_file, false)?;
        let https_proxy = if https_file.is_none() && effective.https_proxy == effective.http_proxy {
            http_proxy.clone()
        } else {
            proxy(effective.https_proxy.as_ref(), https_file, true)?
        };
        let trusted_ca = certificates(effective.trusted_ca.as_ref(), files.ca_file.as_deref())?;
        Ok(Sources {
            http_proxy,
            https_proxy,
            trusted_ca,
        })
    }
}

fn proxy(source: Option<&ProxySource>, file: Option<&str>, https: bool) -> Result<Option<String>> {
    let field = if https { "httpsProxy" } else { "httpProxy" };
    let flag = if https {
        "--https-proxy-file"
    } else {
        "--http-proxy-file"
    };
    match (file, source) {
        (Some(file), _) => {
            let judged = companion::proxy_url(text(file)?.trim(), https);
            judged
                .map(Some)
                .map_err(|fault| anyhow!("{flag} {}: {fault}", label(file)))
        }
        (None, Some(ProxySource::Secret { name, key })) => Err(anyhow!(
            "{field}From: the URL is in key {key} of the Secret {name}, which this command does not read; write the URL to a \
             file, and pass it with {flag} FILE"
        )),
        (None, Some(ProxySource::Url(url))) => Ok(Some(url.clone())),
        (None, None) => Ok(None),
    }
}

fn certificates(source: Option<&TrustedCaSource>, file: Option<&str>) -> Result<String> {
    match (file, source) {
        (Some(file), _) => {
            let prefix = format!("--ca-file {}: ", label(file));
            let judged = companion::trusted_ca(&text(file)?);
            judged.map_err(|faults| anyhow!("{prefix}{}", faults.join(&format!("\n{prefix}"))))
        }
        (None, Some(TrustedCaSource::ConfigMap { name, key })) => Err(anyhow!(
            "trustedCaFrom: the CA is in key {key} of the ConfigMap {name}, which this command does not read; write its PEM to a \
             file, and pass it with --ca-file FILE"
        )),
        (None, Some(TrustedCaSource::ClusterTrustBundle { name_or_signer })) => Err(anyhow!(
            "trustedCaFrom: the CA is in the ClusterTrustBundle of {name_or_signer}, which this command does not read; write its PEM \
             to a file, and pass it with --ca-file FILE"
        )),
        (None, Some(TrustedCaSource::Image { reference })) => Err(anyhow!(
            "trustedCaFrom: the CA is in the image {reference}, which this command does not read; write its PEM to a file, and pass it \
             with --ca-file FILE"
        )),
        (None, Some(TrustedCaSource::Pem(pem))) => Ok(pem.clone()),
        (None, None) => Ok(String::new()),
    }
}
