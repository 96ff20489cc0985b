//! Standard output and standard error, either of which may be closed or full.

use std::io::{self, ErrorKind, Write};

use anyhow::{Result, anyhow};

/// Writes to standard output. Who closes it, as `head` does, has read enough: that is no error.
///
/// # Errors
/// Standard output takes no more: its disk is full, say.
pub fn print(text: &str) -> Result<()> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(anyhow!("standard output: cannot be written: {error}"))
        }
        _ => Ok(()),
    }
}

/// Writes a line to standard error. Where that is not possible, there is nobody to tell.
pub fn note(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes text with escape codes for colours to standard output, without the codes where they are not wanted: `--color`, `NO_COLOR`, a pipe.
///
/// # Errors
/// As [`print()`].
pub fn print_styled(text: &str) -> Result<()> {
    if anstream::AutoStream::choice(&io::stdout()) == anstream::ColorChoice::Never {
        print(&anstream::adapter::strip_str(text).to_string())
    } else {
        print(text)
    }
}
