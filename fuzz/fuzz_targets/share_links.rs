//! The playground's page: whatever stands in its fields gets an answer, and what a share link must not hold is found in every spelling.
//!
//! An input is the texts of three fields with zero bytes between them, or a zero byte and bytes that make a manifest and objects.

#![no_main]

use std::collections::HashSet;

use explain::answer::Native;
use explain_wasm::page;
use explain_wasm::routes::{self, Asked};
use explain_wasm::secrets;
use explain_wasm::state::State;
use http_proxy_policy_fuzz::check_secrecy;
use libfuzzer_sys::fuzz_target;
use proptest::prelude::*;
use serde_json::Value;
use testkit::PASSWORD;
use testkit::generators::clusters::{manifest, objects};
use testkit::generators::from_bytes;
use testkit::generators::spelling::respelled;
use testkit::json::Json;

thread_local! {
    static PAGE: BoxedStrategy<(Json, Vec<Json>, u32)> = (manifest(), objects(), any::<u32>()).boxed();
}

fuzz_target!(|data: &[u8]| {
    if let [0, bytes @ ..] = data {
        let (manifest, objects, seed) = PAGE.with(|page| from_bytes(page, bytes));
        for object in [manifest].iter().chain(&objects) {
            check_found(object, seed);
        }
        return;
    }
    let text = String::from_utf8_lossy(data);
    let mut texts = text.splitn(3, '\0').map(str::to_owned);
    let [settings, objects, destination] = [(); 3].map(|()| texts.next().unwrap_or_default());
    let state = State {
        settings,
        objects,
        ..State::default()
    };
    check_lines(
        &state,
        secrets::find(&state).iter().map(|secret| (secret.field, secret.line)),
    );
    let answer = page::answer(&state, &Native);
    check_lines(
        &state,
        answer.problems.iter().map(|problem| (problem.field, problem.line)),
    );
    let said: Vec<String> = answer
        .problems
        .into_iter()
        .map(|problem| problem.message)
        .chain(answer.notes)
        .collect();
    check_secrecy(&text, &said);
    routes::answer(Asked {
        state,
        destination,
        container: String::new(),
    });
});

/// A document with the password somewhere is one that no link may hold, as it is written by hand, by kubectl and by programs.
fn check_found(document: &Value, seed: u32) {
    let is_secret = document.to_string().contains(PASSWORD);
    let yaml = documents::to_yaml(document).expect("JSON can be written as YAML");
    let texts = HashSet::from([respelled(document, None, seed), document.to_string(), yaml]);
    for text in texts {
        let state = State {
            objects: text.clone(),
            ..State::default()
        };
        let found = secrets::find(&state);
        assert!(!is_secret || !found.is_empty(), "{text}");
        assert!(
            !found.iter().any(|secret| secret.message.contains(PASSWORD)),
            "{found:?}"
        );
    }
}

/// Each line is one of the field's.
fn check_lines(state: &State, found: impl Iterator<Item = (&'static str, usize)>) {
    for (field, line) in found {
        let texts = state.texts();
        let (_, text) = texts
            .iter()
            .find(|(name, _)| *name == field)
            .expect("a field of the page");
        // A carriage return alone ends a line of YAML too.
        let lines = text.matches(['\n', '\r']).count() + 1;
        assert!((1..=lines).contains(&line), "{field}: line {line} of {lines}");
    }
}
