//! Reads a file of a dump: JSON as a stream, everything else whole.

use std::io::{Cursor, Read};

use anyhow::{Context, Result, anyhow, bail};

use crate::dump::Dump;
use crate::odd::Odd;
use crate::stream;

/// How much of a file is looked at to see what it is. In bytes.
const START: u64 = 1024;

impl Dump {
    /// Reads what `kubectl get` wrote: JSON or YAML, in UTF-8 or UTF-16. `progress` is told after each object of a JSON file how many
    /// pods there are so far.
    ///
    /// Of a file that ends in the middle, what came before is kept. [`Dump::unread`] and the report say what was not read.
    ///
    /// # Errors
    /// The file cannot be read, or is neither. Nothing of its text is in the message.
    pub fn read(&mut self, file: &str, input: impl Read, progress: &mut dyn FnMut(usize)) -> Result<()> {
        let mut odd = Odd::default();
        let result = self.read_any(input, &mut odd, progress);
        self.unread.extend(odd.sentence(file));
        let Err(error) = result else {
            return Ok(());
        };
        // Where nothing was read, the file is none that kubectl wrote.
        let is_cut = error.downcast_ref::<stream::Cut>().is_some() && !self.is_empty();
        let error = anyhow!("{file}: {error:#}");
        if !is_cut {
            return Err(error);
        }
        self.unread.push(format!("{error}; what follows there was not read"));
        Ok(())
    }

    fn read_any(&mut self, mut input: impl Read, odd: &mut Odd, progress: &mut dyn FnMut(usize)) -> Result<()> {
        const UNREADABLE: &str = "cannot be read";
        let mut start = Vec::new();
        input.by_ref().take(START).read_to_end(&mut start).context(UNREADABLE)?;
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
        let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
        if matches!(first, Some(b'{' | b'[')) && !start.contains(&0) {
            return self.read_json(Cursor::new(text).chain(input), odd, progress);
        }
        input.read_to_end(&mut start).context(UNREADABLE)?;
        let text = documents::decode(&start).ok_or_else(|| anyhow!("neither UTF-8 nor UTF-16"))?;
        if text.trim_start().starts_with(['{', '[']) {
            self.read_json(text.as_bytes(), odd, progress)
        } else {
            self.read_yaml(&text, odd)
        }
    }

    fn is_empty(&self) -> bool {
        self.pods.count == 0 && self.workloads.is_empty()
    }

    /// Makes sure that there is something to judge in the files.
    ///
    /// # Errors
    /// There is nothing.
    pub fn check(&self, files: &[&str]) -> Result<()> {
        if !self.is_empty() {
            return Ok(());
        }
        if let Some(fault) = self.unread.first() {
            bail!("{fault}; pass what kubectl get -o json or -o yaml writes");
        }
        let kinds: Vec<String> = self
            .kinds
            .iter()
            .map(|(kind, count)| format!("{count} {}", documents::kind_label(kind)))
            .collect();
        let found = if kinds.is_empty() {
            String::new()
        } else {
            format!(" ({})", kinds.join(", "))
        };
        bail!(
            "{}: nothing to survey{found}; pass what kubectl get pods,deployments,… -A -o json prints",
            files.join(", ")
        );
    }
}
