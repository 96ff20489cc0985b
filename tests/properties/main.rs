//! What holds for every pod, all settings and whatever a record says.

mod answers;
mod edits;
mod generators;
mod injecting;
mod oracles;
mod reporting;
mod updating;
