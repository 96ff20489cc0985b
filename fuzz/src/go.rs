//! Certificates, loaded by Go.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The program of `loader/`, which runs as long as the target.
struct Loader {
    _process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

thread_local! {
    static LOADER: RefCell<Option<Loader>> = RefCell::new(Loader::start());
}

/// How many certificates of a PEM text Go loads, or why it does not load one of them; `None` where Go is missing.
pub fn loaded(pem: &str) -> Option<String> {
    LOADER.with_borrow_mut(|loader| loader.as_mut().map(|loader| loader.ask(pem)))
}

impl Loader {
    fn start() -> Option<Self> {
        let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let program = std::env::temp_dir().join(format!("fuzz-loader-{}", std::process::id()));
        let build = Command::new("go")
            .current_dir(directory.join("loader"))
            .args(["build", "-o"])
            .args([program.as_os_str(), "main.go".as_ref()])
            .status();
        if build.is_err() {
            eprintln!("Skipped: loading certificates with Go, which is not on the PATH.");
            return None;
        }
        let mut process = Command::new(&program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the loader starts once it is built");
        // It goes on without its file.
        let _ = std::fs::remove_file(&program);
        Some(Loader {
            requests: process.stdin.take().expect("stdin is a pipe"),
            answers: BufReader::new(process.stdout.take().expect("stdout is a pipe")),
            _process: process,
        })
    }

    fn ask(&mut self, pem: &str) -> String {
        let length = u32::try_from(pem.len()).expect("a text of settings").to_be_bytes();
        self.requests
            .write_all(&[&length, pem.as_bytes()].concat())
            .expect("the loader reads");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the loader answers");
        answer.trim_end().to_owned()
    }
}
