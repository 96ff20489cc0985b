//! `validate`, with pods and settings that mean something: what it makes of a pod, and of what other settings made of it
//! earlier.

#![no_main]

use arbitrary::Arbitrary;
use http_proxy_policy::policy;
use http_proxy_policy_fuzz::generators::{Pod, Settings};
use http_proxy_policy_fuzz::oracles::{changed, numbers, stored, take_record};
use http_proxy_policy_fuzz::{Answer, check, check_secrecy, payload, validate};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

#[derive(Arbitrary, Debug)]
struct Input {
    pod: Pod,
    current: Settings,
    earlier: Settings,
}

fuzz_target!(|input: Input| {
    let Input {
        pod: Pod(pod),
        current: Settings(current),
        earlier: Settings(earlier),
    } = input;
    let valid = [&current, &earlier].map(|settings| {
        let answer = policy::validate_settings(settings.to_string().as_bytes());
        check_secrecy(&answer.message);
        answer.valid
    });
    let answer = ask(&pod, &current);
    assert!(!valid[0] || answer.code != Some(500), "{answer:?}");
    check(&serde_json::from_str(&payload(&pod, &current)).unwrap());
    let Some(once) = answer.object(&pod) else {
        return;
    };
    assert_eq!(ask(&once, &current).object(&once).as_ref(), Some(&once));
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

fn ask(pod: &str, settings: &Value) -> Answer {
    let answer = validate(payload(pod, settings).as_bytes());
    check_secrecy(answer.messages());
    answer
}

/// A pod that has what earlier settings injected gets what it would get from the current ones alone, and is reported exactly
/// if that is something else.
fn check_update(pod: &str, due: &str, earlier: &Value, current: &Value) {
    let Some(there) = ask(pod, earlier).object(pod) else {
        return;
    };
    let renewed = ask(&there, current).object(&there).unwrap();
    let [due, renewed, mut there] = [due, &renewed, &there].map(|pod| stored(serde_json::from_str(pod).unwrap()));
    assert_eq!(renewed, due);
    let mut report = current.clone();
    report["mode"] = "Report".into();
    there["status"] = json!({"phase": "Running"});
    let answer = ask(&there.to_string(), &report);
    there.as_object_mut().unwrap().remove("status");
    let [there, due] = [there, due].map(|mut pod| {
        take_record(&mut pod);
        stored(pod)
    });
    assert_eq!(answer.accepted, there == due, "{answer:?}\n{there}\n{due}");
    for container in changed(&there, &due) {
        assert!(
            answer
                .message
                .as_ref()
                .unwrap()
                .contains(&format!("container {container}: ")),
            "{answer:?}"
        );
    }
}
