//! That OpenSSL, Go and Node load every bundle that the policy accepts, however the lines of the setting are broken.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use host::policy::Policy;
use serde_json::json;

use crate::client::{self, NODE, built, sources};
use crate::{pod, sandbox};

/// Authorities, and a server's own certificate: what the setting takes.
const CERTIFICATES: [&str; 4] = ["root.pem", "same-subject.pem", "expired.pem", "host.pem"];

/// A way in which editors, mail programs and templates leave PEM behind.
type Layout = (&'static str, fn(&str) -> String);

const LAYOUTS: &[Layout] = &[
    ("as OpenSSL writes it", str::to_owned),
    ("CRLF", |pem| pem.replace("\r\n", "\n").replace('\n', "\r\n")),
    ("double spacing", |pem| pem.replace('\n', "\n\n")),
    ("blank lines behind BEGIN", |pem| {
        pem.replace("BEGIN CERTIFICATE-----", "BEGIN CERTIFICATE-----\n\n")
    }),
    ("blank lines before END", |pem| pem.replace("-----END", "\n\n-----END")),
    ("one long line", |pem| broken(pem, usize::MAX)),
    ("lines of 76 characters", |pem| broken(pem, 76)),
    ("lines of 5 characters", |pem| broken(pem, 5)),
    ("spaces at the ends of lines", |pem| pem.replace('\n', "  \n")),
    ("indented", |pem| pem.replace('\n', "\n    ")),
    ("comments", |pem| pem.replace("-----BEGIN", "# a comment\n-----BEGIN")),
    ("no line break at the end", |pem| pem.trim_end().to_owned()),
];

/// PEM with its base64 in lines of `length` characters.
fn broken(pem: &str, length: usize) -> String {
    let mut broken = String::new();
    let mut base64 = String::new();
    for line in pem.lines() {
        if line
            .trim()
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
        {
            base64 += line.trim();
            continue;
        }
        while !base64.is_empty() {
            let rest = base64.split_off(base64.len().min(length));
            broken += &format!("{base64}\n");
            base64 = rest;
        }
        broken += &format!("{line}\n");
    }
    broken
}

pub fn run() -> Result<()> {
    sandbox::set_up(&[], [])?;
    let certificates = CERTIFICATES.map(|name| sources().join("../certificates").join(name));
    let mut pem = String::new();
    for path in &certificates {
        pem += &std::fs::read_to_string(path)?;
    }
    let policy = Policy::load()?;
    let (mut given, mut emitted) = (Vec::new(), Vec::new());
    for (index, (first, layout)) in LAYOUTS.iter().enumerate() {
        let input = layout(&pem);
        given.push(store(&format!("{first}, as given"), &input)?);
        for (second, other) in &LAYOUTS[index..] {
            let name = format!("{first}, {second}");
            let output = emit(&policy, &other(&input)).with_context(|| name.clone())?;
            emitted.push(store(&name, &output)?);
        }
    }
    for (loader, load) in LOADERS {
        let loaded = load(&emitted, &certificates).with_context(|| loader.to_owned())?;
        for (file, count) in emitted.iter().zip(loaded) {
            ensure!(
                count == CERTIFICATES.len(),
                "{loader} loads {count} of {} certificates: {}",
                CERTIFICATES.len(),
                file.display()
            );
        }
        // A loader that takes every layout as it is would show nothing.
        let loaded = load(&given, &certificates).with_context(|| loader.to_owned())?;
        let failed = loaded.iter().filter(|count| **count < CERTIFICATES.len()).count();
        eprintln!(
            "{loader} loads all {} bundles as emitted; as given it cannot load {failed} of {} layouts",
            emitted.len(),
            given.len()
        );
        ensure!(failed > 0, "{loader} loads every layout by itself");
    }
    Ok(())
}

/// The bundle that a pod gets.
fn emit(policy: &Policy, pem: &str) -> Result<String> {
    let pod = pod::admit(policy, &json!({"trustedCa": STANDARD.encode(pem)}))?;
    let annotation = &pod["metadata"]["annotations"]["http-proxy.kubewarden.io/trusted-ca"];
    Ok(annotation.as_str().context("no annotation")?.to_owned())
}

fn store(name: &str, pem: &str) -> Result<PathBuf> {
    let path = sandbox::directory().join(format!("{name}.pem"));
    std::fs::write(&path, pem)?;
    Ok(path)
}

/// How many certificates a program loads from each file.
type Load = fn(&[PathBuf], &[PathBuf]) -> Result<Vec<usize>>;

const LOADERS: [(&str, Load); 3] = [("OpenSSL", openssl), ("Go", go), ("Node", node)];

/// The certificates that OpenSSL verifies with the file as its roots.
fn openssl(files: &[PathBuf], certificates: &[PathBuf]) -> Result<Vec<usize>> {
    let verified = |file: &PathBuf| {
        let mut openssl = Command::new("/usr/bin/openssl");
        openssl.args([
            "verify",
            "-partial_chain",
            "-no_check_time",
            "-no-CApath",
            "-no-CAstore",
            "-CAfile",
        ]);
        // It has a status other than 0 where one fails.
        let output = openssl.arg(file).args(certificates).output()?;
        Ok(lines(&output.stdout).filter(|line| line.ends_with(": OK")).count())
    };
    files.iter().map(verified).collect()
}

fn go(files: &[PathBuf], _: &[PathBuf]) -> Result<Vec<usize>> {
    counts(Command::new(built().join("go-load-bundle")).args(files))
}

fn node(files: &[PathBuf], _: &[PathBuf]) -> Result<Vec<usize>> {
    let program: &Path = &sources().join("node-load-bundle.cjs");
    let loaded = |file: &PathBuf| {
        let counts = counts(
            Command::new(client::path(NODE))
                .arg(program)
                .env("NODE_EXTRA_CA_CERTS", file),
        )?;
        counts.first().copied().context("Node prints nothing")
    };
    files.iter().map(loaded).collect()
}

/// The numbers that a command prints, one a line.
fn counts(command: &mut Command) -> Result<Vec<usize>> {
    let output = command
        .output()
        .with_context(|| format!("{command:?} cannot start; e2e-tests/clients/install installs it"))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    lines(&output.stdout).map(|line| Ok(line.parse()?)).collect()
}

fn lines(output: &[u8]) -> impl Iterator<Item = String> {
    String::from_utf8_lossy(output)
        .lines()
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}
