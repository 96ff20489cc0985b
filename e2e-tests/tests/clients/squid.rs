//! squid, which demands a user and a password for every request, and logs who asked for what.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::client::built;
use crate::proxy::host_and_port;
use crate::sandbox::{self, Server};

pub struct Squid {
    _server: Server,
    log: PathBuf,
    /// How much of the log is read.
    read: usize,
}

/// A line of the log.
#[derive(Debug)]
pub struct Request {
    /// The user that the client named, whether or not the password was right; `-` for none.
    pub user: String,
    /// The status that squid answered with: 407 to whom it does not let pass.
    pub status: u16,
    /// `host:port`
    pub destination: String,
}

impl Request {
    /// Whether squid demands a user and a password, or others.
    pub fn is_refused(&self) -> bool {
        self.status == 407
    }
}

impl Squid {
    /// Starts it for these users, with their passwords. It looks no name up but that of `host`.
    pub fn start(address: SocketAddr, users: &[(String, String)], host: (&str, IpAddr)) -> Result<Self> {
        let directory = sandbox::directory();
        let [log, passwords, names, configuration] =
            ["log", "passwords", "hosts", "conf"].map(|name| directory.join(format!("squid.{name}")));
        let mut file = String::new();
        for (user, password) in users {
            file += &format!("{user}:{}", hash(password)?);
        }
        std::fs::write(&passwords, file)?;
        std::fs::write(&names, format!("{} {}\n", host.1, host.0))?;
        let programs = built().join("squid/usr/lib/squid");
        std::fs::write(
            &configuration,
            format!(
                "http_port {address}\nauth_param basic program {programs}/basic_ncsa_auth {passwords}\n\
                 acl authenticated proxy_auth REQUIRED\nhttp_access allow authenticated\nhttp_access deny all\n\
                 acl request has request\nlogformat line %>Hs %rm %ru %un\naccess_log stdio:{log} line request\n\
                 hosts_file {names}\ncache deny all\ncache_log /dev/null\npid_filename none\npinger_enable off\n\
                 unlinkd_program {programs}/unlinkd\n",
                programs = programs.display(),
                passwords = passwords.display(),
                log = log.display(),
                names = names.display(),
            ),
        )?;
        let mut squid = Command::new("unshare");
        // It refuses to be root, and the sandbox may have no other user to become.
        squid.args(["--user", "--map-user=13", "--map-group=13"]);
        squid
            .arg(built().join("squid/usr/sbin/squid"))
            .arg("-N")
            .arg("-f")
            .arg(configuration);
        let server = Server::start(&mut squid, address)?;
        Ok(Squid {
            _server: server,
            log,
            read: 0,
        })
    }

    /// What it was asked since the last call. It logs a request when that is over, which may be a little later than the
    /// client's end: this waits until `is_complete`, but not for ever.
    pub fn take(&mut self, is_complete: impl Fn(&[Request]) -> bool) -> Result<Vec<Request>> {
        let deadline = Instant::now() + Duration::from_secs(2);
        loop {
            let log = std::fs::read_to_string(&self.log)?;
            let requests = log[self.read..]
                .lines()
                .map(request)
                .collect::<Result<Vec<Request>>>()?;
            if is_complete(&requests) || Instant::now() > deadline {
                self.read = log.len();
                return Ok(requests);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn request(line: &str) -> Result<Request> {
    // The user comes last, since a name may have spaces.
    let mut words = line.splitn(4, ' ');
    let mut word = || words.next().with_context(|| format!("squid logs {line:?}"));
    let (status, method, target, user) = (word()?.parse()?, word()?, word()?, word()?);
    Ok(Request {
        user: user.to_owned(),
        status,
        destination: if method == "CONNECT" {
            target.to_owned()
        } else {
            host_and_port(target)?
        },
    })
}

fn hash(password: &str) -> Result<String> {
    let output = Command::new("openssl").args(["passwd", "-6", password]).output()?;
    ensure!(output.status.success(), "openssl makes no hash");
    Ok(String::from_utf8(output.stdout)?)
}

/// Name and version.
pub fn version() -> Result<String> {
    let output = Command::new(built().join("squid/usr/sbin/squid"))
        .arg("--version")
        .output()?;
    let output = String::from_utf8(output.stdout)?;
    let version = output
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("Squid Cache: Version "));
    Ok(format!("squid {}", version.context("squid prints no version")?))
}
