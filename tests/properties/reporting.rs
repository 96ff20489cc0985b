//! `mode: Report` tells of a pod what injecting would make of the one that its owner creates again.

use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::generators::config;
use testkit::generators::pods::owners_pod;
use testkit::generators::settings::{any_settings, or_off, settings};
use testkit::json::{Json, same};
use testkit::oracles::{changed, containers_mut, stored, take_record};

use crate::answers::{inject, report, warned_by_report};

/// The pod as it runs.
fn live(pod: Value) -> Value {
    let mut pod = stored(pod);
    pod["status"] = json!({"phase": "Running"});
    pod
}

fn without_record(pod: Value) -> Value {
    let mut pod = stored(pod);
    take_record(&mut pod);
    stored(pod)
}

fn has_record(pod: &Value) -> bool {
    take_record(&mut pod.clone()).is_some()
}

/// What webhooks add to containers: the list, and the item.
fn addition() -> impl Strategy<Value = (&'static str, Value)> {
    prop::sample::select(vec![
        ("env", json!({"name": "HTTPS_PROXY", "value": "http://webhook:1"})),
        ("env", json!({"name": "no_proxy", "value": "webhook"})),
        ("env", json!({"name": "NODE_EXTRA_CA_CERTS", "value": "/webhook"})),
        (
            "env",
            json!({"name": "JAVA_TOOL_OPTIONS", "value": "-javaagent:/webhook.jar"}),
        ),
        ("env", json!({"name": "ALL_PROXY", "value": "socks5://webhook:1"})),
        ("env", json!({"name": "WEBHOOK", "value": "1"})),
        ("volumeMounts", json!({"name": "webhook", "mountPath": "/etc"})),
    ])
}

fn items<'p>(pod: &'p mut Value, at: usize, list: &str) -> &'p mut Vec<Value> {
    let items = &mut containers_mut(pod).nth(at).unwrap()[list];
    if items.is_null() {
        *items = json!([]);
    }
    items.as_array_mut().unwrap()
}

/// What a later webhook, a controller or a user may do to a pod that runs or is about to.
#[derive(Clone, Debug)]
struct Mutation {
    kind: usize,
    at: prop::sample::Index,
    in_front: bool,
    text: &'static str,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let text = prop::sample::select(vec![
        "",
        "x",
        "late.example",
        "$(HTTP_PROXY)",
        "http://late:1",
        "-javaagent:/late.jar",
    ]);
    (0..14_usize, any::<prop::sample::Index>(), any::<bool>(), text).prop_map(|(kind, at, in_front, text)| Mutation {
        kind,
        at,
        in_front,
        text,
    })
}

impl Mutation {
    fn apply(&self, pod: &mut Value) {
        let count = containers_mut(pod).count();
        let names = [
            "HTTP_PROXY",
            "no_proxy",
            "ALL_PROXY",
            "KUBERNETES_SERVICE_HOST",
            "NODE_IP",
            "SSL_CERT_FILE",
            "JAVA_TOOL_OPTIONS",
        ];
        let name = names[self.at.index(names.len())];
        match self.kind {
            0 => pod["metadata"]["labels"]["tier"] = json!("edge"),
            1 => pod["spec"]["nodeSelector"]["agentpool"] = json!("dmz"),
            2 => pod["spec"]["nodeSelector"] = json!({"kubernetes.io/os": "windows"}),
            3 => pod["metadata"]["annotations"]["http-proxy.kubewarden.io/no-proxy"] = json!("late.example"),
            4 => push(
                &mut pod["spec"]["volumes"],
                json!({"name": "late", "emptyDir": {}}),
                self.in_front,
            ),
            5 => push(
                &mut pod["spec"]["containers"],
                json!({"name": "late", "env": [{"name": name, "value": self.text}]}),
                self.in_front,
            ),
            _ if count == 0 => {}
            kind => {
                let container = containers_mut(pod).nth(self.at.index(count)).unwrap();
                match kind {
                    6 | 7 => push(
                        &mut container["env"],
                        json!({"name": name, "value": self.text}),
                        self.in_front,
                    ),
                    8 => push(
                        &mut container["env"],
                        json!({"name": name, "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}),
                        self.in_front,
                    ),
                    9 => push(
                        &mut container["volumeMounts"],
                        json!({"name": "late", "mountPath": "/etc"}),
                        self.in_front,
                    ),
                    10 => push(
                        &mut container["envFrom"],
                        json!({"configMapRef": {"name": "late"}}),
                        self.in_front,
                    ),
                    11 => container["securityContext"] = json!({"windowsOptions": {"runAsUserName": "late"}}),
                    12 => {
                        for variable in container["env"].as_array_mut().into_iter().flatten() {
                            if let Some(value) = variable["value"].as_str() {
                                variable["value"] = json!(format!("{value},{}", self.text));
                            }
                        }
                    }
                    _ => {
                        if let Some(env) = container["env"].as_array_mut() {
                            env.reverse();
                        }
                    }
                }
            }
        }
    }
}

fn push(list: &mut Value, item: Value, in_front: bool) {
    match list.as_array_mut() {
        Some(items) if in_front => items.insert(0, item),
        Some(items) => items.push(item),
        None => *list = json!([item]),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_is_done_later_to_what_the_policy_has_just_made_it_passes(
        owners in owners_pod(), settings in any_settings(), mutations in prop::collection::vec(mutation(), 1..6),
    ) {
        let mut pod = live(inject(&owners, &settings));
        // Without a record a pod cannot be told from one that is older than the policy.
        prop_assume!(has_record(&pod));
        mutations.iter().for_each(|mutation| mutation.apply(&mut pod));
        prop_assert_eq!(report(&stored(pod.clone()), &settings), None, "{:?}", Json(pod));
    }

    #[test]
    fn a_pod_is_reported_exactly_when_its_owner_would_make_another_one(
        owners in owners_pod(), earlier in settings(), current in or_off(any_settings()),
    ) {
        // A mount of the CA's volume that the owner wrote, without the volume, is refused where nothing injects that.
        prop_assume!(!owners.to_string().contains("\"http-proxy-trusted-ca\""));
        let there = inject(&owners, &earlier);
        let due = inject(&owners, &current);
        let message = report(&live(there.clone()), &current);
        let (there, due) = (without_record(there), without_record(due));
        prop_assert_eq!(message.is_some(), there != due, "{:?}\n{:?}\n{:?}", message, Json(there.clone()), Json(due.clone()));
        for container in changed(&there, &due) {
            let message = message.as_deref().unwrap();
            prop_assert!(message.contains(&format!("container {container}: ")), "{}: {}", container, message);
        }
    }

    #[test]
    fn what_the_current_configuration_injected_passes(owners in owners_pod(), settings in any_settings()) {
        prop_assert_eq!(report(&live(inject(&owners, &settings)), &settings), None);
    }

    #[test]
    fn a_container_that_came_later_is_no_failure(owners in owners_pod(), earlier in settings(), current in settings()) {
        let pod = live(inject(&owners, &earlier));
        prop_assume!(has_record(&pod));
        let mut with_sidecar = pod.clone();
        with_sidecar["spec"]["containers"].as_array_mut().unwrap().push(json!({"name": "late"}));
        prop_assert_eq!(report(&with_sidecar, &current).is_some(), report(&pod, &current).is_some());
    }

    #[test]
    fn what_a_later_webhook_did_is_no_failure_and_is_kept(
        owners in owners_pod(),
        settings in settings(),
        at: prop::sample::Index,
        in_front: bool,
        (list, item) in addition(),
    ) {
        // What the policy extends does not stay as it is.
        prop_assume!(!["no_proxy", "JAVA_TOOL_OPTIONS"].contains(&item["name"].as_str().unwrap()));
        let mut pod = live(inject(&owners, &settings));
        prop_assume!(has_record(&pod) && !owners.to_string().contains("\"http-proxy-trusted-ca\""));
        let count = containers_mut(&mut pod).count();
        let container = containers_mut(&mut pod).nth(at.index(count)).unwrap();
        let env = container["env"].as_array().cloned().unwrap_or_default();
        // Before a reference to them the policy's variables say nothing of what came after.
        prop_assume!(list != "env" || env.last().is_some_and(|last| !last.to_string().contains("$(")));
        let is_set = env.iter().any(|variable| variable["name"].as_str().unwrap().eq_ignore_ascii_case("HTTPS_PROXY"));
        prop_assume!(list != "env" || is_set);
        match container[list].as_array_mut() {
            Some(items) if in_front => items.insert(0, item.clone()),
            Some(items) => items.push(item.clone()),
            None => container[list] = json!([item]),
        }
        prop_assert_eq!(report(&pod, &settings), None);
        let once = stored(inject(&pod, &settings));
        prop_assert!(once.to_string().contains(&item.to_string()), "{:?}", Json(once));
        same(inject(&once, &settings), once)?;
    }

    #[test]
    fn what_later_webhooks_added_does_not_change_the_verdict(
        owners in owners_pod(),
        earlier in settings(),
        current in or_off(any_settings()),
        at: prop::sample::Index,
        additions in prop::collection::vec(addition(), 1..4),
    ) {
        let pod = live(inject(&owners, &earlier));
        prop_assume!(has_record(&pod) && !owners.to_string().contains("\"http-proxy-trusted-ca\""));
        let mut mutated = pod.clone();
        let at = at.index(containers_mut(&mut mutated).count());
        // What the policy added at the end shows what came after.
        let env = items(&mut mutated, at, "env");
        let last = env.last().cloned();
        prop_assume!(last.is_some() && last.as_ref() != items(&mut stored(owners.0), at, "env").last());
        for (list, item) in additions {
            // Without its own mount, the policy cannot tell when one over its path came.
            prop_assume!(list == "env");
            items(&mut mutated, at, list).push(item);
        }
        prop_assert_eq!(report(&stored(mutated.clone()), &current).is_some(), report(&pod, &current).is_some(), "{:?}", Json(mutated));
    }

    #[test]
    fn a_pod_that_ends_or_opted_out_passes(
        owners in owners_pod(),
        earlier in settings(),
        current in settings(),
        (pointer, value) in prop::sample::select(vec![
            ("/status", json!({"phase": "Succeeded"})),
            ("/status", json!({"phase": "Failed"})),
            ("/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z")),
            ("/metadata/annotations/kubernetes.io~1config.mirror", json!("digest")),
            ("/metadata/annotations/http-proxy.kubewarden.io~1inject", json!("false")),
            ("/metadata/annotations/kubernetes.azure.com~1no-http-proxy-vars", json!("true")),
        ]),
    ) {
        let mut pod = live(inject(&owners, &earlier));
        let mut at = &mut pod;
        for key in pointer[1..].split('/') {
            at = &mut at[key.replace("~1", "/")];
        }
        *at = value;
        prop_assert_eq!(report(&pod, &current), None);
    }
}

/// A container has NO_PROXY, to which the policy adds entries, and X; the policy's own variables follow.
#[test]
fn what_was_set_later_is_named_wherever_it_stands() {
    let settings =
        json!({"httpsProxy": "http://p:80", "noProxy": ["b"], "noProxyDefaults": false, "runtimes": {"node": true}});
    let own = json!([{"name": "NO_PROXY", "value": "a"}, {"name": "X", "value": "1"}]);
    let pod = inject(
        &json!({"spec": {"containers": [{"name": "app", "env": own}]}}),
        &settings,
    );
    let names: Vec<&str> = pod["spec"]["containers"][0]["env"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variable| variable["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "NO_PROXY",
            "X",
            "HTTPS_PROXY",
            "https_proxy",
            "no_proxy",
            "NODE_USE_ENV_PROXY"
        ]
    );
    let end = names.len();
    for later in [
        "NO_PROXY",
        "no_proxy",
        "HTTPS_PROXY",
        "NODE_USE_ENV_PROXY",
        "HTTP_PROXY",
        "SSL_CERT_FILE",
        "X",
        "Y",
    ] {
        for at in 0..=end {
            let mut pod = pod.clone();
            let env = pod["spec"]["containers"][0]["env"].as_array_mut().unwrap();
            env.insert(at, json!({"name": later, "value": "later"}));
            // The policy sees its first entry of a name that it added, and the last of the container's own. What it does not set may
            // be the container's, unless it stands behind all that the policy added.
            let is_named = match later {
                "NO_PROXY" => at > 0,
                "X" | "Y" => false,
                "HTTP_PROXY" | "SSL_CERT_FILE" => at == end,
                _ => true,
            };
            let expected =
                is_named.then(|| format!("container app: {later} was set after the policy had processed the pod"));
            let said = warned_by_report(&pod, &settings);
            assert_eq!(said, Vec::from_iter(expected), "{later} at {at}");
        }
    }
}
