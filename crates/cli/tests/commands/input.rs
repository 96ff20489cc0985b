//! What every command says of input that it cannot use: one sentence, the right exit status, and no panic.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use crate::{project, with_input};

/// Every place that takes a file: `FILE`. The first needs no more than a file; what it finds there is a problem of the file.
const COMMANDS: [&str; 14] = [
    "check FILE",
    "from-aks FILE",
    "nodes FILE --format talos --no-proxy 10.0.0.0/8",
    "nodes examples/quickstart/policy.yaml --format talos --from-aks FILE",
    "nodes examples/quickstart/policy.yaml --format talos --no-proxy 10.0.0.0/8 --http-proxy-file FILE",
    "nodes examples/quickstart/policy.yaml --format talos --no-proxy 10.0.0.0/8 --https-proxy-file FILE",
    "nodes examples/quickstart/policy.yaml --format talos --no-proxy 10.0.0.0/8 --ca-file FILE",
    "service-entry FILE",
    "probe FILE --timeout 1 --url http://127.0.0.1:1/",
    "explain FILE examples/explain/objects.yaml",
    "explain examples/quickstart/policy.yaml FILE",
    "survey FILE crates/survey/tests/fixtures/dump.json",
    "survey examples/quickstart/policy.yaml FILE",
    "trust-image --archive target/none.tar --ca FILE",
];

/// What no input takes, on a busy machine either: the worst here take a tenth of a second.
const HANGS: Duration = Duration::from_secs(30);

fn run(command: &str, file: &str, input: &[u8]) -> Output {
    let arguments = command.split(' ').map(|word| if word == "FILE" { file } else { word });
    with_input(arguments, input)
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// What a command says, in one sentence that names the file.
fn sentence(command: &str, file: &str, input: &[u8], status: i32) -> String {
    let start = Instant::now();
    let output = run(command, file, input);
    assert!(start.elapsed() < HANGS, "{command}, {file}: {:?}", start.elapsed());
    assert_eq!(output.status.code(), Some(status), "{command}, {file}: {output:?}");
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    // The networks and names that a node needs may also be asked for.
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| !line.starts_with("--no-proxy: no name"))
        .collect();
    let [line] = lines[..] else {
        panic!("{command}, {file}: {said}");
    };
    // survey leaves folders out: a report that is handed on says nothing of whose machine it is from.
    let name = file.trim_end_matches('/').rsplit('/').next().unwrap_or(file);
    assert!(
        line.contains(if name == "-" { "standard input" } else { name }),
        "{command}, {file}: {line}"
    );
    line.to_owned()
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_reason() {
    let folder = folder("unread");
    for (name, reason) in [("no-such-file", "No such file"), ("../unread/", "Is a directory")] {
        let file = folder.join(name);
        for command in COMMANDS {
            let line = sentence(command, file.to_str().unwrap(), b"", 3);
            assert!(line.contains("cannot be read: ") && line.contains(reason), "{line}");
        }
    }
}

#[test]
fn a_file_without_what_is_asked_for_is_named_with_what_to_write() {
    let folder = folder("unusable");
    for (name, content) in [
        ("empty", Vec::new()),
        ("comment", b"#none\n".to_vec()),
        ("null", b"null".to_vec()),
        ("text", b"text".to_vec()),
        ("list", b"[]".to_vec()),
        ("binary", (0..=255).rev().collect()),
        ("utf16", b"\xff\xfe".to_vec()),
        ("brackets", vec![b'['; 100_000]),
        ("braces", b"{\"a\":".repeat(100_000)),
        ("dashes", b"- ".repeat(100_000)),
    ] {
        let file = folder.join(name);
        fs::write(&file, &content).unwrap();
        for command in COMMANDS {
            let status = if command.starts_with("check") { 1 } else { 3 };
            sentence(command, file.to_str().unwrap(), b"", status);
        }
    }
}

#[test]
fn a_file_that_ends_anywhere_is_read_or_refused_in_words() {
    let folder = folder("cut");
    for (source, command) in [
        ("examples/quickstart/policy.yaml", "check FILE"),
        ("examples/aks-proxy-config.json", "from-aks FILE"),
        (
            "examples/explain/objects.yaml",
            "explain examples/quickstart/policy.yaml FILE",
        ),
    ] {
        let whole = fs::read(project().join(source)).unwrap();
        for end in (0..whole.len()).step_by(100) {
            let file = folder.join("cut");
            fs::write(&file, &whole[..end]).unwrap();
            let output = run(command, file.to_str().unwrap(), b"");
            let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            let status = output.status.code();
            assert!(matches!(status, Some(0..=3)), "{command}, {end} bytes: {said}");
            assert!(status == Some(0) || !said.is_empty(), "{command}, {end} bytes");
            assert!(!said.contains("panicked"), "{command}, {end} bytes: {said}");
        }
    }
}

#[test]
fn standard_input_is_a_file_as_well() {
    let certificate = fs::read(project().join("e2e-tests/certificates/root.pem")).unwrap();
    for command in COMMANDS {
        let status = if command.starts_with("check") { 1 } else { 3 };
        if !command.starts_with("trust-image") {
            sentence(command, "-", b"", status);
        }
        let input: &[u8] = match command.rsplit_once(" --").map(|(_, option)| option) {
            Some("ca-file FILE") => &certificate,
            Some("http-proxy-file FILE" | "https-proxy-file FILE") => b"http://proxy.example.com:3128\n",
            _ => continue,
        };
        let output = run(command, "-", input);
        assert!(output.status.success(), "{command}: {output:?}");
    }
}

#[test]
fn standard_input_is_read_once() {
    for command in [
        "check FILE FILE",
        "nodes FILE --format talos --no-proxy 10.0.0.0/8 --http-proxy-file FILE",
        "nodes examples/quickstart/policy.yaml --format talos --no-proxy 10.0.0.0/8 --http-proxy-file FILE --https-proxy-file FILE",
        "nodes FILE --format talos --from-aks FILE",
        "probe FILE --ca-file FILE",
        "explain FILE FILE",
        "survey FILE FILE",
    ] {
        let input = if command.contains("--https") {
            "http://proxy.example.com:3128"
        } else {
            "httpProxy: http://proxy.example.com:3128"
        };
        let output = run(command, "-", input.as_bytes());
        assert_eq!(output.status.code(), Some(3), "{command}: {output:?}");
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(
            said.contains("standard input: can be read only once; write - for one file"),
            "{command}: {said}"
        );
    }
}

#[test]
fn several_documents_with_settings_are_named_by_their_lines() {
    let folder = folder("several-settings");
    let file = folder.join("settings.yaml");
    let text =
        "# One.\nhttpProxy: http://a.example:3128\n---\n\nsettings: # Another.\n  httpProxy: http://b.example:3128\n";
    fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let output = run("service-entry FILE", file, b"");
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    let expected = format!(
        "error: {file}: several documents have settings, on lines 2 and 5; put the one to use into a separate file\n"
    );
    assert_eq!(said, expected);
}
