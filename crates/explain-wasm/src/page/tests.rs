//! What the page says, with the policy's own code for the module.

use explain::answer::{Native, Verdict};
use testkit::files::project_file;

use super::*;

fn example(file: &str) -> String {
    std::fs::read_to_string(project_file(&format!("examples/{file}"))).unwrap()
}

fn quickstart() -> State {
    State {
        settings: example("quickstart/policy.yaml"),
        objects: example("pod.yaml"),
        ..State::default()
    }
}

fn only(answer: &Answer) -> &Shown {
    assert_eq!(answer.problems, []);
    let [shown] = answer.objects.as_slice() else {
        panic!("{answer:?}")
    };
    shown
}

#[test]
fn a_changed_pod_has_its_containers_first_and_the_record_last() {
    let answer = answer(&quickstart(), &Native);
    let shown = only(&answer);
    assert_eq!(
        (shown.title.as_str(), shown.verdict),
        ("Pod shop/shop-backend", Verdict::Changed)
    );
    assert_eq!(shown.rows[0][..3], ["migrate", "HTTP_PROXY, http_proxy", "set"]);
    let changes = shown.changes.as_ref().unwrap();
    let titles: Vec<&str> = changes.parts.iter().map(|part| part.title.as_str()).collect();
    assert_eq!(titles, ["container backend", "init container migrate", "record"]);
    let first = &changes.parts[0];
    assert!(
        first
            .groups
            .iter()
            .flatten()
            .any(|line| line.starts_with('+') && line.contains("HTTP_PROXY"))
    );
    assert_eq!(first.removed, 1, "its own no_proxy is extended");
    assert!(changes.patch.starts_with("[\n  {\"op\":\""), "{}", changes.patch);
}

#[test]
fn the_namespace_decides_whether_the_policy_is_asked() {
    let namespace = "kube-system".to_owned();
    let answer = answer(
        &State {
            namespace,
            ..quickstart()
        },
        &Native,
    );
    let shown = only(&answer);
    assert_eq!(shown.verdict, Verdict::NotSent);
    let reason = shown.reason.as_deref().unwrap();
    assert!(reason.starts_with("settings:24: namespaceSelector: "), "{reason}");
}

#[test]
fn labels_of_the_namespace_are_asked_for_where_they_decide() {
    let state = State {
        settings: example("opt-in/policy.yaml"),
        ..quickstart()
    };
    let unknown = answer(&state, &Native);
    assert_eq!(only(&unknown).verdict, Verdict::NotSent);
    let wanted = only(&unknown).wanted_labels.clone().unwrap();
    assert_eq!(wanted, "http-proxy.kubewarden.io/inject=true");
    let known = answer(
        &State {
            namespace_labels: wanted,
            ..state.clone()
        },
        &Native,
    );
    assert_eq!(only(&known).verdict, Verdict::Changed);
    let wrong = answer(
        &State {
            namespace_labels: "inject".to_owned(),
            ..state
        },
        &Native,
    );
    assert_eq!(wrong.problems[0].field, NAMESPACE_LABELS);
}

#[test]
fn problems_have_field_line_path_and_message_apart() {
    let of = |settings: &str, objects: &str| {
        let state = State {
            settings: settings.to_owned(),
            objects: objects.to_owned(),
            ..State::default()
        };
        answer(&state, &Native).problems
    };
    let problems = of(
        "httpProxy: http://proxy:3128\nnoProxy:\n  - ok.example.com\n  - http://wrong\nnoproxy: []\n",
        "",
    );
    let places: Vec<_> = problems
        .iter()
        .map(|problem| (problem.line, problem.path.as_str()))
        .collect();
    assert_eq!(places, [(4, "noProxy[1]"), (5, "noproxy")]);
    let valid = "httpProxy: http://proxy:3128";
    assert_eq!((of(valid, "a: 1")[0].field, of(valid, "a: 1")[0].line), (OBJECTS, 1));
    assert_eq!(of(valid, "kind: Pod\nspec: [")[0].field, OBJECTS);
    assert_eq!(of("", "")[0].field, SETTINGS);
    assert!(!of("", "")[0].message.starts_with("settings"), "{:?}", of("", "")[0]);
}

#[test]
fn the_manifest_to_copy_is_one_with_the_same_settings() {
    let settings = example("aks-proxy-config.json");
    for report in [false, true] {
        let state = State {
            settings: settings.clone(),
            report,
            ..quickstart()
        };
        let manifest = answer(&state, &Native).policy.unwrap();
        let parsed = documents::parse(&manifest).unwrap().remove(0).value;
        let mut wanted: Value = serde_json::from_str(&settings).unwrap();
        if report {
            wanted["mode"] = json!("Report");
        }
        assert_eq!(parsed["spec"]["settings"], wanted, "{manifest}");
        assert_eq!(parsed["spec"]["mutating"], !report);
    }
    let state = State {
        report: true,
        settings: example("opt-in/policy.yaml"),
        ..quickstart()
    };
    let manifest = answer(&state, &Native).policy.unwrap();
    let parsed = documents::parse(&manifest).unwrap().remove(0).value;
    assert_eq!(
        parsed["spec"]["namespaceSelector"]["matchExpressions"][0]["operator"],
        "In"
    );
    assert_eq!(answer(&quickstart(), &Native).policy.unwrap(), quickstart().settings);
}

#[test]
fn a_hundred_objects_are_explained_and_the_others_counted() {
    let pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a}]}\n";
    let answer = answer(
        &State {
            objects: pod.repeat(120),
            ..quickstart()
        },
        &Native,
    );
    assert_eq!((answer.objects.len(), answer.left), (100, 20));
}

#[test]
fn each_changed_part_of_a_pod_stands_alone() {
    let pod = |value: &str, extra: Value, volumes: Value, annotations: Value| {
        let container = |name: &str| json!({"name": name, "env": [{"name": "A", "value": value}]});
        let mut pod = json!({"kind": "Pod", "metadata": {"annotations": annotations}, "spec": {
            "containers": [container("app"), {"name": "same"}],
            "initContainers": [container("init")],
            "ephemeralContainers": [container("debug"), {"env": [extra]}],
        }});
        if !volumes.is_null() {
            pod["spec"]["volumes"] = volumes;
        }
        pod
    };
    let before = pod("1", json!({"name": "B"}), Value::Null, json!({"a": "b"}));
    let record = json!({"a": "c", http_proxy_policy::companion::INJECTED: "x"});
    let after = pod("2", json!({"name": "C"}), json!([{"name": "ca"}]), record);
    let said = |part: &parts::Part| format!("{} +{} -{}", part.title, part.added, part.removed);
    let parts = parts::of(&before, &after);
    assert_eq!(
        parts.iter().map(said).collect::<Vec<_>>(),
        [
            "container app +1 -1",
            "init container init +1 -1",
            "ephemeral container debug +1 -1",
            "ephemeral container (unnamed) +1 -1",
            "volumes +2 -0",
            "annotations +1 -1",
            "record +2 -0",
        ]
    );
    let group = [
        " env:",
        " - name: A",
        "-  value: \"1\"",
        "+  value: \"2\"",
        " name: app",
    ];
    assert_eq!(parts[0].groups, [group.map(str::to_owned)]);
    assert!(parts::of(&before, &before).is_empty());
    assert!(parts::of(&json!({"kind": "Secret"}), &after).is_empty());
}

#[test]
fn an_operation_that_is_none_is_a_problem_of_its_field() {
    let of = |operation: &str| {
        let operation = operation.to_owned();
        answer(
            &State {
                operation,
                ..quickstart()
            },
            &Native,
        )
    };
    assert_eq!(only(&of("UPDATE")).verdict, Verdict::NotSent);
    let problem = &of("PATCH").problems[0];
    assert_eq!((problem.field, problem.line), ("operation", 1));
    assert_eq!(problem.message, "PATCH is none; write CREATE, UPDATE or DELETE");
}

#[test]
fn many_rows_and_parts_are_counted() {
    // Three rows each.
    let containers: Vec<Value> = (0..150).map(|number| json!({"name": format!("c{number}")})).collect();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": containers}});
    let settings = "httpProxy: http://proxy:3128\nnoProxyDefaults: false".to_owned();
    let answer = answer(
        &State {
            settings,
            objects: pod.to_string(),
            ..State::default()
        },
        &Native,
    );
    let shown = only(&answer);
    let changes = shown.changes.as_ref().unwrap();
    // The record is a part too.
    assert_eq!((changes.parts.len(), changes.more_parts), (40, 111));
    assert_eq!((shown.rows.len(), shown.more_rows), (200, 250));
}

#[test]
fn a_namespace_is_set_where_objects_have_one() {
    let state = State {
        namespace: "shop".to_owned(),
        objects: "kind: Pod\napiVersion: v1\nspec: {containers: [{name: a}]}\n---\nkind: Namespace\napiVersion: v1\nmetadata: {name: other}\n".to_owned(),
        ..quickstart()
    };
    let answer = answer(&state, &Native);
    assert_eq!(only(&answer).title, "Pod shop/(unnamed)");
    assert_eq!(answer.notes, Vec::<String>::new());
    let notes = super::answer(
        &State {
            objects: "kind: Service\napiVersion: v1\nmetadata: {name: a}\n".to_owned(),
            ..quickstart()
        },
        &Native,
    )
    .notes;
    assert_eq!(
        notes,
        ["1 Service: not explained, since they are no pods and make none"]
    );
}
