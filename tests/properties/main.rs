//! What holds for every pod, all settings and whatever a record says. `e2e-tests/tests/module` asks the
//! compiled module the same.

mod answers;
mod expanding;
mod injecting;
mod reporting;
mod secrets;
mod updating;

use http_proxy_policy::policy;
