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
    https_proxy: &'a str,
    no_proxy: &'a [String],
}

#[derive(Serialize)]
struct Pki {
    /// base64 of PEM, which may have several certificates.
    data: String,
    trusted: bool,
}

pub fn document(node: &NodeProxy) -> Result<String> {
    let pki = Pki {
        data: STANDARD.encode(node.certificates.concat()),
        trusted: true,
    };
    let data = UserData {
        settings: Settings {
            network: node.https_proxy.as_deref().map(|https_proxy| Network {
                https_proxy,
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
