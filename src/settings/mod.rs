//! The operator's settings, and those that apply to one pod.
//!
//! [`Settings`] are read for every request. [`ResolvedSettings`] are what applies to one pod, from the top level or
//! from a profile.

mod cluster_trust_bundle;
mod document;
mod fields;
mod general;
mod http_proxy_config;
mod image;
mod key_selector;
mod located;
mod no_proxy;
mod profile;
mod proxy;
mod resolved_settings;
mod trusted_ca;

pub(crate) use document::{Chosen, ProfileBecause, Settings, Unresolved};
pub use fields::FIELDS;
pub(crate) use general::{ExistingVariables, Mode};
pub(crate) use located::Located;
pub(crate) use profile::Condition;
pub(crate) use proxy::Proxy;
pub(crate) use resolved_settings::ResolvedSettings;
pub(crate) use trusted_ca::{TrustedCa, TrustedCaUse, password_fault};
