//! Where every destination leads when a client goes there by itself: one server for all addresses of the sandbox.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use anyhow::Result;

/// Remembers the addresses at which it was reached.
pub struct Origin {
    reached: Arc<Mutex<BTreeSet<SocketAddr>>>,
}

impl Origin {
    pub fn start(ports: &[u16]) -> Result<Self> {
        let reached = Arc::<Mutex<BTreeSet<SocketAddr>>>::default();
        for port in ports {
            // Both address families.
            let listener = TcpListener::bind(("::", *port))?;
            let reached = reached.clone();
            thread::spawn(move || {
                for connection in listener.incoming().flatten() {
                    let Ok(address) = connection.local_addr() else { continue };
                    let address = SocketAddr::new(address.ip().to_canonical(), address.port());
                    // Before the answer: a client that has it may end.
                    reached.lock().unwrap().insert(address);
                    thread::spawn(move || answer(connection));
                }
            });
        }
        Ok(Origin { reached })
    }

    /// Where it was reached since the last call.
    pub fn take(&self) -> BTreeSet<SocketAddr> {
        std::mem::take(&mut self.reached.lock().unwrap())
    }
}

/// Answers http. To https the answer is nonsense, but that a client came this far is all that counts.
fn answer(mut connection: TcpStream) {
    // A client may be gone, or close without a word.
    let _ = connection.read(&mut [0; 8192]);
    let _ = connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n");
}
