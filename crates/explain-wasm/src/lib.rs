//! `explain.wasm`: what the playground asks, as a module that it calls as it calls the policy itself, by the waPC protocol.
//!
//! | function | takes | answers |
//! | --- | --- | --- |
//! | `explain` | a [`question::Question`] | the JSON of `http-proxy explain --output json`, or `{"problems": ["settings:3: …"]}` |
//! | `answer` | a [`state::State`] | a [`page::Answer`], for which it calls the policy through the host |
//! | `answer_alone` | a [`state::State`] | the same, by the policy's code in this module: while the policy is being loaded |
//! | `routes` | a [`routes::Asked`] | [`routes::Routes`]: which clients go through the proxy to a destination, by the survey's judgement |
//! | `secrets` | a [`state::State`] | the list of every [`secrets::Secret`] in it |
//!
//! All of them take and give JSON. Of the host, `answer` calls `validate` of the binding `policy`.

#[cfg(target_family = "wasm")]
mod guest;
pub mod page;
pub mod question;
pub mod routes;
pub mod secrets;
pub mod state;
