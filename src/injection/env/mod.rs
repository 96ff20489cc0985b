//! Decides the `env` of a container.
//!
//! [`AuthorsEnv`] is what the pod's author wrote. [`ProxyVariables`], [`RuntimeVariables`] and the CA's variables say
//! what the policy sets, as [`Assignments`]. [`DesiredEnv`] combines both into one list.

mod assignments;
mod authors;
mod definitions;
mod desired;
mod own;
mod place;
mod proxy;
mod runtimes;
mod value;

pub(super) use assignments::Assignments;
pub(super) use authors::AuthorsEnv;
pub(super) use desired::{Additions, DesiredEnv, Difference};
pub(super) use own::OwnVariables;
pub(super) use place::Place;
pub(super) use proxy::ProxyVariables;
pub(super) use runtimes::RuntimeVariables;
pub(super) use value::Value;
