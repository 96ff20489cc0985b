//! tinyproxy, which refuses every request and logs it: what is in the log went to the proxy, and went no further.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::sandbox::{self, Server};

pub struct Proxy {
    _server: Server,
    log: PathBuf,
    /// How much of the log is read.
    read: usize,
}

impl Proxy {
    pub fn start(address: SocketAddr) -> Result<Self> {
        let directory = sandbox::directory();
        let [log, filter, configuration] = ["log", "filter", "conf"]
            .map(|extension| directory.join(format!("tinyproxy-{}.{extension}", address.port())));
        std::fs::write(&filter, "")?;
        std::fs::write(
            &configuration,
            format!(
                "Listen {}\nPort {}\nTimeout 5\nLogLevel Connect\nLogFile \"{}\"\n\
                 FilterDefaultDeny Yes\nFilter \"{}\"\n",
                address.ip(),
                address.port(),
                log.display(),
                filter.display()
            ),
        )?;
        let mut tinyproxy = Command::new("tinyproxy");
        tinyproxy.arg("-d").arg("-c").arg(configuration);
        let server = Server::start(&mut tinyproxy, address)?;
        Ok(Proxy {
            _server: server,
            log,
            read: 0,
        })
    }

    /// The destinations, `host:port`, that it was asked for since the last call.
    pub fn take(&mut self) -> Result<BTreeSet<String>> {
        let log = std::fs::read_to_string(&self.log)?;
        let new = &log[self.read..];
        self.read = log.len();
        new.lines()
            .filter_map(|line| {
                line.split_once("): ")
                    .filter(|(start, _)| start.contains("Request (file descriptor "))
            })
            .map(|(_, request)| {
                let mut words = request.split(' ');
                let (method, target) = (words.next(), words.next().context("a request without a target")?);
                if method == Some("CONNECT") {
                    Ok(target.to_owned())
                } else {
                    host_and_port(target)
                }
            })
            .collect()
    }
}

/// Where a URL leads, as `host:port`.
pub fn host_and_port(url: &str) -> Result<String> {
    let (scheme, rest) = url.split_once("://").with_context(|| format!("{url} is not a URL"))?;
    let authority = rest.split('/').next().unwrap_or_default();
    let has_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    Ok(match (has_port, scheme) {
        // The colons of an IPv6 address are within brackets.
        (true, _) => authority.to_owned(),
        (false, "https") => format!("{authority}:443"),
        (false, _) => format!("{authority}:80"),
    })
}
