//! The part of a page that a test writes.

use anyhow::{Result, bail};
use similar::TextDiff;
use testkit::page::renew;

use crate::client::in_ci;

/// Renews the generated part of a page in `docs`. In CI the page is to have it already.
pub fn publish(page: &str, generated: &str) -> Result<()> {
    let renewal = renew(page, generated)?;
    if renewal.new == renewal.old {
        return Ok(());
    }
    if in_ci() {
        let diff = TextDiff::from_lines(&renewal.old, &renewal.new);
        bail!(
            "docs/{page} does not say what the clients do; make test-clients renews it\n{}",
            diff.unified_diff().header("the page", "the clients")
        );
    }
    std::fs::write(&renewal.path, renewal.new)?;
    eprintln!("docs/{page} is renewed");
    Ok(())
}
