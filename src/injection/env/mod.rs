//! Decides the `env` of a container, and writes it.
//!
//! [`AuthorsEnv`] says whose each entry is. [`EnvPlan::decide`] is the table of what happens to each variable, with the reason
//! where nothing does. [`Written`] is the list that comes of both.

mod authors;
mod decide;
mod java_options;
mod list;
mod no_proxy;
mod own;
mod place;
mod plan;
mod proxies;
mod references;
mod runtimes;
#[cfg(test)]
mod testing;
mod urls;
mod value;
mod written;

pub(crate) use authors::{AuthorsEnv, Whose};
pub(crate) use decide::Wanted;
pub(crate) use plan::{EnvPlan, Plan, Slot};
pub(crate) use proxies::Proxies;
pub(crate) use runtimes::Runtimes;
pub(crate) use value::Value;
pub(crate) use written::{Change, Difference, Written};
