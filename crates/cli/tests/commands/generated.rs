//! Completions and man pages come from the definitions of the command.

use std::fs;
use std::path::Path;

use crate::http_proxy;

const COMMANDS: [&str; 5] = ["check", "from-aks", "nodes", "service-entry", "probe"];

fn printed(arguments: [&str; 2]) -> String {
    let output = http_proxy(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = printed(["completions", shell]);
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
}

#[test]
fn every_command_has_a_man_page() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("man");
    fs::create_dir_all(&folder).unwrap();
    printed(["man", folder.to_str().unwrap()]);
    for command in COMMANDS {
        let page = fs::read_to_string(folder.join(format!("http-proxy-{command}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{command}");
    }
}
