//! The two https servers of the test, for one program: one that is reached through an inspecting proxy, which puts
//! certificates of its own authority instead of the server's, and one next to the proxy.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::client::built;
use crate::sandbox::{self, Server};
use crate::web_server::WebServer;

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

/// The running servers.
pub struct Inspection {
    /// The PEM file of the proxy's authority.
    pub proxy_ca: PathBuf,
    /// Images know its authority.
    pub server: WebServer,
    _proxy: Server,
}

impl Inspection {
    pub fn start() -> Result<Self> {
        let server = WebServer::start(SERVER, &[INSPECTED, DIRECT])?;
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
                &format!("ssl_verify_upstream_trusted_ca={}", server.root.display()),
            ]);
        let mitmdump = Server::start(&mut mitmdump, PROXY)?;
        Ok(Inspection {
            proxy_ca: configuration.join("mitmproxy-ca-cert.pem"),
            server,
            _proxy: mitmdump,
        })
    }
}
