//! The public roots.

use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

/// Where the roots that are built in come from. `Cargo.toml` pins the version, which a test compares; the date is that of its release.
pub const BUILT_IN: &str = "Mozilla's roots (webpki-root-certs 1.0.11 of 2026-10-23)";

/// What `--version` reports.
pub const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\nMozilla's roots: webpki-root-certs 1.0.11 of 2026-10-23"
);

/// The authorities that Mozilla trusts to identify servers, in DER.
pub fn built_in() -> impl Iterator<Item = &'static [u8]> {
    TLS_SERVER_ROOT_CERTS.iter().map(AsRef::as_ref)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_one_that_is_built_in() {
        let lock = include_str!("../../../../Cargo.lock");
        let (_, behind) = lock.split_once("name = \"webpki-root-certs\"\nversion = \"").unwrap();
        let (version, _) = behind.split_once('"').unwrap();
        for text in [BUILT_IN, VERSION] {
            assert!(
                text.contains(&format!("webpki-root-certs {version} of ")),
                "write {version} and its date"
            );
        }
    }
}
