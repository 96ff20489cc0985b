//! The part of a page that a test writes: what lies between the two markers.

use std::path::Path;

use anyhow::{Context, Result, bail};
use similar::TextDiff;

use crate::client::in_ci;

const BEGIN: &str = "<!-- begin generated -->\n";
const END: &str = "<!-- end generated -->\n";

/// Renews the generated part of a page in `docs`. In CI the page is to have it already.
pub fn publish(page: &str, generated: &str) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let old = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let (Some((before, _)), Some((_, after))) = (old.split_once(BEGIN), old.split_once(END)) else {
        bail!("docs/{page} lacks the markers of its generated part");
    };
    let new = format!("{before}{BEGIN}\n{}\n\n{END}{after}", generated.trim_end());
    if new == old {
        return Ok(());
    }
    if in_ci() {
        let diff = TextDiff::from_lines(&old, &new);
        bail!(
            "docs/{page} does not say what the clients do; make test-clients renews it\n{}",
            diff.unified_diff().header("the page", "the clients")
        );
    }
    std::fs::write(&path, new)?;
    eprintln!("docs/{page} is renewed");
    Ok(())
}
