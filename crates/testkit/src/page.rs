//! Pages in docs of which a run writes a part: what lies between the two markers.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::files::project_file;

const BEGIN: &str = "<!-- begin generated -->\n";
const END: &str = "<!-- end generated -->\n";

/// A page as it is, and as it is to be.
pub struct Renewal {
    pub path: PathBuf,
    pub old: String,
    pub new: String,
}

/// Puts the generated part into a page in `docs`; nothing is written yet.
pub fn renew(page: &str, generated: &str) -> Result<Renewal> {
    let path = docs().join(page);
    let old = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let (Some((before, _)), Some((_, after))) = (old.split_once(BEGIN), old.split_once(END)) else {
        bail!("docs/{page} lacks the markers of its generated part");
    };
    let new = format!("{before}{BEGIN}\n{}\n\n{END}{after}", generated.trim_end());
    Ok(Renewal { path, old, new })
}

/// Where the pages are.
pub fn docs() -> PathBuf {
    project_file("docs")
}
