//! Where output goes that nobody takes, and the exit statuses.

use std::fs::File;
use std::path::Path;

use crate::http_proxy;

/// Every command, with arguments for which it writes to standard output.
const COMMANDS: [&[&str]; 13] = [
    &["--help"],
    &["check", "examples/check/broken.yml"],
    &["check", "examples/check/broken.yml", "--output", "sarif"],
    &["from-aks", "examples/aks-migration/http-proxy-config.json"],
    &[
        "nodes",
        "examples/quickstart/policy.yaml",
        "--format",
        "talos",
        "--no-proxy",
        "10.0.0.0/8",
    ],
    &["service-entry", "examples/istio/policy.yaml"],
    &[
        "explain",
        "examples/quickstart/policy.yaml",
        "examples/explain/objects.yaml",
    ],
    &[
        "survey",
        "examples/quickstart/policy.yaml",
        "crates/survey/tests/fixtures/dump.json",
    ],
    &[
        "survey",
        "examples/quickstart/policy.yaml",
        "crates/survey/tests/fixtures/dump.json",
        "--output",
        "html",
    ],
    &[
        "probe",
        "examples/quickstart/policy.yaml",
        "--timeout",
        "1",
        "--url",
        "http://proxy.invalid/",
    ],
    &[
        "trust-image",
        "--ca",
        "e2e-tests/certificates/root.pem",
        "--archive",
        "target/trust-image.tar",
    ],
    &["completions", "bash"],
    &["man", "target"],
];

#[test]
fn output_that_is_closed_or_full_ends_a_command_without_a_panic() {
    for arguments in COMMANDS {
        let expected = http_proxy(arguments).output().unwrap().status.code();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let closed = http_proxy(arguments).stdout(writer).output().unwrap();
        assert_eq!(closed.status.code(), expected, "{arguments:?}: {closed:?}");
        let full = || File::options().write(true).open("/dev/full").unwrap();
        let unwritten = http_proxy(arguments).stdout(full()).output().unwrap();
        // Help is printed by the parser of arguments, and man pages go to a folder.
        if !["--help", "man"].contains(&arguments[0]) {
            let said = String::from_utf8_lossy(&unwritten.stderr);
            assert!(
                said.contains("error: standard output: cannot be written: "),
                "{arguments:?}: {said}"
            );
            assert_eq!(unwritten.status.code(), Some(3), "{arguments:?}");
        }
        for output in [
            unwritten,
            http_proxy(arguments).stdout(full()).stderr(full()).output().unwrap(),
            closed,
        ] {
            assert!(matches!(output.status.code(), Some(0..=3)), "{arguments:?}: {output:?}");
            assert!(
                !String::from_utf8_lossy(&output.stderr).contains("panicked"),
                "{output:?}"
            );
        }
    }
}

#[test]
fn each_command_has_the_same_exit_statuses() {
    for (arguments, status) in [
        (&["check", "examples/quickstart/policy.yaml"][..], 0),
        (&["check", "examples/check/broken.yml"], 1),
        (
            &[
                "probe",
                "examples/quickstart/policy.yaml",
                "--timeout",
                "1",
                "--url",
                "http://127.0.0.1:1/",
            ],
            1,
        ),
        (&["from-aks", "crates/cli/tests/cmd/cluster.json"], 0),
        (&["from-aks", "--strict", "crates/cli/tests/cmd/cluster.json"], 2),
        (&[], 3),
        (&["chek"], 3),
        (&["check"], 3),
        (&["check", "no-such-file.yaml"], 3),
        (&["from-aks", "no-such-file.json"], 3),
        (&["from-aks", "examples/quickstart/policy.yaml"], 3),
        (&["probe", "examples/check/broken.yml"], 3),
        (
            &[
                "nodes",
                "examples/check/broken.yml",
                "--format",
                "talos",
                "--no-proxy",
                "10.0.0.0/8",
            ],
            3,
        ),
        (&["service-entry", "examples/check/broken.yml"], 3),
        (&["--version"], 0),
    ] {
        let output = http_proxy(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {output:?}");
    }
}

#[test]
fn a_place_that_cannot_be_written_is_named_with_the_reason() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-folder");
    File::create(&file).unwrap();
    let file = file.to_str().unwrap();
    for command in [
        "man FILE",
        "nodes examples/quickstart/policy.yaml --format systemd --no-proxy 10.0.0.0/8 --out FILE",
        "trust-image --ca e2e-tests/certificates/root.pem --out FILE",
        "trust-image --ca e2e-tests/certificates/root.pem --archive FILE/a.tar",
        "survey examples/quickstart/policy.yaml crates/survey/tests/fixtures/dump.json --write FILE/a.yaml",
    ] {
        let command = command.replace("FILE", file);
        let output = http_proxy(command.split(' ')).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{command}: {output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        let last = said.lines().last().unwrap_or_default();
        assert!(
            last.starts_with(&format!("error: {file}")) && last.contains(": cannot be written: "),
            "{said}"
        );
    }
}

#[test]
fn characters_beyond_ascii_are_written_where_the_locale_has_them() {
    let explain = [
        "explain",
        "examples/quickstart/policy.yaml",
        "examples/explain/objects.yaml",
    ];
    for (variables, is_ascii) in [
        (["C.UTF-8", "", ""], false),
        (["", "", "en_US.utf8"], false),
        (["", "de_DE.UTF-8", "C"], false),
        (["C", "C.UTF-8", "C.UTF-8"], true),
        (["", "", ""], true),
    ] {
        let named = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().zip(variables);
        let output = http_proxy(explain).envs(named).output().unwrap();
        assert!(
            !output.stdout.is_empty() && output.stdout.is_ascii() == is_ascii,
            "{variables:?}"
        );
    }
}
