//! What changes in an object, part by part, as a unified diff of YAML.
//!
//! Only what the policy may change is shown. Of variables and volumes that it does not know, only the names are: a value can hold a secret.

use serde_json::{Map, Value, json};
use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::{ChangeTag, DiffOp};

use super::shown::{self, Environment, HIDDEN, is_list};
use super::{BOLD, GREEN, Layout, PLAIN, RED, counted, styled};
use crate::agreement::CONTAINER_LISTS;
use crate::cluster::{Change, ObjectExplanation};
use crate::workload;

/// Unchanged lines around a change.
const CONTEXT: usize = 2;

/// As many entries of a list are shown at its start.
const SHOWN_ENTRIES: usize = 3;

/// The name of the policy's volume.
const VOLUME: &str = "http-proxy-trusted-ca";

/// Writes the diff of an object.
pub(super) fn write(text: &mut String, explained: &ObjectExplanation, change: &Change, layout: Layout) {
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let [before, after] = [parse(&change.before), parse(change.after.get())];
    let (Some(before), Some(after)) = (workload::pod_in(&before), workload::pod_in(&after)) else {
        return;
    };
    styled(text, &[(BOLD, "--- before")]);
    styled(text, &[(BOLD, "+++ after")]);
    let [old, new] = [before, after].map(|pod| &pod["metadata"]["annotations"]);
    let annotations = |these: &Value| with("annotations", these, |these| annotations(these, old));
    part(text, "metadata", &annotations(old), &annotations(new));
    for (list, kind) in CONTAINER_LISTS {
        let items = |pod: &Value| pod["spec"][list].as_array().cloned().unwrap_or_default();
        for (before, after) in items(before).iter().zip(items(after)) {
            let name = before["name"].as_str().unwrap_or("(unnamed)");
            let title = match kind {
                "initContainer" => format!("init container {name}"),
                "ephemeralContainer" => format!("ephemeral container {name}"),
                _ => format!("container {name}"),
            };
            let names = variables(explained, name, kind);
            let environment = Environment::new(names, &change.no_proxy, before);
            let mut parts = [before, &after].map(|container| container_parts(container, &environment));
            if !layout.verbose {
                shorten_lists(&mut parts);
            }
            part(text, &title, &parts[0], &parts[1]);
        }
    }
    let volumes = |pod: &Value| with("volumes", &pod["spec"]["volumes"], volumes);
    part(text, "volumes", &volumes(before), &volumes(after));
}

/// The names of the variables that the explanation of a container speaks of.
fn variables<'e>(explained: &'e ObjectExplanation, name: &str, kind: &str) -> Vec<&'e str> {
    let mut containers = explained.containers.iter();
    let container = containers.find(|container| container.name == name && container.kind == kind);
    let variables = container.into_iter().flat_map(|container| &container.variables);
    variables.map(|variable| variable.name.as_str()).collect()
}

/// An object with one field, or none where the value is `null`.
fn with(field: &str, value: &Value, shown: impl Fn(&Value) -> Value) -> Value {
    let mut object = Map::new();
    if !value.is_null() {
        object.insert(field.to_owned(), shown(value));
    }
    Value::Object(object)
}

/// The annotations as they are shown. One that is too long to show, and differs from the `old` one, says so.
fn annotations(annotations: &Value, old: &Value) -> Value {
    let members = annotations.as_object().into_iter().flatten();
    let shown = members.map(|(key, value)| {
        let text = value.as_str().unwrap_or_default();
        let article = match &old[key] {
            old if old.is_null() || old == value => "the",
            _ => "another",
        };
        let value = match key.strip_prefix("http-proxy.kubewarden.io/") {
            Some("injected") => json!(format!("… ({article} record, {} lines)", text.lines().count())),
            Some("trusted-ca") => json!(format!(
                "… ({article} bundle, {})",
                counted(text.matches("-----BEGIN").count(), "certificate")
            )),
            Some(_) => json!(shown::annotation(text)),
            None => json!(HIDDEN),
        };
        (key.clone(), value)
    });
    Value::Object(shown.collect())
}

/// The volumes: of those that are not the policy's, only the names.
fn volumes(volumes: &Value) -> Value {
    let shown = volumes.as_array().into_iter().flatten().map(|volume| {
        if volume["name"] == VOLUME {
            volume.clone()
        } else {
            json!({"name": volume["name"]})
        }
    });
    Value::Array(shown.collect())
}

/// What is shown of a container.
fn container_parts(container: &Value, environment: &Environment) -> Value {
    let mut parts = Map::new();
    let mounts = container["volumeMounts"].as_array().cloned().unwrap_or_default();
    for (field, list) in [("env", environment.of(container)), ("volumeMounts", mounts)] {
        if !list.is_empty() {
            parts.insert(field.to_owned(), Value::Array(list));
        }
    }
    Value::Object(parts)
}

/// Shortens the lists, unless that would hide what tells the two apart.
fn shorten_lists(parts: &mut [Value; 2]) {
    let lists = parts.each_ref().map(lists);
    for (index, part) in parts.iter_mut().enumerate() {
        let env = part.get_mut("env").and_then(Value::as_array_mut);
        for entry in env.into_iter().flatten() {
            let Some((name, list)) = list_of(entry) else {
                continue;
            };
            let short = shortened(&list);
            let other = lists[1 - index].iter().rev().find(|(other, _)| *other == name);
            if other.is_none_or(|(_, other)| *other == list || shortened(other) != short) {
                entry["value"] = json!(short);
            }
        }
    }
}

fn lists(part: &Value) -> Vec<(String, String)> {
    let entries = part["env"].as_array().into_iter().flatten();
    entries.filter_map(list_of).collect()
}

/// The name and the value of an entry that is the list of what bypasses the proxy.
fn list_of(entry: &Value) -> Option<(String, String)> {
    let name = entry["name"].as_str().filter(|name| is_list(name))?;
    Some((name.to_owned(), entry["value"].as_str()?.to_owned()))
}

/// The first entries of a list, and how many more there are.
fn shortened(list: &str) -> String {
    let entries: Vec<&str> = list.split(',').collect();
    match entries.len().checked_sub(SHOWN_ENTRIES) {
        Some(more) if more > 1 => format!("{}, … {more} more", entries[..SHOWN_ENTRIES].join(",")),
        _ => list.to_owned(),
    }
}

/// One part of the object, if something changes in it.
fn part(text: &mut String, title: &str, before: &Value, after: &Value) {
    if before == after {
        return;
    }
    styled(text, &[(BOLD, &format!("@@ {title} @@"))]);
    for group in changed_lines(before, after) {
        for (sign, content) in group {
            let style = match sign {
                '-' => RED,
                '+' => GREEN,
                _ => PLAIN,
            };
            styled(text, &[(style, &format!("{sign}  {content}"))]);
        }
    }
}

/// The lines of YAML that differ, each after `-` or `+`, with the lines around them after a space. Between two groups are lines
/// that do not differ.
pub fn changed_lines(before: &Value, after: &Value) -> Vec<Vec<(char, String)>> {
    let texts = [before, after].map(yaml);
    let [before, after] = [&texts[0], &texts[1]].map(|text| text.lines().collect::<Vec<&str>>());
    // Not TextDiff: it chooses among all algorithms, which would be a fifth of explain.wasm.
    let mut diff = Compact::new(Replace::new(Capture::new()), &before, &after);
    let Ok(()) = myers::diff(&mut diff, &before, 0..before.len(), &after, 0..after.len());
    let lines_of = |group: &Vec<DiffOp>| {
        let changes = group.iter().flat_map(|op| op.iter_changes(&before, &after));
        let signed = changes.map(|change| {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            (sign, change.value().trim_end().to_owned())
        });
        signed.collect()
    };
    let groups = diff.into_inner().into_inner().into_grouped_ops(CONTEXT);
    groups.iter().map(lines_of).collect()
}

fn yaml(value: &Value) -> String {
    if value.as_object().is_some_and(Map::is_empty) {
        return String::new();
    }
    documents::to_yaml(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Native;
    use crate::cluster::Cluster;
    use crate::object::Place;

    #[test]
    fn a_long_list_is_shortened_to_whole_entries() {
        assert_eq!(shortened("a,b,c,d,e"), "a,b,c, … 2 more");
        assert_eq!(shortened("a,b,c,d"), "a,b,c,d");
        assert_eq!(shortened("a"), "a");
    }

    /// An entry that is the list of what bypasses the proxy.
    fn list(name: &str, value: &str) -> Value {
        json!({"name": name, "value": value})
    }

    #[test]
    fn lists_are_shortened_unless_that_hides_the_difference() {
        for (before, after, short_before, short_after) in [
            ("a,b,c,d,e", "a,b,c,d,e", "a,b,c, … 2 more", "a,b,c, … 2 more"),
            ("a,b,c,d,e", "a,b,c,d,e,f", "a,b,c, … 2 more", "a,b,c, … 3 more"),
            ("a,b,c,d,e", "a,b,c,d,f", "a,b,c,d,e", "a,b,c,d,f"),
            ("a,b,c,d", "a,b,c,d,e", "a,b,c,d", "a,b,c, … 2 more"),
        ] {
            let part = |value: &str| json!({"env": [list("NO_PROXY", value), list("OTHER", "a,b,c,d,e")]});
            let mut parts = [part(before), part(after)];
            shorten_lists(&mut parts);
            assert_eq!(parts, [part(short_before), part(short_after)]);
        }
        let other = |name: &str, value: &str| json!({"env": [list("no_proxy", "a,b,c,d,f"), list(name, value)]});
        let mut parts = [json!({}), json!({"env": [list("NO_PROXY", "a,b,c,d,e")]})];
        shorten_lists(&mut parts);
        assert_eq!(parts[1]["env"][0]["value"], "a,b,c, … 2 more");
        // Each name is compared with itself.
        let mut parts = [other("NO_PROXY", "a,b,c,d,e"), other("NO_PROXY", "a,b,c,d,e")];
        shorten_lists(&mut parts);
        for part in &parts {
            let short = "a,b,c, … 2 more";
            assert_eq!(
                *part,
                json!({"env": [list("no_proxy", short), list("NO_PROXY", short)]})
            );
        }
    }

    #[test]
    fn an_annotation_of_the_policy_is_described_and_another_one_hidden() {
        let these = json!({
            "http-proxy.kubewarden.io/injected": "a\nb",
            "http-proxy.kubewarden.io/trusted-ca": "-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----",
            "http-proxy.kubewarden.io/no-proxy": "a.example,u:p@b",
            "own": "s3cret",
        });
        for (old, record, bundle) in [
            (json!({}), "the", "the"),
            (these.clone(), "the", "the"),
            (json!({"http-proxy.kubewarden.io/injected": "c"}), "another", "the"),
            (json!({"http-proxy.kubewarden.io/trusted-ca": "c"}), "the", "another"),
        ] {
            let expected = json!({
                "http-proxy.kubewarden.io/injected": format!("… ({record} record, 2 lines)"),
                "http-proxy.kubewarden.io/trusted-ca": format!("… ({bundle} bundle, 2 certificates)"),
                "http-proxy.kubewarden.io/no-proxy": "…@b",
                "own": "…",
            });
            assert_eq!(annotations(&these, &old), expected);
        }
    }

    #[test]
    fn of_a_volume_that_is_not_the_policy_s_only_the_name_is_shown() {
        let own = json!({"name": VOLUME, "configMap": {"name": "ca"}});
        let all = json!([{"name": "data", "secret": {"secretName": "s3cret"}}, own]);
        assert_eq!(volumes(&all), json!([{"name": "data"}, own]));
        assert_eq!(
            with("volumes", &all, volumes),
            json!({"volumes": [{"name": "data"}, own]})
        );
        assert_eq!(with("volumes", &Value::Null, volumes), json!({}));
    }

    #[test]
    fn lines_that_differ_are_in_groups_with_the_lines_around_them() {
        let list = |replaced: &[(usize, &str)]| {
            let mut items: Vec<String> = (0..12).map(|index| format!("i{index}")).collect();
            for (index, item) in replaced {
                items[*index] = (*item).to_owned();
            }
            json!(items)
        };
        let groups = changed_lines(&list(&[]), &list(&[(1, "a"), (10, "b")]));
        let shown: Vec<String> = groups
            .iter()
            .map(|group| group.iter().map(|(sign, line)| format!("{sign}{line};")).collect())
            .collect();
        assert_eq!(
            shown,
            [" - i0;-- i1;+- a; - i2; - i3;", " - i8; - i9;-- i10;+- b; - i11;"]
        );
        assert!(changed_lines(&list(&[]), &list(&[])).is_empty());
        assert_eq!(
            changed_lines(&json!({}), &json!({"a": 1})),
            [[('+', "a: 1".to_owned())]]
        );
    }

    #[test]
    fn a_container_s_variables_are_those_of_its_name_and_kind() {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": {
            "initContainers": [{"name": "app"}], "containers": [{"name": "side"}, {"name": "app"}],
        }});
        let cluster = Cluster::new(json!({"httpProxy": "http://p.example:1"}).to_string(), None);
        let mut explained = cluster.explain(&pod, &Place::default(), &Native).unwrap().remove(0);
        for container in &mut explained.containers {
            container.variables.truncate(1);
            container.variables[0].name = format!("{} {}", container.kind, container.name);
        }
        for (name, kind, expected) in [
            ("app", "container", Some("container app")),
            ("app", "initContainer", Some("initContainer app")),
            ("side", "container", Some("container side")),
            ("side", "initContainer", None),
            ("other", "container", None),
        ] {
            assert_eq!(variables(&explained, name, kind), Vec::from_iter(expected));
        }
    }
}
