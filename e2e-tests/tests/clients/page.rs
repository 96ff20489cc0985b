//! The part of a page that a test writes.

use anyhow::{Result, bail};
use similar::TextDiff;
use testkit::page::renew;

use crate::client::in_ci;

/// What the line with the versions begins with.
const VERSIONS: &str = "Versions: ";

/// Updates the generated part of a page in `docs`: what the clients do, and their versions. In CI the page is to have
/// the former already. Other versions that do the same are a notice.
pub fn publish<'a>(page: &str, generated: &str, versions: impl Iterator<Item = &'a String>) -> Result<()> {
    let versions: Vec<&str> = versions.map(String::as_str).collect();
    let renewal = renew(page, &format!("{generated}\n{VERSIONS}{}.", versions.join(", ")))?;
    if renewal.new == renewal.old {
        return Ok(());
    }
    if without_versions(&renewal.new) == without_versions(&renewal.old) {
        eprintln!(
            "notice: the clients do what docs/{page} says, but some have other versions: {}",
            versions.join(", ")
        );
        if in_ci() {
            return Ok(());
        }
    } else if in_ci() {
        let diff = TextDiff::from_lines(&renewal.old, &renewal.new);
        bail!(
            "docs/{page} does not say what the clients do; make test-clients updates it\n{}",
            diff.unified_diff().header("the page", "the clients")
        );
    }
    std::fs::write(&renewal.path, renewal.new)?;
    eprintln!("updated docs/{page}");
    Ok(())
}

fn without_versions(page: &str) -> Vec<&str> {
    page.lines().filter(|line| !line.starts_with(VERSIONS)).collect()
}
