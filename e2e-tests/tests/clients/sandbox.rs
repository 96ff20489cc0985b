//! A place without a network: namespaces with nothing but a loopback interface, on which the addresses of the test
//! live, and with files of their own where programs look names up. No packet leaves the machine, whatever a client
//! does, and an address that is not there is unreachable at once.

use std::net::IpAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::build;

/// Set inside.
const INSIDE: &str = "CLIENTS_SANDBOX";

/// Runs a test inside: the test's process starts itself there once more, for this test alone.
/// All processes of the sandbox end with it.
pub fn run(test_name: &str, test: impl FnOnce() -> Result<()>) -> Result<()> {
    if std::env::var_os(INSIDE).is_some() {
        return test();
    }
    build::all();
    let mut unshare = Command::new("unshare");
    unshare.args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    if Command::new("id").arg("-u").output()?.stdout != b"0\n" {
        unshare.arg("--map-root-user");
    }
    let output = unshare
        .arg(std::env::current_exe()?)
        .args(["--exact", test_name, "--nocapture"])
        .env(INSIDE, "1")
        // What fails says so in words.
        .env("RUST_BACKTRACE", "0")
        // Standard output has the harness's lines, which would be there twice; the test itself prints to the other.
        .stderr(Stdio::inherit())
        .output()
        .context("unshare cannot be run")?;
    // A name that no test has is a success to the harness.
    if !output.status.success() || !String::from_utf8_lossy(&output.stdout).contains("1 passed") {
        bail!("{test_name} failed, see above");
    }
    Ok(())
}

/// Gives the sandbox its addresses, the names for them, and writable stand-ins for the machine's directories.
pub fn set_up(hosts: &[(&str, IpAddr)], addresses: impl IntoIterator<Item = IpAddr>) -> Result<()> {
    execute(Command::new("mount").args(["-t", "tmpfs", "tmpfs"]).arg(directory()))?;
    cover("/etc")?;
    execute(Command::new("ip").args(["link", "set", "lo", "up"]))?;
    let mut file = "127.0.0.1 localhost\n::1 localhost\n".to_owned();
    for (name, address) in hosts {
        file += &format!("{address} {name}\n");
    }
    for address in addresses.into_iter().chain(hosts.iter().map(|(_, address)| *address)) {
        execute(Command::new("ip").args(["address", "replace", &address.to_string(), "dev", "lo"]))?;
    }
    std::fs::write("/etc/hosts", file)?;
    // On a desktop, other services look names up as well.
    std::fs::write("/etc/nsswitch.conf", "hosts: files\n")?;
    Ok(())
}

/// Lays a writable copy over a directory of the machine; the directory itself is unchanged. Who runs the test owns
/// the copy, which has all that may be read: elsewhere than in a copy, a user other than root could change nothing.
pub fn cover(path: &str) -> Result<()> {
    let copy = directory().join(path.replace('/', "_"));
    // It fails where there is something that may not be read.
    let _ = Command::new("cp").arg("--recursive").arg(path).arg(&copy).output()?;
    execute(Command::new("mount").arg("--bind").arg(copy).arg(path))
}

/// For the files of the test: in memory, and gone with the sandbox.
pub fn directory() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

pub fn execute(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// A server that ends with this value.
pub struct Server(Child);

impl Server {
    /// Starts a server and waits until it accepts connections.
    pub fn start(command: &mut Command, address: std::net::SocketAddr) -> Result<Self> {
        let mut server = Server(
            command
                .spawn()
                .with_context(|| format!("{command:?} cannot start; e2e-tests/clients/install installs it"))?,
        );
        for _ in 0..300 {
            if std::net::TcpStream::connect(address).is_ok() {
                return Ok(server);
            }
            if let Some(status) = server.0.try_wait()? {
                bail!("{command:?} ended with {status}");
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        bail!("{command:?} does not listen at {address}")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
