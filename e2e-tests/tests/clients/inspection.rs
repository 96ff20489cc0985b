//! The two https servers of the test, for one program: one that is reached through an inspecting proxy, which puts
//! certificates of its own authority in place of the server's, and one beside the proxy.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::client::{built, sources};
use crate::sandbox::{self, Server};

/// Reached through the proxy.
pub const INSPECTED: &str = "inspected.test";
/// Named by NO_PROXY.
pub const DIRECT: &str = "direct.test";

const PROXY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 200, 0, 1)), 3128);
const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 200, 0, 2)), 443);

pub const HOSTS: [(&str, IpAddr); 3] = [
    ("proxy.test", PROXY.ip()),
    (INSPECTED, SERVER.ip()),
    (DIRECT, SERVER.ip()),
];

/// The running servers, and the PEM files of their authorities.
pub struct Inspection {
    /// The proxy's authority.
    pub proxy_ca: PathBuf,
    /// The authority of the servers' own certificate, which images know.
    pub image_root: PathBuf,
    _servers: [Server; 2],
}

impl Inspection {
    pub fn start() -> Result<Self> {
        let image_root = sandbox::directory().join("root.pem");
        let certificate = sandbox::directory().join("server.pem");
        let key = sandbox::directory().join("server.key");
        let root_key = sandbox::directory().join("root.key");
        let mut root = openssl(
            "/CN=image root",
            &["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"],
        )?;
        sandbox::execute(root.arg("-keyout").arg(&root_key).arg("-out").arg(&image_root))?;
        let names = format!("subjectAltName=DNS:{INSPECTED},DNS:{DIRECT}");
        let mut leaf = openssl("/CN=server", &["basicConstraints=critical,CA:FALSE", &names])?;
        leaf.arg("-CA").arg(&image_root).arg("-CAkey").arg(&root_key);
        sandbox::execute(leaf.arg("-keyout").arg(&key).arg("-out").arg(&certificate))?;

        let mut server = Command::new("/usr/bin/python3");
        server.arg(sources().join("https-server.py")).args([certificate, key]);
        let server = Server::start(&mut server, SERVER)?;

        let configuration = sandbox::directory().join("mitmproxy");
        let mut mitmdump = Command::new(built().join("mitmproxy/bin/mitmdump"));
        mitmdump
            .args([
                "--quiet",
                "--listen-host",
                &PROXY.ip().to_string(),
                "--listen-port",
                &PROXY.port().to_string(),
            ])
            .args(["--set", &format!("confdir={}", configuration.display())])
            .args([
                "--set",
                &format!("ssl_verify_upstream_trusted_ca={}", image_root.display()),
            ]);
        let mitmdump = Server::start(&mut mitmdump, PROXY)?;
        Ok(Inspection {
            proxy_ca: configuration.join("mitmproxy-ca-cert.pem"),
            image_root,
            _servers: [server, mitmdump],
        })
    }
}

/// The command that makes a certificate, with a key of its own.
fn openssl(subject: &str, extensions: &[&str]) -> Result<Command> {
    // The machine's configuration would add extensions.
    let configuration = sandbox::directory().join("openssl.cnf");
    std::fs::write(&configuration, "[req]\ndistinguished_name = name\n[name]\n")?;
    let mut command = Command::new("openssl");
    command.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-noenc",
        "-days",
        "2",
    ]);
    command.args(["-subj", subject]).arg("-config").arg(configuration);
    for extension in extensions {
        command.args(["-addext", extension]);
    }
    Ok(command)
}
