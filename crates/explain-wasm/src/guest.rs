//! What the page calls, through waPC.

use anyhow::{Result, anyhow};
use explain::answer::{Native, Policy};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wapc_guest::{CallResult, host_call, register_function};

use crate::page;
use crate::question;
use crate::routes;
use crate::secrets;

/// Registers the functions.
#[allow(unsafe_code)] // An exported name is unsafe by definition: another one of the same name would be undefined behaviour.
#[unsafe(no_mangle)]
extern "C" fn wapc_init() {
    register_function("explain", |payload| respond(payload, question::answer));
    register_function("answer", |payload| {
        respond(payload, |state| page::answer(&state, &Module))
    });
    register_function("answer_alone", |payload| {
        respond(payload, |state| page::answer(&state, &Native))
    });
    register_function("routes", |payload| respond(payload, routes::answer));
    register_function("secrets", |payload| respond(payload, |state| secrets::find(&state)));
}

fn respond<Asked: DeserializeOwned, Answered: Serialize>(
    payload: &[u8],
    answer: impl Fn(Asked) -> Answered,
) -> CallResult {
    Ok(serde_json::to_vec(&answer(serde_json::from_slice(payload)?))?)
}

/// The released module, which the host calls.
struct Module;

impl Policy for Module {
    fn validate(&self, payload: &[u8]) -> Result<Vec<u8>> {
        host_call("policy", "http-proxy", "validate", payload).map_err(|error| {
            let error = error.to_string();
            let what = error.strip_prefix("Host error: ").unwrap_or(&error);
            anyhow!("the policy gave no answer: {what}")
        })
    }

    fn is_compared(&self) -> bool {
        true
    }
}
