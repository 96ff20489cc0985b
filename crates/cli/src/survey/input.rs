//! Opens the files of a survey, and shows how far they are read.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use documents::{Document, label};
use explain::input::Source;
use survey::Dump;

use super::Survey;
use crate::console;

/// How often the line with the progress is renewed.
const PROGRESS: Duration = Duration::from_millis(100);

/// In bytes.
const MEGABYTE: u64 = 1_000_000;

pub(super) fn settings(args: &Survey) -> Result<Vec<Document>> {
    let inputs = args.files.iter().chain([&args.settings]);
    if inputs.filter(|file| *file == "-").count() > 1 {
        bail!("standard input: can be read only once; write - for one file");
    }
    Ok(documents::read(&args.settings)?)
}

/// A file without its folder: a report that is handed on says nothing of whose machine it is from.
pub(super) fn file_name(path: &str) -> &str {
    let path = label(path).trim_end_matches(['/', '\\']);
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Reads all files. Of one that ends in the middle, what came before is kept, and the dump says so.
///
/// # Errors
/// A file cannot be read, is no dump, or there is nothing in any that could be judged.
pub(super) fn dump(args: &Survey, source: &Source) -> Result<Dump> {
    let mut dump = Dump::for_policy(source);
    for path in &args.files {
        read(&mut dump, path)?;
    }
    let files: Vec<&str> = args.files.iter().map(|file| label(file)).collect();
    dump.check(&files)?;
    for sentence in dump.unread() {
        console::note(&format!("error: {sentence}"));
    }
    Ok(dump)
}

fn read(dump: &mut Dump, path: &str) -> Result<()> {
    let (input, size): (Box<dyn Read>, Option<u64>) = if path == "-" {
        (Box::new(io::stdin()), None)
    } else {
        let opened = File::open(path).with_context(|| format!("{}: cannot be read", label(path)))?;
        let size = opened
            .metadata()
            .ok()
            .filter(std::fs::Metadata::is_file)
            .map(|metadata| metadata.len());
        (Box::new(opened), size)
    };
    let file = file_name(path);
    let counted = Counted::new(input, file, size);
    let progress = counted.progress.clone();
    let result = dump.read(file, counted, &mut |pods| progress.pods.set(pods));
    progress.clear();
    result
}

/// A reader that tells how far it is, where standard error is a terminal.
struct Counted<R> {
    inner: R,
    file: String,
    size: Option<u64>,
    read: u64,
    last: Instant,
    progress: Progress,
}

#[derive(Clone, Default)]
struct Progress {
    pods: std::rc::Rc<std::cell::Cell<usize>>,
    is_shown: std::rc::Rc<std::cell::Cell<bool>>,
}

impl Progress {
    fn clear(&self) {
        if self.is_shown.get() {
            // Where it cannot be written, there is nobody to tell.
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}

impl<R> Counted<R> {
    fn new(inner: R, file: &str, size: Option<u64>) -> Self {
        Counted {
            inner,
            file: file.to_owned(),
            size,
            read: 0,
            last: Instant::now(),
            progress: Progress::default(),
        }
    }

    fn show(&mut self) {
        if !self.is_due(io::stderr().is_terminal()) {
            return;
        }
        self.last = Instant::now();
        self.progress.is_shown.set(true);
        let _ = write!(io::stderr().lock(), "\r\x1b[K{}", self.described());
    }

    fn is_due(&self, is_terminal: bool) -> bool {
        is_terminal && self.last.elapsed() >= PROGRESS
    }

    /// `reading dump.json: 3 of 12 MB, 5,912 pods`
    fn described(&self) -> String {
        let of = self
            .size
            .map(|size| format!(" of {}", size / MEGABYTE))
            .unwrap_or_default();
        let (file, read, pods) = (&self.file, self.read / MEGABYTE, thousands(self.progress.pods.get()));
        format!("reading {file}: {read}{of} MB, {pods} pods")
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read += count as u64;
        self.show();
        Ok(count)
    }
}

/// `5,912`
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [
            (0, "0"),
            (12, "12"),
            (999, "999"),
            (1_000, "1,000"),
            (5_912, "5,912"),
            (123_456, "123,456"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(thousands(number), text);
        }
    }

    #[test]
    fn the_progress_has_what_was_read_and_the_size_where_it_is_known() {
        let bytes = vec![b' '; 2_100_000];
        for (size, expected) in [
            (Some(12_900_000), "reading dump.json: 2 of 12 MB, 5,912 pods"),
            (None, "reading dump.json: 2 MB, 5,912 pods"),
        ] {
            let mut counted = Counted::new(&*bytes, "dump.json", size);
            // Nobody is to see the line of a test.
            counted.last = Instant::now() + Duration::from_secs(3600);
            counted.progress.pods.set(5_912);
            let mut read = Vec::new();
            counted.read_to_end(&mut read).unwrap();
            assert_eq!((counted.read, read == bytes), (2_100_000, true));
            assert_eq!(counted.described(), expected);
        }
    }

    #[test]
    fn a_file_is_named_without_its_folder() {
        for (path, name) in [
            ("dump.json", "dump.json"),
            ("/home/a/dump.json", "dump.json"),
            ("a\\dump.json", "dump.json"),
            ("a/dump/", "dump"),
            ("-", "standard input"),
        ] {
            assert_eq!(file_name(path), name);
        }
    }

    #[test]
    fn the_progress_is_renewed_on_a_terminal_and_not_too_often() {
        let mut counted = Counted::new(&b""[..], "dump.json", None);
        let long_ago = counted.last.checked_sub(PROGRESS).unwrap();
        let soon = counted.last + Duration::from_secs(3600);
        for (last, is_terminal, is_due) in [
            (long_ago, true, true),
            (long_ago, false, false),
            (soon, true, false),
            (soon, false, false),
        ] {
            counted.last = last;
            assert_eq!(counted.is_due(is_terminal), is_due);
        }
    }
}
