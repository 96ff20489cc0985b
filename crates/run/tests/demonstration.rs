//! `make run`: its picture in the README, and what it says about objects of all kinds.

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

const VERDICTS: [&str; 11] = [
    "Pod shop/plain: changed",
    "Deployment shop/web, the pod it creates: changed",
    "Pod default/worker-…: unchanged",
    "Pod shop/out: unchanged",
    "Pod kube-system/dns: not sent",
    "ReplicaSet shop/orphan-1, the pod it creates: changed",
    "Rollout shop/web: not sent",
    "Pod shop/warned: changed",
    "Pod shop/wrong: rejected",
    "9 objects: 4 changed, 2 unchanged, 1 rejected, 2 not sent; 1 warning",
    "policy.wasm and the explanation agree.",
];

/// Runs the demonstration in the project's root. `objects` is its standard input.
fn demonstrate(settings: &str, objects: &str, args: &[&str], colors: bool) -> Output {
    let wasm = std::env::var("POLICY_WASM").unwrap_or_else(|_| "policy.wasm".to_owned());
    let mut command = Command::new(env!("CARGO_BIN_EXE_run"));
    command.args(args).args([&wasm, settings, "-"]);
    command
        .current_dir(project_file("."))
        .env_remove("NO_COLOR")
        .env("LC_ALL", "C.UTF-8");
    if colors {
        command.env("CLICOLOR_FORCE", "1");
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing, since it ends with an error, closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(objects.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn fixture(file: &str) -> String {
    fs::read_to_string(project_file("crates/run/tests").join(file)).unwrap()
}

#[test]
fn the_picture_of_the_readme_shows_what_make_run_prints() {
    let output = demonstrate("crates/run/tests/settings.yaml", &fixture("pod.yaml"), &[], true);
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
fn every_object_has_a_verdict_and_every_verdict_but_changed_a_reason() {
    let output = demonstrate("crates/run/tests/policy.yaml", &fixture("objects.yaml"), &[], false);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!(
        text(&output.stderr),
        "note: 1 Service: not explained, since they are no pods and make none\n"
    );
    let shown = text(&output.stdout);
    let headers = shown.lines().filter(|line| {
        line.ends_with('.')
            || [": changed", ": unchanged", ": rejected", ": not sent", " warning"]
                .iter()
                .any(|end| line.ends_with(end))
    });
    assert_eq!(headers.collect::<Vec<_>>(), VERDICTS, "{shown}");
    let reasons = shown.lines().filter(|line| line.starts_with("  why ")).count();
    assert_eq!(reasons, 5, "{shown}");
}

#[test]
fn labels_of_a_namespace_decide() {
    let labels = ["--namespace-labels", "shop=http-proxy.kubewarden.io/inject=false"];
    let output = demonstrate("crates/run/tests/policy.yaml", &fixture("pod.yaml"), &labels, false);
    let shown = text(&output.stdout);
    assert!(shown.starts_with("Pod shop/backend: not sent\n"), "{shown}");
    assert!(
        shown.contains("crates/run/tests/policy.yaml:13: namespaceSelector:"),
        "{shown}"
    );
}

#[test]
fn colours_are_for_terminals_unless_they_are_asked_for() {
    let pod = fixture("pod.yaml");
    for colors in [false, true] {
        let output = demonstrate("examples/aks-proxy-config.json", &pod, &[], colors);
        assert_eq!(text(&output.stdout).contains('\x1b'), colors);
    }
}

#[test]
fn problems_of_settings_stand_in_a_line_each_with_their_place() {
    let folder = std::env::temp_dir().join(format!("run-demonstration-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("settings.yaml");
    fs::write(
        &file,
        "settings:\n  httpProxy: nonsense\n  expandCidrs: many\n  mode: Other\n",
    )
    .unwrap();
    let output = demonstrate(file.to_str().unwrap(), &fixture("pod.yaml"), &[], false);
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(output.status.code(), Some(3));
    let shown = text(&output.stderr);
    for (line, place) in shown.lines().zip([
        "3: settings.expandCidrs: ",
        "2: settings.httpProxy: ",
        "4: settings.mode: ",
    ]) {
        assert!(
            line.starts_with("error: ") && line.contains(&format!("settings.yaml:{place}")),
            "{shown}"
        );
    }
    assert_eq!(shown.lines().count(), 3, "{shown}");
}

#[test]
fn what_cannot_be_read_ends_with_3() {
    let output = demonstrate("no-such-file.yaml", "", &[], false);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        text(&output.stderr).starts_with("error: no-such-file.yaml: cannot be read"),
        "{}",
        text(&output.stderr)
    );
}
