//! The chart, rendered by the real helm, which `e2e-tests/chart/install` installs.

mod errors;
mod examples;
mod helm;
mod release;
mod values;
