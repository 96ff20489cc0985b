//! What becomes of pods that have an earlier configuration's values.

use std::collections::HashSet;

use admission::{create_request, payload};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::edits::{Edit, annotate, edit};
use testkit::generators::config;
use testkit::generators::pods::{owners_pod, record_fits};
use testkit::generators::records::{Damage, damage, forged_record};
use testkit::generators::settings::{any_settings, off, or_off, settings};
use testkit::json::same;
use testkit::oracles::{self, containers_mut, stored, take_record, without_injected};

use crate::answers::{answer, apply, inject};

const CA: &str = "http-proxy-trusted-ca";
const CA_PATH: &str = "/etc/http-proxy/trusted-ca";
const CA_ANNOTATION: &str = "http-proxy.kubewarden.io/trusted-ca";

/// The pod as it is stored. A mount of the CA's volume that its owner wrote keeps the volume from going, so that is omitted there.
fn compared(pod: Value, owners: &Value) -> Value {
    let mut pod = stored(pod);
    if owners.to_string().contains(&format!("\"{CA}\"")) {
        without_ca_volume(&mut pod);
    }
    stored(pod)
}

fn without_ca_volume(pod: &mut Value) {
    take_record(pod);
    if let Some(annotations) = pod.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        annotations.remove(CA_ANNOTATION);
    }
    if let Some(volumes) = pod.pointer_mut("/spec/volumes").and_then(Value::as_array_mut) {
        volumes.retain(|volume| volume["name"] != CA);
    }
}

fn without_record(mut pod: Value) -> Value {
    take_record(&mut pod);
    pod
}

/// What containers see, without the record.
fn seen(pod: Value, owners: &Value) -> Value {
    oracles::seen(without_record(compared(pod, owners)))
}

/// Whether a variable refers to another one.
fn refers(pod: &mut Value) -> bool {
    containers_mut(pod).any(|container| container["env"].to_string().contains("$("))
}

/// Nothing that a container has of the CA leads nowhere: no variable, no mount, no volume.
fn check_ca(pod: &Value) -> Result<(), String> {
    let mut pod = pod.clone();
    let volumes = pod["spec"]["volumes"].as_array().cloned().unwrap_or_default();
    let volume = volumes.iter().find(|volume| volume["name"] == CA);
    let projects = volume.is_some_and(|volume| volume.to_string().contains(CA_ANNOTATION));
    let annotation = pod
        .pointer("/metadata/annotations")
        .and_then(|annotations| annotations.get(CA_ANNOTATION));
    if projects && annotation.is_none() {
        return Err(format!("the volume projects no annotation: {pod}"));
    }
    for container in containers_mut(&mut pod) {
        let has = |list: &str, text: &str| {
            let items = container[list].as_array();
            items.is_some_and(|items| items.iter().any(|item| item.to_string().contains(text)))
        };
        if has("volumeMounts", &format!("\"{CA}\"")) && volume.is_none() {
            return Err(format!("a mount without its volume: {container}"));
        }
        if has("env", CA_PATH) && !has("volumeMounts", CA_PATH) {
            return Err(format!("a variable without its mount: {container}"));
        }
    }
    Ok(())
}

#[test]
fn what_stood_in_front_of_a_reference_goes_behind_once_that_is_replaced() {
    let own = json!([{"name": "HTTP_PROXY", "value": "a"}, {"name": "http_proxy", "value": "$(HTTPS_PROXY)"}]);
    let owners = json!({"metadata": {}, "spec": {"containers": [{"name": "app", "env": own}]}});
    let earlier = json!({"httpProxy": "http://p", "existingVariables": "Keep"});
    let current = json!({"httpProxy": "http://q", "existingVariables": "Override"});
    let there = inject(&owners, &earlier);
    assert_eq!(there["spec"]["containers"][0]["env"][1]["name"], "HTTPS_PROXY");
    assert_eq!(inject(&there, &current), inject(&owners, &current));
}

/// Any change of a template makes its workload replace all pods.
#[test]
fn a_configuration_that_gives_a_template_nothing_new_leaves_it_alone() {
    let validate = |template: &Value, existing: &str| {
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {"template": template}});
        let settings = json!({"httpProxy": "http://p:80", "noProxyDefaults": false, "existingVariables": existing});
        let payload = payload(&create_request(&deployment).unwrap(), &settings);
        answer::<Value>(std::str::from_utf8(&payload).unwrap()).mutated_object
    };
    let pod = json!({"spec": {"containers": [{"name": "app"}]}});
    let template = validate(&pod, "Merge").unwrap()["spec"]["template"].clone();
    assert_eq!(validate(&template, "Keep"), None);
    let mut changed = template.clone();
    changed["spec"]["containers"][0]["env"][0]["value"] = "http://other".into();
    assert!(validate(&changed, "Override").is_some());
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_an_earlier_configuration_injected_becomes_what_the_current_one_injects(
        owners in owners_pod(), earlier in settings(), current in any_settings(),
    ) {
        let injected = inject(&owners, &earlier);
        let expected = compared(inject(&owners, &current), &owners);
        same(compared(inject(&injected, &current), &owners), expected.clone())?;
        same(compared(inject(&stored(injected), &current), &owners), expected)?;
    }

    #[test]
    fn a_then_b_then_a_gives_what_a_gives(owners in owners_pod(), a in settings(), b in settings()) {
        let once = inject(&owners, &a);
        let back = inject(&inject(&once, &b), &a);
        same(compared(back, &owners), compared(once, &owners))?;
    }

    #[test]
    fn turned_off_or_opted_out_a_pod_is_as_its_owner_wrote_it(owners in owners_pod(), settings in settings()) {
        let injected = inject(&owners, &settings);
        same(compared(inject(&injected, &off()), &owners), compared(owners.0.clone(), &owners))?;
        let [mut opted_out, mut expected] = [injected, owners.0.clone()];
        for pod in [&mut opted_out, &mut expected] {
            annotate(pod, "kubernetes.azure.com/no-http-proxy-vars", "true");
        }
        same(compared(inject(&opted_out, &settings), &owners), compared(expected, &owners))?;
    }

    #[test]
    fn applying_twice_is_applying_once_also_once_it_is_stored(owners in owners_pod(), settings in any_settings()) {
        let once = stored(inject(&owners, &settings));
        same(inject(&once, &settings), once)?;
    }

    #[test]
    fn what_a_user_changed_by_hand_is_the_users(
        owners in owners_pod(),
        earlier in settings(),
        edits in vec(edit(), 1..4),
        current in or_off(settings()),
    ) {
        // To Windows two spellings are one variable, and which one counts depends on where in a list the edits find them.
        let spellings: HashSet<&str> = edits.iter().filter_map(Edit::variable).collect();
        let names: HashSet<String> = spellings.iter().map(|name| name.to_lowercase()).collect();
        prop_assume!(owners["spec"]["os"].is_null() || names.len() == spellings.len());
        let mut injected = inject(&owners, &earlier);
        let mut edited = owners.0.clone();
        // The policy's variables are not at the end where an own value refers to them. There, what is set in the place of one would
        // come before that value in one pod, and after it in the other.
        let set_behind = refers(&mut edited) || edits.iter().any(Edit::refers);
        for edit in &edits {
            edit.apply(&mut injected, set_behind);
            edit.apply(&mut edited, set_behind);
        }
        let once = inject(&injected, &current);
        same(seen(once.clone(), &owners), seen(inject(&edited, &current), &owners))?;
        same(inject(&once, &current), once.clone())?;
    }

    #[test]
    fn a_renamed_container_keeps_what_it_has(
        owners in owners_pod(), earlier in settings(), current in or_off(settings()), at: prop::sample::Index,
    ) {
        let mut injected = inject(&owners, &earlier);
        let names: Vec<Value> = containers_mut(&mut injected).map(|container| container["name"].take()).collect();
        prop_assume!(!names.is_empty());
        let at = at.index(names.len());
        for (index, (container, name)) in containers_mut(&mut injected).zip(names).enumerate() {
            container["name"] = if index == at { "renamed".into() } else { name };
        }
        let mut once = inject(&injected, &current);
        same(inject(&once, &current), once.clone())?;
        if check_ca(&injected).is_ok() {
            prop_assert_eq!(check_ca(&once), Ok(()));
        }
        let before = containers_mut(&mut injected).nth(at).unwrap();
        let after = containers_mut(&mut once).nth(at).unwrap();
        for list in ["env", "volumeMounts"] {
            let items = |container: &Value| container[list].as_array().cloned().unwrap_or_default();
            // What merging extends is there, longer.
            let merged = ["NO_PROXY", "no_proxy", "JAVA_TOOL_OPTIONS"];
            for item in items(before).iter().filter(|item| !merged.contains(&item["name"].as_str().unwrap())) {
                prop_assert!(items(after).contains(item), "{} is lost", item);
            }
        }
    }

    #[test]
    fn without_a_record_everything_is_the_users(owners in owners_pod(), earlier in settings(), current in settings()) {
        let owners = without_record(inject(&owners, &earlier));
        same(inject(&owners, &off()), owners.clone())?;
        prop_assume!(record_fits(&owners));
        let back = inject(&inject(&owners, &current), &off());
        same(seen(back, &owners), seen(owners.clone(), &owners))?;
    }

    #[test]
    fn a_forged_record_reaches_nothing_but_what_the_policy_sets(
        owners in owners_pod(), record in forged_record(), settings in or_off(any_settings()),
    ) {
        let mut forged = owners.0;
        annotate(&mut forged, "http-proxy.kubewarden.io/injected", &record);
        let once = apply(&forged.to_string(), &settings);
        prop_assert_eq!(&apply(&once, &settings), &once);
        let mut once: Value = serde_json::from_str(&once).unwrap();
        without_injected(&mut forged);
        without_injected(&mut once);
        same(once, forged)?;
    }

    #[test]
    fn a_damaged_record_does_no_harm(
        owners in owners_pod(), earlier in settings(), damage in damage(), current in or_off(settings()),
    ) {
        let mut injected = inject(&owners, &earlier);
        let Some(record) = take_record(&mut injected) else { return Ok(()) };
        annotate(&mut injected, "http-proxy.kubewarden.io/injected", &damage.apply(&record));
        let mut once = inject(&injected, &current);
        same(inject(&once, &current), once.clone())?;
        // Of a digest that was changed nobody can tell that the value was not; and claims of another container hold for as
        // many of the values as the two have in common, of the mount and not of a variable, say.
        if check_ca(&injected).is_ok() && !matches!(damage, Damage::Replace(..) | Damage::Exchanged) {
            prop_assert_eq!(check_ca(&once), Ok(()));
        }
        without_injected(&mut injected);
        without_injected(&mut once);
        same(once, injected)?;
    }
}
