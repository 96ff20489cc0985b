//! Renews `artifacthub-pkg.yml` and `artifacthub-repo.yml`.

use anyhow::{Context, Result};
use e2e_tests::artifact_hub::{Metadata, package, repository};
use testkit::files::project_file;

fn main() -> Result<()> {
    let metadata = Metadata::read()?;
    let questions = std::fs::read_to_string(project_file("questions-ui.yml")).context("questions-ui.yml")?;
    std::fs::write(project_file("artifacthub-pkg.yml"), package(&metadata, &questions)?)?;
    std::fs::write(project_file("artifacthub-repo.yml"), repository(&metadata)?)?;
    Ok(())
}
