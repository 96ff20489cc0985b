//! The values of the domain, each valid by its type. They know neither JSON nor Kubernetes.

mod ascii_names;
mod bundle;
mod dns_name;
mod glob;
mod no_proxy_entry;
mod no_proxy_list;
mod os;
mod proxy_url;
mod subject_hash;
mod unique_list;

pub use bundle::Bundle;
pub use dns_name::{is_dns_name, is_dns_subdomain};
pub use glob::glob_matches;
pub use no_proxy_entry::{Destination, NoProxyEntry};
pub use no_proxy_list::{IN_CLUSTER_ENTRIES, NoProxyList, no_proxy_entries};
pub use os::{MAX_VARIABLE_BYTES, Os};
pub use proxy_url::ProxyUrl;
