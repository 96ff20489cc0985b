//! The web server that the names of a test lead to, and the authority of its certificate.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::client::sources;
use crate::sandbox::{self, Server};

/// The running server, and the PEM file of its authority.
pub struct WebServer {
    pub root: PathBuf,
    _server: Server,
}

impl WebServer {
    /// Starts it for http at port 80 and for https at `address`, with a certificate for `names`.
    pub fn start(address: SocketAddr, names: &[&str]) -> Result<Self> {
        let root = sandbox::directory().join("root.pem");
        let certificate = sandbox::directory().join("server.pem");
        let key = sandbox::directory().join("server.key");
        let root_key = sandbox::directory().join("root.key");
        let mut authority = openssl(
            "/CN=image root",
            &["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"],
        )?;
        sandbox::execute(authority.arg("-keyout").arg(&root_key).arg("-out").arg(&root))?;
        let names = format!("subjectAltName=DNS:{}", names.join(",DNS:"));
        let mut leaf = openssl("/CN=server", &["basicConstraints=critical,CA:FALSE", &names])?;
        leaf.arg("-CA").arg(&root).arg("-CAkey").arg(&root_key);
        sandbox::execute(leaf.arg("-keyout").arg(&key).arg("-out").arg(&certificate))?;

        let mut server = Command::new("/usr/bin/python3");
        server.arg(sources().join("web-server.py")).args([certificate, key]);
        let server = Server::start(&mut server, address)?;
        Ok(WebServer { root, _server: server })
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
