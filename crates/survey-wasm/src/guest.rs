//! What the page calls, through waPC.

use std::cell::Cell;
use std::io::{self, Read};

use wapc_guest::{host_call, register_function};

use crate::question;

/// Registers the function.
#[allow(unsafe_code)] // An exported name is unsafe by definition: another one of the same name would be undefined behaviour.
#[unsafe(no_mangle)]
extern "C" fn wapc_init() {
    register_function("survey", |payload| {
        let pods = Cell::new(0);
        let open = |index| HostFile {
            index,
            chunk: io::Cursor::default(),
            pods: &pods,
        };
        let answer = question::answer(&serde_json::from_slice(payload)?, open, &mut |count| pods.set(count));
        Ok(serde_json::to_vec(&answer)?)
    });
}

/// A file of the host.
struct HostFile<'p> {
    index: usize,
    /// What the host gave last.
    chunk: io::Cursor<Vec<u8>>,
    pods: &'p Cell<usize>,
}

impl Read for HostFile<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.chunk.read(buffer)?;
        if count > 0 || buffer.is_empty() {
            return Ok(count);
        }
        let pods = self.pods.get().to_string();
        let bytes = host_call("files", &self.index.to_string(), "read", pods.as_bytes());
        self.chunk = io::Cursor::new(bytes.map_err(|error| io::Error::other(error.to_string()))?);
        self.chunk.read(buffer)
    }
}
