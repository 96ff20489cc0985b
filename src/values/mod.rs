//! The values that the policy works with. Each type allows valid values only. This module does not depend on JSON or
//! Kubernetes.

mod ascii_names;
mod bundle;
mod bytes;
mod dns_name;
mod glob;
mod no_proxy_entry;
mod no_proxy_fault;
mod no_proxy_list;
mod numbers;
#[cfg(test)]
mod openssl;
mod os;
mod proxy_url;
mod quotable;
mod subject_hash;
mod unique_list;

pub(crate) use bundle::Bundle;
pub(crate) use bytes::position;
pub(crate) use dns_name::{is_dns_name, is_dns_subdomain};
pub(crate) use glob::glob_matches;
pub(crate) use no_proxy_entry::{Destination, NoProxyEntry};
pub(crate) use no_proxy_list::{NoProxyList, in_cluster_entries, no_proxy_entries};
pub(crate) use os::{MAX_VARIABLE_BYTES, Os};
pub(crate) use proxy_url::ProxyUrl;
pub(crate) use quotable::quoted;
