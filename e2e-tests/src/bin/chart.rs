//! Renews what of the chart is made of other files, and `settings.schema.json`.

use anyhow::{Context, Result};
use testkit::files::project_file;

fn main() -> Result<()> {
    for (path, content) in e2e_tests::chart::files()? {
        std::fs::write(project_file(&path), content).context(path)?;
    }
    Ok(())
}
