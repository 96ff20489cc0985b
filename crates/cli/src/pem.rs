//! PEM as the policy emits it: the blocks of certificates alone.

/// The certificates of canonical PEM, each with its `BEGIN` and `END` lines.
pub fn certificates(pem: &str) -> impl Iterator<Item = &str> {
    pem.split_inclusive("-----END CERTIFICATE-----\n")
}
