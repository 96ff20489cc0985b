//! What Go's libraries read: certificates, and YAML as kubectl reads it.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A program of `loader/`, which runs as long as the target.
struct Loader {
    _process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

thread_local! {
    static CERTIFICATES: RefCell<Option<Loader>> = RefCell::new(Loader::start("certificates"));
    static YAML: RefCell<Option<Loader>> = RefCell::new(Loader::start("yaml"));
}

/// How many certificates of a PEM text Go loads, or why it does not load one of them; `None` where Go is missing.
pub fn load_certificates(pem: &str) -> Option<String> {
    CERTIFICATES.with_borrow_mut(|loader| loader.as_mut().map(|loader| loader.ask(pem)))
}

/// The value of one document of YAML; `None` where kubectl's library refuses it, or is missing.
pub fn read_yaml(text: &str) -> Option<Value> {
    let answer = YAML.with_borrow_mut(|loader| loader.as_mut().map(|loader| loader.ask(text)))?;
    serde_json::from_str(&answer).ok()
}

impl Loader {
    fn start(name: &str) -> Option<Self> {
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("loader").join(name);
        let program = std::env::temp_dir().join(format!("fuzz-{name}-{}", std::process::id()));
        // Debian's packages of libraries are in this path.
        let build = Command::new("go")
            .current_dir(source)
            .env("GO111MODULE", "off")
            .env("GOPATH", "/usr/share/gocode")
            .args(["build", "-o"])
            .args([program.as_os_str(), "main.go".as_ref()])
            .status();
        if !build.is_ok_and(|status| status.success()) {
            eprintln!("Skipped: {name} as Go reads it. It needs Debian's golang-go and golang-k8s-sigs-yaml-dev.");
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

    fn ask(&mut self, text: &str) -> String {
        let length = u32::try_from(text.len()).expect("a text of settings").to_be_bytes();
        self.requests
            .write_all(&[&length, text.as_bytes()].concat())
            .expect("the loader reads");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the loader answers");
        answer.trim_end().to_owned()
    }
}
