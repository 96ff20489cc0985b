//! What the policy would change and break in a whole cluster, from what `kubectl get` writes of it. Nothing is read from a cluster, and
//! nothing is changed.
//!
//! [`Dump`] reads the input, as a stream, and keeps of it what counts. [`survey()`] asks the policy about each group of pods
//! (`subjects`), looks for destinations (`scan`, `places`) in the cluster (`location`), and asks the clients' measured rules which
//! way they take (`judge`). What it found ([`Report`]) is data; [`text`] and [`html`] print it. Opening files is the caller's.

mod assumptions;
mod dump;
mod environment;
mod findings;
mod fingerprint;
pub mod html;
mod input;
mod judge;
mod location;
mod not_judged;
mod odd;
mod places;
mod pods;
mod protocol;
pub mod report;
mod scan;
mod secrets;
mod service;
mod settings;
mod stream;
mod subjects;
mod suggestions;
mod survey;
pub mod text;
mod ways;

pub use dump::Dump;
pub use report::Report;
pub use settings::with_entries;
pub use survey::survey;
pub use text::verdict;
pub use ways::{ClientWay, ways};
