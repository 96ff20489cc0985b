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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const POD: &str =
        r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "shop"}, "spec": {}}"#;
    const WORKLOAD: &str = r#"{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {}}"#;

    fn read(text: &str) -> (Dump, Result<(), String>) {
        let mut dump = Dump::default();
        let result = dump.read("a.json", text.as_bytes(), &mut |_| {});
        (dump, result.map_err(|error| error.to_string()))
    }

    #[test]
    fn only_a_file_that_ends_in_the_middle_is_kept_and_only_if_something_was_read() {
        let cut = "line 1: it ends in the middle of an object; write it again";
        for object in [POD, WORKLOAD] {
            let (dump, result) = read(&format!("[{object}, {{"));
            assert_eq!(result, Ok(()));
            assert_eq!(
                dump.unread(),
                [format!("a.json: {cut}; what follows there was not read")]
            );
            let (dump, result) = read(&format!("[{object}, S3cret]"));
            let error = result.unwrap_err();
            assert!(error.starts_with("a.json: line 1: not JSON"), "{error}");
            assert_eq!(dump.unread(), &[] as &[String]);
        }
        let (dump, result) = read("[{\"kind\": \"Node\"}, {");
        assert_eq!((result, dump.unread()), (Err(format!("a.json: {cut}")), &[][..]));
    }

    #[test]
    fn there_must_be_a_pod_or_a_workload() {
        let what = "what kubectl get pods,deployments,… -A -o json prints";
        for (text, expected) in [
            (POD, Ok(())),
            (WORKLOAD, Ok(())),
            ("[]", Err(format!("a.json, b.json: nothing to survey; pass {what}"))),
            (
                r#"{"kind": "Node"} {"kind": "Service"} {"kind": "Node"} {"kind": "http://u:S3cret@h"}"#,
                Err(format!(
                    "a.json, b.json: nothing to survey (2 Node, 1 Service, 1 without a kind); pass {what}"
                )),
            ),
            (
                r#"{"kind": 1}"#,
                Err("a.json: line 1: kind must be a string; this object was not read; pass what kubectl get -o json or -o yaml writes".to_owned()),
            ),
        ] {
            let (dump, result) = read(text);
            assert_eq!(result, Ok(()), "{text}");
            let checked = dump.check(&["a.json", "b.json"]).map_err(|error| error.to_string());
            assert_eq!(checked, expected, "{text}");
        }
    }

    #[test]
    fn json_is_judged_while_it_is_read() {
        struct Rest<'r>(&'r Cell<bool>);
        impl Read for Rest<'_> {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                self.0.set(true);
                Ok(0)
            }
        }
        for start in ["", "\n ", "\u{feff}"] {
            let text = format!("{start}{POD}{}", " ".repeat(2000));
            let is_all_read = Cell::new(false);
            let mut seen = Vec::new();
            let input = text.as_bytes().chain(Rest(&is_all_read));
            let mut dump = Dump::default();
            dump.read("a.json", input, &mut |pods| seen.push((pods, is_all_read.get())))
                .unwrap();
            assert_eq!((seen, is_all_read.get()), (vec![(1, false)], true), "{start:?}");
        }
    }
}
