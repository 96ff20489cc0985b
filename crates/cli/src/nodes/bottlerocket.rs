//! Bottlerocket: user data. It knows a proxy for https destinations alone.
//!
//! <https://bottlerocket.dev/en/os/latest/api/settings/network/>, <https://bottlerocket.dev/en/os/latest/api/settings/pki/>

use std::collections::BTreeMap;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::nodes::node_proxy::NodeProxy;

#[derive(Serialize)]
struct UserData<'a> {
    settings: Settings<'a>,
}

#[derive(Serialize)]
struct Settings<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<Network<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pki: BTreeMap<&'a str, Pki>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Network<'a> {
    https_proxy: String,
    no_proxy: &'a [String],
}

#[derive(Serialize)]
struct Pki {
    /// base64 of PEM, which may have several certificates.
    data: String,
    trusted: bool,
}

pub fn document(node: &NodeProxy, notes: &mut Vec<String>) -> Result<String> {
    if node.http_proxy.is_some() && node.http_proxy != node.https_proxy {
        notes.push("httpProxy: omitted: Bottlerocket supports only a proxy for https destinations".to_owned());
    }
    let pki = Pki {
        data: STANDARD.encode(node.certificates.concat()),
        trusted: true,
    };
    let data = UserData {
        settings: Settings {
            network: node.https_proxy.as_deref().map(|https_proxy| Network {
                https_proxy: escaped(https_proxy),
                no_proxy: &node.no_proxy,
            }),
            pki: Some(("http-proxy-policy", pki))
                .filter(|_| !node.certificates.is_empty())
                .into_iter()
                .collect(),
        },
    };
    Ok(toml::to_string_pretty(&data)?)
}

/// Bottlerocket puts the URL into files through templates that escape characters for HTML, and some versions also escape `=`. Clients
/// decode what is written percent-encoded.
///
/// <https://github.com/bottlerocket-os/bottlerocket-core-kit/blob/develop/packages/release/proxy-env>
fn escaped(url: &str) -> String {
    url.replace('&', "%26").replace('\'', "%27").replace('=', "%3D")
}
