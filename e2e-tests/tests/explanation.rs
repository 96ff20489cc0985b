//! The explanation cannot lie: for every scenario, and for generated pods, it says what the policy does, natively and as the module.

use admission::{Answer, payload};
use e2e_tests::both;
use e2e_tests::scenarios;
use explain::agreement;
use http_proxy_policy::explanation::{self, Explanation, Outcome};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use testkit::generators::pods::pod;
use testkit::generators::settings::any_settings;
use testkit::requests;

/// As many pods are generated. Each is asked about twice: as it is written, and with what other settings had set in it.
const PODS: u32 = 5_000;

#[test]
fn every_scenario_is_explained_as_it_comes_out() {
    let mut failures = Vec::new();
    let mut explained = 0;
    for (name, scenario) in scenarios::all() {
        let Some(request) = scenario.request() else { continue };
        explained += 1;
        let payload = payload(&request, &scenario.settings);
        let answer = serde_json::from_slice(&both::call("validate", &payload)).unwrap();
        if let Err(lie) = compare(&request, &scenario.settings, &payload, &answer) {
            failures.push(format!("{name}: {lie}"));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {explained}:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(explained > 100, "{explained}");
}

#[test]
fn ten_thousand_generated_pods_are_explained_as_they_come_out() {
    let mut runner = TestRunner::deterministic();
    let strategy = (pod(), any_settings(), any_settings());
    let mut changed = 0;
    let mut lies = Vec::new();
    for _ in 0..PODS {
        let (pod, first, second) = strategy.new_tree(&mut runner).unwrap().current();
        let after = explained(&pod, &first.0, &mut lies);
        changed += usize::from(after.is_some());
        explained(after.as_deref().unwrap_or(&pod), &second.0, &mut lies);
    }
    assert!(
        lies.is_empty(),
        "{} lies, such as\n{}",
        lies.len(),
        lies[..lies.len().min(5)].join("\n\n")
    );
    assert!(changed > PODS as usize / 2, "only {changed} of {PODS} were changed");
}

/// Checks the explanation of a pod, and returns the changed pod, if it is changed.
fn explained(pod: &str, settings: &Value, lies: &mut Vec<String>) -> Option<String> {
    let payload = requests::payload(pod, settings);
    let answer: Answer = serde_json::from_str(&http_proxy_policy::policy::validate(payload.as_bytes())).unwrap();
    let request: Value = serde_json::from_str(&requests::create_pod(pod)).unwrap();
    let compared = compare(&request, settings, payload.as_bytes(), &answer);
    lies.extend(compared.err().map(|lie| format!("{lie}\n{payload}")));
    answer.mutated_object.map(|object| object.to_string())
}

fn compare(request: &Value, settings: &Value, payload: &[u8], answer: &Answer) -> Result<(), String> {
    let explanation = explanation::explain(payload);
    if settings["mode"] == "Report" {
        // Report changes nothing: the plan is what the object would get if it were created again.
        return if answer.mutated_object.is_none() {
            Ok(())
        } else {
            Err("changed by Report".to_owned())
        };
    }
    let before = as_kind(&request["object"], request);
    let after = answer.mutated_object.as_ref().map(|object| as_kind(object, request));
    match (answer.accepted, &after) {
        (false, _) if explanation.reason != answer.message => {
            return Err(format!(
                "rejected for {:?}, explained as {:?}",
                answer.message, explanation.reason
            ));
        }
        (true, Some(_)) if explanation.containers.is_empty() => return Err("changed, but not explained".to_owned()),
        _ => {}
    }
    if let Some(lie) = agreement::of_containers(&explanation.containers, &before, after.as_ref().unwrap_or(&before)) {
        return Err(lie);
    }
    let has_containers = !explanation.containers.is_empty();
    if answer.accepted && !has_containers && explanation.reason.is_none() && names_containers(&before) {
        return Err("neither containers nor a reason".to_owned());
    }
    reasons(&explanation)?;
    match marked_profile(request, settings) {
        Some(expected) if after.is_some() && explanation.reason.is_none() => {
            let actual = explanation.profile.and_then(|profile| profile.name);
            if actual == expected {
                Ok(())
            } else {
                Err(format!("profile {actual:?} instead of {expected:?}"))
            }
        }
        _ => Ok(()),
    }
}

/// The object with its kind, which requests of tests have next to it.
fn as_kind(object: &Value, request: &Value) -> Value {
    let mut object = object.clone();
    if object.is_object() {
        let (group, kind) = (
            request["kind"]["group"].as_str().unwrap_or_default(),
            &request["kind"]["kind"],
        );
        object["apiVersion"] = json!(if group.is_empty() {
            "v1".to_owned()
        } else {
            format!("{group}/v1")
        });
        object["kind"] = kind.clone();
    }
    object
}

/// Whether the pod in an object has containers.
fn names_containers(object: &Value) -> bool {
    let lists = ["containers", "initContainers"];
    let has = |pod: &Value| {
        lists
            .iter()
            .any(|list| pod["spec"][list].as_array().is_some_and(|list| !list.is_empty()))
    };
    explain::workload::pod_in(object).is_some_and(has)
}

/// Whatever is not simply set has its reason.
fn reasons(explanation: &Explanation) -> Result<(), String> {
    for container in &explanation.containers {
        let own = container
            .variables
            .iter()
            .filter(|variable| matches!(variable.outcome, Outcome::Kept | Outcome::NotSet | Outcome::Removed));
        for variable in own {
            if variable.reason.is_none() && container.reason.is_none() {
                return Err(format!(
                    "container {}, {}: {:?} without a reason",
                    container.name, variable.name, variable.outcome
                ));
            }
        }
    }
    Ok(())
}

/// The profile that applies to a pod that is created, as the policy itself shows it under settings whose profiles differ in their proxy
/// alone. `None` where that shows nothing: the settings have no profile, or the request is another one.
fn marked_profile(request: &Value, settings: &Value) -> Option<Option<String>> {
    let marker = |index: usize| format!("http://profile-{index}.invalid:80");
    let profiles = settings["profiles"]
        .as_array()
        .filter(|profiles| !profiles.is_empty())?;
    if request["kind"]["kind"] != "Pod" || request["operation"] != "CREATE" {
        return None;
    }
    let marked: Vec<Value> = profiles
        .iter()
        .enumerate()
        .map(|(index, profile)| {
            json!({"name": profile["name"], "match": profile["match"], "enabled": true, "httpProxy": marker(index + 1)})
        })
        .collect();
    let mut probe = request.clone();
    probe["object"]["spec"]["containers"] = json!([{"name": "probe"}]);
    probe["object"]["spec"]["initContainers"] = Value::Null;
    let annotations = &mut probe["object"]["metadata"]["annotations"];
    let chosen = annotations["http-proxy.kubewarden.io/profile"].take();
    *annotations = if chosen.is_null() {
        Value::Null
    } else {
        json!({"http-proxy.kubewarden.io/profile": chosen})
    };
    let payload = payload(&probe, &json!({"httpProxy": marker(0), "profiles": marked}));
    let answer: Answer = serde_json::from_str(&http_proxy_policy::policy::validate(&payload)).ok()?;
    let env = answer.mutated_object?["spec"]["containers"][0]["env"].take();
    let proxy = &env
        .as_array()?
        .iter()
        .find(|variable| variable["name"] == "HTTP_PROXY")?["value"];
    let index = (0..=profiles.len()).find(|index| *proxy == marker(*index))?;
    Some(
        index
            .checked_sub(1)
            .map(|index| profiles[index]["name"].as_str().unwrap_or_default().to_owned()),
    )
}
