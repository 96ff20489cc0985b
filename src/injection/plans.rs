//! What explanations look at.

pub(crate) use crate::injection::env::{Change, Plan, Slot, Whose, Written};
pub(crate) use crate::injection::names::{HTTP_PROXY, HTTPS_PROXY, JAVA_TOOL_OPTIONS, NO_PROXY, NODE_USE_ENV_PROXY};
pub(crate) use crate::injection::trusted_ca::MountPlan;
