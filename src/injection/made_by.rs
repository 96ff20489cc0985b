//! The digest of the configuration that made a pod.

use crate::injection::situation::Applied;
use crate::injection::trusted_ca::volume_json;
use crate::kubernetes::secret_source_json;
use crate::settings::{Proxy, TrustedCa};
use json::Choice;
use values::Digest;

/// Raised whenever the same settings give other values than before.
const RULES: &str = "1";

/// The digest of everything that the settings say about a pod, and of nothing that the pod says: no later change of the pod
/// changes it. `list` is the digest of the settings' `NO_PROXY` if it is known.
///
/// It is of parsed data, because two policies with the same settings may be written differently.
pub(crate) fn config_digest(applied: &Applied, list: Option<Digest>) -> Digest {
    let settings = &applied.settings;
    let list = list.unwrap_or_else(|| Digest::new(settings.no_proxy.value()));
    let mut digest = Digest::new(RULES).and_digest(list);
    for proxy in [&settings.http_proxy, &settings.https_proxy] {
        digest = match proxy {
            None => digest.and(""),
            Some(Proxy::Url(url)) => digest.and(url.as_str()),
            Some(Proxy::Secret(secret)) => digest.and(&secret_source_json(secret)),
        };
    }
    digest = match &settings.trusted_ca {
        None => digest.and(""),
        Some(TrustedCa::Bundle(bundle)) => digest.and(&bundle.pem),
        Some(source) => digest.and(&volume_json(source)),
    };
    let word = |on: bool| if on { "on" } else { "off" };
    let words = [
        settings.existing_variables.word(),
        settings.trusted_ca_use.word(),
        &settings.trust_store_password,
        word(settings.java),
        word(settings.node),
        &settings.expand_cidrs.to_string(),
    ];
    digest = words.iter().fold(digest, |digest, word| digest.and(word));
    for list in [&settings.exclude_containers, &settings.proxy_env_from] {
        digest = list.iter().fold(digest.and(""), |digest, item| digest.and(item));
    }
    // If another profile becomes due, the pod is not made by the current configuration any more.
    digest.and_digest(applied.profiles)
}

/// The digest for a pod that is skipped.
pub(super) fn nothing_digest() -> Digest {
    Digest::new("")
}
