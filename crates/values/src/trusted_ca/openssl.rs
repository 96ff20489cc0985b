//! The `openssl` command, for tests.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// The output of the command, which succeeds; `None` if it is not installed.
pub(crate) fn openssl(arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let output = run(arguments, input)?;
    assert!(output.status.success(), "openssl {arguments:?} rejects {input:02x?}");
    Some(output.stdout)
}

/// Runs the command; `None` if it is not installed. That it is missing is written to standard error, and fails in CI.
pub(crate) fn run(arguments: &[&str], input: &[u8]) -> Option<Output> {
    let command = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut openssl) = command else {
        assert!(std::env::var_os("CI").is_none(), "the openssl command is missing");
        // Written directly, because the test runner hides what a passing test prints.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: nothing is compared with OpenSSL, the openssl command is missing"
        );
        return None;
    };
    openssl.stdin.take().unwrap().write_all(input).unwrap();
    Some(openssl.wait_with_output().unwrap())
}
