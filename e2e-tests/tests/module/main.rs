//! What holds of the compiled module: the properties of `tests/properties`, and what only a module has, which is limits, imports and
//! a policy server that runs many of it.

#[path = "../../../tests/properties/answers.rs"]
mod answers;
mod costly;
#[path = "../../../tests/properties/expanding.rs"]
mod expanding;
mod growth;
mod imports;
#[path = "../../../tests/properties/injecting.rs"]
mod injecting;
mod policy;
mod protocol;
#[path = "../../../tests/properties/reporting.rs"]
mod reporting;
#[path = "../../../tests/properties/secrets.rs"]
mod secrets;
mod soak;
#[path = "../../../tests/properties/updating.rs"]
mod updating;
mod worst_cases;
