//! What the targets have in common: they ask the policy as a policy server does, and know what holds of any answer.

pub mod cost;
pub mod go;
pub mod webhook;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::LazyLock;

use http_proxy_policy::policy;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use testkit::oracles::without_injected;
use testkit::{CONTAINER_LISTS, PASSWORD};

/// An answer with the text of the changed object.
pub type Answer = admission::Answer<Box<RawValue>>;

/// The object that comes of `object`; `None` where that is rejected.
pub fn changed_object(answer: &Answer, object: &str) -> Option<String> {
    let mutated = answer.mutated_object.as_ref().map_or(object, |object| object.get());
    answer.accepted.then(|| mutated.to_owned())
}

/// Asks, and checks what holds of an answer whatever the question was, if it is JSON.
pub fn validate(payload: &[u8]) -> Answer {
    let text = policy::validate(payload);
    let answer: Answer = serde_json::from_str(&text).expect("an answer that a policy server reads");
    let code = (!answer.accepted).then_some(answer.code);
    assert!(matches!(code, None | Some(Some(400 | 500))), "{text}");
    assert_eq!(answer.message.is_none(), answer.accepted, "{text}");
    assert!(answer.accepted || answer.mutated_object.is_none(), "{text}");
    assert!(answer.messages().all(|message| !message.is_empty()), "{text}");
    answer
}

/// Checks what holds of the answer to any request that an API server may send: nothing that is not the policy's changes,
/// applying it twice is applying it once, and where nothing changes there is nothing to report.
pub fn check(payload: &str) -> Answer {
    let payload: &Value = &serde_json::from_str(payload).expect("a payload is JSON");
    let ask = |payload: &Value| validate(payload.to_string().as_bytes());
    let answer = ask(payload);
    let mode = payload["settings"].is_object().then_some("Report");
    let mut reported = payload.clone();
    if let Some(mode) = mode {
        reported["settings"]["mode"] = mode.into();
    }
    let report = ask(&reported);
    assert!(mode.is_none() || report.mutated_object.is_none(), "{report:?}");
    match &answer.mutated_object {
        Some(mutated) => {
            let before = &payload["request"]["object"];
            let after: Value =
                serde_json::from_str(mutated.get()).expect("a mutated object that a policy server reads");
            check_mutation(before, &after);
            // Two containers of one name are one too many, for the record and for API servers.
            if names_are_unique(&after) && !lacks_room(&answer) {
                let mut again = payload.clone();
                again["request"]["object"] = after;
                let again = ask(&again);
                assert!(again.accepted && again.mutated_object.is_none(), "{mutated}: {again:?}");
            }
        }
        None => assert!(!answer.accepted || report.accepted, "{report:?}"),
    }
    answer
}

/// Checks that nothing changed but what is the policy's, and that the system takes every variable that it set.
pub fn check_mutation(before: &Value, after: &Value) {
    let mut others = [before.clone(), after.clone()];
    others.iter_mut().for_each(without_injected);
    assert_eq!(others[0], others[1]);
    let there: HashSet<String> = items(before, "env").map(Value::to_string).collect();
    let windows = after["spec"]["os"] == json!({"name": "windows"});
    for variable in items(after, "env").filter(|variable| !there.contains(&variable.to_string())) {
        let [name, value] = ["name", "value"].map(|key| variable[key].as_str().unwrap_or_default());
        assert!(name.len() + 1 + value.len() < 131_072, "{name} is too long");
        assert!(
            !windows || name.len() + 1 + value.encode_utf16().count() < 32_767,
            "{name} is too long"
        );
    }
}

/// Whether the annotations had no room for the record or the CA, as a warning says. A list of which the policy removed
/// repetitions is shorter the next time, and leaves room.
pub fn lacks_room(answer: &Answer) -> bool {
    answer
        .messages()
        .any(|message| message.contains("would exceed 256 KiB"))
}

fn names_are_unique(object: &Value) -> bool {
    let mut names = HashSet::new();
    let mut lists = CONTAINER_LISTS.iter().flat_map(|part| items(object, part));
    lists.all(|container| names.insert(container["name"].as_str()))
}

/// The items of all lists that stand under a key.
fn items<'v>(value: &'v Value, list: &'v str) -> Box<dyn Iterator<Item = &'v Value> + 'v> {
    match value {
        Value::Object(members) => Box::new(members.iter().flat_map(move |(key, value)| match value {
            Value::Array(items) if key == list => Box::new(items.iter()),
            value => items(value, list),
        })),
        Value::Array(values) => Box::new(values.iter().flat_map(move |value| items(value, list))),
        _ => Box::new(std::iter::empty()),
    }
}

/// The folder of the files that commands read. Each process has its own.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("http-proxy-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder for temporary files takes one");
    folder
});

/// The path of a file of this name with this content, as it is given to a command.
pub fn temporary_file(name: &str, content: impl AsRef<[u8]>) -> String {
    let path = FOLDER.join(name);
    std::fs::write(&path, content).expect("the folder takes a file");
    path.to_str().expect("a path of UTF-8").to_owned()
}

/// A document without the escapes and aliases that hide a password in a text.
pub fn plain(text: &str) -> String {
    documents::parse(text).map_or_else(
        |_| text.to_owned(),
        |documents| Value::from(documents::values(documents)).to_string(),
    )
}

/// Checks that no message shows the password of a URL. A fuzzer also writes it elsewhere in the input, where it may be quoted; and
/// with other characters in it, which a message may omit.
pub fn check_secrecy<'m>(input: &str, messages: impl IntoIterator<Item = &'m String>) {
    let of_urls = format!(":{PASSWORD}@");
    let letters: String = input.chars().filter(char::is_ascii_alphanumeric).collect();
    if letters.matches(PASSWORD).count() > input.matches(&of_urls).count() {
        return;
    }
    for message in messages {
        assert!(!message.contains(PASSWORD), "{message}");
    }
}
