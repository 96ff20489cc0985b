//! The values that the policy works with. Each type allows valid values only. This module does not depend on JSON or
//! Kubernetes.

mod ascii_names;
mod digest;
mod dns_name;
mod glob;
mod image_reference;
mod networks;
mod no_proxy_entry;
mod no_proxy_fault;
mod no_proxy_list;
mod numbers;
mod os;
mod proxy_url;
mod quotable;
mod trusted_ca;

pub use digest::Digest;
pub use dns_name::{is_dns_name, is_dns_subdomain};
pub use glob::glob_matches;
pub use image_reference::ImageReference;
pub use no_proxy_entry::{Destination, NoProxyEntry, referred};
pub use no_proxy_list::{Listed, NoProxyList, in_cluster_entries, no_proxy_entries};
pub use os::{MAX_VARIABLE_BYTES, Os};
pub use proxy_url::ProxyUrl;
pub use quotable::quoted;
pub use trusted_ca::Bundle;
