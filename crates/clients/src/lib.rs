//! Which way do clients take to a destination: directly, or through the proxy? There is no standard for `NO_PROXY`, so the answer depends
//! on the client. This crate holds the rules of each client as data, and the one implementation that judges by them:
//!
//! - `measured.json`: rules and versions of the clients that `make test-clients` runs. That test writes the file, from what it measures.
//! - `older.json`: rules of older releases with a defect, written by hand, since a client that fails shows few of them.
//! - `from_source.json`: rules of clients that no test runs, taken from their source code, which each of them names.
//! - `measurements.json`: each single observation, which `tests/measurements.rs` compares with [`judge`].
//!
//! ```
//! use clients::{Destination, Way, client, judge};
//!
//! let destination = Destination::parse("http://10.8.1.1:8080/").unwrap();
//! let judgement = judge(client("Go").unwrap(), "localhost,10.0.0.0/8", &destination);
//! assert_eq!(judgement.way, Way::Direct);
//! assert_eq!(judgement.entry(), Some("10.0.0.0/8"));
//! ```
//!
//! No input or output, and no dependency that WebAssembly lacks.

mod client;
mod destination;
mod entry;
mod judgement;
mod rules;

pub use client::{Client, Evidence, Need, Variables, client, clients, measured, older_releases};
pub use destination::{Destination, Scheme};
pub use judgement::{Because, Judgement, List, Way, judge};
pub use rules::{Everything, Networks, Ports, Proxied, Reach, Rules, Support};
