//! The folder that a format is written to.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Component, Path};

use anyhow::{Context, Result, bail};

use crate::nodes::File;

/// Names the files that were written, one a line, so that the next run can remove those that it no longer writes: old
/// credentials are among them.
const LIST: &str = ".http-proxy-nodes";

/// What is written first, and then gets the name of the file: an interrupted run leaves no file incomplete.
const NEW: &str = ".http-proxy-nodes.new";

/// Writes the files, and removes those of an earlier run that are no longer there. The last file is removed first and written last:
/// where it is, so are the others.
///
/// # Errors
/// A file is there that no earlier run wrote, or one cannot be written or removed.
pub fn write_all(folder: &Path, files: &[File]) -> Result<()> {
    let earlier = fs::read_to_string(folder.join(LIST)).unwrap_or_default();
    let is_foreign = |file: &&File| {
        folder.join(&file.path).symlink_metadata().is_ok() && !earlier.lines().any(|name| name == file.path)
    };
    if let Some(file) = files.iter().find(is_foreign) {
        bail!(
            "{}: this command did not write it, and does not replace it; pass another folder with --out DIR",
            folder.join(&file.path).display()
        );
    }
    let names: BTreeSet<&str> = files.iter().map(|file| &*file.path).collect();
    let list = |names: &BTreeSet<&str>| File {
        path: LIST.to_owned(),
        mode: 0o644,
        content: names.iter().map(|name| format!("{name}\n")).collect(),
    };
    // Before anything is written: so what an interrupted run has written is also known.
    let all: BTreeSet<&str> = names.iter().copied().chain(earlier.lines()).collect();
    write(folder, &list(&all))?;
    if let [_, .., last] = files {
        remove(folder, &last.path)?;
    }
    for name in earlier.lines().filter(|name| !names.contains(name)) {
        remove(folder, name)?;
    }
    for file in files {
        write(folder, file)?;
    }
    write(folder, &list(&names))
}

/// Removes a file and the folders that are empty then. A name that leads elsewhere was not written by this command.
fn remove(folder: &Path, name: &str) -> Result<()> {
    let name = Path::new(name);
    let is_below = name.components().all(|part| matches!(part, Component::Normal(_)));
    let path = folder.join(name);
    if !is_below || !path.is_file() {
        return Ok(());
    }
    fs::remove_file(&path).with_context(|| format!("{}: cannot be removed", path.display()))?;
    let parents = path.ancestors().skip(1).take_while(|parent| *parent != folder);
    let _ = parents.map(fs::remove_dir).take_while(Result::is_ok).count();
    Ok(())
}

fn write(folder: &Path, file: &File) -> Result<()> {
    let path = folder.join(&file.path);
    write_file(&folder.join(NEW), &path, file).with_context(|| format!("{}: cannot be written", path.display()))
}

fn write_file(new: &Path, path: &Path, file: &File) -> Result<()> {
    fs::create_dir_all(path.parent().context("a file has a folder")?)?;
    // Of an interrupted run, with its mode.
    if new.symlink_metadata().is_ok() {
        fs::remove_file(new)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, file.mode);
    let mut written = options.open(new)?;
    // The umask may have taken from the mode. Windows has no such modes: there, a file has the access rights of its folder.
    #[cfg(unix)]
    written.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(file.mode))?;
    written.write_all(file.content.as_bytes())?;
    fs::rename(new, path)?;
    Ok(())
}
