//! The part of a page that a test writes.

use anyhow::{Result, bail};
use similar::TextDiff;
use testkit::files::project_file;
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

/// Updates a file of crates/clients. In CI it is to say the same already, versions apart.
pub fn publish_data(file: &str, new: &str) -> Result<()> {
    let path = project_file("crates/clients").join(file);
    let old = std::fs::read_to_string(&path)?;
    if in_ci() && without_versions(&old) != without_versions(new) {
        let diff = TextDiff::from_lines(&*old, new);
        bail!(
            "crates/clients/{file} does not say what the clients do; make test-clients updates it\n{}",
            diff.unified_diff().header("the file", "the clients")
        );
    }
    if old != new && !in_ci() {
        std::fs::write(&path, new)?;
        eprintln!("updated crates/clients/{file}");
    }
    Ok(())
}

fn without_versions(page: &str) -> Vec<&str> {
    let is_version = |line: &&str| line.starts_with(VERSIONS) || line.trim_start().starts_with("\"version\": ");
    page.lines().filter(|line| !is_version(line)).collect()
}
