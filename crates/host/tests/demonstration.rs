//! The demonstration's output: its picture in the README, and what it says about objects of all kinds.

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use anstyle::RgbColor;
use anstyle_svg::{Palette, Term, WIN10_CONSOLE};
use testkit::files::project_file;

/// Red, green and cyan that are legible on the picture's own black ground, on light pages and on dark ones.
const PALETTE: Palette = {
    let mut palette = WIN10_CONSOLE;
    palette.0[1] = RgbColor(0xff, 0x7b, 0x72);
    palette.0[2] = RgbColor(0x56, 0xd3, 0x64);
    palette.0[6] = RgbColor(0x76, 0xe3, 0xea);
    palette
};

const OUTCOME: [&str; 18] = [
    "note: not evaluated: namespaceSelector on http-proxy.kubewarden.io/inject",
    "Pod shop/plain, no profile",
    "Deployment shop/web, its pod template, profile dmz",
    "Pod default/worker-…, profile direct",
    "left as it is: the profile direct is disabled",
    "Pod shop/out, no profile",
    "left as it is: opted out by the annotation http-proxy.kubewarden.io/inject: \"false\"",
    "Pod kube-system/dns",
    "left as it is: the policy does not select the namespace kube-system",
    "ReplicaSet shop/web-1, its pod template, no profile",
    "left as it is: managed by Deployment web, which gets the changes instead",
    "Service shop/web",
    "left as it is: neither a pod nor a workload with a pod template",
    "Pod shop/warned, no profile",
    "warning: …",
    "Pod shop/wrong, no profile",
    "rejected: …",
    "9 objects: 3 changed, 5 left, 1 rejected, 1 warning",
];

/// Runs the demonstration in the project's root. `objects` is its standard input.
fn demonstrate(settings: &str, objects: &str, args: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_host"))
        .args(args)
        .args([settings, "-"])
        .current_dir(project_file("."))
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(objects.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn fixture(file: &str) -> String {
    fs::read_to_string(project_file("crates/host/tests").join(file)).unwrap()
}

#[test]
fn the_picture_of_the_readme_shows_what_the_demonstration_prints() {
    let settings = "crates/host/tests/settings.yaml";
    let output = demonstrate(settings, &fixture("pod.yaml"), &["--color", "always"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let command = "$ make run SETTINGS=settings.yaml POD=pod.yaml\n";
    let picture = Term::new()
        .palette(PALETTE)
        .render_svg(&format!("{command}{}", text(&output.stdout)));
    let file = project_file("docs/demonstration.svg");
    if std::env::var_os("RENEW").is_some() {
        fs::write(&file, &picture).unwrap();
    }
    let current = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        current == picture,
        "docs/demonstration.svg is out of date; make picture updates it"
    );
}

#[test]
fn each_object_has_its_outcome_and_the_reason_for_it() {
    let output = demonstrate("crates/host/tests/policy.yaml", &fixture("objects.yaml"), &[]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    let shown = text(&output.stdout);
    // What the policy says in a warning or a rejection, the scenarios test.
    let ours = |line: &str| match line.split_once(": ") {
        Some((word @ ("warning" | "rejected"), _)) => format!("{word}: …"),
        _ => line.to_owned(),
    };
    let in_block = [' ', '+', '-', '@', '│', '┌', '└'];
    let lines = shown
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with(in_block));
    assert_eq!(lines.map(ours).collect::<Vec<_>>(), OUTCOME, "{shown}");
}

#[test]
fn colours_are_for_terminals_unless_they_are_asked_for() {
    let pod = fixture("pod.yaml");
    assert!(!text(&demonstrate("examples/aks-proxy-config.json", &pod, &[]).stdout).contains('\x1b'));
    assert!(text(&demonstrate("examples/aks-proxy-config.json", &pod, &["--color", "always"]).stdout).contains('\x1b'));
}

#[test]
fn problems_of_settings_are_counted_and_stand_in_a_line_each() {
    let folder = std::env::temp_dir().join(format!("host-demonstration-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("settings.yaml");
    fs::write(&file, "settings: {httpProxy: nonsense, expandCidrs: many, mode: Other}").unwrap();
    let output = demonstrate(file.to_str().unwrap(), &fixture("pod.yaml"), &[]);
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stderr);
    let lines: Vec<&str> = shown.lines().collect();
    assert!(
        lines[0].ends_with("settings.yaml, settings: 3 problems in the settings"),
        "{shown}"
    );
    for (line, field) in lines[1..].iter().zip(["expandCidrs: ", "httpProxy: ", "mode: "]) {
        assert!(line.trim_start().starts_with(field), "{shown}");
    }
}

#[test]
fn what_cannot_be_read_ends_with_2() {
    let output = demonstrate("no-such-file.yaml", "", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).starts_with("error: no-such-file.yaml: cannot be read"),
        "{}",
        text(&output.stderr)
    );
}
