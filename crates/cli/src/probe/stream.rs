//! Connections that end at a deadline, whatever the other side does.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::probe::fault::Network;

/// A connection, with or without TLS.
pub trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// A connection of TCP. Once its deadline has passed, reading and writing fail with `TimedOut`.
pub struct Timed {
    stream: TcpStream,
    deadline: Instant,
}

impl Timed {
    /// Connects to the first address of a host that answers.
    pub fn connect(host: &str, port: u16, deadline: Instant) -> Result<Self, Network> {
        let addresses = resolve(host, port, deadline)?;
        let mut last = io::Error::from(ErrorKind::NotFound);
        for (index, address) in addresses.iter().enumerate() {
            // One that does not answer leaves the others their share of the time.
            let left = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
            let connected = remaining(deadline).and_then(|time| TcpStream::connect_timeout(address, time / left));
            match connected {
                Ok(stream) => return Ok(Timed { stream, deadline }),
                Err(error) => last = error,
            }
        }
        Err(Network::NoConnection(last))
    }

    fn in_time<T>(&mut self, action: impl FnOnce(&mut TcpStream) -> io::Result<T>) -> io::Result<T> {
        let time = Some(remaining(self.deadline)?);
        self.stream.set_read_timeout(time)?;
        self.stream.set_write_timeout(time)?;
        action(&mut self.stream).map_err(|error| match error.kind() {
            // What a read or write that takes too long fails with depends on the system.
            ErrorKind::WouldBlock => ErrorKind::TimedOut.into(),
            _ => error,
        })
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.in_time(|stream| stream.read(buffer))
    }
}

impl Write for Timed {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.in_time(|stream| stream.write(buffer))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn remaining(deadline: Instant) -> io::Result<Duration> {
    let time = deadline.saturating_duration_since(Instant::now());
    if time.is_zero() {
        return Err(ErrorKind::TimedOut.into());
    }
    Ok(time)
}

/// The addresses of a host. The system's resolver has no deadline, so a thread waits for it.
fn resolve(host: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, Network> {
    let (sender, receiver) = mpsc::channel();
    let target = (host.trim_matches(['[', ']']).to_owned(), port);
    std::thread::spawn(move || {
        let addresses = target.to_socket_addrs().map(Iterator::collect::<Vec<SocketAddr>>);
        // Nobody listens any more where it took too long.
        let _ = sender.send(addresses);
    });
    let time = remaining(deadline).map_err(Network::NoConnection)?;
    match receiver.recv_timeout(time) {
        Ok(Ok(addresses)) => Ok(addresses),
        _ => Err(Network::UnknownHost),
    }
}
