//! `validate`, with pods and settings that mean something: what it makes of a pod, however that is spelled, and of what other settings
//! made of it earlier.

#![no_main]

use http_proxy_policy::policy;
use http_proxy_policy_fuzz::cost::check_cost;
use http_proxy_policy_fuzz::{Answer, changed_object, check, check_secrecy, lacks_room, validate};
use libfuzzer_sys::fuzz_target;
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::edits::annotate;
use testkit::generators::from_bytes;
use testkit::generators::pods::pod;
use testkit::generators::records::forged_record;
use testkit::generators::settings::any_settings;
use testkit::generators::spelling::respelled;
use testkit::json::Json;
use testkit::oracles::{changed, numbers, seen, stored, take_record};
use testkit::requests::payload;

/// A pod, perhaps a record for it, the current settings and earlier ones, and how the pod is spelled.
type Input = (String, (u8, String), Json, Json, u32);

thread_local! {
    static INPUT: BoxedStrategy<Input> = (pod(), (0..4_u8, forged_record()), any_settings(), any_settings(), any::<u32>()).boxed();
}

fuzz_target!(|bytes: &[u8]| {
    let (pod, record, Json(current), Json(earlier), spelling) = INPUT.with(|input| from_bytes(input, bytes));
    let pod = match record {
        (3, record) => with_record(&pod, &record),
        _ => pod,
    };
    let valid = [&current, &earlier].map(|settings| {
        let answer = policy::validate_settings(settings.to_string().as_bytes());
        check_secrecy(&settings.to_string(), answer.as_ref().err());
        answer.is_ok()
    });
    let answer = ask(&pod, &current);
    assert!(!valid[0] || answer.code != Some(500), "{answer:?}");
    check(&payload(&pod, &current));
    check_spelling(&pod, &current, spelling);
    let Some(once) = changed_object(&answer, &pod) else {
        return;
    };
    if lacks_room(&answer) {
        return;
    }
    assert_eq!(changed_object(&ask(&once, &current), &once).as_ref(), Some(&once));
    let has_record = pod.contains("/injected");
    if !has_record {
        // As they are written, but for the volume's defaultMode.
        let mut left = numbers(&once);
        left.retain(|number| number != "420");
        assert_eq!(left, numbers(&pod));
    }
    // A mount of the CA's volume that the owner wrote, without the volume, is refused where nothing injects that.
    if valid == [true, true]
        && !has_record
        && !pod.contains("\"http-proxy-trusted-ca\"")
        && earlier["existingVariables"] != "Override"
    {
        check_update(&pod, &once, &earlier, &current);
    }
});

fn with_record(pod: &str, record: &str) -> String {
    let mut pod: Value = serde_json::from_str(pod).unwrap();
    annotate(&mut pod, "http-proxy.kubewarden.io/injected", record);
    pod.to_string()
}

fn ask(pod: &str, settings: &Value) -> Answer {
    let payload = payload(pod, settings);
    check_cost(payload.as_bytes(), settings["expandCidrs"] != 0);
    let answer = validate(payload.as_bytes());
    check_secrecy(&payload, answer.messages());
    answer
}

/// The answer does not depend on how the pod is spelled.
fn check_spelling(pod: &str, settings: &Value, seed: u32) {
    let pod: Value = serde_json::from_str(pod).unwrap();
    let [plain, odd] = [pod.to_string(), respelled(&pod, Some(&Value::Null), seed)].map(|pod| {
        let answer = policy::validate(payload(&pod, settings).as_bytes());
        let answer: admission::Answer = serde_json::from_str(&answer).unwrap();
        format!("{answer:?}")
    });
    assert_eq!(odd, plain);
}

/// A pod that has what earlier settings injected gets what it would get from the current ones alone, and is reported exactly
/// if that is something else.
fn check_update(pod: &str, due: &str, earlier: &Value, current: &Value) {
    let answer = ask(pod, earlier);
    // Without a record, nothing that is set can be renewed.
    if lacks_room(&answer) {
        return;
    }
    let Some(there) = changed_object(&answer, pod) else {
        return;
    };
    let renewed = changed_object(&ask(&there, current), &there).unwrap();
    let [due, renewed, mut there] = [due, &renewed, &there].map(|pod| stored(serde_json::from_str(pod).unwrap()));
    assert_eq!(renewed, due);
    let mut report = current.clone();
    report["mode"] = "Report".into();
    there["status"] = json!({"phase": "Running"});
    let answer = ask(&there.to_string(), &report);
    there.as_object_mut().unwrap().remove("status");
    let [there, due] = [there, due].map(|mut pod| {
        take_record(&mut pod);
        seen(stored(pod))
    });
    assert_eq!(answer.accepted, there == due, "{answer:?}\n{there}\n{due}");
    for container in changed(&there, &due) {
        assert!(
            answer
                .message
                .as_ref()
                .unwrap()
                .contains(&format!("container {container}: ")),
            "{container}: {answer:?}\n{there}\n{due}"
        );
    }
}
