//! The certificates that AKS's nodes trust: `trustedCa` of the proxy, and those of the security profile.

use anyhow::{Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use documents::Aks;
use http_proxy_policy::companion;
use serde_json::Value;

use crate::pem;

/// `trustedCa` for the policy: the certificates of both, each once, in base64 of PEM. A certificate of the security profile
/// that the policy refuses is omitted, and goes to `notes`.
///
/// # Errors
/// `trustedCa` is refused.
pub fn bundle(cluster: &Aks, config: &Value, notes: &mut Vec<String>) -> Result<Option<String>> {
    let mut blocks: Vec<String> = Vec::new();
    let mut add = |pem: &str| {
        for block in pem::certificates(pem) {
            if !blocks.iter().any(|known| known == block) {
                blocks.push(block.to_owned());
            }
        }
    };
    for field in ["trustedCa", "trustedCA"] {
        if !config[field].is_null() {
            let judged = config[field].as_str().ok_or(NOT_PEM.to_owned()).and_then(judged);
            add(&judged.map_err(|fault| anyhow!("{}: {fault}", cluster.name_of(field)))?);
        }
    }
    for (field, certificates) in &cluster.custom_ca_trust_certificates {
        let Some(certificates) = certificates.as_array() else {
            notes.push(format!("{field}: omitted: not a list"));
            continue;
        };
        for (index, base64) in certificates.iter().enumerate() {
            match judged(base64.as_str().unwrap_or_default()) {
                Ok(pem) => add(&pem),
                Err(fault) => notes.push(format!("{field}[{index}]: omitted: {fault}")),
            }
        }
    }
    Ok((!blocks.is_empty()).then(|| STANDARD.encode(blocks.concat())))
}

const NOT_PEM: &str = "not base64 of PEM; create it with: base64 -w0 ca.crt";

fn judged(base64: &str) -> Result<String, String> {
    let text: String = base64.split_ascii_whitespace().collect();
    let pem = STANDARD
        .decode(text)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let pem = pem.ok_or(NOT_PEM)?;
    companion::trusted_ca(&pem).map_err(|faults| faults.join("; "))
}
