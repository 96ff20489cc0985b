//! Files as a tar archive that depends on nothing but their names and contents.

use anyhow::Result;
use tar::{Builder, Header};

/// Writes the files in their order: mode 0644, owner root, modified at the epoch.
///
/// # Errors
/// A name is too long.
pub fn tar<C: AsRef<[u8]>>(files: &[(String, C)]) -> Result<Vec<u8>> {
    let mut archive = Builder::new(Vec::new());
    for (name, content) in files {
        let content = content.as_ref();
        let mut header = Header::new_ustar();
        header.set_mode(0o644);
        header.set_size(content.len().try_into()?);
        archive.append_data(&mut header, name, content)?;
    }
    Ok(archive.into_inner()?)
}
