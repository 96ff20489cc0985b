//! A proxy: its URL, or the Secret that holds its URL.

use crate::key_ref::KeyRef;
use crate::values::ProxyUrl;

/// How containers get the URL of a proxy.
#[derive(Clone, Debug)]
pub enum Proxy<'a> {
    /// `httpProxy`, `httpsProxy`
    Url(ProxyUrl<'a>),
    /// `httpProxyFrom`, `httpsProxyFrom`: the kubelet reads it, the policy never sees it.
    Secret(KeyRef<'a>),
}
