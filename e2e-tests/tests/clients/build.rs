//! Builds the clients in Go, Java, C# and Rust.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Once;

use crate::client::{CLASS_PATH, DOTNET, GO, JAVA, NEWEST_GO, built, path, sources};

/// Builds them once for all tests: one must not change under another that runs it. One
/// that cannot be built is missing, as one that is not installed is.
pub fn all() {
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
    for (compiler, program, built) in [
        (GO, "go-net-http", "go-net-http"),
        (NEWEST_GO, "go-net-http", "go-net-http-newest"),
        (GO, "go-load-bundle", "go-load-bundle"),
    ] {
        attempt(&mut go(compiler, program, built));
    }
    // Debian's packages of Go are sources in a GOPATH, without modules.
    attempt(go(GO, "go-grpc", "go-grpc").envs([("GO111MODULE", "off"), ("GOPATH", "/usr/share/gocode")]));
    let mut javac = Command::new(format!("{JAVA}c"));
    javac
        .arg("-cp")
        .arg(path(CLASS_PATH))
        .arg("-d")
        .arg(built().join("java"));
    javac.args(sources_of("java"));
    attempt(&mut javac);
    build_dotnet();
}

fn go(compiler: &str, program: &str, name: &str) -> Command {
    let mut go = Command::new(path(compiler));
    go.args(["build", "-buildvcs=false", "-o"])
        .arg(built().join(name))
        .current_dir(sources().join(program))
        // What is installed is all it needs: nothing is to be fetched.
        .envs([("GOPROXY", "off"), ("GOTOOLCHAIN", "local"), ("CGO_ENABLED", "0")])
        // Those of another Go.
        .env_remove("GOROOT")
        .env_remove("GOFLAGS");
    go
}

/// With Mono's compiler: the runtime comes without one.
fn build_dotnet() {
    let output = built().join("dotnet");
    let framework = path(DOTNET).with_file_name("shared/Microsoft.NETCore.App");
    let Some(Ok(framework)) = std::fs::read_dir(framework)
        .ok()
        .and_then(|mut versions| versions.next())
    else {
        return;
    };
    let configuration = r#"{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"},
        "configProperties": {"System.Globalization.Invariant": true}}}"#;
    let written = std::fs::create_dir_all(&output)
        .and_then(|()| std::fs::write(output.join("DotnetHttpClient.runtimeconfig.json"), configuration));
    if let Err(error) = written {
        eprintln!("{}: {error}", output.display());
    }
    let mut mcs = Command::new("mcs");
    mcs.args(["-nologo", "-nostdlib", "-noconfig"])
        .arg(format!("-out:{}", output.join("DotnetHttpClient.dll").display()));
    for assembly in [
        "System.Private.CoreLib",
        "System.Runtime",
        "System.Net.Http",
        "System.Console",
        "System.Private.Uri",
        "System.Runtime.Extensions",
    ] {
        mcs.arg(format!(
            "-r:{}",
            framework.path().join(format!("{assembly}.dll")).display()
        ));
    }
    attempt(mcs.arg(sources().join("DotnetHttpClient.cs")));
}

/// The sources of the clients in a language, each a file.
fn sources_of(extension: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(sources()).into_iter().flatten().flatten();
    let files = files.map(|file| file.path());
    files
        .filter(|file| file.extension().is_some_and(|found| found == extension))
        .collect()
}

fn attempt(command: &mut Command) {
    match command.status() {
        Ok(status) if status.success() => {}
        Ok(status) => eprintln!("{command:?}: {status}"),
        Err(error) => eprintln!("{command:?}: {error}"),
    }
}
