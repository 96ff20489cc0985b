//! The image that `http-proxy trust-image` makes.

mod readers;
mod registry;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn certificates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../e2e-tests/certificates")
}

/// An empty folder.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trust-image").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn trust_image(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_http-proxy"));
    command.arg("trust-image").args(arguments).current_dir(certificates());
    command.output().unwrap()
}

fn text(output: &[u8]) -> String {
    String::from_utf8(output.to_vec()).unwrap()
}

/// The image's folder, and what was said on standard error.
fn made(name: &str, arguments: &[&str]) -> (PathBuf, String) {
    let image = folder(name).join("image");
    let output = trust_image(&[arguments, &["--out", image.to_str().unwrap()]].concat());
    assert!(output.status.success(), "{output:?}");
    let index: Value = serde_json::from_slice(&fs::read(image.join("index.json")).unwrap()).unwrap();
    assert_eq!(
        text(&output.stdout),
        format!("{}\n", index["manifests"][0]["digest"].as_str().unwrap())
    );
    (image, text(&output.stderr))
}

/// The files of an image's only layer, in a folder next to it.
fn unpacked(image: &Path) -> PathBuf {
    let read = |path: String| -> Value { serde_json::from_slice(&fs::read(image.join(path)).unwrap()).unwrap() };
    let blob = |descriptor: &Value| format!("blobs/{}", descriptor["digest"].as_str().unwrap().replace(':', "/"));
    let manifest = read(blob(&read("index.json".to_owned())["manifests"][0]));
    assert_eq!(manifest["layers"].as_array().unwrap().len(), 1);
    let files = image.with_file_name("files");
    fs::create_dir(&files).unwrap();
    run(Command::new("tar")
        .arg("-xzf")
        .arg(image.join(blob(&manifest["layers"][0])))
        .arg("-C")
        .arg(&files));
    files
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    text(&output.stdout)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Whether these tools are there. Says what is omitted if not, and fails in CI.
fn has(tools: &[&str]) -> bool {
    let is_there = |tool: &str| {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders).any(|folder| folder.join(tool).is_file())
    };
    let missing: Vec<&str> = tools.iter().copied().filter(|tool| !is_there(tool)).collect();
    if missing.is_empty() {
        return true;
    }
    let missing = missing.join(", ");
    assert!(std::env::var_os("CI").is_none(), "missing: {missing}");
    let _ = writeln!(
        std::io::stderr(),
        "skipped: a test of trust-image, because of missing tools: {missing}"
    );
    false
}

/// How many certificates PEM has.
fn count(pem: &str) -> usize {
    pem.matches("-----BEGIN CERTIFICATE-----").count()
}

#[test]
fn the_same_input_gives_the_same_bytes_in_whatever_order() {
    let (first, _) = made("first", &["--ca", "root.pem", "--ca", "same-subject.pem"]);
    let (second, _) = made(
        "second",
        &["--ca", "same-subject.pem", "--ca", "root.pem", "--ca", "root.pem"],
    );
    assert_eq!(run(Command::new("diff").arg("-r").arg(&first).arg(&second)), "");
    // Again, to the same folder: what another image had is gone.
    let output = trust_image(&["--ca", "host.pem", "--out", second.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(names(&second.join("blobs/sha256")).len(), 3);
    let output = trust_image(&[
        "--ca",
        "root.pem",
        "--ca",
        "same-subject.pem",
        "--out",
        second.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(run(Command::new("diff").arg("-r").arg(&first).arg(&second)), "");
}

#[test]
fn the_digest_depends_on_nothing_but_the_certificates_and_the_password() {
    let (image, notes) = made("digest", &["--ca", "root.pem", "--roots", "same-subject.pem"]);
    let index: Value = serde_json::from_slice(&fs::read(image.join("index.json")).unwrap()).unwrap();
    assert_eq!(
        index["manifests"][0]["digest"],
        "sha256:3ed0d0eec32c41ee59c4a41b9a7941d84d48f1dd48be7cdafc79534aa8478635"
    );
    assert_eq!(notes, "1 authority of --ca, and 1 of --roots same-subject.pem\n");
    let (other, _) = made(
        "password",
        &["--ca", "root.pem", "--roots", "same-subject.pem", "--password", "other"],
    );
    assert_ne!(
        fs::read(image.join("index.json")).unwrap(),
        fs::read(other.join("index.json")).unwrap()
    );
}

#[test]
fn an_archive_holds_the_same_layout() {
    let (image, _) = made("archive", &["--ca", "root.pem"]);
    let archive = image.with_file_name("image.tar");
    let output = trust_image(&["--ca", "root.pem", "--archive", archive.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let unpacked = image.with_file_name("unpacked");
    fs::create_dir(&unpacked).unwrap();
    run(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&unpacked));
    assert_eq!(run(Command::new("diff").arg("-r").arg(&image).arg(&unpacked)), "");
}

#[test]
fn certificates_that_have_expired_are_left_out_and_named() {
    let (image, notes) = made(
        "expired",
        &["--ca", "root.pem", "--ca", "expired.pem", "--roots", "root.pem"],
    );
    assert_eq!(
        notes,
        "--ca expired.pem: CN=Expired CA is omitted, because it expired on 2026-11-22T20:48:42Z\n\
         1 authority of --ca, and 0 of --roots root.pem\n"
    );
    assert_eq!(count(&fs::read_to_string(unpacked(&image).join("ca.crt")).unwrap()), 1);
    let output = trust_image(&["--ca", "expired.pem", "--out", "/dev/null/image"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        text(&output.stderr).contains("--ca: every certificate has expired"),
        "{output:?}"
    );
}

#[test]
fn what_is_no_authority_is_refused_with_the_file_and_without_its_content() {
    let folder = folder("refused");
    let key = folder.join("key.pem");
    fs::write(
        &key,
        "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n",
    )
    .unwrap();
    let key = key.to_str().unwrap();
    let full = folder.to_str().unwrap();
    // The layout of another program.
    let foreign = folder.join("foreign");
    fs::create_dir_all(foreign.join("blobs")).unwrap();
    fs::write(foreign.join("oci-layout"), "{}").unwrap();
    fs::write(foreign.join("index.json"), r#"{"manifests": [{"digest": "sha256:0"}]}"#).unwrap();
    let foreign = foreign.to_str().unwrap();
    for (arguments, fault) in [
        (
            &["--ca", "host-without-san.pem", "--archive", "x"][..],
            "--ca host-without-san.pem: certificate 1: is neither",
        ),
        (
            &["--ca", "root.pem", "--roots", "no-such-file", "--archive", "x"],
            "--roots no-such-file: cannot be read",
        ),
        (&["--ca", key, "--archive", "x"], "contains a private key"),
        (&["--ca", "root.pem", "--out", full], "has other files in it"),
        (&["--ca", "root.pem", "--out", foreign], "has other files in it"),
        (&["--ca", "root.pem"], "--out"),
        (&["--out", "x"], "--ca"),
        (
            &["--ca", "root.pem", "--out", "x", "--archive", "x"],
            "cannot be used with",
        ),
        (
            &["--ca", "root.pem", "--archive", "x", "--password", "a b"],
            "without white space",
        ),
    ] {
        let output = trust_image(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {said}");
        assert!(
            said.contains(fault) && !said.contains("c2VjcmV0"),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn the_version_reports_the_date_of_the_roots() {
    let output = Command::new(env!("CARGO_BIN_EXE_http-proxy"))
        .arg("--version")
        .output()
        .unwrap();
    let said = text(&output.stdout);
    assert!(
        said.contains("Mozilla's roots: webpki-root-certs ") && said.contains(" of 20"),
        "{said}"
    );
}

#[test]
fn what_an_interrupted_run_left_is_replaced_and_nothing_else() {
    let (image, _) = made("interrupted", &["--ca", "root.pem", "--roots", "same-subject.pem"]);
    let again = || {
        let output = trust_image(&[
            "--ca",
            "root.pem",
            "--roots",
            "same-subject.pem",
            "--out",
            image.to_str().unwrap(),
        ]);
        output.status.success()
    };
    let (index, mark) = (image.join("index.json"), image.join("oci-layout"));
    let whole = fs::read(&index).unwrap();
    // The index is written after the blobs, and the mark after the index.
    fs::remove_file(&mark).unwrap();
    assert!(again());
    fs::remove_file(&mark).unwrap();
    fs::remove_file(&index).unwrap();
    assert!(again());
    assert_eq!(fs::read(&index).unwrap(), whole);
    // A layout without an index, or with one that says something else, is another program's.
    fs::remove_file(&index).unwrap();
    assert!(!again());
    fs::remove_file(&mark).unwrap();
    fs::write(&index, "no JSON").unwrap();
    assert!(!again());
    let mut two: Value = serde_json::from_slice(&whole).unwrap();
    let manifest = two["manifests"][0].clone();
    two["manifests"].as_array_mut().unwrap().push(manifest);
    fs::write(&index, two.to_string()).unwrap();
    assert!(!again());
}

#[test]
fn a_digest_that_is_none_leads_to_no_other_file() {
    let (image, _) = made("no-digest", &["--ca", "root.pem", "--roots", "same-subject.pem"]);
    let read = |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let digest = read(&image.join("index.json"))["manifests"][0]["digest"].take();
    let manifest = image.join("blobs").join(digest.as_str().unwrap().replace(':', "/"));
    let name = format!("{:a<55}", "victim");
    let victim = image.with_file_name(&name);
    fs::write(&victim, "").unwrap();
    let mut changed = read(&manifest);
    changed["layers"][0]["digest"] = format!("sha256:../../../{name}").into();
    fs::write(&manifest, changed.to_string()).unwrap();
    let output = trust_image(&["--ca", "host.pem", "--out", image.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    assert!(victim.exists());
}

#[test]
fn a_certificate_is_good_up_to_the_second_in_which_it_expires() {
    let args = http_proxy::args::TrustImage {
        ca: vec![certificates().join("expired.pem")],
        roots: Some(certificates().join("root.pem")),
        out: None,
        archive: None,
        password: "changeit".to_owned(),
    };
    // 2026-11-22T20:48:42Z
    let end = 1_795_380_522;
    let files = |seconds| http_proxy::trust_image::files(&args, std::time::Duration::from_secs(seconds));
    let (_, notes) = files(end).unwrap();
    assert!(notes[0].starts_with("1 authority of --ca"), "{notes:?}");
    assert!(files(end + 1).is_err());
}
